"""Inserting many rows into SQLite: few statements, and the same result as one for each row."""

import sqlite3

import pytest
from sqlalchemy import column, insert, table

from claims_app.engines import make_engine
from claims_app.many_rows import MOST_ROWS, insert_together

ROWS = [(number, f"Word {number}?") for number in range(2 * MOST_ROWS + 1)]


@pytest.fixture
def connection() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:", isolation_level=None)
    made.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT CHECK (word <> ''))")
    return made


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO words (id, word) VALUES (?, ?)",
        "INSERT INTO words (id, word) VALUES (?, upper(?))",
        "INSERT INTO words (id, word) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET word = excluded.word",
    ],
)
def test_rows_are_the_same_as_with_one_statement_for_each(
    connection: sqlite3.Connection, statement: str
) -> None:
    connection.executemany(statement, ROWS)
    one_by_one = connection.execute("SELECT * FROM words").fetchall()
    connection.execute("DELETE FROM words")
    assert insert_together(connection.cursor(), statement, ROWS)
    assert connection.execute("SELECT * FROM words").fetchall() == one_by_one


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE words SET word = ? WHERE id = ?",
        "INSERT INTO words (id, word) VALUES (?, '') ON CONFLICT (id) DO UPDATE SET word = ?",
        "INSERT INTO words (id, word) SELECT ?, ?",
        "INSERT INTO words (id, word) VALUES (?, ?) RETURNING id",
    ],
)
def test_other_statements_are_left_to_the_driver(connection: sqlite3.Connection, statement: str) -> None:
    assert not insert_together(connection.cursor(), statement, ROWS)
    assert connection.total_changes == 0


def test_an_engine_sends_few_statements_for_many_rows() -> None:
    engine = make_engine("sqlite://")
    words = table("words", column("id"), column("word"))
    statements: list[str] = []
    with engine.begin() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT)")
        driver.set_trace_callback(statements.append)
        connection.execute(insert(words), [{"id": number, "word": word} for number, word in ROWS])
        driver.set_trace_callback(None)
        assert driver.execute("SELECT count(*) FROM words").fetchone() == (len(ROWS),)
    assert len(statements) == 3
