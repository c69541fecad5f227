"""CSV as RFC 4180 has it: UTF-8, comma, CRLF, header row; in two profiles.

`safe` (the default) guards against formula injection: a *text* cell that begins with a character
which makes a spreadsheet compute gets one apostrophe in front (OWASP, CSV Injection; CWE-1236), and
reading takes exactly one off. An apostrophe counts as such a character itself, which makes the guard a bijection: a round
trip changes nothing. Numbers, dates and controlled terms are typed and never touched. `raw` is the
text as it is, for programs.

Null is the empty cell. The database holds no empty text, so the two are never confused.
"""

import csv
import datetime
import io
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

BYTE_ORDER_MARK = "\ufeff"
CHUNK_CHARACTERS = 64 * 1024

_GUARDED = tuple("'=+-@\t\r\n＇＝＋－＠")
_ESCAPED = re.compile(r"[\\|]")
_LIST_TOKEN = re.compile(r"\\([\\|])|(\|)|([^|\\]+|\\)")


class Profile(StrEnum):
    """How text cells are written."""

    SAFE = "safe"
    RAW = "raw"


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    TERM = "term"


@dataclass(frozen=True)
class Column:
    """A column of a file: its name in the header, what it holds, and what that means."""

    name: str
    kind: Kind
    title: str
    description: str


class CellError(ValueError):
    """A cell, or a header, that cannot be read: says where it is and what would be right."""

    def __init__(self, line: int, column: str | None, value: str | None, sentence: str) -> None:
        place = f"line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{place}: {sentence}" + (f" (it reads “{value}”)" if value is not None else ""))
        self.line, self.column, self.value = line, column, value


def guard(text: str) -> str:
    """Return `text` as a cell of the safe profile."""
    return "'" + text if text.startswith(_GUARDED) else text


def unguard(cell: str) -> str:
    """Return the text of a cell of the safe profile; the inverse of `guard`."""
    return cell[1:] if cell.startswith("'") else cell


def join_list(values: Sequence[str]) -> str:
    r"""Return the values with `|` between them; a literal one is `\|`.

    A literal backslash is `\\`, since a value may end in one. Raises ValueError for an empty value.
    """
    if not all(values):
        raise ValueError("a list cannot hold empty values")
    return "|".join(_ESCAPED.sub(r"\\\g<0>", value) for value in values)


def split_list(cell: str) -> list[str]:
    """Return the values in a list cell; the inverse of `join_list`. Raises ValueError for an empty value."""
    values = [""]
    for literal, separator, text in _LIST_TOKEN.findall(cell):
        if separator:
            values.append("")
        else:
            values[-1] += literal or text
    if not all(values):
        raise ValueError("Write values with | between them, none of them empty.")
    return values


def write(
    columns: Sequence[Column], rows: Iterable[Sequence[object]], *, profile: Profile, bom: bool = False
) -> Iterator[str]:
    """Yield the text of a file in chunks: the header, then `rows`, whose values stand in the order of `columns`.

    Raises ValueError for a row that has not one value for each column, and for a value that its
    column cannot hold.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    encoders = [_encoder(column, profile) for column in columns]
    buffer.write(BYTE_ORDER_MARK if bom else "")
    writer.writerow([column.name for column in columns])
    for row in rows:
        writer.writerow(
            ["" if value is None else encode(value) for encode, value in zip(encoders, row, strict=True)]
        )
        if buffer.tell() >= CHUNK_CHARACTERS:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def read(columns: Sequence[Column], lines: Iterable[str], *, profile: Profile) -> Iterator[dict[str, object]]:
    """Yield the rows of a file that `write` wrote, as values by column name.

    `lines` is the text with its line ends untouched (a file opened with newline=""). Raises CellError.
    """
    reader = csv.reader(lines, strict=True)
    names = [column.name for column in columns]
    try:
        header = next(reader, None)
        if header and header[0].startswith(BYTE_ORDER_MARK):
            header[0] = header[0].removeprefix(BYTE_ORDER_MARK)
        if header != names:
            raise CellError(1, None, None, f"the header must be: {','.join(names)}.")
        decoders = [_decoder(column, profile) for column in columns]
        for cells in reader:
            if len(cells) != len(columns):
                raise CellError(
                    reader.line_num, None, None, f"a row has {len(columns)} cells; this one has {len(cells)}."
                )
            row: dict[str, object] = {}
            for column, decode, cell in zip(columns, decoders, cells, strict=True):
                try:
                    row[column.name] = decode(cell) if cell else None
                except ValueError as error:
                    raise CellError(reader.line_num, column.name, cell, str(error)) from None
            yield row
    except csv.Error as error:
        raise CellError(reader.line_num, None, None, f"this is not CSV: {error}.") from None


def _encoder(column: Column, profile: Profile) -> Callable[[object], str]:
    """Return what turns a value of `column` into its cell."""
    protect = guard if profile is Profile.SAFE else str

    def text(value: object) -> str:
        if not isinstance(value, str) or not value:
            raise ValueError(f"{column.name} holds text that is not empty, not {value!r}")
        return protect(value)

    def items(value: object) -> str:
        if not isinstance(value, list | tuple):
            raise ValueError(f"{column.name} holds a list, not {value!r}")
        return protect(join_list(value))

    def integer(value: object) -> str:
        if not isinstance(value, int):
            raise ValueError(f"{column.name} holds a whole number, not {value!r}")
        return str(value)

    def number(value: object) -> str:
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{column.name} holds a finite number, not {value!r}")
        return repr(float(value)).removesuffix(".0")

    def date(value: object) -> str:
        if not isinstance(value, datetime.date):
            raise ValueError(f"{column.name} holds a date, not {value!r}")
        return value.isoformat()

    def moment(value: object) -> str:
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            raise ValueError(f"{column.name} holds a time with its zone, not {value!r}")
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")

    def term(value: object) -> str:
        cell = str(value)
        if not cell or cell.startswith(_GUARDED):
            raise ValueError(f"{column.name} holds a term, not {value!r}")
        return cell

    return {
        Kind.TEXT: text,
        Kind.LIST: items,
        Kind.INTEGER: integer,
        Kind.NUMBER: number,
        Kind.DATE: date,
        Kind.DATETIME: moment,
        Kind.TERM: term,
    }[column.kind]


def _decoder(column: Column, profile: Profile) -> Callable[[str], object]:
    """Return what turns a cell of `column` that is not empty into its value."""
    plain = unguard if profile is Profile.SAFE else str

    def integer(cell: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", cell):
            raise ValueError("Write a whole number in digits.")
        return int(cell)

    def number(cell: str) -> float:
        value = float(cell) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?", cell) else math.nan
        if not math.isfinite(value):
            raise ValueError("Write a number in digits; the decimal sign is a point.")
        return value

    decoders: dict[Kind, Callable[[str], object]] = {
        Kind.TEXT: plain,
        Kind.LIST: lambda cell: split_list(plain(cell)),
        Kind.INTEGER: integer,
        Kind.NUMBER: number,
        Kind.DATE: datetime.date.fromisoformat,
        Kind.DATETIME: datetime.datetime.fromisoformat,
        Kind.TERM: str,
    }
    return decoders[column.kind]
