"""What migrations lock on PostgreSQL, as the server itself says, and how much work they do meanwhile.

A migration keeps others waiting if it reads or writes all rows of a table in a transaction that stops them: then it
takes the longer the more rows there are. That is seen with a few rows as well as with a million.
"""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event

ORDER = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""The locks of a table, from the weakest to the strongest."""

STOPPING = frozenset(ORDER[4:])
"""Those that stop writers; the last one stops readers, too."""

LARGE = 10
"""A table with as many rows counts as large: it may have millions elsewhere."""

_LOCKS = """SELECT relname, mode FROM pg_locks JOIN pg_class ON pg_class.oid = relation
  WHERE pid = pg_backend_pid() AND granted AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"""
_TOUCHED = """SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0), n_tup_ins + n_tup_upd + n_tup_del
  FROM pg_stat_xact_user_tables WHERE schemaname = 'public'"""
_FILES = (
    "SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
_CONCURRENTLY = re.compile(r"CREATE (?:UNIQUE )?INDEX CONCURRENTLY \w+ ON (\w+)")


@dataclass
class Work:
    """What a transaction did to the tables that were there before the migration."""

    locks: dict[str, str] = field(default_factory=dict)
    """The strongest lock of each table."""

    read: dict[str, int] = field(default_factory=dict)
    """The rows that were read of each table while a lock stopped others; one row may count more than once."""

    written: dict[str, int] = field(default_factory=dict)
    """The rows that were written in each table."""

    rewritten: set[str] = field(default_factory=set)
    """The tables whose rows were all copied to a new file."""

    stopped_at: float | None = None
    stopped_for: float = 0.0
    """The seconds that others were stopped."""


class Observer:
    """Notes what the migrations on an engine do, transaction by transaction."""

    def __init__(self, rows: Mapping[str, int], files: Mapping[str, int]) -> None:
        self.rows = rows
        """The number of rows of each table before."""

        self.files = dict(files)
        self.done: list[Work] = []
        self._now = Work()
        self._before: dict[str, tuple[int, int]] = {}
        self._wrapped = False

    def before(self, driver: Any, statement: str) -> None:
        """Note what was touched before a statement; let one that is committed by itself be seen before it is."""
        if (
            driver.autocommit
            and "CONCURRENTLY" not in statement
            and not statement.startswith(("SET ", "RESET "))
        ):
            driver.execute("BEGIN")
            self._wrapped = True
        self._before = self._touched(driver)
        self._began = time.perf_counter()

    def after(self, driver: Any, statement: str) -> None:
        """Note what a statement locked and touched."""
        if found := _CONCURRENTLY.search(statement):
            self._now.locks[found[1]] = "ShareUpdateExclusiveLock"
        for table, mode in driver.execute(_LOCKS).fetchall():
            if table in self.rows and ORDER.index(mode) >= ORDER.index(self._now.locks.get(table, ORDER[0])):
                self._now.locks[table] = mode
        stopping = [
            table for table, mode in self._now.locks.items() if mode in STOPPING and self._is_large(table)
        ]
        if stopping and self._now.stopped_at is None:
            self._now.stopped_at = self._began
        for table, (read, written) in self._touched(driver).items():
            read_before, written_before = self._before.get(table, (0, 0))
            if table in self.rows:
                if stopping:
                    self._now.read[table] = self._now.read.get(table, 0) + read - read_before
                self._now.written[table] = self._now.written.get(table, 0) + written - written_before
        files = dict(driver.execute(_FILES).fetchall())
        self._now.rewritten |= {
            t for t, file in self.files.items() if files.get(t, file) != file and self._is_large(t)
        }
        if self._wrapped:
            driver.execute("COMMIT")
            self.end(driver)

    def end(self, driver: Any) -> None:
        """Note that a transaction ended."""
        if self._wrapped:
            self._wrapped = False
        if self._now.stopped_at is not None:
            self._now.stopped_for = time.perf_counter() - self._now.stopped_at
        if self._now.locks:
            self.done.append(self._now)
        self._now = Work()

    def failed(self, driver: Any) -> None:
        """Leave the transaction of a statement that failed."""
        if self._wrapped:
            driver.execute("ROLLBACK")
            self.end(driver)

    def complaints(self) -> Iterator[str]:
        """Yield a sentence for each transaction that keeps others waiting as long as a table is large."""
        for work in self.done:
            locks = {t: mode for t, mode in work.locks.items() if mode in STOPPING and self._is_large(t)}
            held = ", ".join(f"{mode} on {table}" for table, mode in sorted(locks.items()))
            for table in sorted(work.rewritten):
                yield f"It rewrites {table}."
            for table, read in sorted(work.read.items()):
                if self._is_large(table) and read >= self.rows[table]:
                    yield f"It reads all rows of {table} while it holds {held}."
            for table, written in sorted(work.written.items()):
                if self._is_large(table) and written >= self.rows[table]:
                    yield f"It writes all rows of {table} in one transaction."

    def _is_large(self, table: str) -> bool:
        return self.rows.get(table, 0) >= LARGE

    @staticmethod
    def _touched(driver: Any) -> dict[str, tuple[int, int]]:
        return {table: (read, written) for table, read, written in driver.execute(_TOUCHED).fetchall()}


@contextmanager
def observed(engine: Engine) -> Iterator[Observer]:
    """Observe what the block does on an engine for PostgreSQL, with the tables and rows that there are now."""
    with engine.connect() as connection:
        files = {table: file for table, file in connection.exec_driver_sql(_FILES)}  # noqa: C416
        counts = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in files)
        rows = {table: count for table, count in connection.exec_driver_sql(counts)} if files else {}  # noqa: C416
    observer = Observer(rows, files)

    def driver(connection: Any) -> Any:
        return connection.connection.driver_connection

    listeners = {
        "before_cursor_execute": lambda conn, _cursor, statement, *_: observer.before(
            driver(conn), statement
        ),
        "after_cursor_execute": lambda conn, _cursor, statement, *_: observer.after(driver(conn), statement),
        "commit": lambda conn: observer.end(driver(conn)),
        "rollback": lambda conn: observer.end(driver(conn)),
        "handle_error": lambda context: observer.failed(driver(context.connection)),
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield observer
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
