"""The database: engine, sessions, and the one place that commits.

`Database.reading()` gives a session that sees one state of the data and writes nothing, of today or
of a moment that has passed; `Database.writing(change)` is a transaction: it commits at the end of the
block, or rolls back and leaves nothing. Services get the session as an argument, flush, and never commit.
"""

import datetime
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Executable, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry

from claims_app.triggers import AS_OF, CURRENT, SQLITE
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


def utc_now() -> datetime.datetime:
    """Return the present time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


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
    """A session whose changes become revisions; `change` says whose they are.

    What happens at each flush and before the commit is in `models.unit_of_work`.
    """

    change: Change
    clock: Callable[[], datetime.datetime] = staticmethod(utc_now)
    _changed_at: datetime.datetime

    def __init__(self, bind: Engine) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.pending: dict[Any, Any] = {}
        """What was done to each record so far; see `models.revision`."""

        self.touched_claims: set[int] = set()
        """The claims whose evidence was touched; see `models.levels`."""

    @property
    def changed_at(self) -> datetime.datetime:
        """When its changes happen: one moment for the whole transaction."""
        self.connection()  # the transaction begins with it
        return self._changed_at

    def move_past(self, moment: datetime.datetime) -> None:
        """Let its changes happen after `moment`, at which what it changes was changed last."""
        if self.changed_at <= moment:
            self._changed_at = moment + datetime.timedelta(microseconds=1)
            _set_moment(self.connection(), self._changed_at)


def as_writer(session: Session) -> WriteSession:
    """Return `session`, which records are written through."""
    assert isinstance(session, WriteSession), "only a WriteSession writes records"
    return session


def changed_at(session: Session) -> datetime.datetime:
    """Return the moment of the changes that `session` writes."""
    return session.changed_at if isinstance(session, WriteSession) else utc_now()


@event.listens_for(WriteSession, "after_begin")
def _begin_at_a_moment(
    session: WriteSession, transaction: SessionTransaction, connection: Connection
) -> None:
    """Let the triggers of the database know the moment of the changes as well (see `claims_app.triggers`)."""
    if transaction.nested:
        return
    session._changed_at = session.clock()
    _set_moment(connection, session._changed_at)


def _set_moment(connection: Connection, moment: datetime.datetime) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("UPDATE history_clock SET changed_at = ?", (_as_sqlite_has_it(moment),))
        connection.info[_CLOCK_IS_SET] = True
    else:
        connection.exec_driver_sql("SELECT set_config('claims.changed_at', %s, true)", (moment.isoformat(),))


_CLOCK_IS_SET = "claims_clock_is_set"


def _as_sqlite_has_it(moment: datetime.datetime) -> str:
    """Return `moment` as SQLAlchemy writes it into an SQLite file."""
    return moment.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


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
    event.listen(engine, "commit", _stop_clock)
    event.listen(engine, "rollback", lambda connection: connection.info.pop(_CLOCK_IS_SET, None))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("claims_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _stop_clock(connection: Connection) -> None:
    # Whoever changes the file next by other means has a moment of their own.
    if connection.info.pop(_CLOCK_IS_SET, False):
        connection.exec_driver_sql("UPDATE history_clock SET changed_at = NULL")


def _prepare_sqlite_for_the_past(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """Put views of this connection alone over the tables: they show what the tables held at a moment."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE as_of_moment (moment VARCHAR)")
    connection.execute("INSERT INTO as_of_moment VALUES (NULL)")
    for name, query in CURRENT.views(SQLITE).items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {query}")


def _go_back(connection: Connection) -> None:
    """Let a transaction see the moment that its connection was opened for."""
    moment: datetime.datetime | None = connection.get_execution_options().get(AS_OF)
    if moment is None:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("UPDATE temp.as_of_moment SET moment = ?", (_as_sqlite_has_it(moment),))
    else:
        connection.exec_driver_sql(
            f"SELECT set_config('search_path', '{AS_OF}, ' || current_setting('search_path'), true), "
            "set_config('claims.as_of', %s, true)",
            (moment.isoformat(),),
        )


class Database:
    """The database of one application; `clock` says what time it is."""

    def __init__(self, url: str, clock: Callable[[], datetime.datetime] = utc_now) -> None:
        self.clock = clock
        self.engine = make_engine(url)
        self._writer = self.engine.execution_options(claims_write=True)
        # One state of the data for all queries of a page or an export.
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**level)
        self._past: Engine = self._reader
        if self.is_sqlite:
            # The views of the past stay with a connection, so these are not shared with those that see today.
            self._past = make_engine(url)
            event.listen(self._past, "connect", _prepare_sqlite_for_the_past)
        event.listen(self._past, "begin", _go_back)

    @property
    def is_sqlite(self) -> bool:
        """Whether the data is in an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    def reading(self, as_of: datetime.datetime | None = None) -> Session:
        """Return a session for reading. It must be closed, and sees one state of the data until then.

        With `as_of`, it is the state of that moment: whatever is asked, by the same queries.
        """
        reader = self._reader if as_of is None else self._past.execution_options(**{AS_OF: as_of})
        return Session(reader, autoflush=False)

    @contextmanager
    def writing(self, change: Change) -> Iterator[WriteSession]:
        """Give a session whose changes are committed together at the end of the block, as `change`.

        Any exception rolls back all of it and goes on to the caller.
        """
        with WriteSession(self._writer) as session:
            session.change = change
            session.clock = self.clock
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
        self._past.dispose()
