"""Mark the quotes that are there as not checked yet.

Revision ID: 07b9c6d8e107
Revises: f6a8b5e7d006
Create Date: 2026-11-23 05:16:00+00:00
"""

from alembic import op

revision = "07b9c6d8e107"
down_revision = "f6a8b5e7d006"
branch_labels = None
depends_on = None

QUOTES = (
    ("claims", "origin_quote", "origin_quote_check"),
    ("evidence_items", "quote", "quote_check"),
    ("limitations", "quote", "quote_check"),
)
"""Each table with a quote, the column of the quote, and the column of its check."""


def upgrade() -> None:
    # No text was stored before this point, so no quote can have been checked.
    for table, quote, check in QUOTES:
        op.execute(f"UPDATE {table} SET {check} = 'text_unavailable' WHERE {quote} IS NOT NULL")


def downgrade() -> None:
    for table, _, check in QUOTES:
        op.execute(f"UPDATE {table} SET {check} = NULL")
