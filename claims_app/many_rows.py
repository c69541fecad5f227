"""Inserts many rows into SQLite with few statements.

SQLite keeps the pages that a statement changes until the statement ends, so that it can be undone; within a savepoint,
until that ends. With one statement for each row, as `executemany` has it, the pages of the indexes are copied again and
again: rows with triggers take four times as long within a savepoint.
"""

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

MOST_VALUES = 32_766
"""The values that one statement of SQLite may have."""

MOST_ROWS = 500

_INSERT = re.compile(
    r"(?P<head>INSERT INTO [^?]*? VALUES )(?P<row>\([^()]*(?:\([^()]*\)[^()]*)*\))(?P<tail>(?: ON CONFLICT [^?]*)?)"
)


def insert_together(
    cursor: sqlite3.Cursor, statement: str, rows: Sequence[Sequence[Any]], _context: object = None
) -> bool:
    """Insert `rows` with few statements; return whether it did, which is so if `statement` inserts one row of values.

    It listens for `do_executemany` of an engine. What is inserted, and what is refused, are the same.
    """
    found = _INSERT.fullmatch(statement)
    size = len(rows[0])
    if found is None or found["row"].count("?") != size or not size:
        return False
    at_once = min(MOST_ROWS, MOST_VALUES // size)
    for begin in range(0, len(rows), at_once):
        some = rows[begin : begin + at_once]
        placed = ", ".join([found["row"]] * len(some))
        cursor.execute(f"{found['head']}{placed}{found['tail']}", [value for row in some for value in row])
    return True
