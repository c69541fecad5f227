"""The rows of a table of a release in Parquet and in SQLite, to be compared with those of its CSV file.

All of them are in the same order, so both are read side by side, and only some rows are in memory at once.
"""

import importlib.util
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from claims_app.formats.delimited import Kind, utc_text
from claims_app.formats.release.about import PACKAGE, SQLITE
from claims_app.formats.release.described import Described

MOST_NAMED = 10
"""How many problems of one kind in one file are named before the others are only counted."""

_ROWS = 5_000

Convert = Callable[[Any], Any]


class Twin:
    """The rows of a table in another format than CSV; `place` is how they are called."""

    def __init__(
        self,
        place: str,
        table: Described,
        rows: Iterator[Sequence[Any]],
        converters: Mapping[str, Convert],
        errors: tuple[type[Exception], ...],
    ) -> None:
        self._place = place
        self._table = table
        self._rows = rows
        self._converters = [converters.get(name) for name in table.names]
        self._errors = errors
        self._differ = 0
        self._ended = False

    def differences(self, part: Sequence[Mapping[str, Any]], before: int) -> Iterator[str]:
        """Yield a sentence for each row that is not as in the CSV file; `part` comes after `before` rows of it."""
        if self._ended:
            return
        try:
            others = list(islice(self._rows, len(part)))
        except self._errors as error:
            self._ended = True
            yield f"{self._place} cannot be read: {error}."
            return
        for number, (row, other) in enumerate(zip(part, others, strict=False), before + 1):
            ours = [
                value if convert is None else convert(value)
                for convert, value in zip(self._converters, row.values(), strict=True)
            ]
            if ours != list(other):
                self._differ += 1
                if self._differ <= MOST_NAMED:
                    names = [
                        name
                        for name, value, theirs in zip(self._table.names, ours, other, strict=True)
                        if value != theirs
                    ]
                    yield f"{self._place}, row {number}: {', '.join(names)} is not as in {self._table.csv}."
        if len(others) < len(part):
            self._ended = True
            yield f"{self._place} ends before row {before + len(part):,} of {self._table.csv}."

    def rest(self) -> Iterator[str]:
        """Yield how many more rows differ, and whether there are more than in the CSV file."""
        if self._differ > MOST_NAMED:
            yield f"{self._place}: {self._differ - MOST_NAMED:,} more rows are not as in {self._table.csv}."
        try:
            if not self._ended and next(self._rows, None) is not None:
                yield f"{self._place} has more rows than {self._table.csv}."
        except self._errors as error:
            yield f"{self._place} cannot be read: {error}."


@contextmanager
def parquet_twin(folder: Path, table: Described, found: list[str]) -> Iterator[Twin | None]:
    """Yield the rows of a Parquet file, or None if they cannot be compared; why is added to `found`."""
    path = folder / table.parquet
    if importlib.util.find_spec("pyarrow") is None or not path.is_file():
        yield None
        return
    import pyarrow
    from pyarrow import parquet

    errors = (pyarrow.ArrowException, OSError, ValueError)
    try:
        file = parquet.ParquetFile(path)
    except errors as error:
        found.append(f"{path.name} cannot be read: {error}.")
        yield None
        return
    with file:
        names, rows = file.schema_arrow.names, file.metadata.num_rows
        if _fits(path.name, table, names, rows, found):
            yield Twin(path.name, table, _parquet_rows(file), {}, errors)
        else:
            yield None


def _parquet_rows(file: Any) -> Iterator[Sequence[Any]]:
    for batch in file.iter_batches(batch_size=_ROWS):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


class SqliteRows:
    """The tables of the SQLite file of a release, which may come from anybody; it is a context manager."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises sqlite3.Error."""
        self._database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)

    def __enter__(self) -> "SqliteRows":
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def problems(self, tables: Sequence[Described]) -> Iterator[str]:
        """Yield a sentence for what is wrong with the file itself. Raises sqlite3.Error."""
        for (sentence,) in self._database.execute(f"PRAGMA integrity_check({MOST_NAMED})"):
            if sentence != "ok":
                yield f"{SQLITE}: {sentence}."
        dangling = self._database.execute("PRAGMA foreign_key_check").fetchmany(MOST_NAMED)
        for table, row, parent, _ in dangling:
            yield f"{SQLITE}, table {table}, row {row}: it refers to a row that is not in {parent}."
        names = self._database.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")
        known = {"release", *(table.name for table in tables)}
        for name in sorted(name for (name,) in names):
            if name.split("_fts")[0] not in known and not name.startswith("sqlite_"):
                yield f"{SQLITE} has a table {name}, which {PACKAGE} does not describe."

    def twin(self, table: Described, found: list[str]) -> Twin | None:
        """Return the rows of a table, or None if they cannot be compared; why is added to `found`."""
        place = f"{SQLITE}: {table.name}"
        try:
            rows = self._database.execute(f"SELECT * FROM {table.name} ORDER BY rowid")  # nosec B608 - only names of our own schema
            number = self._database.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # nosec B608 - only names of our own schema
        except sqlite3.Error as error:
            found.append(f"{place} cannot be read: {error}.")
            return None
        names = [column[0] for column in rows.description]
        if not _fits(place, table, names, number, found):
            return None
        as_kept = {column.name: _KEPT[column.kind] for column in table.columns if column.kind in _KEPT}
        return Twin(place, table, iter(rows), as_kept, (sqlite3.Error,))


def _fits(place: str, table: Described, names: list[str], rows: int, found: list[str]) -> bool:
    """Return whether the rows can be compared one by one; why not is added to `found`."""
    if rows != table.rows:
        found.append(f"{place} has {rows:,} rows, and {PACKAGE} says {table.rows:,}.")
    if names != table.names:
        found.append(f"{place} has other columns than {PACKAGE} says.")
    return rows == table.rows and names == table.names


_KEPT: Mapping[Kind, Convert] = {
    Kind.LIST: lambda values: json.dumps(values, ensure_ascii=False),
    Kind.DATE: lambda day: None if day is None else day.isoformat(),
    Kind.DATETIME: lambda moment: None if moment is None else utc_text(moment),
}
"""How the SQLite file keeps the values that it has no type for (see `sqlite_file`)."""
