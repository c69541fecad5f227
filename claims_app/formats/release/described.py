"""What the datapackage.json of a release says its tables contain. It may come from anybody, so nothing is trusted."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from claims_app.formats.delimited import Column, Kind

_TABLE = re.compile(r"[a-z]+(-[a-z]+)*")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Reference:
    """Columns whose values are those of columns of another table, or of the same one."""

    columns: tuple[str, ...]
    table: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Described:
    """A table: its files are CSV, Parquet and a table of the SQLite file, all with this name."""

    name: str
    columns: tuple[Column, ...]
    required: frozenset[str]
    terms: dict[str, frozenset[str]]
    keys: tuple[tuple[str, ...], ...]
    """The primary key, and other columns whose values occur once."""

    references: tuple[Reference, ...]
    rows: int
    bytes: int
    hash: str

    @property
    def csv(self) -> str:
        """The name of its CSV file."""
        return f"{self.name}.csv"

    @property
    def parquet(self) -> str:
        """The name of its Parquet file."""
        return f"{self.name}.parquet"

    @property
    def names(self) -> list[str]:
        """The names of its columns."""
        return [column.name for column in self.columns]


def read_package(path: Path) -> list[Described] | None:
    """Return the tables that a datapackage.json describes, or None if it is not the description of a release."""
    try:
        package = json.loads(path.read_text("utf-8"))
        tables = [_described(resource) for resource in package["resources"]]
        by_name = {table.name: table for table in tables}
        if len(by_name) < len(tables) or not tables:
            return None
        for table in tables:
            for one in table.references:
                _known(one.columns, table)
                if one.targets not in by_name[one.table].keys:
                    return None
            for key in table.keys:
                _known(key, table)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return tables


def _described(resource: dict[str, Any]) -> Described:
    """Return a table. Raises KeyError, TypeError, AttributeError or ValueError for what is not one of a release."""
    schema, name = resource["schema"], _text(resource["name"])
    if not _TABLE.fullmatch(name):
        raise ValueError(name)
    table = name.replace("-", "_")
    if resource["path"] != f"{table}.csv":
        raise ValueError(name)
    limits = {field["name"]: field.get("constraints") or {} for field in schema["fields"]}
    if len(limits) < len(schema["fields"]):
        raise ValueError(name)
    return Described(
        name=table,
        columns=tuple(_column(field) for field in schema["fields"]),
        required=frozenset(column for column, limit in limits.items() if limit.get("required")),
        terms={
            column: frozenset(_texts(limit["enum"])) for column, limit in limits.items() if "enum" in limit
        },
        keys=(_texts(schema["primaryKey"]), *map(_texts, schema.get("uniqueKeys", ()))),
        references=tuple(_reference(key, table) for key in schema["foreignKeys"]),
        rows=_number(resource["rows"]),
        bytes=_number(resource["bytes"]),
        hash=_text(resource["hash"]),
    )


def _column(field: dict[str, Any]) -> Column:
    if not _COLUMN.fullmatch(field["name"]):
        raise ValueError(field["name"])
    return Column(field["name"], Kind(field["kind"]), _text(field["title"]), _text(field["description"]))


def _reference(key: dict[str, Any], table: str) -> Reference:
    columns, target = _texts(key["fields"]), key["reference"]
    targets = _texts(target["fields"])
    if len(columns) != len(targets):
        raise ValueError(columns)
    return Reference(columns, target["resource"].replace("-", "_") or table, targets)


def _known(columns: Sequence[str], table: Described) -> None:
    if not columns or not {*columns} <= {*table.names}:
        raise ValueError(columns)


def _texts(values: object) -> tuple[str, ...]:
    if not isinstance(values, list):
        raise TypeError(values)
    return tuple(map(_text, values))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError(value)
    return value
