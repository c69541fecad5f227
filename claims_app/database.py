"""The database: engine, sessions, and the one place that commits.

`Database.reading()` gives a session that sees one state of the data and writes nothing;
`Database.writing(change)` is a transaction: it commits at the end of the block, or rolls back and
leaves nothing. Services get the session as an argument, flush, and never commit.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Executable, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from claims_app.vocabulary import Role, Via

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names are an interface: the code that explains a refused row to a person matches on them."""

BUSY_SECONDS = 20
"""How long a writer on SQLite waits for the writer before it."""


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


@dataclass(frozen=True)
class Change:
    """Who changes something, in which role, through which door, and why. It goes into every revision.

    `review` says whether a second person has to look at it; `proposal_id`, that it is an accepted proposal.
    """

    via: Via
    actor_id: int | None = None
    actor_role: Role | None = None
    summary: str | None = None
    review: bool = False
    proposal_id: int | None = None


class WriteSession(Session):
    """A session whose changes become revisions (see `models.revision`); `change` says whose they are."""

    change: Change


def make_engine(url: str, **options: Any) -> Engine:
    """Return an engine for `url`, with SQLite made safe for several writers.

    SQLite is opened with write-ahead logging (readers never wait for a writer), with foreign keys
    enforced, and with transactions that begin where SQLAlchemy says so: `BEGIN IMMEDIATE` for
    writing connections, since two deferred transactions that read and then write lose an update or
    fail at once, whatever the time-out.
    """
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, **options)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **options)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("claims_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Database:
    """The database of one application."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(claims_write=True)
        # One state of the data for all queries of a page or an export.
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**level)

    @property
    def is_sqlite(self) -> bool:
        """Whether the data is in an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def reading(self) -> Session:
        """Return a session for reading. It must be closed, and sees one state of the data until then."""
        return Session(self._reader, autoflush=False)

    @contextmanager
    def writing(self, change: Change) -> Iterator[WriteSession]:
        """Give a session whose changes are committed together at the end of the block, as `change`.

        Any exception rolls back all of it and goes on to the caller.
        """
        with WriteSession(self._writer, expire_on_commit=False) as session:
            session.change = change
            yield session
            session.commit()

    def in_passing(self, statement: Executable) -> bool:
        """Execute a statement that may as well be left out, and return whether it was done.

        Nobody waits for it: while another one writes, or where nothing can be written, it is left out.
        """
        try:
            with self._writer.connect() as connection:
                driver = connection.connection.driver_connection if self.is_sqlite else None
                if driver is not None:
                    driver.execute("PRAGMA busy_timeout = 0")
                try:
                    with connection.begin():
                        if driver is None:
                            connection.execute(text("SET LOCAL lock_timeout = '50ms'"))
                        connection.execute(statement)
                finally:
                    if driver is not None:
                        driver.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
