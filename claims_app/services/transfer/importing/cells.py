"""Interprets the cells of exported CSV files that a spreadsheet program may have saved again.

A cell that equals the current value in either profile counts as unchanged. Any other cell is accepted only if it can
be read in a single way, and rejected otherwise.
"""

import csv
import datetime
import io
import re
from collections.abc import Callable
from dataclasses import dataclass

from claims_app.formats.csv_writing import write
from claims_app.formats.delimited import Column, Kind, Profile, split_list, unguard
from claims_app.rules.text import normalise_newlines
from claims_app.services.transfer.importing.saved_elsewhere import is_garbled, is_made_by_pandas, is_near

_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?Z?)?")
_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: 0{1,2}:00(?::00)?)?")
_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?\d{1,18}(?:[.,]0+)?")
_POINT = re.compile(r"[+-]?(?:\d{1,17}(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?\d{1,17},\d+")
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez)\w*"
_MADE_A_DATE = re.compile(
    rf"\d{{1,2}}[-. ]+{_MONTHS}(?:[-. ]\d{{2,4}})?|{_MONTHS}[-. ]\d{{1,4}}", re.IGNORECASE
)
_RANGE = re.compile(r"\d+\s*[-–/.]\s*\d+")
_TRUTH = {"true", "false", "wahr", "falsch", "vrai", "faux"}
_NUMBERS = frozenset(("volume", "issue", "pages", "pmid"))
"""Text columns whose cells are mostly whole numbers, which some programs write with a decimal point."""
_WITH_POINT = re.compile(r"(\d{1,15})\.0")
_GARBLED = "A spreadsheet seems to have saved this text in another encoding. Its letters were not imported."


@dataclass(frozen=True)
class Reading:
    """How the cells of a file are read: the profile of text cells, and whether a comma can be a decimal sign."""

    profile: Profile
    comma_decimals: bool


class Same(Exception):
    """The cell has the current value of the record."""


def written(columns: list[Column], row: list[object], profile: Profile) -> list[str]:
    """Return the cells of a row as they are exported in `profile`."""
    text = "".join(write(columns, [row], profile=profile))
    return list(csv.reader(io.StringIO(text, newline="")))[1]


def is_as_written(cell: str, now: tuple[str, str]) -> bool:
    """Return whether `cell` equals the exported value; `now` is that value in the safe and in the raw profile."""
    cell = normalise_newlines(cell)
    return any(cell == normalise_newlines(one) for one in now)


def understand(column: Column, cell: str, now: object, reading: Reading) -> object:
    """Return the value of `cell` as a form would send it: text or a list of texts; empty for an empty cell.

    `now` is the current value of the record, None for a new one. Raises Same if the cell has that value, and
    ValueError with a sentence if the cell is ambiguous or not valid.
    """
    if isinstance(now, str) and is_made_by_pandas(cell, now):
        raise Same
    if not cell.strip():
        if isinstance(now, list | tuple) and len(now) == 1 and is_made_by_pandas(cell, str(now[0])):
            raise Same
        return [] if column.kind is Kind.LIST else ""
    if isinstance(now, str) and cell.lower() in _TRUTH and now.lower() == cell.lower():
        raise Same
    return _READERS[column.kind](column, cell, now, reading)


def _text(column: Column, cell: str, now: object, reading: Reading) -> str:
    value = normalise_newlines(_plain(cell, reading))
    if isinstance(now, str):
        if normalise_newlines(now) == value:
            raise Same
        if _RANGE.fullmatch(now.strip()) and (_MADE_A_DATE.fullmatch(cell) or _DATE.fullmatch(cell)):
            raise ValueError(
                f"A spreadsheet seems to have changed “{now}” to a date. Enter it in a cell formatted as text."
            )
        if is_garbled(value, now):
            raise ValueError(_GARBLED)
    if column.name in _NUMBERS and (whole := _WITH_POINT.fullmatch(value.strip())):
        value = whole[1]
    if _ROUNDED.fullmatch(cell.strip()):
        raise ValueError(
            "A spreadsheet seems to have rounded this number. Enter all digits in a cell formatted as text."
        )
    return value


def _list(column: Column, cell: str, now: object, reading: Reading) -> list[str]:
    values = split_list(_plain(cell, reading))
    if isinstance(now, list | tuple):
        known = [str(one) for one in now]
        if known == values or (len(known) == len(values) == 1 and is_made_by_pandas(values[0], known[0])):
            raise Same
        if is_garbled("|".join(values), "|".join(known)):
            raise ValueError(_GARBLED)
    return values


def _integer(column: Column, cell: str, now: object, reading: Reading) -> str:
    text = cell.strip()
    if _ROUNDED.fullmatch(text):
        if now is not None and float(text.replace(",", ".")) == now:
            raise Same
        raise ValueError("A spreadsheet seems to have rounded this number. Enter all digits.")
    if not _WHOLE.fullmatch(text):
        raise ValueError("Enter a whole number in digits.")
    value = int(re.split(r"[.,]", text)[0])
    if value == now:
        raise Same
    return str(value)


def _number(column: Column, cell: str, now: object, reading: Reading) -> str:
    """Return a number with a decimal point; a comma may be a decimal sign or separate thousands."""
    text = cell.strip().replace("−", "-")
    meanings = []
    if _POINT.fullmatch(text):
        meanings.append(text)
    if _COMMA.fullmatch(text):
        meanings.append(text.replace(",", "."))
        if len(text.rpartition(",")[2]) == 3 and not reading.comma_decimals:
            meanings.append(text.replace(",", ""))
    if isinstance(now, int | float) and any(is_near(float(one), now) for one in meanings):
        raise Same
    if len(meanings) != 1:
        raise ValueError("Enter a number in digits, with a decimal point.")
    return meanings[0]


def _date(column: Column, cell: str, now: object, reading: Reading) -> str:
    """Return a date in ISO format; one such as 3/4/2025 is ambiguous unless it can be the current value."""
    text = cell.strip()
    meanings: set[datetime.date] = set()
    if found := _ISO_DATE.fullmatch(text):
        meanings |= _days((found[1], found[2], found[3]))
    elif found := _DATE.fullmatch(text):
        meanings |= _days((found[4], found[3], found[1]))
        if found[2] != ".":  # dates with full stops always have the day first
            meanings |= _days((found[4], found[1], found[3]))
    if now in meanings:
        raise Same
    if len(meanings) != 1:
        which = " or ".join(sorted(day.isoformat() for day in meanings))
        sentence = f"This could mean {which}. " if which else ""
        raise ValueError(f"{sentence}Enter the date as year-month-day, such as 2026-11-23.")
    return meanings.pop().isoformat()


def _term(column: Column, cell: str, now: object, reading: Reading) -> str:
    value = unguard(cell.strip())
    if isinstance(now, str) and value.lower() == now.lower():
        raise Same
    return value


def _days(parts: tuple[str, str, str]) -> set[datetime.date]:
    try:
        return {datetime.date(*map(int, parts))}
    except ValueError:
        return set()


def _plain(cell: str, reading: Reading) -> str:
    return unguard(cell) if reading.profile is Profile.SAFE else cell


_READERS: dict[Kind, Callable[[Column, str, object, Reading], object]] = {
    Kind.TEXT: _text,
    Kind.LIST: _list,
    Kind.INTEGER: _integer,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.DATETIME: _term,
    Kind.TERM: _term,
}
