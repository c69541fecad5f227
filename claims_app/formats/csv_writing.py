"""Writes CSV and TSV files column by column (for the format see `formats.delimited`).

A part of a file is given as its columns. Each is checked, guarded and quoted as a whole: a question such as “does any
cell contain a quotation mark?” is one search through the text of the column, and most columns need nothing more.
"""

import datetime
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from claims_app.formats.delimited import (
    BYTE_ORDER_MARK,
    SPECIAL,
    Column,
    Kind,
    Profile,
    join_list,
    utc_text,
)

CHUNK_CHARACTERS = 256 * 1024
"""The longest text that is yielded at once."""

ROWS = 1000
"""Rows that `write` encodes together."""

Values = Sequence[Any]
Encoder = Callable[[Values, set[type]], list[str]]
"""Returns the cells of values, which have these types; None is among neither, as it is the empty cell."""

_NONE = type(None)
_TOO_LONG = 10**18
_MOST_KEPT = 2000


def write(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], *, profile: Profile, bom: bool = False
) -> Iterator[str]:
    """Yield the text of a file: the header, then chunks of many rows; `rows` hold values in the order of `columns`.

    Raises ValueError for a row with the wrong number of values, and for a value that its column cannot
    hold or `read` could not restore.
    """

    def parts() -> Iterator[list[Values]]:
        remaining = iter(rows)
        while part := list(islice(remaining, ROWS)):
            for row in part:
                if len(row) != len(columns):
                    raise ValueError(f"expected {len(columns)} values in a row, got {len(row)}: {row!r}")
            yield list(zip(*part, strict=True))

    return write_columns(columns, parts(), profile=profile, bom=bom)


@dataclass(frozen=True)
class Dialect:
    """What separates the cells and the lines of a file."""

    delimiter: str
    line_end: str


CSV = Dialect(",", "\r\n")
TSV = Dialect("\t", "\n")
"""Tabs and the line ends of Unix tools; cells are quoted as in CSV, so that any text can be restored."""


def write_columns(
    columns: Sequence[Column],
    parts: Iterable[Sequence[Values]],
    *,
    profile: Profile,
    bom: bool = False,
    dialect: Dialect = CSV,
    header: bool = True,
) -> Iterator[str]:
    """Yield the text of a file: the header, then chunks of at most CHUNK_CHARACTERS; none is empty.

    Each of `parts` is some rows of the file, at least one, as the values of each of the `columns`. Values are those
    that `read` returns; dates and times may also be given as the text of their cell. Without `header`, the file begins
    with its first row. Raises ValueError for a value that its column cannot hold or `read` could not restore.
    """
    separator, line_end = dialect.delimiter, dialect.line_end
    encoders = [_encoder(column, profile, separator) for column in columns]
    if header:
        names = chain.from_iterable(_quoted([column.name], separator) for column in columns)
        yield (BYTE_ORDER_MARK if bom else "") + separator.join(names) + line_end
    for part in parts:
        cells = [encode(values) for encode, values in zip(encoders, part, strict=True)]
        if len(cells) == 1:
            # A row of one empty cell would be an empty line, which is no row.
            cells = [[cell or '""' for cell in cells[0]]]
        text = line_end.join(map(separator.join, zip(*cells, strict=True))) + line_end
        for start in range(0, len(text), CHUNK_CHARACTERS):
            yield text[start : start + CHUNK_CHARACTERS]


def _encoder(column: Column, profile: Profile, delimiter: str) -> Callable[[Values], list[str]]:
    """Return the function that converts the values of `column` to their cells. It raises ValueError."""
    encode_filled = _ENCODERS[column.kind](column.name, profile is Profile.SAFE, delimiter)

    def encode(values: Values) -> list[str]:
        types = set(map(type, values))
        if _NONE not in types:
            return encode_filled(values, types)
        if len(types) == 1:
            return [""] * len(values)
        types.remove(_NONE)
        filled = iter(encode_filled([value for value in values if value is not None], types))
        return ["" if value is None else next(filled) for value in values]

    return (
        encode
        if column.kind is not Kind.LIST
        else lambda values: encode_filled(values, set(map(type, values)))
    )


def _text(name: str, safe: bool, delimiter: str) -> Encoder:
    def encode(values: Values, types: set[type]) -> list[str]:
        first = _first_characters(values, types)
        if first is None or "" in first:
            raise ValueError(f"{name} must be a non-empty text, not {_wrong(values, _is_text)!r}")
        return _quoted(_guarded(name, values, first) if safe else values, delimiter)

    return encode


def _term(name: str, _safe: bool, delimiter: str) -> Encoder:
    def encode(values: Values, types: set[type]) -> list[str]:
        first = _first_characters(values, types)
        if first is None or "" in first or not first.isdisjoint(SPECIAL):
            wrong = _wrong(values, lambda value: _is_text(value) and value[0] not in SPECIAL)
            raise ValueError(f"{name} must be a term, not {wrong!r}")
        return _quoted(values, delimiter)

    return encode


def _list(name: str, safe: bool, delimiter: str) -> Encoder:
    def encode(values: Values, types: set[type]) -> list[str]:
        if not _all(types, (list, tuple)):
            raise ValueError(f"{name} must be a list, not {_wrong(values, _is_list)!r}")
        items = list(chain.from_iterable(values))
        if not items:
            return [""] * len(values)
        plain = _all(set(map(type, items)), str) and "" not in items
        plain = plain and not any(sign in text for text in ("".join(items),) for sign in "|\\")
        cells = list(map("|".join if plain else join_list, values))
        return _quoted(_guarded(name, cells, {cell[:1] for cell in cells}) if safe else cells, delimiter)

    return encode


def _integer(name: str, _safe: bool, _delimiter: str) -> Encoder:
    cells = _Integers()

    def is_right(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and abs(value) < _TOO_LONG

    def encode(values: Values, types: set[type]) -> list[str]:
        try:
            if _all(types, int, but=bool):
                return [cells[value] for value in values]
        except OverflowError:
            pass
        wrong = _wrong(values, is_right)
        raise ValueError(f"{name} must be a whole number of at most 18 digits, not {wrong!r}")

    return encode


class _Integers(dict[int, str]):
    """The cells of whole numbers; most columns have few different ones. Raises OverflowError for a longer number."""

    def __missing__(self, value: int) -> str:
        if abs(value) >= _TOO_LONG:
            raise OverflowError
        cell = str(int(value))
        if len(self) < _MOST_KEPT:
            self[value] = cell
        return cell


def _number(name: str, _safe: bool, _delimiter: str) -> Encoder:
    def is_number(value: object) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool)

    def is_right(value: Any) -> bool:
        return math.isfinite(value) and float(value) == value

    def encode(values: Values, types: set[type]) -> list[str]:
        if not _all(types, (int, float), but=bool):
            raise ValueError(f"{name} must be a number, not {_wrong(values, is_number)!r}")
        if not all(map(is_right, values)):
            wrong = _wrong(values, is_right)
            raise ValueError(f"{name} must be a finite number in the range of a float, not {wrong!r}")
        # repr is the shortest text that reads back as the same float in any locale.
        return [repr(float(value)).removesuffix(".0") for value in values]

    return encode


def _date(name: str, _safe: bool, _delimiter: str) -> Encoder:
    def is_right(value: object) -> bool:
        return isinstance(value, str | datetime.date) and not isinstance(value, datetime.datetime)

    def encode(values: Values, types: set[type]) -> list[str]:
        if not _all(types, (str, datetime.date), but=datetime.datetime):
            raise ValueError(f"{name} must be a date, not {_wrong(values, is_right)!r}")
        return [value if isinstance(value, str) else value.isoformat() for value in values]

    return encode


def _moment(name: str, _safe: bool, _delimiter: str) -> Encoder:
    def encode(values: Values, types: set[type]) -> list[str]:
        if types == {str}:
            return list(values)
        if not _all(types, (str, datetime.datetime)):
            wrong = _wrong(values, lambda value: isinstance(value, str | datetime.datetime))
            raise ValueError(f"{name} must be a time, not {wrong!r}")
        return [value if isinstance(value, str) else utc_text(value) for value in values]

    return encode


_ENCODERS: dict[Kind, Callable[[str, bool, str], Encoder]] = {
    Kind.TEXT: _text,
    Kind.LIST: _list,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.DATETIME: _moment,
    Kind.TERM: _term,
}


def _quoted(cells: Values, delimiter: str) -> list[str]:
    """Return cells in quotation marks where they need them (RFC 4180, section 2, rules 6 and 7)."""
    column = "".join(cells)
    if '"' in column or "\n" in column or "\r" in column:
        return [
            '"' + cell.replace('"', '""') + '"'
            if delimiter in cell or '"' in cell or "\n" in cell or "\r" in cell
            else cell
            for cell in cells
        ]
    if delimiter in column:
        return [f'"{cell}"' if delimiter in cell else cell for cell in cells]
    return list(cells)


def _guarded(name: str, cells: Values, first: set[str]) -> Values:
    """Return cells in which no text is a formula; `first` are their first characters.

    Raises ValueError for NUL at a start.
    """
    found = first & SPECIAL
    if not found:
        return cells
    if "\0" in found:
        wrong = _wrong(cells, lambda cell: not str(cell).startswith("\0"))
        raise ValueError(f"{name} begins with NUL, which the safe profile cannot store: {wrong!r}")
    return ["'" + cell if cell[:1] in found else cell for cell in cells]


def _first_characters(values: Values, types: set[type]) -> set[str] | None:
    """Return the first characters of texts, "" for an empty one, or None if not all `values` are texts."""
    return {value[:1] for value in values} if _all(types, str) else None


def _all(types: set[type], known: type | tuple[type, ...], but: type | tuple[type, ...] = ()) -> bool:
    """Return whether all `types` are among those that are `known`, or subclasses of them, `but` not of these."""
    return all(issubclass(kind, known) and not issubclass(kind, but) for kind in types)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_list(value: object) -> bool:
    return isinstance(value, list | tuple)


def _wrong(values: Values, is_right: Callable[[Any], bool]) -> object:
    """Return the first of `values` that is not right, for a message."""
    return next(value for value in values if not is_right(value))
