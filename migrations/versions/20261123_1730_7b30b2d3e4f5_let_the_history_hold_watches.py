"""Let the history, proposals and the seed hold watches.

Revision ID: 7b30b2d3e4f5
Revises: 7b22071829a3
Create Date: 2026-11-23 17:30:00+00:00
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "7b30b2d3e4f5"
down_revision = "7b22071829a3"
branch_labels = None
depends_on = None

TYPES = "'claim', 'study', 'evidence', 'limitation', 'appraisal', 'study_text', 'topic', 'study_group', 'proposal'"
TYPES_WITH_WATCH = "'claim', 'study', 'evidence', 'limitation', 'appraisal', 'study_text', 'topic', 'study_group', 'proposal', 'watch'"

COLUMNS = {"revisions": "record_type", "proposals": "target_type", "seed_records": "record_type"}
NUMBERED = ("revisions", "proposals")
KEPT = ("revisions", "proposals", "proposals_versions")
"""Tables with triggers that refuse what this does, or would take it for a change."""


def upgrade() -> None:
    with _triggers_off():
        _replace(TYPES_WITH_WATCH)


def downgrade() -> None:
    with _triggers_off():
        # The watches themselves went with the step above this one; their history goes with them.
        op.execute(
            "DELETE FROM revisions WHERE record_type = 'watch' OR record_type = 'proposal' "
            "AND record_id IN (SELECT id FROM proposals WHERE target_type = 'watch')"
        )
        op.execute("DELETE FROM proposals WHERE target_type = 'watch'")
        op.execute("DELETE FROM proposals_versions WHERE target_type = 'watch'")
        op.execute("DELETE FROM seed_records WHERE record_type = 'watch'")
        _replace(TYPES)


def _replace(types: str) -> None:
    for table, column in COLUMNS.items():
        options = {"sqlite_autoincrement": True} if table in NUMBERED else {}
        with op.batch_alter_table(table, table_kwargs=options) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_{column}_term"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_{column}_term"), f"{column} IN ({types})")


@contextmanager
def _triggers_off() -> Iterator[None]:
    """Take the triggers of the tables away for a moment.

    On SQLite a rebuilt table has lost them, so they are made again, with their own words.
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        for table in KEPT:
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in KEPT:
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    triggers = [
        trigger
        for table in KEPT
        for trigger in connection.execute(
            sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"),
            {"t": table},
        )
    ]
    for trigger in triggers:
        op.execute(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)
