"""Up to which revision all of them can be seen: no earlier one will still be committed.

Revisions are numbered when they are written, and seen when their transaction commits. On SQLite one transaction writes
at a time, so both happen in the same order. On PostgreSQL a transaction with lower numbers may commit later. So the
newest revision that can be seen is remembered, together with a number that PostgreSQL gives to transactions in their
order: once all transactions with a lower number have ended, nothing before that revision can follow. (A transaction has
its number before it writes revisions, since these come after the records.)
"""

from sqlalchemy import func, select, text

from claims_app.database import Database
from claims_app.models import Revision

_NEXT_TRANSACTION = text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)")
_OLDEST_RUNNING = text("SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)")


class Settled:
    """What one process knows of the transactions that were running."""

    def __init__(self) -> None:
        self._newest = 0
        self._waiting: tuple[int, int] | None = None
        """A newest revision, and the number of a transaction that began after it was written."""

    def newest(self, database: Database) -> int:
        """Return the number of a revision that no earlier one will still be committed before.

        While others write on PostgreSQL, that is the newest revision at an earlier call.
        """
        with database.reading() as session:
            newest = session.scalar(select(func.max(Revision.id))) or 0
            if database.is_sqlite or newest <= self._newest:
                return newest
            waiting = self._waiting or (newest, session.scalars(_NEXT_TRANSACTION).one())
        # In another transaction, since that one is running itself.
        with database.reading() as session:
            has_ended = session.scalars(_OLDEST_RUNNING).one() >= waiting[1]
        self._waiting = None if has_ended else waiting
        if has_ended:
            self._newest = waiting[0]
        return self._newest
