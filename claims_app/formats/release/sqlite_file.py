"""The SQLite file of a release: the same rows, with keys, references, checks of terms and a full-text search.

It opens in Datasette, which finds the references and the search by itself. Lists are JSON arrays. The file has the
same bytes whenever it is made of the same rows by the same version of SQLite: it has no times of its own.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from claims_app.formats.delimited import Kind
from claims_app.formats.release.tables import TABLES, Table

Values = Sequence[Any]

_TYPES = {Kind.INTEGER: "INTEGER", Kind.NUMBER: "REAL"}
_SEARCHED = {
    "claims": ("statement", "population", "exposure", "comparator", "outcome", "origin_quote"),
    "studies": ("title", "authors", "journal", "doi", "pmid"),
    "evidence": ("summary", "quote", "outcome"),
    "limitations": ("text", "quote"),
}
"""The columns that the full-text search of a table finds."""

MOST_PROBLEMS = 20
"""How many problems are named before the others are only counted."""


class SqliteFile:
    """An SQLite file that is being written: rows are added to its tables, and `finish` completes it.

    It is a context manager, which closes the file.
    """

    def __init__(self, path: Path) -> None:
        """Create the file with empty tables. Raises sqlite3.Error if it cannot be written."""
        self._database = sqlite3.connect(path, isolation_level=None)
        # The file is thrown away if anything goes wrong, so nothing is written twice.
        for pragma in ("page_size = 4096", "journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("BEGIN")
        for table in TABLES:
            self._database.execute(_definition(table))

    def __enter__(self) -> "SqliteFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, table: Table, part: Sequence[Values]) -> None:
        """Add rows, given as the values of each column."""
        columns = [
            [json.dumps(list(value), ensure_ascii=False) for value in values]
            if column.kind is Kind.LIST
            else values
            for column, values in zip(table.columns, part, strict=True)
        ]
        marks = ", ".join("?" * len(columns))
        self._database.executemany(f"INSERT INTO {table.name} VALUES ({marks})", zip(*columns, strict=True))  # nosec B608 - only names of our own schema

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        return int(self._database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # nosec B608 - only names of our own schema

    def levels(self) -> dict[str, int]:
        """Return how many claims have each evidence level, without levels that none has."""
        query = "SELECT evidence_level, count(*) FROM claims GROUP BY evidence_level"
        return dict(self._database.execute(query).fetchall())

    def dangling(self) -> Iterator[str]:
        """Yield a sentence for each reference to a row that is not there, up to MOST_PROBLEMS of them."""
        return dangling(self._database)

    def finish(self, about: Mapping[str, str]) -> None:
        """Add what the release is, indexes and the search, and write the file."""
        run = self._database.execute
        run("CREATE TABLE release (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        self._database.executemany("INSERT INTO release VALUES (?, ?)", about.items())
        for table in TABLES:
            for one in table.references:
                if one.column != table.key[0]:
                    run(f'CREATE INDEX "ix_{table.name}_{one.column}" ON {table.name} ("{one.column}")')
        for name, columns in _SEARCHED.items():
            listed = ", ".join(columns)
            run(
                f'CREATE VIRTUAL TABLE {name}_fts USING fts5({listed}, content="{name}", tokenize="porter unicode61")'
            )
            run(f"INSERT INTO {name}_fts ({name}_fts) VALUES ('rebuild')")  # nosec B608 - only names of our own schema
        run("COMMIT")
        run("VACUUM")


def dangling(database: sqlite3.Connection) -> Iterator[str]:
    """Yield a sentence for each reference in an SQLite file of a release to a row that is not there.

    The first MOST_PROBLEMS are named, and the others are counted.
    """
    by_name = {table.name: table for table in TABLES}
    found = database.execute("PRAGMA foreign_key_check")
    n = 0
    for name, rowid, parent, number in found:
        n += 1
        if n > MOST_PROBLEMS:
            continue
        table = by_name[name]
        [column] = [
            row[3] for row in database.execute(f"PRAGMA foreign_key_list({name})") if row[0] == number
        ]
        keys = ", ".join(f'"{part}"' for part in table.key)
        *key, value = database.execute(
            f'SELECT {keys}, "{column}" FROM {name} WHERE rowid = ?',  # nosec B608 - only names of our own schema
            (rowid,),
        ).fetchone()
        yield f"{name}.csv, {' '.join(map(str, key))}: {column} is {value}, which is not in {parent}.csv."
    if n > MOST_PROBLEMS:
        yield f"{n - MOST_PROBLEMS:,} more references have no target."


def _definition(table: Table) -> str:
    """Return the statement that creates a table."""
    parts = []
    for column in table.columns:
        name = f'"{column.name}"'
        part = f"{name} {_TYPES.get(column.kind, 'TEXT')}"
        if table.is_required(column.name) or column.kind is Kind.LIST:
            part += " NOT NULL"
        if column.name in table.unique:
            part += " UNIQUE"
        if terms := table.terms.get(column.name):
            listed = ", ".join(f"'{term.value}'" for term in terms.values)
            part += f" CHECK ({name} IN ({listed}))"
        parts.append(part)
    parts.append(f"PRIMARY KEY ({_listed(table.key)})")
    parts += [
        f'FOREIGN KEY ("{one.column}") REFERENCES {one.table} ("{one.target}")' for one in table.references
    ]
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(parts) + "\n)"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
