"""Checks the files of a release: checksums, types, terms, keys, references, counts, and that all of them are there.

The rows of each table must be the same in every format. Nothing but the files is needed. What they should contain is
read from their own datapackage.json, so that releases of other versions of the schema can be checked, too. Memory does
not grow with the number of rows: keys and references are compared in a temporary SQLite database.
"""

import hashlib
import importlib.util
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import islice
from pathlib import Path
from typing import Any

from claims_app.formats.delimited import CellError, Profile, read
from claims_app.formats.release.about import PACKAGE, SQLITE, SUMS
from claims_app.formats.release.described import Described, Reference, read_package
from claims_app.formats.release.twins import MOST_NAMED, SqliteRows, Twin, parquet_twin

_CHUNK = 1024 * 1024
_ROWS = 5_000
_SUM = re.compile(r"([0-9a-f]{64})  (\S+)")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def problems(folder: Path) -> Iterator[str]:
    """Yield a sentence for everything that is wrong with the release in `folder`; nothing if it is whole."""
    sums: dict[str, str] = {}
    yield from _read_sums(folder / SUMS, sums)
    there = {path.name for path in folder.iterdir()}
    yield from (f"{name} is missing." for name in sorted(sums.keys() - there))
    yield from (f"{name} does not belong to the release." for name in sorted(there - sums.keys() - {SUMS}))
    for name in sorted(sums.keys() & there):
        path = folder / name
        if not path.is_file():
            yield f"{name} is not a file."
        elif sha256_of(path) != sums[name]:
            yield f"{name} was changed: its SHA-256 is not the one in {SUMS}."
    tables = read_package(folder / PACKAGE)
    for name in (PACKAGE, SQLITE, *(file for table in tables or () for file in (table.csv, table.parquet))):
        if name not in sums:
            yield f"{SUMS} does not name {name}." if name in there else f"{name} is missing."
    if tables is None:
        yield f"{PACKAGE} cannot be read as the description of a release."
        return
    yield from _problems_of_content(folder, tables, sums)


def _problems_of_content(folder: Path, tables: Sequence[Described], sums: dict[str, str]) -> Iterator[str]:
    with ExitStack() as stack:
        memory = stack.enter_context(
            closing(sqlite3.connect(""))
        )  # a temporary file, in memory as far as it fits
        sqlite_rows = None
        if (folder / SQLITE).is_file():
            try:
                sqlite_rows = stack.enter_context(SqliteRows(folder / SQLITE))
                yield from sqlite_rows.problems(tables)
            except sqlite3.Error as error:
                sqlite_rows = None
                yield f"{SQLITE} cannot be read: {error}."
        read_whole: set[str] = set()
        for table in tables:
            if not (folder / table.csv).is_file():
                continue
            with ExitStack() as of_table:
                found: list[str] = []
                twins = [of_table.enter_context(parquet_twin(folder, table, found))]
                if sqlite_rows is not None:
                    twins.append(sqlite_rows.twin(table, found))
                yield from found
                csv = _Csv(
                    folder, table, sums.get(table.csv), [one for one in twins if one is not None], memory
                )
                yield from csv.problems()
                if csv.is_read:
                    read_whole.add(table.name)
        for table in tables:
            if table.name in read_whole:
                yield from _repeated(table, memory)
                for one in table.references:
                    yield from _dangling(table, one, read_whole, memory)


def note() -> str | None:
    """Return a sentence on what cannot be checked here, or None."""
    if importlib.util.find_spec("pyarrow") is None:
        return (
            "The content of Parquet files was not read, only their checksums. To read it, "
            "run: pip install 'claims-app[parquet]'"
        )
    return None


def _read_sums(path: Path, sums: dict[str, str]) -> Iterator[str]:
    """Fill `sums` with the SHA-256 of each file."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        yield f"{SUMS} cannot be read."
        return
    for number, line in enumerate(lines, 1):
        found = _SUM.fullmatch(line)
        if found is None or "/" in found[2] or found[2] in sums:
            yield f"{SUMS}, line {number}: expected the SHA-256 and the name of a file."
        else:
            sums[found[2]] = found[1]


class _Csv:
    """One CSV file, its description, the same rows in other formats, and the temporary database."""

    def __init__(
        self,
        folder: Path,
        table: Described,
        sum_: str | None,
        twins: Sequence[Twin],
        memory: sqlite3.Connection,
    ) -> None:
        self._path = folder / table.csv
        self._table = table
        self._sum = sum_
        self._twins = twins
        self._memory = memory
        self._found: dict[str, int] = {}
        self.is_read = False
        """Whether all rows could be read."""

    def problems(self) -> Iterator[str]:
        """Yield a sentence for everything that is wrong with the file or its rows."""
        table, size = self._table, self._path.stat().st_size
        if self._sum is not None and table.hash != f"sha256:{self._sum}":
            yield f"{PACKAGE} and {SUMS} have different checksums for {table.csv}."
        if size != table.bytes:
            yield f"{table.csv} has {size:,} bytes, and {PACKAGE} says {table.bytes:,}."
        for columns in _kept(table):
            self._memory.execute(f"CREATE TABLE {_place(table.name, columns)} (row INTEGER, value TEXT)")
        rows = 0
        try:
            for part in self._parts():
                for number, row in enumerate(part, rows + 1):
                    yield from self._problems_of_row(number, row)
                for twin in self._twins:
                    yield from twin.differences(part, rows)
                self._keep(part, rows)
                rows += len(part)
        except CellError as error:
            yield f"{table.csv}, {error}"
            return
        except UnicodeDecodeError:
            yield f"{table.csv} is not valid UTF-8."
            return
        self.is_read = True
        if rows != table.rows:
            yield f"{table.csv} has {rows:,} rows, and {PACKAGE} says {table.rows:,}."
        for twin in self._twins:
            yield from twin.rest()
        for kind, number in self._found.items():
            if number > MOST_NAMED:
                yield f"{table.csv}: {number - MOST_NAMED:,} more rows have such a problem with {kind}."

    def _parts(self) -> Iterator[list[dict[str, Any]]]:
        with self._path.open(encoding="utf-8", newline="") as text:
            rows = read(self._table.columns, text, profile=Profile.SAFE)
            while part := list(islice(rows, _ROWS)):
                yield part

    def _problems_of_row(self, number: int, row: dict[str, Any]) -> Iterator[str]:
        csv = self._table.csv
        for name in self._table.required:
            if row[name] in (None, []):
                yield from self._named(name, f"{csv}, row {number}: {name} is empty.")
        for name, terms in self._table.terms.items():
            value = row[name]
            if value is not None and not terms.issuperset(value if isinstance(value, list) else [value]):
                yield from self._named(name, f"{csv}, row {number}: {name} is {value}, which is no term.")

    def _named(self, kind: str, sentence: str) -> Iterator[str]:
        """Yield a sentence unless there were many of its kind."""
        self._found[kind] = self._found.get(kind, 0) + 1
        if self._found[kind] <= MOST_NAMED:
            yield sentence

    def _keep(self, part: Sequence[dict[str, Any]], before: int) -> None:
        """Keep the keys and the references of some rows."""
        for columns in _kept(self._table):
            values = (
                (number, "\x1f".join(str(row[name]) for name in columns))
                for number, row in enumerate(part, before + 1)
                if all(row[name] is not None for name in columns)
            )
            self._memory.executemany(f"INSERT INTO {_place(self._table.name, columns)} VALUES (?, ?)", values)  # nosec B608 - only names of our own schema


def _kept(table: Described) -> list[tuple[str, ...]]:
    """Return the columns whose values are kept: of keys, of what is unique, and of references."""
    return list(dict.fromkeys((*table.keys, *(one.columns for one in table.references))))


def _place(table: str, columns: Sequence[str]) -> str:
    return f'"{table} {" ".join(columns)}"'


def _repeated(table: Described, memory: sqlite3.Connection) -> Iterator[str]:
    """Yield the keys that occur twice."""
    for columns in table.keys:
        twice = (
            f"SELECT max(row), value FROM {_place(table.name, columns)} "  # nosec B608 - only names of our own schema
            f"GROUP BY value HAVING count(*) > 1 ORDER BY 1 LIMIT {MOST_NAMED}"
        )
        for row, value in memory.execute(twice):
            words = " ".join(value.split("\x1f"))
            yield f"{table.csv}, row {row}: {', '.join(columns)} is {words}, as in an earlier row."


def _dangling(
    table: Described, one: Reference, read_whole: set[str], memory: sqlite3.Connection
) -> Iterator[str]:
    """Yield the references without a target."""
    if one.table not in read_whole:
        columns = ", ".join(one.columns)
        yield f"{table.csv}: {columns} could not be compared with {one.table}.csv, which was not read."
        return
    missing = (
        f"SELECT row, value FROM {_place(table.name, one.columns)} "  # nosec B608 - only names of our own schema
        f"WHERE value NOT IN (SELECT value FROM {_place(one.table, one.targets)}) ORDER BY row LIMIT {MOST_NAMED}"
    )
    for row, value in memory.execute(missing):
        yield f"{table.csv}, row {row}: {one.columns[0]} is {value}, which is not in {one.table}.csv."
