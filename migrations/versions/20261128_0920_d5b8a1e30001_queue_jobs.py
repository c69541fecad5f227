"""Queue work that is done in the background.

Revision ID: d5b8a1e30001
Revises: b7d4e2c90001
Create Date: 2026-11-28 09:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d5b8a1e30001"
down_revision = "b7d4e2c90001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.Integer(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holder", sa.String(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("measured_done", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(kind) >= 1 AND length(kind) <= 40", name=op.f("ck_jobs_kind_length")),
        sa.CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name=op.f("ck_jobs_held_when")),
        sa.CheckConstraint("problem IS NULL OR holder IS NULL", name=op.f("ck_jobs_failed_when")),
        sa.CheckConstraint(
            "(measured_at IS NULL) = (measured_done IS NULL)", name=op.f("ck_jobs_measured_when")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_jobs_kind_subject")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("jobs")
