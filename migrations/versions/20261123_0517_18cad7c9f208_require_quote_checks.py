"""Require the result of a check for every quote.

Revision ID: 18cad7c9f208
Revises: 07b9c6d8e107
Create Date: 2026-11-23 05:17:00+00:00
"""

from alembic import op

revision = "18cad7c9f208"
down_revision = "07b9c6d8e107"
branch_labels = None
depends_on = None

QUOTES = (
    ("claims", "origin_quote", "origin_quote_check"),
    ("evidence_items", "quote", "quote_check"),
    ("limitations", "quote", "quote_check"),
)
"""Each table with a quote, the column of the quote, and the column of its check."""


def upgrade() -> None:
    for table, quote, check in QUOTES:
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.create_check_constraint(
                op.f(f"ck_{table}_{check}_term"), f"{check} IN ('verified', 'not_found', 'text_unavailable')"
            )
            batch.create_check_constraint(
                op.f(f"ck_{table}_{quote}_is_checked"), f"({quote} IS NULL) = ({check} IS NULL)"
            )


def downgrade() -> None:
    for table, quote, check in QUOTES:
        with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{quote}_is_checked"), type_="check")
            batch.drop_constraint(op.f(f"ck_{table}_{check}_term"), type_="check")
