"""Let the check of a quote say that only the typography of the text differs.

Revision ID: 7b1f0c62d9e4
Revises: c2a4000000b3
Create Date: 2026-11-28 00:10:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v4

revision = "7b1f0c62d9e4"
down_revision = "c2a4000000b3"
branch_labels = None
depends_on = None

COLUMNS = {"claims": "origin_quote_check", "evidence_items": "quote_check", "limitations": "quote_check"}
BEFORE = "IN ('verified', 'not_found', 'text_unavailable')"
AFTER = "IN ('verified', 'verified_typography', 'not_found', 'text_unavailable')"


def upgrade() -> None:
    _allow(AFTER)


def downgrade() -> None:
    # Before, a quote had to be in the text character by character.
    with v4.TRIGGERS.replaced(op, v4.TRIGGERS, list(COLUMNS)):
        for table, column in COLUMNS.items():
            for name in (table, f"{table}_versions"):
                rows = sa.table(name, sa.column(column))
                op.execute(
                    rows.update().where(rows.c[column] == "verified_typography").values({column: "not_found"})
                )
    _allow(BEFORE)


def _allow(condition: str) -> None:
    with v4.TRIGGERS.replaced(op, v4.TRIGGERS, list(COLUMNS)):
        for table, column in COLUMNS.items():
            name = op.f(f"ck_{table}_{column}_term")
            with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
                batch.drop_constraint(name, type_="check")
                batch.create_check_constraint(name, f"{column} {condition}")
