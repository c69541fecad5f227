"""A database that does not do what it should: the errors that say so, what people read of them, and a request that then
asks it nothing more.

The page that reports it is rendered without the database, also for a signed-in user.
"""

import errno
import sqlite3
from typing import NamedTuple

from flask import g
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from claims_app import postgresql
from claims_app.database import OutcomeUnknown
from claims_app.database_file import DatabaseFileLost

RETRY_SECONDS = 10
"""When to try again, as the answer says."""

_OUTAGES = (OperationalError, InterfaceError, NoFreeConnection, DatabaseFileLost, OutcomeUnknown)


class Explained(NamedTuple):
    """What people read: a title, and a sentence that says what they can do."""

    title: str
    sentence: str


BUSY = Explained(
    "Busy", "The database did not respond in time, and nothing was saved. Try again in a moment."
)
FULL = Explained(
    "Disk full",
    "The disk of the server is full, so nothing was saved. Keep what you typed, and contact the site operator.",
)
READ_ONLY = Explained(
    "Read-only",
    "The database cannot be changed at the moment, so nothing was saved. You can read everything. Try again later.",
)
UNKNOWN = Explained(
    "Perhaps saved",
    "The connection to the database was lost during saving, so your change may have been saved or not. "
    "Look at the record first. The same form sent again is saved only once.",
)
LOST = Explained(
    "Database not available",
    "The database file was deleted or replaced on the server, so nothing can be read and nothing was saved. "
    "Please contact the site operator.",
)

_BY_SQLITE = {sqlite3.SQLITE_FULL: FULL, sqlite3.SQLITE_READONLY: READ_ONLY}
_BY_SQLSTATE = {"53100": FULL, postgresql.READ_ONLY: READ_ONLY}
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_outage(error: BaseException | None) -> bool:
    """Return whether `error` says that the database is away, locked, full or read-only, or has lost its file."""
    if isinstance(error, DBAPIError) and (error.connection_invalidated or _known(error) is not None):
        return True
    return isinstance(error, _OUTAGES)


def explained(error: BaseException) -> Explained:
    """Return what to say of an outage."""
    if isinstance(error, DatabaseFileLost):
        return LOST
    if isinstance(error, OutcomeUnknown):
        return UNKNOWN
    return (isinstance(error, DBAPIError) and _known(error)) or BUSY


def is_full(error: OSError) -> bool:
    """Return whether there is no room for a file, such as one that is being uploaded."""
    return error.errno in _FULL


def _known(error: DBAPIError) -> Explained | None:
    """Return what to say of an error by its code, or None if that says no more than that the database is busy."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return _BY_SQLITE.get(code & 0xFF)  # the rest says more
    return _BY_SQLSTATE.get(getattr(error.orig, "sqlstate", None) or "")


def begin() -> None:
    """Note that the database does not respond, so that the rest of this request does without it."""
    g.claims_outage = True


def is_on() -> bool:
    """Return whether the database did not respond in this request."""
    return bool(g.get("claims_outage", False))
