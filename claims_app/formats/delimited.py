r"""CSV according to RFC 4180 (UTF-8, comma, CRLF, header row), in two profiles.

`safe` (the default) guards against formula injection: a *text* cell that begins with a character that
starts a formula gets one apostrophe in front (OWASP, CSV Injection; CWE-1236), and reading removes
exactly one. The apostrophe itself is guarded too, which makes the guard a bijection: a round trip
changes nothing. Numbers, dates and controlled terms are typed and never changed. `raw` is the text as
it is, for programs.

The values of a list are separated by `|`. A literal `|` is written `\|`, and a literal backslash
`\\`, since a value may end in one. The joined cell is guarded like text.

Null is the empty cell. The database contains no empty text, so the two cannot be confused; writing an
empty text is an error. An empty list is an empty cell, too, so a list column has no null.
"""

import datetime
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from claims_app.vocabulary import Term

BYTE_ORDER_MARK = "\ufeff"

_GUARDED = frozenset("'=+-@\t\r\n＇＝＋－＠")
# NUL is not in the contract's list, but LibreOffice drops it and treats what follows as a formula.
SPECIAL = _GUARDED | {"\0"}
"""The characters at the start of a cell that the safe profile guards or refuses, and that no term has there."""

_ESCAPED = re.compile(r"[\\|]")
_LIST_TOKEN = re.compile(r"\\([\\|])|(\|)|([^|\\]+|\\)")
# A cell with the comma after it (RFC 4180, section 2, rules 5 to 7).
_CELL = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*)),')
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{6})?Z")

_Parsed = TypeVar("_Parsed")


class Profile(StrEnum):
    """How text cells are written."""

    SAFE = "safe"
    RAW = "raw"


class Kind(StrEnum):
    """What the cells of a column contain."""

    TEXT = "text"
    LIST = "list"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    DATETIME = "datetime"
    TERM = "term"


@dataclass(frozen=True)
class Column:
    """A column of a file: its name in the header, its kind, its title and its description.

    `terms` are the controlled terms that its values, or the values of its lists, are among; if they are `ordered`, from
    the least to the most.
    """

    name: str
    kind: Kind
    title: str
    description: str
    terms: tuple[Term, ...] = ()
    ordered: bool = False


class CellError(ValueError):
    """A cell, a row or a header that cannot be read: the message says where, and what is expected.

    `line` is the line on which the row starts; `column` and `value` are None if the error is not about a cell.
    """

    def __init__(self, line: int, column: str | None, value: str | None, sentence: str) -> None:
        place = f"line {line}" + (f", column {column}" if column else "")
        shown = value if value is None or len(value) <= 60 else value[:59] + "…"
        super().__init__(f"{place}: {sentence}" + (f" (value: “{shown}”)" if shown is not None else ""))
        self.line, self.column, self.value = line, column, value


def guard(text: str) -> str:
    """Return `text` as a cell of the safe profile."""
    return "'" + text if text[:1] in _GUARDED else text


def unguard(cell: str) -> str:
    """Return the text of a cell of the safe profile; the inverse of `guard`."""
    return cell[1:] if cell.startswith("'") else cell


def join_list(values: Sequence[str]) -> str:
    r"""Return the values separated by `|`; a literal one is `\|`, a literal backslash `\\`.

    Raises ValueError for a value that is empty or not text.
    """
    for value in values:
        if not isinstance(value, str) or not value:
            raise ValueError(f"a list must contain non-empty texts, not {value!r}")
    return "|".join([_ESCAPED.sub(r"\\\g<0>", value) for value in values])


def split_list(cell: str) -> list[str]:
    """Return the values in a list cell; the inverse of `join_list`. Raises ValueError for an empty value.

    A backslash before any other character is literal, which helps with cells written by hand.
    """
    if not cell:
        return []
    values = [""]
    for literal, separator, text in _LIST_TOKEN.findall(cell):
        if separator:
            values.append("")
        else:
            values[-1] += literal or text
    if not all(values):
        raise ValueError("Separate the values with | and leave none of them empty.")
    return values


def utc_text(moment: datetime.datetime) -> str:
    """Return an aware `moment` in UTC, such as 2026-11-23T05:07:40Z (ISO 8601; microseconds unless zero).

    Raises ValueError for a time without a zone.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"a time must have a time zone: {moment!r}")
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def read(columns: Sequence[Column], lines: Iterable[str], *, profile: Profile) -> Iterator[dict[str, object]]:
    """Yield the rows of a file that `csv_writing.write` wrote, as values by column name.

    `lines` is the text with its original line ends (a file opened with newline=""). Raises CellError.
    """
    records = _records(lines)
    _, header = next(records, (1, [""]))
    _check_header([column.name for column in columns], header)
    decoders = [(column.name, _decoder(column, profile)) for column in columns]
    for line, cells in records:
        if len(cells) != len(columns):
            sentence = f"expected {len(columns)} cells in a row, found {len(cells)}."
            raise CellError(line, None, None, sentence)
        row: dict[str, object] = {}
        for (name, decode), cell in zip(decoders, cells, strict=True):
            try:
                row[name] = decode(cell)
            except ValueError as error:
                raise CellError(line, name, cell, str(error)) from None
        yield row


def _records(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield each record as its first line number and its cells. Raises CellError for invalid CSV (RFC 4180).

    csv.reader is not used because it refuses cells above csv.field_size_limit(), by default 131,072
    characters, which a long list can exceed; the limit applies to the whole process and should not be
    raised here. This function also reports the line on which an unclosed quotation mark was opened.
    """
    line, parts, quotes = 1, list[str](), 0
    for piece in lines:
        parts.append(piece if parts or line > 1 else piece.removeprefix(BYTE_ORDER_MARK))
        quotes += piece.count('"')
        # Quotation marks come in pairs, so a line end after an odd number of them is inside a cell.
        if quotes % 2 == 0 and piece.endswith("\n"):
            record = "".join(parts)
            yield line, _cells(line, record)
            line += record.count("\n")
            parts, quotes = [], 0
    if quotes % 2:
        raise CellError(line, None, None, "a quotation mark in this row is never closed.")
    if parts:
        yield line, _cells(line, "".join(parts))


def _cells(line: int, record: str) -> list[str]:
    """Return the cells of a record. Raises CellError if it is not valid CSV (RFC 4180)."""
    text = record.removesuffix("\n").removesuffix("\r") + ","
    cells: list[str] = []
    position = 0
    while position < len(text):
        found = _CELL.match(text, position)
        if found is None:
            raise CellError(
                line,
                None,
                None,
                f"cell {len(cells) + 1} is not valid CSV: put cells with a quotation mark, comma or line break "
                "in quotation marks, and double the quotation marks inside.",
            )
        quoted, plain = found.groups()
        cells.append(plain if quoted is None else quoted.replace('""', '"'))
        position = found.end()
    return cells


def _check_header(names: list[str], header: list[str]) -> None:
    """Raise CellError with the differences if `header` is not `names`."""
    if header == names:
        return
    missing = [name for name in names if name not in header]
    unknown = [name for name in header if name not in names]
    sentences = []
    if missing:
        sentences.append(f"the header is missing {', '.join(missing)}.")
    if unknown:
        sentences.append(
            f"the header has unknown columns: {', '.join(name or '(empty)' for name in unknown)}."
        )
    if not sentences:
        sentences.append(f"the header must contain each column once, in this order: {', '.join(names)}.")
    raise CellError(1, None, None, " ".join(sentences))


def _decoder(column: Column, profile: Profile) -> Callable[[str], object]:
    """Return the function that converts a cell of `column` to its value; an empty cell is None or an empty list."""
    plain = unguard if profile is Profile.SAFE else str

    def text(cell: str) -> str:
        value = plain(cell)
        if not value:
            raise ValueError("Leave the cell empty if there is no text.")
        return value

    def integer(cell: str) -> int:
        if not _INTEGER.fullmatch(cell):
            raise ValueError("Enter a whole number in digits.")
        return int(cell)

    def number(cell: str) -> float:
        value = float(cell) if _NUMBER.fullmatch(cell) else math.nan
        if not math.isfinite(value):
            raise ValueError("Enter a number in digits with a decimal point.")
        return value

    # fromisoformat alone accepts much more: weeks, days without hyphens, times without zone.
    def date(cell: str) -> datetime.date:
        sentence = "Enter a date as year-month-day, such as 2026-11-23."
        return _parsed(datetime.date.fromisoformat, _DATE, cell, sentence)

    def moment(cell: str) -> datetime.datetime:
        sentence = "Enter a time in UTC, such as 2026-11-23T05:07:40Z."
        return _parsed(datetime.datetime.fromisoformat, _MOMENT, cell, sentence)

    def term(cell: str) -> str:
        if cell[0] in SPECIAL:
            raise ValueError("Enter a term or an identifier without a sign in front.")
        return cell

    if column.kind is Kind.LIST:
        return lambda cell: split_list(plain(cell))
    decoders: dict[Kind, Callable[[str], object]] = {
        Kind.TEXT: text,
        Kind.INTEGER: integer,
        Kind.NUMBER: number,
        Kind.DATE: date,
        Kind.DATETIME: moment,
        Kind.TERM: term,
    }
    decode = decoders[column.kind]
    return lambda cell: decode(cell) if cell else None


def _parsed(parse: Callable[[str], _Parsed], form: re.Pattern[str], cell: str, sentence: str) -> _Parsed:
    """Return the parsed `cell`. Raises ValueError with `sentence` if it is not of the `form` or not valid."""
    if not form.fullmatch(cell):
        raise ValueError(sentence)
    try:
        return parse(cell)
    except ValueError:
        raise ValueError(sentence) from None
