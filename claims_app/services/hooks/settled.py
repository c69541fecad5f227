"""Up to which revision all of them can be seen: no earlier one will still be committed.

Revisions are numbered when they are written, and seen when their transaction commits. On SQLite one transaction writes
at a time, so both happen in the same order. On PostgreSQL a transaction with lower numbers may commit later.
"""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from claims_app.models import Revision

_TRANSACTIONS = text(
    "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), "
    "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
)
"""The number of the oldest transaction that is still running, and the next number to be given to one."""


class Settled:
    """What one process knows of the transactions that were running."""

    def __init__(self) -> None:
        self._newest = 0
        self._waiting: tuple[int, int] | None = None
        """A newest revision, and the number below which the transactions were that may have lower ones."""

    def newest(self, session: Session) -> int:
        """Return the number of a revision that no earlier one will still be committed before.

        While others write on PostgreSQL, that is the newest revision at an earlier call.
        """
        newest = session.scalar(select(func.max(Revision.id))) or 0
        if session.get_bind().dialect.name != "postgresql":
            return newest
        oldest_running, next_given = session.execute(_TRANSACTIONS).one()
        waiting = self._waiting  # several threads ask
        if waiting is not None and oldest_running >= waiting[1]:
            self._newest, waiting = waiting[0], None
        if oldest_running == next_given:
            self._newest, waiting = newest, None
        elif waiting is None and newest > self._newest:
            waiting = (newest, next_given)
        self._waiting = waiting
        return min(self._newest, newest)
