"""Puts a restored database in the place of the tables of a PostgreSQL database, which are kept in another schema.

The new tables are made in a schema of their own. Meanwhile the old ones can be read but not written. One transaction
then moves the old tables away and the new ones in, so that everybody sees either these or those.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection, event, text

from claims_app.database import Database
from claims_app.services.system.backups import BackupError, rows_on_postgresql
from claims_app.services.system.backups.contents import SEQUENCES, Table
from claims_app.triggers import AS_OF

if TYPE_CHECKING:
    import psycopg

STAGED = "claims_restoring"
"""The schema in which the new tables are made; their views of the past are in a second one, named alike."""

_STAGED_AS_OF = f"{STAGED}_{AS_OF}"
_LOCK = int.from_bytes(b"restore")

_OTHERS = """
    SELECT DISTINCT concat_ws(' ', COALESCE(NULLIF(application_name, ''), 'a program'), 'of', usename,
                              'from ' || client_addr)
    FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
      AND (backend_type = 'client backend' OR backend_type IS NULL AND usename IS NOT NULL)
"""
"""The other connections to this database. Who may not see more of them sees the users."""

_TABLES = """
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = '{schema}'::regnamespace ORDER BY 1
"""
_FUNCTIONS = """
    SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')' FROM pg_proc
    WHERE pronamespace = '{schema}'::regnamespace AND prorettype = 'trigger'::regtype ORDER BY 1
"""
"""Sequences and indexes move with their tables."""


def replace(database: Database, fill: Callable[[Database], None]) -> str | None:
    """Let `fill` fill a new database, and put it in the place of that of `database`.

    Return the schema where the old tables are now, or None if there were none. Raises BackupError if others are
    connected.
    """
    new = _staged(database)
    with database.engine.connect() as connection:
        if not connection.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}):
            raise BackupError("Another “claims restore” is running on this database.")
        _refuse_others(connection)
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        here = str(connection.scalar(text("SELECT current_schema()")))
        old = _names(connection, _TABLES, here)
        if old:
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(map(_quoted, old))} IN EXCLUSIVE MODE")
        try:
            _drop_staged(new)
            with new.engine.begin() as making:
                making.exec_driver_sql(f"CREATE SCHEMA {STAGED}")
            fill(new)
            new.close()
            connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")  # for readers who came meanwhile
            kept = _swap(connection, here, f"claims_before_{database.clock():%Y%m%d_%H%M%S}", bool(old))
            connection.commit()
        except BaseException:
            connection.rollback()
            _drop_staged(new)
            raise
        finally:
            new.close()
    with new.engine.begin() as connection:
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {STAGED}")
    new.close()
    return kept


def _staged(database: Database) -> Database:
    """Return the database whose tables are in the schema STAGED, over connections of its own."""
    new = Database(database.engine.url.render_as_string(hide_password=False), database.clock)

    def enter(driver: Any, _record: object) -> None:
        driver.execute(f"SET search_path = {STAGED}")
        for setting in rows_on_postgresql.SETTINGS:
            driver.execute(setting)
        driver.commit()

    event.listen(new.engine, "connect", enter, insert=True)
    event.listen(new.engine, "before_cursor_execute", _in_staged, retval=True)
    return new


_MADE_AS_OF = re.compile(rf"^(CREATE|DROP) (SCHEMA|VIEW) {AS_OF}\b")


def _in_staged(
    _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    """Let migrations make the views of the past beside those in use."""
    return _MADE_AS_OF.sub(rf"\1 \2 {_STAGED_AS_OF}", statement), parameters


def _drop_staged(new: Database) -> None:
    new.close()
    with new.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL client_min_messages = warning")
        for schema in (_STAGED_AS_OF, STAGED):
            connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    new.close()


def _refuse_others(connection: Connection) -> None:
    if others := connection.exec_driver_sql(_OTHERS).scalars().all():
        raise BackupError(
            f"Others are connected to the database: {'; '.join(sorted(others))}. Stop every “claims up” and other "
            "programs that use it first. Nothing was changed."
        )


def _swap(connection: Connection, here: str, kept: str, has_old: bool) -> str | None:
    """Move the old tables into the schema `kept` and the new ones to `here`, within the transaction."""
    if has_old:
        connection.exec_driver_sql(f"CREATE SCHEMA {kept}")
        _move(connection, here, kept)
        if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": AS_OF}) is not None:
            connection.exec_driver_sql(f"ALTER SCHEMA {AS_OF} RENAME TO {kept}_{AS_OF}")
    _move(connection, STAGED, here)
    connection.exec_driver_sql(f"ALTER SCHEMA {_STAGED_AS_OF} RENAME TO {AS_OF}")
    return kept if has_old else None


def _move(connection: Connection, source: str, target: str) -> None:
    for name in _names(connection, _TABLES, source):
        connection.exec_driver_sql(
            f"ALTER TABLE {_quoted(source)}.{_quoted(name)} SET SCHEMA {_quoted(target)}"
        )
    for signature in _names(connection, _FUNCTIONS, source):
        connection.exec_driver_sql(
            f"ALTER FUNCTION {_quoted(source)}.{signature} SET SCHEMA {_quoted(target)}"
        )


def _names(connection: Connection, query: str, schema: str) -> list[str]:
    return list(connection.exec_driver_sql(query.format(schema=_quoted(schema))).scalars())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


_INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indrelid
    WHERE relnamespace = current_schema()::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')
    ORDER BY 1
"""
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0 ORDER BY 1, 2
"""


class Loader:
    """Loads rows into tables that nobody else knows yet, without triggers, indexes and foreign keys."""

    def __init__(self, database: Database) -> None:
        self._pooled = database.engine.raw_connection()
        self._driver = cast("psycopg.Connection[Any]", self._pooled.driver_connection)
        self._tables = [name for (name,) in self._all(_TABLES.format(schema=STAGED))]
        self._indexes = self._all(_INDEXES)
        self._foreign_keys = self._all(_FOREIGN_KEYS)
        for table in self._tables:
            self._run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for table, name, _ in self._foreign_keys:
            self._run(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in self._indexes:
            self._run(f"DROP INDEX {name}")

    def load(self, table: Table, parts: Iterable[Sequence[bytes]]) -> Iterator[int]:
        """Give a table exactly these rows; yield how many of each part."""
        self._run(f"DELETE FROM {table.name}")  # nosec B608 - only names of our own schema
        yield from rows_on_postgresql.load(self._driver, table, parts)

    def finish(self, highest: dict[str, int]) -> None:
        """Bring back what was switched off, and the counters. Raises an error if a row lacks its parent."""
        for table, column, sequence in self._all(SEQUENCES):
            [(number,)] = self._all(f"SELECT COALESCE(max({column}), 0) FROM {table}")  # nosec B608 - only names of our own schema
            number = max(number, highest.get(table, 0))
            self._run(f"SELECT setval('{sequence}', {max(number, 1)}, {number > 0})")
        for _, definition in self._indexes:
            self._run(definition)
        for table, name, definition in self._foreign_keys:
            self._run(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
        for table in self._tables:
            self._run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self._driver.commit()
        self._run("ANALYZE " + ", ".join(self._tables))
        self._driver.commit()

    def close(self) -> None:
        """Close the connection."""
        self._pooled.close()

    def _run(self, statement: str) -> None:
        self._driver.execute(statement)

    def _all(self, query: str) -> list[Any]:
        return self._driver.execute(query).fetchall()
