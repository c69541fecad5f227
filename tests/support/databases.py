"""Databases for tests. Each test gets its own, copied from a template that the migrations created.

Tests really commit. On SQLite the database is a copied file, deleted afterwards. On PostgreSQL a copy takes a fifth
of a second, so the database is restored to its original rows and reused; it is dropped if a test has changed its
tables, triggers or functions.
"""

import fcntl
import itertools
import os
import pickle
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import QueuePool

from claims_app.cli.seed import SEED_FOLDER
from claims_app.database import Change, Database, utc_now
from claims_app.services.system import schema
from claims_app.services.system.seeding import load_seed
from claims_app.vocabulary import Via
from tests.support.partitioning import partition
from tests.support.postgres import PostgresServer

PARTITIONED = "CLAIMS_TEST_PARTITIONED"
"""An environment variable, with which tests on PostgreSQL run on partitioned tables."""

_LONGEST_USE = 60
"""How often a database is reused before it is replaced: deleted rows leave dead tuples behind."""

_SHAPE = """
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL SELECT concat(oid, relname, relkind) FROM pg_class WHERE oid >= 16384 AND relpersistence = 'p'
    UNION ALL SELECT concat(oid, tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT concat(oid, proname, prosrc) FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT concat(oid, conname) FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT concat(attrelid, attname, atttypid, attnotnull) FROM pg_attribute WHERE attrelid >= 16384
) AS shape(part)
"""
"""A fingerprint of the schema of a database. Ids below 16384 belong to objects of PostgreSQL itself."""


_END_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
"""Ends the connections that are in a transaction. Idle ones hold no locks, and are used by later tests."""


class Copies(Protocol):
    """A pool of databases of one kind."""

    def take(self, content: str) -> str:
        """Return the URL of an unused database with `content`."""

    def give_back(self, url: str) -> None:
        """Return a database to the pool."""

    def close(self) -> None:
        """Release all databases in the pool."""


def fill(url: str, content: str) -> None:
    """Give an empty database the schema, or one with the schema the seed."""
    database = Database(url)
    if content == "schema":
        schema.upgrade(database.engine)
        if PARTITIONED in os.environ and not database.is_sqlite:
            with database.engine.begin() as connection:
                partition(connection)
    else:
        with database.writing(Change(via=Via.SEED, summary="Loaded with the example data.")) as session:
            load_seed(session, SEED_FOLDER)
    database.close()  # On SQLite, the last connection moves the write-ahead log into the file, which is copied.


class SharedFiles:
    """Files in `folder` that are made once for all processes of a run of the tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the path of the file; the first process calls `make` with a path to write it to."""
        file = self._folder / name
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                unfinished = self._folder / f"{name}.unfinished"
                make(unfinished)
                unfinished.rename(file)
        return file


_IDLE: dict[str, list[Database]] = {}
"""Idle Database objects by URL, reused because their engines cache compiled statements.

On PostgreSQL they keep their connections: a new one compiles every trigger and plans every statement again, which
costs more than most tests.
"""


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Yield the database at `url` for the duration of the block, without connections that are in use."""
    idle = _IDLE.setdefault(url, [])
    database = idle.pop() if idle else Database(url)
    try:
        yield database
    finally:
        pool = database.engine.pool
        if database.is_sqlite or not isinstance(pool, QueuePool) or pool.checkedout():
            database.close()
        database.clock = utc_now
        database.memory.clear()
        idle.append(database)


def _forget(url: str) -> None:
    """Close the idle Database objects of a database that will be dropped."""
    for database in _IDLE.pop(url, []):
        database.close()


class SqliteCopies:
    """SQLite files in `folder`. The name of a deleted file is reused."""

    def __init__(self, folder: Path, shared: SharedFiles) -> None:
        self._folder = folder
        self._shared = shared
        self._numbers = itertools.count(1)
        self._free: list[Path] = []

    def take(self, content: str) -> str:
        """Return the URL of a new file with `content`."""
        file = self._free.pop() if self._free else self._folder / f"copy_{next(self._numbers)}.sqlite3"
        if content != "nothing":
            shutil.copyfile(self._template(content), file)
        return f"sqlite:///{file}"

    def _template(self, content: str) -> Path:
        def make(file: Path) -> None:
            if content == "seed":
                shutil.copyfile(self._template("schema"), file)
            fill(f"sqlite:///{file}", content)

        return self._shared.get(f"{content}.sqlite3", make)

    def give_back(self, url: str) -> None:
        """Delete the file and its journal files."""
        name = Path(url).name
        for file in self._folder.glob(f"{name}*"):
            file.unlink()
        self._free.append(self._folder / name)

    def close(self) -> None:
        """Delete all files."""
        shutil.rmtree(self._folder)


@dataclass
class _Copy:
    """A database on the server: its original schema, rows and sequences, and how often it was used.

    `connection` stays open while tests use the database, since connecting takes longer than the queries.
    """

    name: str
    content: str
    connection: psycopg.Connection
    shape: str
    rows: dict[str, bytes]
    counters: dict[str, tuple[int, bool]]
    uses: int = 0
    position: str = field(default="", init=False)


class PostgresCopies:
    """PostgreSQL databases. The server is started by `start` when the first one is needed."""

    def __init__(self, start: Callable[[], PostgresServer], shared: SharedFiles) -> None:
        self._start = start
        self._shared = shared
        self._templates: set[str] = set()
        self._numbers = itertools.count(1)
        self._taken: dict[str, _Copy] = {}
        self._waiting: list[_Copy] = []

    def take(self, content: str) -> str:
        """Return the URL of a database with `content`: a restored one, or a new one."""
        server = self._start()
        copy = next((one for one in self._waiting if one.content == content), None)
        if copy is None:
            copy = self._create(server, content)
        else:
            self._waiting.remove(copy)
        copy.position = _position(copy)
        url = server.url(copy.name)
        self._taken[url] = copy
        return url

    def give_back(self, url: str) -> None:
        """Restore the database for reuse, or drop it."""
        server = self._start()
        copy = self._taken.pop(url)
        copy.uses += 1
        if self._is_restored(copy):
            self._waiting.append(copy)
        else:
            copy.connection.close()
            _forget(url)
            server.drop_database(copy.name)

    def close(self) -> None:
        """Close the connections; the databases are deleted with the server."""
        for copy in self._waiting:
            copy.connection.close()

    def _is_restored(self, copy: _Copy) -> bool:
        """End other connections, restore the rows, and return whether the database can be reused."""
        try:
            copy.connection.execute(_END_OTHERS)
            # If the write-ahead log has not advanced, nothing was written.
            if _position(copy) == copy.position:
                return True
            return copy.content != "nothing" and copy.uses < _LONGEST_USE and _restore(copy)
        except psycopg.OperationalError:
            return False  # a test has ended this connection, too

    def _create(self, server: PostgresServer, content: str) -> _Copy:
        name = f"copy_{next(self._numbers)}"
        if content == "nothing":
            server.create_database(name)
            return _Copy(name, content, _connect(server, name), shape="", rows={}, counters={})
        server.create_database(name, template=self._template(server, content))
        connection = _connect(server, name)
        return _Copy(name, content, connection, _shape(connection), _rows(connection), _counters(connection))

    def _template(self, server: PostgresServer, content: str) -> str:
        name = f"template_{content}"
        if content not in self._templates:
            if content == "schema":
                server.create_database(name)
                fill(server.url(name), content)
            else:
                server.create_database(name, template=self._template(server, "schema"))
                self._load_seed(server, name)
            self._templates.add(content)
        return name

    def _load_seed(self, server: PostgresServer, name: str) -> None:
        """Load the seed into a database; copy the rows of another process if it has loaded the seed already."""

        def make(file: Path) -> None:
            fill(server.url(name), "seed")
            with _connect(server, name) as connection:
                file.write_bytes(pickle.dumps((_rows(connection), _counters(connection))))

        rows, counters = pickle.loads(self._shared.get("seed.postgresql", make).read_bytes())
        with _connect(server, name) as connection:
            _replace_rows(connection, rows, counters)


def _connect(server: PostgresServer, name: str) -> psycopg.Connection:
    return psycopg.connect(server.conninfo(name), autocommit=True)


def _position(copy: _Copy) -> str:
    """Return the current position of the server's write-ahead log."""
    return str(_value(copy.connection, "SELECT pg_current_wal_insert_lsn()"))


def _restore(copy: _Copy) -> bool:
    """Restore the original rows and sequences of a copy; return False if its schema has changed."""
    if _shape(copy.connection) != copy.shape:
        return False
    _replace_rows(copy.connection, copy.rows, copy.counters)
    return True


def _replace_rows(
    connection: psycopg.Connection, rows: Mapping[str, bytes], counters: Mapping[str, tuple[int, bool]]
) -> None:
    """Give the tables these rows, in the format of COPY, and the sequences these values."""
    delete_rows = sql.SQL("; ").join(
        sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in _tables(connection)
    )
    set_counters = sql.SQL("SELECT {}").format(
        sql.SQL(", ").join(
            sql.SQL("setval({}::regclass, {}, {})").format(sequence, last, called)
            for sequence, (last, called) in counters.items()
        )
    )
    with connection.transaction():
        # The role of a replica switches triggers and foreign keys off.
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(delete_rows)
        for table, content in rows.items():
            with connection.cursor().copy(
                sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))
            ) as into:
                into.write(content)
        connection.execute(set_counters)


def _tables(connection: psycopg.Connection) -> list[str]:
    known = (
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
    )
    return [str(name) for (name,) in connection.execute(known)]


def _rows(connection: psycopg.Connection) -> dict[str, bytes]:
    """Return the rows of each non-empty table, in the format of COPY."""
    rows = {}
    for table in _tables(connection):
        with connection.cursor().copy(
            sql.SQL("COPY (TABLE {}) TO STDOUT").format(sql.Identifier(table))
        ) as out:
            rows[table] = b"".join(bytes(part) for part in out)
    return {table: text for table, text in rows.items() if text}


def _counters(connection: psycopg.Connection) -> dict[str, tuple[int, bool]]:
    """Return the last value of each sequence, and whether it has been used."""
    known = "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace"
    found = {}
    for (name,) in connection.execute(known).fetchall():
        row = connection.execute(
            sql.SQL("SELECT last_value, is_called FROM {}").format(sql.SQL(name))
        ).fetchone()
        assert row is not None
        found[str(name)] = (int(row[0]), bool(row[1]))
    return found


def _shape(connection: psycopg.Connection) -> str:
    return str(_value(connection, _SHAPE))


def _value(connection: psycopg.Connection, query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


class Templates:
    """Databases of every kind and content, created on demand."""

    def __init__(self, folder: Path, shared: SharedFiles, start: Callable[[], PostgresServer]) -> None:
        self._copies: dict[str, Copies] = {
            "sqlite": SqliteCopies(folder, shared),
            "postgresql": PostgresCopies(start, shared),
        }

    def copy(self, kind: str, content: str) -> str:
        """Return the URL of a database of `kind` with `content`: nothing, schema or seed."""
        return self._copies[kind].take(content)

    def drop(self, kind: str, url: str) -> None:
        """Return a copy to its pool."""
        self._copies[kind].give_back(url)

    def close(self) -> None:
        """Release all databases."""
        for url in list(_IDLE):
            _forget(url)
        for copies in self._copies.values():
            copies.close()
