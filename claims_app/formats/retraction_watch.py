"""Reads the Retraction Watch CSV that Crossref publishes (gitlab.com/crossref/retraction-watch-data).

Its columns are documented in Retraction Watch's user guide, appendix A. Its encoding is mixed: mostly UTF-8, some
Windows-1252, and some bytes that are neither. A row that cannot be read is reported with its line, and reading goes
on. The file is read line by line, so memory does not grow with its size.
"""

import codecs
import csv
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from claims_app.rules.identifiers import LARGEST_NUMBER, normalise_doi, normalise_pmid
from claims_app.rules.retractions import Notice
from claims_app.vocabulary import NoticeNature

NEEDED = ("Record ID", "RetractionDate", "RetractionNature", "OriginalPaperDOI", "OriginalPaperPubMedID")
LONGEST_LINE = 1_000_000
LONGEST_TEXT = 1000

_MISSING = frozenset(("", "0", "unavailable", "none", "n/a", "na", "null"))
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+\d{1,2}:\d\d(?::\d\d)?(?:\s*[AaPp][Mm])?)?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_NATURES = {nature.label.lower(): nature for nature in NoticeNature}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class NotRetractionWatch(ValueError):
    """The file lacks columns of Retraction Watch; the message names them."""


@dataclass(frozen=True)
class RefusedRow:
    """A row that could not be read: its last line in the file, counted from 1, and the reason."""

    line: int
    reason: str


@dataclass(frozen=True)
class WithoutIdentifier:
    """A notice about a paper without DOI and PubMed number, which cannot be matched to a study."""

    line: int


Row = Notice | RefusedRow | WithoutIdentifier


def _as_windows_has_it(error: UnicodeError) -> tuple[str, int]:
    """Decode bytes that are not UTF-8 as Windows-1252, or else as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    read = "".join(
        bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1") for byte in wrong
    )
    return read, error.end


codecs.register_error("claims_windows_1252", _as_windows_has_it)


def read(stream: BinaryIO) -> Iterator[Row]:
    """Yield the content of each row of the file. Raises NotRetractionWatch before the first one."""
    rows = csv.reader(_lines(stream))
    columns = _columns(rows)
    while True:
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield RefusedRow(rows.line_num, "Not a valid CSV row: a quotation mark is not closed.")
            continue
        if any(cell.strip() for cell in cells):
            yield _row(rows.line_num, {name: cells[at] for name, at in columns.items() if at < len(cells)})


def _lines(stream: BinaryIO) -> Iterator[str]:
    first = True
    while line := stream.readline(LONGEST_LINE):
        text = line.decode("utf-8-sig" if first else "utf-8", "claims_windows_1252")
        first = False
        yield text.replace("\x00", "")


def _columns(rows: Iterator[list[str]]) -> dict[str, int]:
    try:
        header = next(rows)
    except StopIteration:
        header = []
    except csv.Error:
        raise NotRetractionWatch(
            "This is not the Retraction Watch CSV: the first line is not valid CSV."
        ) from None
    places = {_squeezed(name): at for at, name in reversed(list(enumerate(header)))}
    missing = [name for name in NEEDED if _squeezed(name) not in places]
    if missing:
        raise NotRetractionWatch(
            f"This is not the Retraction Watch CSV: missing column {', '.join(f'“{name}”' for name in missing)}."
        )
    return places


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


def _row(line: int, cells: dict[str, str]) -> Row:
    number, nature = cells.get("recordid", "").strip(), cells.get("retractionnature", "").strip()
    if not (
        number.isascii() and number.isdigit() and len(number) <= 10 and 0 < int(number) <= LARGEST_NUMBER
    ):
        return RefusedRow(line, f"“{number[:40]}” is not a record number.")
    known = _NATURES.get(" ".join(nature.lower().split()))
    if known is None:
        return RefusedRow(line, f"Record {number}: unknown kind of notice “{nature[:40]}”.")
    on = cells.get("retractiondate", "")
    day = _date(on)
    if day is None and on.strip().lower() not in _MISSING:
        return RefusedRow(line, f"Record {number}: “{on.strip()[:40]}” is not a date.")
    original_doi, original_pmid = (
        _doi(cells.get("originalpaperdoi")),
        _pmid(cells.get("originalpaperpubmedid")),
    )
    if original_doi is None and original_pmid is None:
        return WithoutIdentifier(line)
    return Notice(
        number=int(number),
        nature=known,
        on=day,
        doi=_doi(cells.get("retractiondoi")),
        pmid=_pmid(cells.get("retractionpubmedid")),
        reasons="; ".join(
            filter(None, (_text(part).lstrip("+").strip() for part in cells.get("reason", "").split(";")))
        )[:LONGEST_TEXT],
        original_doi=original_doi,
        original_pmid=original_pmid,
        title=_text(cells.get("title", ""))[:LONGEST_TEXT],
    )


def _text(cell: str) -> str:
    return " ".join(_CONTROL.sub(" ", cell).split())


def _date(cell: str) -> datetime.date | None:
    """Return the date in `cell` (month/day/year, with an ignored time), or None."""
    if match := _DATE.fullmatch(cell.strip()):
        month, day, year = (int(part) for part in match.groups())
    elif match := _ISO_DATE.fullmatch(cell.strip()):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _doi(cell: str | None) -> str | None:
    if cell is None or cell.strip().lower() in _MISSING:
        return None
    try:
        doi = normalise_doi(_text(cell))
    except ValueError:
        return None
    return doi if doi.isprintable() and len(doi) <= 255 else None


def _pmid(cell: str | None) -> str | None:
    if cell is None or cell.strip().lower() in _MISSING:
        return None
    try:
        return normalise_pmid(cell)
    except ValueError:
        return None
