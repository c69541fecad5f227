"""Let a topic have a broader one.

Revision ID: f1a8000000d1
Revises: a7e9000000c1
Create Date: 2026-11-28 07:10:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v11, v12

revision = "f1a8000000d1"
down_revision = "a7e9000000c1"
branch_labels = None
depends_on = None

FILLED = sa.text("parent_id IS NOT NULL")


def upgrade() -> None:
    with v11.TRIGGERS.replaced(op, v12.TRIGGERS, v12.TABLES):
        with op.batch_alter_table("topics", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
            batch.create_foreign_key(
                op.f("fk_topics_parent_id_topics"), "topics", ["parent_id"], ["id"], ondelete="RESTRICT"
            )
        op.add_column("topics_versions", sa.Column("parent_id", sa.Integer(), nullable=True))
        op.create_index(
            op.f("ix_topics_versions_parent_id"),
            "topics_versions",
            ["parent_id", "id", "valid_from", "valid_to"],
        )
        op.create_index(
            op.f("ix_topics_parent_id"),
            "topics",
            ["parent_id"],
            sqlite_where=FILLED,
            postgresql_where=FILLED,
        )


def downgrade() -> None:
    with v12.TRIGGERS.replaced(op, v11.TRIGGERS, v12.TABLES):
        op.drop_index(op.f("ix_topics_parent_id"), table_name="topics")
        op.drop_index(op.f("ix_topics_versions_parent_id"), table_name="topics_versions")
        op.drop_column("topics_versions", "parent_id")
        with op.batch_alter_table("topics", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("fk_topics_parent_id_topics"), type_="foreignkey")
            batch.drop_column("parent_id")
