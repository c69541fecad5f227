"""Keep unfinished forms as drafts of their authors.

Revision ID: 7a12d4e5f607
Revises: 7a11c3d4e5f6
Create Date: 2026-11-23 16:02:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7a12d4e5f607"
down_revision = "7a11c3d4e5f6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "address LIKE '/_%' AND address NOT LIKE '//%' AND length(address) <= 200",
            name=op.f("ck_drafts_address_form"),
        ),
        sa.CheckConstraint(
            "length(trim(label)) >= 1 AND length(label) <= 200", name=op.f("ck_drafts_label_length")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_drafts_author_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("author_id", "address", name=op.f("uq_drafts_author_id_address")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_drafts_author_id_saved_at"), "drafts", ["author_id", "saved_at"], unique=False)


def downgrade() -> None:
    op.drop_table("drafts")
