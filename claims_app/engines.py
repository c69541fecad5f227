"""Connections to the databases: SQLite made safe for several writers, and PostgreSQL that follows its primary."""

import datetime
import sqlite3
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from claims_app import statements
from claims_app.database_file import DatabaseFile, DatabaseFileLost
from claims_app.many_rows import insert_together
from claims_app.postgresql import WRITES, connection_options, follow_primary
from claims_app.rules.text import folded
from claims_app.triggers import AS_OF, CURRENT, SQLITE
from claims_app.write_turns import WriteTurns

BUSY_SECONDS = 20
"""How long a writer waits for another one: on SQLite for the current writer, on PostgreSQL for a lock."""

POOL: dict[str, int] = {"pool_size": 10, "max_overflow": 40, "pool_timeout": 5}
"""The most connections of one process, and the seconds after which a request that gets none is refused. A request may
need three at a time, and must not wait for a second one while all others do the same.
"""

FOLD = "claims_fold"
"""The function of SQLite connections that folds a text for a search."""

TURNS = "claims_turns"
"""The option of a connection to SQLite with the turns that its transactions take."""

_CLOCK_IS_SET = "claims_clock_is_set"


def make_engine(url: str, file: DatabaseFile | None = None, **options: Any) -> Engine:
    """Return an engine for `url`, with SQLite made safe for several writers.

    SQLite uses write-ahead logging (readers never wait for a writer), enforces foreign keys, and begins
    transactions where SQLAlchemy does. Writing connections use `BEGIN IMMEDIATE`: two deferred transactions
    that read and then write lose an update, or fail at once despite the timeout. If the `file` is lost while it is
    open, transactions raise DatabaseFileLost; engines on one database share it.

    On PostgreSQL, a server that does not answer is given up, unless `url` says otherwise (see `postgresql`). Errors do
    not name the values of their statement, which may be words of a person.
    """
    options = {"hide_parameters": True, **options}
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        engine = create_engine(
            url, **{"pool_pre_ping": True, "connect_args": connection_options(parsed), **options}
        )
        follow_primary(engine)
        statements.watch(engine)
        return engine
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **options)
    file = file or DatabaseFile()
    event.listen(engine, "do_connect", lambda *_: file.before_opening())
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "connect", lambda connection, _: file.opened(connection))
    event.listen(engine, "close", lambda *_: file.closed())
    event.listen(engine, "begin", lambda _: file.check())
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "commit", lambda connection: _check_before_commit(connection, file))
    event.listen(engine, "commit", _stop_clock)
    event.listen(engine, "do_executemany", insert_together)
    statements.watch(engine)
    event.listen(engine, "rollback", lambda connection: connection.info.pop(_CLOCK_IS_SET, None))
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.create_function(FOLD, 1, _fold, deterministic=True)


def _fold(text: str | None) -> str | None:
    return None if text is None else folded(text)


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    turns: WriteTurns | None = options.get(TURNS)
    if turns is not None and not turns.take(BUSY_SECONDS):
        locked = sqlite3.OperationalError("database is locked")
        raise OperationalError("BEGIN IMMEDIATE", (), locked)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITES, False) else "BEGIN")


def _check_before_commit(connection: Connection, file: DatabaseFile) -> None:
    try:
        file.check()
    except DatabaseFileLost:
        # SQLAlchemy takes the transaction for ended now, so it would not roll it back.
        connection.connection.rollback()
        raise


def _stop_clock(connection: Connection) -> None:
    # The next change may come from another program, which has its own time.
    if connection.info.pop(_CLOCK_IS_SET, False):
        connection.exec_driver_sql("UPDATE history_clock SET changed_at = NULL")


def _sqlite_timestamp(moment: datetime.datetime) -> str:
    """Return `moment` in the format that SQLAlchemy writes on SQLite."""
    return moment.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def set_moment(connection: Connection, moment: datetime.datetime) -> None:
    """Pass `moment` to the triggers, as the time of the changes that this transaction makes."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("UPDATE history_clock SET changed_at = ?", (_sqlite_timestamp(moment),))
        connection.info[_CLOCK_IS_SET] = True
    else:
        connection.exec_driver_sql(
            "SELECT set_config('claims.changed_at', %s, true), set_config('lock_timeout', %s, true)",
            (moment.isoformat(), f"{BUSY_SECONDS}s"),
        )


def show_the_past(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """Shadow the tables with temporary views that show their rows at a past moment."""
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("CREATE TEMP TABLE as_of_moment (moment VARCHAR)")
    connection.execute("INSERT INTO as_of_moment VALUES (NULL)")
    for name, query in CURRENT.views(SQLITE).items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {query}")


def set_as_of(connection: Connection) -> None:
    """Let a transaction read the data as of the moment given to its connection, if any."""
    moment: datetime.datetime | None = connection.get_execution_options().get(AS_OF)
    if moment is None:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("UPDATE temp.as_of_moment SET moment = ?", (_sqlite_timestamp(moment),))
    else:
        connection.exec_driver_sql(
            f"SELECT set_config('search_path', '{AS_OF}, ' || current_setting('search_path'), true), "
            "set_config('claims.as_of', %s, true)",
            (moment.isoformat(),),
        )
