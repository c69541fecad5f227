"""The file of an SQLite database, and whether it is still the one that was opened.

SQLite goes on using a file that was deleted or replaced, and reports each commit as done, although nobody will find
it again (“How To Corrupt An SQLite Database File”, section 1.4). So the file and its write-ahead log are compared
with those that were opened, by device and inode, before each transaction and on both sides of each commit. Open
connections are kept: as long as the program runs, the data can be rescued from them.
"""

import os
import sqlite3
import threading
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError


class DatabaseFileLost(SQLAlchemyError):
    """The database file was deleted, moved or replaced under the program. The text is for the operator."""


class _Identity(NamedTuple):
    device: int
    inode: int


class DatabaseFile:
    """The file behind the connections of one database; without a file, such as in memory, it accepts everything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._path = ""
        self._file: _Identity | None = None
        self._log: _Identity | None = None
        self._n_open = 0

    def before_opening(self) -> None:
        """Raise DatabaseFileLost rather than open another file, or create an empty one, in place of the first."""
        if self._file is not None:
            self._check_file()

    def opened(self, connection: sqlite3.Connection) -> None:
        """Remember the file of the first connection, and compare those of others. Raises DatabaseFileLost."""
        path = next((row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"), "")
        if not path:
            return
        connection.execute("PRAGMA schema_version").fetchone()  # opens the log
        with self._lock:
            if self._file is None:
                self._path, self._file = path, _identity(path)
            if self._n_open == 0:
                self._log = None  # the last connection removes it
            self.check()
            self._n_open += 1

    def closed(self) -> None:
        """Note that a connection was closed."""
        with self._lock:
            self._n_open -= 1

    def check(self) -> None:
        """Raise DatabaseFileLost unless the file and its log are those that were opened."""
        if self._file is None:
            return
        self._check_file()
        log = _identity(f"{self._path}-wal")
        if self._log is None:
            self._log = log  # it is created with the first change
        elif log != self._log:
            raise DatabaseFileLost(
                f"{self._path}-wal, which holds the latest changes, was deleted or replaced while the program was "
                "running. Stop the program in the usual way, which saves them, and start it again."
            )

    def forget(self) -> None:
        """Accept another file from now on; all connections are closed."""
        self._file = self._log = None
        self._n_open = 0

    def _check_file(self) -> None:
        now = _identity(self._path)
        if now is None:
            raise DatabaseFileLost(
                f"The database file {self._path} was deleted or moved while the program was running. Put the same file "
                "back, or stop the program, restore a backup and start it again."
            )
        if now != self._file:
            raise DatabaseFileLost(
                f"The database file {self._path} was replaced while the program was running. Stop the program, check "
                "the file, and start it again."
            )


def _identity(path: str) -> _Identity | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return _Identity(found.st_dev, found.st_ino)
