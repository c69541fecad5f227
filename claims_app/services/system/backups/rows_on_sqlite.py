"""The rows of tables on SQLite as the lines of a backup, and back. SQLite makes the lines itself, which is fastest."""

import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from claims_app.services.system.backups.contents import Table

_AT_ONCE = 1_000
"""How many rows go through memory together."""

_ESCAPES = {"\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r"}
"""As COPY of PostgreSQL writes them. The backslash comes first."""

_UNESCAPED = {written[1]: meant for meant, written in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def prepare(driver: sqlite3.Connection) -> None:
    """Give a connection the functions that `lines` and `load` use."""
    driver.create_function("claims_number", 1, number_text, deterministic=True)


def number_text(value: Any) -> Any:
    """Return a floating-point number as PostgreSQL writes it: the shortest text that reads back as the same.

    From 2**53 on, PostgreSQL may write one more digit, which changes nothing but the checksum.
    """
    if not isinstance(value, float):
        return value
    text = repr(value)
    if 1e-4 <= abs(value) < 1e15 or value == 0:
        return text.removesuffix(".0")
    # Both have the same digits, but PostgreSQL changes to an exponent at 1e15, and Python at 1e16.
    sign, digits, exponent = Decimal(text).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) + int(exponent) - 1
    point = f"{shown[0]}.{shown[1:]}" if shown[1:] else shown
    return f"{'-' if sign else ''}{point}e{'-' if power < 0 else '+'}{abs(power):02}"


def _escaped(value: str) -> str:
    for meant, written in _ESCAPES.items():
        value = f"replace({value}, char({ord(meant)}), '{written}')"
    return value


def _as_text(column: str, kind: str) -> str:
    """Return the SQL of a value as it is in a line, which is NULL for an empty one."""
    name = f'"{column}"'
    match kind:
        case "integer" | "day":
            return name
        case "boolean":
            return f"CASE {name} WHEN 0 THEN 'f' WHEN 1 THEN 't' ELSE {name} END"
        case "moment":
            # PostgreSQL writes no zeros at the end of a second.
            return (
                f"CASE WHEN instr({name}, '.') THEN rtrim(rtrim({name}, '0'), '.') ELSE {name} END || '+00'"
            )
        case "number":
            return f"claims_number({name})"
        case "bytes":
            return f"'\\\\x' || lower(hex({name}))"
        case _:
            return _escaped(name)


def lines(driver: sqlite3.Connection, table: Table) -> Iterator[tuple[bytes, int]]:
    """Yield the lines of a table in the order of its key, in parts, each with its number of rows."""
    values = [
        f"CASE WHEN \"{column}\" IS NULL THEN '\\N' ELSE {_as_text(column, kind)} END"
        for column, kind in table.columns.items()
    ]
    order = ", ".join(f'"{column}"' for column in table.key) or "rowid"
    line = " || char(9) || ".join(values)
    cursor = driver.execute(f"SELECT {line} || char(10) FROM {table.name} ORDER BY {order}")  # nosec B608 - only names of our own schema
    while some := cursor.fetchmany(_AT_ONCE):
        yield "".join([text for (text,) in some]).encode(), len(some)


def _back(place: int, kind: str) -> str:
    """Return the SQL of a value that is given as the text of a line."""
    match kind:
        case "boolean":
            return f"?{place} = 't'"
        case "moment":
            # Six digits of a second, as SQLAlchemy writes them.
            shown = f"substr(?{place}, 1, length(?{place}) - 3)"
            return (
                f"substr({shown} || CASE WHEN instr(?{place}, '.') THEN '' ELSE '.' END || '000000', 1, 26)"
            )
        case _:
            return f"?{place}"


def load(driver: sqlite3.Connection, table: Table, parts: Iterable[Sequence[bytes]]) -> Iterator[int]:
    """Insert the lines in `parts`; yield how many rows of each part."""
    values = ", ".join(_back(place, kind) for place, kind in enumerate(table.columns.values(), 1))
    names = ", ".join(f'"{column}"' for column in table.columns)
    insert = f"INSERT INTO {table.name} ({names}) VALUES ({values})"  # nosec B608 - only names of our own schema
    converted = [
        (at, _CONVERTED[kind]) for at, kind in enumerate(table.columns.values()) if kind in _CONVERTED
    ]
    for part in parts:
        driver.executemany(insert, [_row(line, converted) for line in part])
        yield len(part)


def _from_hex(text: str) -> bytes:
    return bytes.fromhex(text[2:])


_CONVERTED = {"bytes": _from_hex, "number": float}
"""What SQLite cannot read from a text, or not exactly."""


def _row(line: bytes, converted: Sequence[tuple[int, Any]]) -> list[Any]:
    text = line.decode()
    row: list[Any] = text.rstrip("\n").split("\t")
    if "\\" in text:
        row = [
            value if "\\" not in value else None if value == "\\N" else _ESCAPED.sub(_meant, value)
            for value in row
        ]
    for at, convert in converted:
        if row[at] is not None:
            row[at] = convert(row[at])
    return row


def _meant(found: re.Match[str]) -> str:
    return _UNESCAPED[found[1]]
