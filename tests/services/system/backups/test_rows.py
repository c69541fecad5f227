"""The lines of a backup: SQLite and PostgreSQL write the same ones, and read back what was there."""

import datetime
import sqlite3
from typing import Any

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from claims_app.services.system.backups import rows_on_postgresql, rows_on_sqlite
from claims_app.services.system.backups.contents import Table
from tests.support.postgres import PostgresServer

KINDS = {
    "a": ("integer", "INTEGER", "bigint"),
    "b": ("boolean", "BOOLEAN", "boolean"),
    "c": ("text", "VARCHAR", "varchar"),
    "d": ("number", "DOUBLE", "double precision"),
    "e": ("moment", "DATETIME", "timestamptz"),
    "f": ("day", "DATE", "date"),
    "g": ("bytes", "BLOB", "bytea"),
}
TABLE = Table("t", {name: kinds[0] for name, kinds in KINDS.items()}, ("a",))

values = st.tuples(
    st.none() | st.booleans(),
    st.none()
    | st.text(
        st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("\\\b\t\n\v\f\rN")
    ),
    st.none() | st.floats(-(2.0**53), 2.0**53),
    st.none() | st.datetimes().filter(lambda moment: moment.year > 999),
    st.none() | st.dates().filter(lambda day: day.year > 999),
    st.none() | st.binary(),
)


def made(place: int) -> str:
    return (
        "CREATE TEMP TABLE t (" + ", ".join(f"{name} {kinds[place]}" for name, kinds in KINDS.items()) + ")"
    )


@pytest.fixture(scope="module")
def on_postgresql(postgres: PostgresServer) -> Any:
    """A connection with an empty table of each kind of column."""
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        for setting in rows_on_postgresql.SETTINGS:
            connection.execute(setting)  # type: ignore[arg-type]
        connection.execute(made(2))  # type: ignore[arg-type]
        yield connection


@pytest.fixture(scope="module")
def on_sqlite() -> Any:
    """The same on SQLite."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    rows_on_sqlite.prepare(connection)
    connection.execute(made(1))
    yield connection
    connection.close()


def test_both_databases_write_the_same_lines_and_read_them_back(on_sqlite: Any, on_postgresql: Any) -> None:
    @given(st.lists(values, min_size=1, max_size=5))
    @example(
        [(True, "\\N \\ \b\t\n\v\f\r", 1e15, datetime.datetime(2026, 1, 2, 3, 4, 5, 120), None, b"\t\n\\")]
    )
    @example([(None, "\\N", 1.5e-7, datetime.datetime(2026, 1, 2), datetime.date(2026, 1, 2), b"")])
    @settings(max_examples=15)
    def run(rows: list[tuple[Any, ...]]) -> None:
        for connection in (on_sqlite, on_postgresql):
            connection.execute("DELETE FROM t")
        numbered = list(enumerate(rows))
        for at, (flag, words, number, moment, day, data) in numbered:
            stored = moment and moment.isoformat(sep=" ", timespec="microseconds")
            on_sqlite.execute(
                "INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?)",
                (at, flag, words, number, stored, day and str(day), data),
            )
        before = on_sqlite.execute("SELECT * FROM t ORDER BY a").fetchall()
        written = list(rows_on_sqlite.lines(on_sqlite, TABLE))
        lines = b"".join(part for part, _ in written).splitlines(keepends=True)
        assert sum(number for _, number in written) == len(lines) == len(rows)

        assert list(rows_on_postgresql.load(on_postgresql, TABLE, [lines])) == [len(rows)]
        assert b"".join(part for part, _ in rows_on_postgresql.lines(on_postgresql, TABLE)) == b"".join(lines)

        on_sqlite.execute("DELETE FROM t")
        assert list(rows_on_sqlite.load(on_sqlite, TABLE, [lines])) == [len(rows)]
        assert on_sqlite.execute("SELECT * FROM t ORDER BY a").fetchall() == before

    run()
