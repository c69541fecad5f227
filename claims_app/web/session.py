"""The database of a request: one session for reading, and the door for writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from claims_app.database import Change, Database, WriteSession
from claims_app.vocabulary import Via
from claims_app.web import access


def database() -> Database:
    """Return the database of the application."""
    return cast(Database, current_app.extensions["claims_database"])


def reading() -> Session:
    """Return the session in which this request reads; it sees one state of the data."""
    if "read_session" not in g:
        g.read_session = database().reading()
    return cast(Session, g.read_session)


@contextmanager
def writing(summary: str | None = None) -> Iterator[WriteSession]:
    """Give a transaction in the name of whoever is signed in, with `summary` as the reason."""
    user = access.signed_in_user()
    change = Change(
        via=Via.WEB,
        actor_id=user.id if user else None,
        actor_role=user.role if user else None,
        summary=summary,
    )
    with database().writing(change) as session:
        yield session


def register(app: Flask) -> None:
    """Close the session for reading at the end of each request."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session: Session | None = g.pop("read_session", None)
        if session is not None:
            session.close()
