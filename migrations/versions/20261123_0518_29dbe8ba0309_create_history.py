"""Create the history of all records, and the memory of what the seed made.

Revision ID: 29dbe8ba0309
Revises: 18cad7c9f208
Create Date: 2026-11-23 05:18:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "29dbe8ba0309"
down_revision = "18cad7c9f208"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_role", sa.String(length=40), nullable=True),
        sa.Column("via", sa.String(length=40), nullable=False),
        sa.Column("edit_summary", sa.String(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.CheckConstraint("action IN ('create', 'update', 'delete')", name=op.f("ck_revisions_action_term")),
        sa.CheckConstraint(
            "actor_role IN ('reader', 'curator', 'editor', 'admin')",
            name=op.f("ck_revisions_actor_role_term"),
        ),
        sa.CheckConstraint(
            "record_type IN ('claim', 'study', 'evidence', 'limitation', 'study_text', 'topic', 'study_group')",
            name=op.f("ck_revisions_record_type_term"),
        ),
        sa.CheckConstraint("via IN ('web', 'command', 'seed')", name=op.f("ck_revisions_via_term")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_revisions_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "record_type", "record_id", "version", name=op.f("uq_revisions_record_type_record_id_version")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_revisions_actor_id"), "revisions", ["actor_id"], unique=False)
    op.create_index(op.f("ix_revisions_changed_at"), "revisions", ["changed_at"], unique=False)
    op.create_table(
        "seed_records",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "record_type IN ('claim', 'study', 'evidence', 'limitation', 'study_text', 'topic', 'study_group')",
            name=op.f("ck_seed_records_record_type_term"),
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_seed_records")),
    )


def downgrade() -> None:
    op.drop_table("seed_records")
    op.drop_table("revisions")
