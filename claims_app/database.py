"""The database: sessions, and the one place that commits.

`Database.reading()` returns a read-only session on one snapshot of the data, current or past.
`Database.writing(change)` is a transaction: it commits at the end of the block, or rolls back all of it.
Services take the session as an argument, flush, and never commit.
"""

import datetime
import sqlite3
from collections import ChainMap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Engine, Executable, MetaData, event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.pool import NullPool

from claims_app.database_file import DatabaseFile
from claims_app.engines import BUSY_SECONDS, POOL, TURNS, make_engine, set_as_of, set_moment, show_the_past
from claims_app.postgresql import ENDED_FOR_ANOTHER, WRITES, connection_options
from claims_app.replicas import OpenReplica, ReplicaLost, Replicas
from claims_app.security_log import SecurityEvent, log_event
from claims_app.triggers import AS_OF
from claims_app.vocabulary import RecordType, Role, Via
from claims_app.watched_servers import POSITION
from claims_app.write_turns import WriteTurns

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names are an interface: `services.core.records.save` matches on them to explain a refused row."""

T = TypeVar("T")

_TRIES = 4
DATABASE = "database"
"""The key in `Session.info` of the Database, for sessions that read."""

MEMORY = "memory"
"""The key in `Session.info` of what services remember of the data at the server that the session reads at."""

REPLICA = "replica"
"""The key in `Session.info` of the OpenReplica that a session reads at, if it is not the primary."""

RECENT = 0
"""A position that every state includes, which thus may be a little old: see `Database.reading`."""


def utc_now() -> datetime.datetime:
    """Return the current time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


class Base(DeclarativeBase):
    """Base of all models."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


@dataclass(frozen=True)
class Change:
    """Who makes a change, in which role, through which interface, and why. Every revision records it.

    `review` is whether the change needs review by a second person. `proposal_id` is the accepted proposal that
    the change carries out, if any.
    """

    via: Via
    actor_id: int | None = None
    actor_role: Role | None = None
    summary: str | None = None
    review: bool = False
    proposal_id: int | None = None


class WriteSession(Session):
    """A session whose changes become revisions; `change` says who makes them and why.

    `models.unit_of_work` lists the steps taken at each flush and before the commit.
    """

    _changed_at: datetime.datetime

    def __init__(
        self,
        bind: Engine,
        change: Change,
        clock: Callable[[], datetime.datetime],
        *,
        only_judges: bool = False,
    ) -> None:
        super().__init__(bind, expire_on_commit=False, autoflush=not only_judges)
        self.only_judges = only_judges
        """Whether services only say what they would do; nothing is flushed or locked."""

        self.change = change
        self.clock = clock
        self.trying_out = False
        """Whether all current changes will be rolled back, so that the policy is not asked."""

        self.pending: ChainMap[tuple[RecordType, int], Any] = ChainMap()
        """The pending revision of each changed record, with a map for each open savepoint; see `models.revision`."""

        self.noted_before: dict[SessionTransaction, dict[tuple[RecordType, int], Any]] = {}
        """What was pending before the savepoint that ended last."""

        self.touched_claims: set[int] = set()
        """The claims whose evidence changed; see `models.levels`."""

        self.locked_claims: set[int] = set()
        """The claims that the transaction has locked."""

        self._security_events: list[tuple[SecurityEvent, dict[str, object]]] = []

    def log_when_saved(self, event: SecurityEvent, **fields: object) -> None:
        """Log a security event, with who made the change, once this transaction is committed."""
        self._security_events.append((event, {"via": self.change.via.value, **fields}))

    def log_security_events(self) -> None:
        """Log the security events of this transaction, which is committed."""
        for kept, fields in self._security_events:
            log_event(kept, **fields)

    @property
    def changed_at(self) -> datetime.datetime:
        """The time of its changes: one moment for the whole transaction."""
        self.connection()  # starts the transaction, which sets the time
        return self._changed_at

    def move_past(self, moment: datetime.datetime) -> None:
        """Date its changes after `moment`, when the records that it changes were last changed."""
        if self.changed_at <= moment:
            self._changed_at = moment + datetime.timedelta(microseconds=1)
            set_moment(self.connection(), self._changed_at)


@event.listens_for(WriteSession, "after_begin")
def _start_clock(session: WriteSession, transaction: SessionTransaction, connection: Connection) -> None:
    """Pass the time of the changes to the triggers of the database (see `claims_app.triggers`)."""
    if transaction.nested:
        return
    session._changed_at = session.clock()
    if not session.only_judges:
        set_moment(connection, session._changed_at)


def is_past(session: Session) -> bool:
    """Return whether `session` reads the data as of a moment in the past; see `Database.reading`."""
    return AS_OF in session.get_bind().get_execution_options()


def moment_of(session: Session) -> datetime.datetime | None:
    """Return the past moment that `session` reads the data as of, or None if it reads the present."""
    moment: datetime.datetime | None = session.get_bind().get_execution_options().get(AS_OF)
    return moment


class OutcomeUnknown(SQLAlchemyError):
    """The connection was lost during a commit, so that nobody knows whether the database did it."""


def retrying(work: Callable[[], T], may_retry: Callable[[], bool] = lambda: True) -> T:
    """Return `work()`; run it again from the start if the database ended its transaction in favour of another one.

    PostgreSQL does that to one of two transactions that wait for each other. The same holds if the connection was lost:
    another server may have taken over. `work` must be one transaction, or check in `may_retry` that it has not
    committed anything yet. The error is raised after a few attempts.
    """
    for left in reversed(range(_TRIES)):
        try:
            return work()
        except (DBAPIError, ReplicaLost) as error:
            if not left or not _may_succeed_again(error) or not may_retry():
                raise
    raise AssertionError("The last attempt returns or raises.")


def _may_succeed_again(error: DBAPIError | ReplicaLost) -> bool:
    if isinstance(error, ReplicaLost) or error.connection_invalidated:
        return True
    return getattr(error.orig, "sqlstate", None) in ENDED_FOR_ANOTHER


class _ReplicaSession(Session):
    """A session on a connection that it returns to the pool when it is closed."""

    def __init__(self, opened: OpenReplica, **options: Any) -> None:
        super().__init__(opened.connection, **options)
        self._connection = opened.connection

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._connection.close()

    def invalidate(self) -> None:
        super().invalidate()
        self._connection.close()


class Database:
    """The database of one application; `clock` returns the current time.

    On PostgreSQL, some of what is read can come from replicas at `replica_urls` that are at most `lag` seconds behind.
    """

    def __init__(
        self,
        url: str,
        clock: Callable[[], datetime.datetime] = utc_now,
        *,
        replica_urls: Sequence[str] = (),
        lag: float = 2.0,
    ) -> None:
        self.clock = clock
        self.memory: dict[str, Any] = {}
        """What services remember of the data at the primary, by their own names, until the connections are closed."""

        self._file = DatabaseFile()
        # A database in memory, without a name, has one connection.
        pool = POOL if make_url(url).database else {}
        self.engine = make_engine(url, self._file, **pool)
        self._writer = self.engine.execution_options(**{WRITES: True})
        self._turns = WriteTurns()
        # One snapshot for all queries of a page or an export.
        level = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._reader = self.engine.execution_options(**level)
        self._alone = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._past: Engine = self._reader
        if self.is_sqlite:
            # The views of the past belong to a connection, so readers of the present need connections of their own.
            self._past = make_engine(url, self._file, **pool)
            event.listen(self._past, "connect", show_the_past)
        event.listen(self._past, "begin", set_as_of)
        self.replicas = self._replicas(url, replica_urls, lag) if replica_urls else None

    @staticmethod
    def _replicas(url: str, replica_urls: Sequence[str], lag: float) -> Replicas:
        def looking_at(url: str) -> Engine:
            return make_engine(
                url,
                poolclass=NullPool,
                isolation_level="AUTOCOMMIT",
                connect_args=connection_options(make_url(url), patient=False),
            )

        # Each use of a connection begins with a question, which notices that it is lost.
        engines = [make_engine(each, None, pool_pre_ping=False, **POOL) for each in replica_urls]
        for engine in engines:
            event.listen(engine, "begin", set_as_of)
        looks = [looking_at(each) for each in replica_urls]
        return Replicas(looking_at(url), list(zip(engines, looks, strict=True)), lag)

    @property
    def is_sqlite(self) -> bool:
        """Whether the data is in an SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def memories(self) -> list[dict[str, Any]]:
        """What services remember of the data, at each server."""
        return [self.memory, *(self.replicas.memories if self.replicas else ())]

    @property
    def is_away(self) -> bool:
        """Whether the primary is known not to answer. Without replicas, that is found out only by asking it."""
        return self.replicas is not None and self.replicas.primary_is_away()

    @property
    def is_lost(self) -> bool:
        """Whether the primary was asked just now and did not answer, rather than that it is slow."""
        return self.replicas is not None and self.replicas.primary_is_lost()

    def reading(self, as_of: datetime.datetime | None = None, *, since: int | None = None) -> Session:
        """Return a session for reading, which sees one snapshot of the data until the caller closes it.

        With `as_of`, the same queries return the data as of that moment. The session reads the newest state, on the
        primary. With `since`, a state is enough that includes what was committed up to this `position`, or with
        RECENT, one that is a little old; a replica may then answer. If it is lost meanwhile, queries raise ReplicaLost.
        """
        if since is not None and self.replicas and (opened := self.replicas.opened(since)):
            if as_of is not None:
                opened.connection.execution_options(**{AS_OF: as_of})
            info = {DATABASE: self, MEMORY: opened.memory, REPLICA: opened}
            return _ReplicaSession(opened, autoflush=False, info=info)
        reader = self._reader if as_of is None else self._past.execution_options(**{AS_OF: as_of})
        return Session(reader, autoflush=False, info={DATABASE: self, MEMORY: self.memory})

    def position(self, session: Session | None = None) -> int:
        """Return the position after all that was committed so far, for `reading(since=…)`; RECENT without replicas.

        It is asked for through `session` if that is given, which must read on the primary.
        """
        if not self.replicas:
            return RECENT
        if session is not None:
            return int(session.connection().exec_driver_sql(POSITION).scalar_one())
        return int(cast(int, self.scalar(POSITION)))

    def scalar(self, query: str) -> object:
        """Return the value of a query without parameters, which is a transaction of its own.

        On SQLite it costs a fifth of a query of a session. Raises SQLAlchemyError if the database does not respond.
        """
        if not self.is_sqlite:
            with self._alone.connect() as connection:
                return connection.exec_driver_sql(query).scalar()
        pooled = self.engine.raw_connection()
        try:
            self._file.check()
            row = cast(sqlite3.Connection, pooled.driver_connection).execute(query).fetchone()
        except sqlite3.Error as error:
            raise DBAPIError.instance(query, (), error, sqlite3.Error) from error
        finally:
            pooled.close()
        return row and row[0]

    @contextmanager
    def writing(self, change: Change) -> Iterator[WriteSession]:
        """Yield a session; at the end of the block, commit its changes together, recorded as `change`.

        Any exception but OutcomeUnknown rolls back the whole transaction and reaches the caller. Raises
        DatabaseFileLost if the changes went to a file that is no longer there.
        """
        writer = self._writer.execution_options(**{TURNS: self._turns}) if self.is_sqlite else self._writer
        try:
            with WriteSession(writer, change, self.clock) as session:
                yield session
                try:
                    session.commit()
                except DBAPIError as error:
                    # The error of COMMIT itself has no statement, unlike those of the flush before it.
                    if error.connection_invalidated and error.statement is None:
                        raise OutcomeUnknown(
                            "The connection to the database was lost during the commit."
                        ) from error
                    raise
        finally:
            self._turns.give_back()
        self._file.check()
        session.log_security_events()

    @contextmanager
    def judging(self, change: Change) -> Iterator[WriteSession]:
        """Yield a session in which services judge `change` on one snapshot of the data. It locks and saves nothing."""
        with WriteSession(self._reader, change, self.clock, only_judges=True) as session:
            yield session

    def try_write(self, statement: Executable) -> bool:
        """Execute an optional statement, such as a time stamp, and return whether it succeeded.

        Never waits: the statement is skipped while another transaction writes, or if the database is read-only or away.
        """
        if self.is_away:
            return False
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
        self.memory.clear()
        self.engine.dispose()
        self._past.dispose()
        if self.replicas:
            self.replicas.close()
        self._file.forget()
