"""The moment of a new release: the present, once all that was written before it can be seen."""

import datetime
import time
from collections.abc import Callable

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from claims_app.database import Change, Database
from claims_app.models import Revision
from claims_app.services.history.as_of import SETTLED_AFTER

Wait = Callable[[float], None]

_PAUSE = 0.5
_RUNNING = text(
    "SELECT pid || ' ' || coalesce(xact_start::text, '') FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' "
    # Of sessions of other roles nothing is shown: they may be in a transaction.
    "AND (xact_start IS NOT NULL OR state IS NULL)"
)


def moment_now(database: Database, change: Change, wait: Wait = time.sleep) -> datetime.datetime:
    """Return a moment after every change that was saved before this call, and before every later one.

    On SQLite, one transaction writes at a time, so the moment is taken while nobody else does. On PostgreSQL, a
    transaction that began before the moment may still be saved: those that run are waited for, but no longer than
    after which `as_of` takes any moment for settled. A transaction is dated when it begins, and gets its number only
    when it writes, so numbers (see `hooks.settled`) cannot say whether one with an earlier date still runs.
    """
    with database.writing(change) as session:
        moment = _after_all(session, database.clock())
        session.rollback()
    if not database.is_sqlite:
        # What is saved meanwhile does not move the moment: something that began before it may still run.
        _wait_for_others(database, wait)
    return moment


def _after_all(session: Session, now: datetime.datetime) -> datetime.datetime:
    newest = session.scalar(select(func.max(Revision.changed_at)))
    # After the clock went back, records have been changed in what is the future now.
    return now if newest is None else max(now, newest)


def _wait_for_others(database: Database, wait: Wait) -> None:
    """Wait for the transactions that run now."""
    waited = _PAUSE
    # What takes its time before its transaction begins on the server gets there meanwhile.
    wait(_PAUSE)
    before = _running(database)
    while before and waited < SETTLED_AFTER.total_seconds():
        wait(_PAUSE)
        waited += _PAUSE
        before &= _running(database)


def _running(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(_RUNNING))
