"""A database that does not respond: the errors that say so, and a request that then asks it nothing more.

The page that reports it is rendered without the database, also for a signed-in user.
"""

from flask import g
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from claims_app.database import OutcomeUnknown
from claims_app.database_file import DatabaseFileLost

RETRY_SECONDS = 10
"""When to try again, as the answer says."""

_OUTAGES = (OperationalError, InterfaceError, NoFreeConnection, DatabaseFileLost, OutcomeUnknown)


def is_outage(error: BaseException | None) -> bool:
    """Return whether `error` says that the database is away, is locked, has lost its file or has no free connection."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, _OUTAGES)


def begin() -> None:
    """Note that the database does not respond, so that the rest of this request does without it."""
    g.claims_outage = True


def is_on() -> bool:
    """Return whether the database did not respond in this request."""
    return bool(g.get("claims_outage", False))
