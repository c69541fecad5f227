"""The faults of the program of late, by the number of their request; the log has their tracebacks.

They are in the database, so that all processes show the same. Noting one is optional: it waits for nobody, and a
process notes at most so many in a minute.
"""

import traceback
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.logs import PerMinute
from claims_app.models import RecentError

MOST_KEPT = 200
_NOTED = PerMinute(20)
_PROGRAM = Path(__file__).parents[2]


def note(database: Database, error: BaseException, request_id: str, route: str | None) -> bool:
    """Note an error of a request, and return whether that succeeded. What the error says is not kept."""
    if not _NOTED.may():
        return False
    values = {
        "request_id": request_id[:64] or "unknown",
        "happened_at": database.clock(),
        "route": route and route[:200],
        "kind": type(error).__name__[:100],
        "place": _place(error),
    }
    if not database.try_write(insert(RecentError).values(**values)):
        return False
    newest = select(func.max(RecentError.id)).scalar_subquery()
    return database.try_write(delete(RecentError).where(RecentError.id <= newest - MOST_KEPT))


def newest(session: Session, most: int) -> Sequence[RecentError]:
    """Return up to `most` errors, the newest first."""
    return session.scalars(select(RecentError).order_by(RecentError.id.desc()).limit(most)).all()


def _place(error: BaseException) -> str | None:
    """Return where in this program an error came from, such as `services/records/claims.py:120`."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if Path(frame.filename).is_relative_to(_PROGRAM):
            return f"{Path(frame.filename).relative_to(_PROGRAM).as_posix()}:{frame.lineno}"[:200]
    return None
