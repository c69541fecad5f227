"""Checks the files of a release: checksums, types, terms, keys, references, counts, and that nothing else is there.

Nothing but the files is needed. What they should contain is read from their own datapackage.json, so that releases of
other versions of the schema can be checked, too. Memory does not grow with the number of rows: keys and references are
compared in a temporary SQLite database.
"""

import hashlib
import importlib.util
import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from claims_app.formats.delimited import CellError, Column, Kind, Profile, read
from claims_app.formats.release.about import PACKAGE, SQLITE, SUMS

MOST_NAMED = 10
"""How many problems of one kind in one file are named before the others are only counted."""

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
    if PACKAGE not in sums:
        yield f"{SUMS} does not name {PACKAGE}."
    package = _read_package(folder / PACKAGE)
    if package is None:
        yield f"{PACKAGE} cannot be read as the description of a release."
        return
    with closing(sqlite3.connect("")) as memory:  # a temporary file, kept in memory as far as it fits
        for resource in package["resources"]:
            if (folder / resource["path"]).is_file():
                yield from _Csv(folder, resource, sums, memory).problems()
        for resource in package["resources"]:
            yield from _dangling(resource, package, memory)
    yield from _problems_of_parquet(folder, package)
    yield from _problems_of_sqlite(folder / SQLITE, package)


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


def _read_package(path: Path) -> dict[str, Any] | None:
    try:
        package: dict[str, Any] = json.loads(path.read_text("utf-8"))
        for resource in package["resources"]:
            _ = resource["path"], resource["name"], int(resource["rows"]), resource["hash"], resource["bytes"]
            schema = resource["schema"]
            _ = schema["primaryKey"], schema["foreignKeys"], [_column(field) for field in schema["fields"]]
            if "/" in resource["path"] or not re.fullmatch(r"[a-z-]+", resource["name"]):
                return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return package


def _column(field: dict[str, Any]) -> Column:
    return Column(field["name"], Kind(field["kind"]), field["title"], field["description"])


class _Csv:
    """One CSV file, its description and the temporary database."""

    def __init__(
        self, folder: Path, resource: dict[str, Any], sums: dict[str, str], memory: sqlite3.Connection
    ) -> None:
        self._name = resource["path"]
        self._path = folder / self._name
        self._resource = resource
        self._schema = resource["schema"]
        self._sum = sums.get(self._name)
        self._memory = memory
        self._found: dict[str, int] = {}

    def problems(self) -> Iterator[str]:
        resource = self._resource
        if self._sum is not None and resource["hash"] != f"sha256:{self._sum}":
            yield f"{PACKAGE} and {SUMS} have different checksums for {self._name}."
        if self._path.stat().st_size != resource["bytes"]:
            yield f"{self._name} has {self._path.stat().st_size:,} bytes, and {PACKAGE} says {resource['bytes']:,}."
        self._begin()
        rows = 0
        try:
            for part in self._parts():
                for row in part:
                    rows += 1
                    yield from self._problems_of_row(rows, row)
                self._keep(part, rows - len(part))
        except CellError as error:
            yield f"{self._name}, {error}"
            return
        except UnicodeDecodeError:
            yield f"{self._name} is not valid UTF-8."
            return
        if rows != resource["rows"]:
            yield f"{self._name} has {rows:,} rows, and {PACKAGE} says {resource['rows']:,}."
        for kind, number in self._found.items():
            if number > MOST_NAMED:
                yield f"{self._name}: {number - MOST_NAMED:,} more rows have such a problem with {kind}."

    def _parts(self) -> Iterator[list[dict[str, Any]]]:
        columns = [_column(field) for field in self._schema["fields"]]
        with self._path.open(encoding="utf-8", newline="") as text:
            rows = read(columns, text, profile=Profile.SAFE)
            while part := list(islice(rows, _ROWS)):
                yield part

    def _problems_of_row(self, number: int, row: dict[str, Any]) -> Iterator[str]:
        for field in self._schema["fields"]:
            constraints = field.get("constraints")
            if not constraints:
                continue
            name, value = field["name"], row[field["name"]]
            if value in (None, []):
                if constraints.get("required"):
                    yield from self._named(name, f"{self._name}, row {number}: {name} is empty.")
            elif "enum" in constraints and value not in constraints["enum"]:
                yield from self._named(
                    name, f"{self._name}, row {number}: {name} is {value}, which is no term."
                )

    def _named(self, kind: str, sentence: str) -> Iterator[str]:
        """Yield a sentence unless there were many of its kind."""
        self._found[kind] = self._found.get(kind, 0) + 1
        if self._found[kind] <= MOST_NAMED:
            yield sentence

    def _begin(self) -> None:
        for columns in _kept(self._schema):
            self._memory.execute(f"CREATE TABLE {_place(self._resource, columns)} (row INTEGER, value TEXT)")

    def _keep(self, part: Sequence[dict[str, Any]], before: int) -> None:
        """Keep the keys and the references of some rows."""
        for columns in _kept(self._schema):
            values = (
                (number, "\x1f".join(str(row[name]) for name in columns))
                for number, row in enumerate(part, before + 1)
                if all(row[name] is not None for name in columns)
            )
            self._memory.executemany(f"INSERT INTO {_place(self._resource, columns)} VALUES (?, ?)", values)


def _kept(schema: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the columns whose values are kept: of keys, of what is unique, and of references."""
    found = [tuple(schema["primaryKey"]), *map(tuple, schema.get("uniqueKeys", ()))]
    found += [tuple(key["fields"]) for key in schema["foreignKeys"]]
    return list(dict.fromkeys(found))


def _place(resource: dict[str, Any], columns: Sequence[str]) -> str:
    return '"' + f"{resource['name']} {' '.join(columns)}".replace('"', "") + '"'


def _dangling(resource: dict[str, Any], package: dict[str, Any], memory: sqlite3.Connection) -> Iterator[str]:
    """Yield the keys that occur twice, and the references without a target."""
    schema, name = resource["schema"], resource["path"]
    for columns in (tuple(schema["primaryKey"]), *map(tuple, schema.get("uniqueKeys", ()))):
        place = _place(resource, columns)
        twice = f"SELECT max(row), value FROM {place} GROUP BY value HAVING count(*) > 1 ORDER BY 1 LIMIT {MOST_NAMED}"
        for row, value in _rows_of(memory, twice):
            words = " ".join(value.split("\x1f"))
            yield f"{name}, row {row}: {', '.join(columns)} is {words}, as in an earlier row."
    by_name = {one["name"]: one for one in package["resources"]}
    for key in schema["foreignKeys"]:
        target = by_name.get(key["reference"]["resource"] or resource["name"])
        if target is None:
            yield f"{PACKAGE}: a reference of {name} leads to a table that is not there."
            continue
        place, other = _place(resource, key["fields"]), _place(target, key["reference"]["fields"])
        missing = (
            f"SELECT row, value FROM {place} WHERE value NOT IN (SELECT value FROM {other}) "
            f"ORDER BY row LIMIT {MOST_NAMED}"
        )
        for row, value in _rows_of(memory, missing):
            yield f"{name}, row {row}: {key['fields'][0]} is {value}, which is not in {target['path']}."


def _rows_of(memory: sqlite3.Connection, query: str) -> list[Any]:
    try:
        return memory.execute(query).fetchall()
    except sqlite3.OperationalError:
        return []  # a file is missing, which is said already


def _problems_of_parquet(folder: Path, package: dict[str, Any]) -> Iterator[str]:
    if importlib.util.find_spec("pyarrow") is None:
        return
    import pyarrow
    from pyarrow import parquet

    for resource in package["resources"]:
        path = folder / resource["path"].replace(".csv", ".parquet")
        if not path.is_file():
            continue
        try:
            with parquet.ParquetFile(path) as file:
                rows, names = file.metadata.num_rows, file.schema_arrow.names
                for number in range(file.num_row_groups):
                    file.read_row_group(number)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            yield f"{path.name} cannot be read: {error}."
            continue
        if rows != resource["rows"]:
            yield f"{path.name} has {rows:,} rows, and {PACKAGE} says {resource['rows']:,}."
        if names != [field["name"] for field in resource["schema"]["fields"]]:
            yield f"{path.name} has other columns than {PACKAGE} says."


def _problems_of_sqlite(path: Path, package: dict[str, Any]) -> Iterator[str]:
    if not path.is_file():
        return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            for (sentence,) in database.execute(f"PRAGMA integrity_check({MOST_NAMED})"):
                if sentence != "ok":
                    yield f"{path.name}: {sentence}."
            dangling = database.execute("PRAGMA foreign_key_check").fetchmany(MOST_NAMED)
            for table, row, parent, _ in dangling:
                yield f"{path.name}, table {table}, row {row}: it refers to a row that is not in {parent}."
            for resource in package["resources"]:
                table = resource["name"].replace("-", "_")
                rows = database.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
                if rows != resource["rows"]:
                    yield f"{path.name}: {table} has {rows:,} rows, and {PACKAGE} says {resource['rows']:,}."
    except sqlite3.Error as error:
        yield f"{path.name} cannot be read: {error}."
