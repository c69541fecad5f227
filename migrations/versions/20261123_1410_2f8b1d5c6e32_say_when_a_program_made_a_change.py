"""Say of a change that a program made it, with the token of an account.

Revision ID: 2f8b1d5c6e32
Revises: 012bc9d8475f
Create Date: 2026-11-23 14:10:00+00:00
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "2f8b1d5c6e32"
down_revision = "012bc9d8475f"
branch_labels = None
depends_on = None

DOORS = "via IN ('web', 'command', 'seed')"
DOORS_WITH_API = "via IN ('web', 'api', 'command', 'seed')"


def upgrade() -> None:
    with _triggers_off():
        _replace(DOORS_WITH_API)


def downgrade() -> None:
    with _triggers_off():
        op.execute("UPDATE revisions SET via = 'web' WHERE via = 'api'")
        _replace(DOORS)


def _replace(doors: str) -> None:
    with op.batch_alter_table("revisions", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_revisions_via_term"), type_="check")
        batch.create_check_constraint(op.f("ck_revisions_via_term"), doors)


@contextmanager
def _triggers_off() -> Iterator[None]:
    """Take the triggers that keep the history away for a moment.

    On SQLite a rebuilt table has lost them, so they are made again, with their own words.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.execute("ALTER TABLE revisions DISABLE TRIGGER USER")
        yield
        op.execute("ALTER TABLE revisions ENABLE TRIGGER USER")
        return
    triggers = connection.execute(
        sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'revisions'")
    ).all()
    for trigger in triggers:
        op.execute(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)
