"""The database of a request: one session for reading, and transactions for writing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.services.core import records
from claims_app.web import access, application, time_travel


def database() -> Database:
    """Return the database of the application."""
    return application.database()


def reading() -> Session:
    """Return the session in which this request reads; it sees one state of the data, at the moment asked for."""
    if "read_session" not in g:
        moment = time_travel.asked()
        g.read_session = database().reading(moment.at if moment else None)
    return cast(Session, g.read_session)


@contextmanager
def writing(summary: object = None) -> Iterator[WriteSession]:
    """Give a transaction in the name of the signed-in user, with `summary` as the reason. Raises Invalid."""
    with database().writing(access.change_now(records.clean_reason(summary))) as session:
        yield session


def register(app: Flask) -> None:
    """Close the session for reading at the end of each request."""

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        session: Session | None = g.pop("read_session", None)
        if session is not None:
            try:
                session.close()
            except SQLAlchemyError:
                # The connection was lost after the page was made, which is still good.
                session.invalidate()
