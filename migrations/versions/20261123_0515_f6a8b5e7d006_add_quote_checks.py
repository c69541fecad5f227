"""Add the result of checking a quote to claims, evidence items and limitations.

Revision ID: f6a8b5e7d006
Revises: e5b7a4f6c905
Create Date: 2026-11-23 05:15:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "f6a8b5e7d006"
down_revision = "e5b7a4f6c905"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("claims", sa.Column("origin_quote_check", sa.String(length=40), nullable=True))
    op.add_column("evidence_items", sa.Column("quote_check", sa.String(length=40), nullable=True))
    op.add_column("limitations", sa.Column("quote_check", sa.String(length=40), nullable=True))


def downgrade() -> None:
    for table, column in (
        ("limitations", "quote_check"),
        ("evidence_items", "quote_check"),
        ("claims", "origin_quote_check"),
    ):
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_column(column)
