"""Create the memory of which studies do not share participants.

Revision ID: 4b0fdacafa2b
Revises: 3a0ecfb9f91a
Create Date: 2026-11-23 10:02:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "4b0fdacafa2b"
down_revision = "3a0ecfb9f91a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overlap_dismissals",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_overlap_dismissals_in_order")),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500",
            name=op.f("ck_overlap_dismissals_reason_length"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_overlap_dismissals_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["studies.id"],
            name=op.f("fk_overlap_dismissals_first_id_studies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["studies.id"],
            name=op.f("fk_overlap_dismissals_second_id_studies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_overlap_dismissals")),
    )
    op.create_index(
        op.f("ix_overlap_dismissals_second_id"), "overlap_dismissals", ["second_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("overlap_dismissals")
