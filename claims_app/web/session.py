"""The database of a request: one session for reading, and transactions for writing.

With replicas, a request that may write reads at the primary. A page may come from a replica: for a reader from any that
is not far behind; for people who are logged in and programs with a token from one that has replayed all that was
committed when the request came, so that nobody misses a change of their own, wherever and by whichever way they made
it. The session cookie holds the position of the last change as well: it counts while the primary is lost, which cannot
be asked then.

If the database ends the transaction of a request in favour of another one, the view runs again from the start.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from flask import Flask, g, request
from flask import session as cookie
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from claims_app.database import RECENT, Database, WriteSession, retrying
from claims_app.services.core import records
from claims_app.web import access, application, bearer, time_travel
from claims_app.web.methods import READS


def database() -> Database:
    """Return the database of the application."""
    return application.database()


def reading() -> Session:
    """Return the session in which this request reads; it sees one state of the data, at the moment asked for."""
    if "read_session" not in g:
        moment = time_travel.asked()
        g.read_session = database().reading(moment.at if moment else None, since=since())
    return cast(Session, g.read_session)


def reading_again() -> Session:
    """Return another session, for a state that the session of this request may be too old for. The caller closes it."""
    return database().reading(since=since())


def read_newest() -> None:
    """Let this request read at the primary, such as to decide about access."""
    g.reads_newest = True


def since() -> int | None:
    """Return the position of the newest change that this request must see; None for the newest state there is."""
    if not database().replicas:
        return None
    if request.method not in READS or g.get("has_written", False) or g.get("reads_newest", False):
        return None
    bookmark: int = cookie.get(access.BOOKMARK, RECENT)
    return bookmark if access.signed_in_user() is None else cast(int | None, g.get("claims_position"))


def release() -> None:
    """Close the session in which this request reads, before slow work; what was loaded stays as it is."""
    session: Session | None = g.pop("read_session", None)
    if session is not None:
        try:
            session.close()
        except SQLAlchemyError:
            # The connection was lost, but what was read is still good.
            session.invalidate()


@contextmanager
def writing(summary: object = None) -> Iterator[WriteSession]:
    """Give a transaction in the name of the signed-in user, with `summary` as the reason.

    Raises Invalid, and StaleVersion if another transaction was faster.
    """
    change = access.change_now(records.clean_reason(summary))
    with records.refusing_lost_races(), database().writing(change) as session:
        yield session
    g.has_written = True
    _set_bookmark()


def _set_bookmark() -> None:
    """Note in the session of the browser where the changes of this request end."""
    if database().replicas and bearer.presented(request) is None:
        # What was saved stays saved if the primary is lost now.
        with suppress(SQLAlchemyError):
            cookie[access.BOOKMARK] = database().position()


@contextmanager
def judging(summary: object = None) -> Iterator[WriteSession]:
    """Give a session in which services judge changes in the name of the signed-in user; it locks and saves nothing.

    Raises Invalid.
    """
    with database().judging(access.change_now(records.clean_reason(summary))) as session:
        yield session


def register(app: Flask) -> None:
    """Close the session for reading at the end of each request."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        release()


def retry_views(app: Flask) -> None:
    """Let each registered view run again if the database ended its transaction in favour of another one."""
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = _retried(view)


def _retried(view: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(view)
    def run(**arguments: Any) -> Any:
        return retrying(lambda: view(**arguments), _start_again)

    return run


def _start_again() -> bool:
    """Prepare for another run of the view; return False if it has saved something, or cannot read its input again."""
    if g.get("has_written", False) or request.files:
        return False
    release()  # so that the view sees what others have saved
    return True
