"""Puts a restored database in the place of an SQLite file, which is kept under another name."""

import datetime
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import cast

from sqlalchemy.engine import make_url

from claims_app.database import Database
from claims_app.services.system.backups import BackupError, rows_on_sqlite
from claims_app.services.system.backups.contents import Table

_LOCK_SECONDS = 1.0


def replace(database: Database, fill: Callable[[Database], None]) -> str | None:
    """Let `fill` fill a new database, and put it in the place of that of `database`.

    Return where the old file is now, or None if there was none. Raises BackupError if a program has it open.
    """
    name = make_url(database.engine.url).database
    if not name or name == ":memory:":
        raise BackupError("A database in memory cannot be replaced.")
    path = Path(name).resolve()
    database.close()
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = path.with_name(f"{path.name}.restoring")
    with _held(path):
        try:
            _remove(staged)  # of a restore that was killed
            new = Database(f"sqlite:///{staged}", database.clock)
            try:
                fill(new)
                with new.engine.begin() as connection:
                    # No page that somebody kept from before is taken for a page of the new data.
                    connection.exec_driver_sql("UPDATE data_number SET number = random()")
            finally:
                new.close()  # which moves the write-ahead log into the file
            _allow_the_same(path, staged)
            _sync(staged)
            kept = _keep(path, database.clock())
            os.replace(staged, path)
            _sync(path.parent)
        finally:
            _remove(staged)
    return str(kept) if kept else None


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """Keep all other programs out of the file during the block. Raises BackupError if one has it open."""
    if not path.exists():
        yield
        return
    with closing(sqlite3.connect(path, timeout=_LOCK_SECONDS, isolation_level=None)) as driver:
        try:
            # Only the last connection can leave write-ahead logging; that moves the log into the file, too.
            driver.execute("PRAGMA journal_mode = DELETE").fetchone()
            driver.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise BackupError(
                f"A program is using {path}. Stop “claims up” and every other command first. Nothing was changed."
            ) from None
        except sqlite3.DatabaseError:
            pass  # no database, or too damaged to be locked: the file is kept as it is
        yield


def _keep(path: Path, now: datetime.datetime) -> Path | None:
    """Give the file a second name, so that there is one under `path` at each moment if possible; return the name."""
    if not path.exists():
        return None
    kept = path.with_name(f"{path.stem}-before-{now:%Y%m%d-%H%M%S}{path.suffix}")
    try:
        os.link(path, kept)
    except FileExistsError:
        raise BackupError(f"{kept} exists already. Try again in a second.") from None
    except OSError:
        # No second names on this file system. A copy would end the lock: closing it ends all locks of a process.
        os.rename(path, kept)
    # Only a file that could not be locked still has these. The new database must not take them for its own.
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{kept}{suffix}")
    return kept


def _allow_the_same(old: Path, new: Path) -> None:
    """Give the new file the owner and permissions of the old one, so that the site can use it if root restores it."""
    try:
        there = old.stat()
    except FileNotFoundError:
        return
    new.chmod(there.st_mode & 0o777)
    with suppress(PermissionError):
        os.chown(new, there.st_uid, there.st_gid)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        with suppress(FileNotFoundError):
            os.unlink(f"{path}{suffix}")


class Loader:
    """Loads rows into an SQLite file that nobody else has open, without triggers, indexes and foreign keys."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.close()
        self._pooled = database.engine.raw_connection()
        self._driver = cast(sqlite3.Connection, self._pooled.driver_connection)
        # The file is thrown away if anything fails, and synced in the end.
        for pragma in (
            "journal_mode = OFF",
            "synchronous = OFF",
            "foreign_keys = OFF",
            "cache_size = -65536",
        ):
            self._driver.execute(f"PRAGMA {pragma}").fetchone()
        self._driver.execute("BEGIN")
        self._guards = self._driver.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL "
            "ORDER BY type"
        ).fetchall()
        for kind, name, _ in self._guards:
            self._driver.execute(f'DROP {kind} "{name}"')

    def load(self, table: Table, parts: Iterable[Sequence[bytes]]) -> Iterator[int]:
        """Give a table exactly these rows; yield how many of each part."""
        self._driver.execute(f"DELETE FROM {table.name}")  # nosec B608 - only names of our own schema
        yield from rows_on_sqlite.load(self._driver, table, parts)

    def finish(self, highest: dict[str, int]) -> None:
        """Bring back what was switched off, and the counters. Raises BackupError if a row lacks its parent."""
        counted = {
            name
            for (name,) in self._driver.execute(
                "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
            )
        }
        now = dict(self._driver.execute("SELECT name, seq FROM sqlite_sequence").fetchall())
        for name in counted & highest.keys():
            self._driver.execute("DELETE FROM sqlite_sequence WHERE name = ?", (name,))
            number = max(highest[name], now.get(name, 0))
            self._driver.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, number))
        for _, _, sql in self._guards:
            self._driver.execute(sql)
        orphan = self._driver.execute(
            'SELECT "table", parent FROM pragma_foreign_key_check() LIMIT 1'
        ).fetchone()
        if orphan:
            raise BackupError(
                f"A row of {orphan[0]} refers to a row of {orphan[1]} that is not in the backup."
            )
        self._driver.execute("COMMIT")

    def close(self) -> None:
        """Close the connection; the next one uses a write-ahead log again."""
        self._pooled.close()
        self._database.close()
