"""Let accounts save lists with their filters.

Revision ID: f1a8000000d2
Revises: f1a8000000d1
Create Date: 2026-11-28 07:35:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "f1a8000000d2"
down_revision = "f1a8000000d1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("section", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "section IN ('claims', 'studies', 'matrix')", name=op.f("ck_saved_views_section_term")
        ),
        sa.CheckConstraint(
            "length(trim(name)) >= 1 AND length(name) <= 100", name=op.f("ck_saved_views_name_length")
        ),
        sa.CheckConstraint("length(query) <= 2000", name=op.f("ck_saved_views_query_length")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_saved_views_author_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("author_id", "name", name=op.f("uq_saved_views_author_id_name")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("saved_views")
