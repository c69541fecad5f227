"""Rebuilding a table on SQLite, which drops its triggers, and indexes that SQLAlchemy cannot read."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.operations import BatchOperations, Operations
from sqlalchemy import text

_PARTS = """SELECT name, sql FROM sqlite_master
  WHERE tbl_name = :table AND type IN ('trigger', 'index') AND sql IS NOT NULL"""
_STATEMENT = "SELECT sql FROM sqlite_master WHERE name = :table AND type = 'table'"


@contextmanager
def rebuilt(op: Operations, table: str) -> Iterator[BatchOperations]:
    """Yield the operations that rebuild a table on SQLite, and create again what went with the old one."""
    connection = op.get_bind()
    parts = connection.execute(text(_PARTS), {"table": table}).all()
    numbered = "AUTOINCREMENT" in str(connection.scalar(text(_STATEMENT), {"table": table}))
    with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": numbered}) as batch:
        yield batch
    there = {name for name, _ in connection.execute(text(_PARTS), {"table": table})}
    for name, statement in parts:
        if name not in there:
            connection.exec_driver_sql(statement)


@contextmanager
def without_triggers(op: Operations, table: str) -> Iterator[None]:
    """Run the block without the triggers of a table on SQLite, where nobody else writes meanwhile."""
    connection = op.get_bind()
    query = "SELECT name, sql FROM sqlite_master WHERE tbl_name = :table AND type = 'trigger'"
    triggers = connection.execute(text(query), {"table": table}).all()
    for name, _ in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, statement in triggers:
        connection.exec_driver_sql(statement)
