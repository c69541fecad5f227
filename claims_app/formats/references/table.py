"""References as CSV: what databases, reference managers and review tools write, and tables made by hand.

The columns are found by their names, whatever their case and punctuation (`columns.py` lists them). The separator
(comma, semicolon or tab) is detected from the header. A line such as `sep=;`, which Excel understands, and what a
database writes about the search may come before it.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from claims_app.formats.columns import are_own
from claims_app.formats.references.mapping import ReferenceBuilder, given, is_registry_id, join_pages
from claims_app.formats.references.refusal import LONGEST_RECORD, RefusedFile
from claims_app.formats.references.table_columns import NOT_NAMED, is_given_first, places_of, squeezed
from claims_app.formats.references.tagged import lines_of
from claims_app.rules.preprints import is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.rules.text import unescape
from claims_app.vocabulary import PublicationState

NAME = "CSV"

_LONGEST_HEADER = 20_000
_OWN = re.compile(r"\ufeff?\"?(?:claim|study|evidence|limitation|appraisal|claims)_id\b")
_HINT = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)
_CITATION = re.compile(
    r"\b[12][0-9]{3}\b[^;.]{0,20};\s?([\w ]{1,20}?)(?:\(([^()]{1,40})\))?:([\w, -]{1,40})\."
)
_BEFORE = 30
"""Lines before the header, in which databases describe the search."""
_SAMPLED = 200
_DATABASES = frozenset(
    {"scopus", "pubmed", "medline", "embase", "web of science", "wos", "central", "eric", "lens"}
)
_MEETINGS = frozenset({"conferencepaper", "conferenceabstract", "meetingabstract", "proceedingspaper"})


@dataclass(frozen=True)
class _Header:
    """Where the header of a table is: its line, its text and the position of the next line; and what it says."""

    line: int
    text: str
    end: int
    delimiter: str
    names: Sequence[str]

    @property
    def places(self) -> Mapping[str, Sequence[int]]:
        """The positions of the columns of each field, the best one first."""
        return places_of(self.names)


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is CSV of references.

    Raises RefusedFile for a CSV export of this database, which is imported differently.
    """
    header = _find_header(head)
    first = next((line for _, _, line, _ in lines_of(head) if line.strip()), "")
    if _OWN.match(first):
        rows = [cells for cells, _, _ in _rows(head, header)] if header else []
        if are_own(cells[0] for cells in rows if cells):
            raise RefusedFile(
                "This is a CSV export of this database, not a list of references. Import it as such."
            )
    return header is not None


def header_of(text: str) -> str:
    """Return the header line."""
    header = _find_header(text)
    return (header.text if header else "") + "\r\n"


def ignored(text: str) -> list[str]:
    """Return the names of the columns that are not read, in the order of the file."""
    header = _find_header(text)
    if header is None:
        return []
    known = {place for places in header.places.values() for place in places}
    names = (name.strip() for place, name in enumerate(header.names) if place not in known)
    return [name for name in dict.fromkeys(names) if name and squeezed(name) not in NOT_NAMED]


def _find_header(text: str) -> _Header | None:
    """Return the first line that names columns of references."""
    hint = ""
    for number, _, line, end in islice(lines_of(text), _BEFORE):
        if found := _HINT.fullmatch(line):
            hint = found.group(1)
            continue
        if len(line) > _LONGEST_HEADER:
            return None
        delimiter = hint or max(",;\t", key=line.count)
        names = _cells(line.lstrip("\ufeff"), delimiter)
        if len(names) > 1 and places_of(names).keys() & {"title", "doi", "pmid"}:
            return _Header(number, line.lstrip("\ufeff"), end, delimiter, names)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order. Raises RefusedFile."""
    header = _find_header(text)
    if header is None:
        raise RefusedFile(f"The header of this CSV has more than {_LONGEST_HEADER:,} characters.")
    places = header.places
    lists = [
        row[place]
        for row, _, _ in islice(_rows(text, header), _SAMPLED)
        for place in places.get("authors", ())[:1]
        if place < len(row) and "," in row[place]
    ]
    # Where most lists have semicolons, “Garcia Lopez, Maria Jose” is one author.
    commas = sum(";" in cell or "|" in cell for cell in lists) * 2 <= len(lists)
    for cells, line, source in _rows(text, header):
        if not cells:
            yield Unreadable(reason=source[0], line=line, source=source[1])
        elif any(cell.strip() for cell in cells):
            row = _Row(cells, places)
            draft = _draft(row, header.names, commas=commas)
            if len(cells) > len(header.names) and any(cell.strip() for cell in cells[len(header.names) :]):
                draft.warnings.append(
                    f"This row has {len(cells)} cells, but the header has {len(header.names)} columns."
                )
            yield draft.finish(line=line, source=source[1])


def _rows(text: str, header: _Header) -> Iterator[tuple[list[str], int, tuple[str, str]]]:
    """Yield the cells of each row, its line, and its text after the reason why it is not CSV, if so."""
    lines = _Lines(lines_of(text[header.end :]))
    reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield [], header.line + lines.first, (f"This row is not CSV: {error}.", lines.source)
            continue
        yield cells or [""], header.line + lines.first, ("", lines.source)


class _Lines:
    """The lines of a file for `csv.reader`, which also remembers the lines of the current row."""

    def __init__(self, rows: Iterator[tuple[int, int, str, int]]) -> None:
        self._rows = rows
        self._taken: list[str] = []
        self._length = 0
        self.first = 1

    def begin(self) -> None:
        """Start a new row."""
        self._taken = []
        self._length = 0

    @property
    def source(self) -> str:
        """The text of the current row."""
        return "\n".join(self._taken)[:LONGEST_RECORD]

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        number, _, line, _ = next(self._rows)
        if not self._taken:
            self.first = number
        self._taken.append(line)
        self._length += len(line) + 1
        if self._length > LONGEST_RECORD:
            raise csv.Error(f"it has more than {LONGEST_RECORD:,} characters")
        return line + "\n"


class _Row:
    """The values of a row by field; of several columns for one field, the first with a value counts."""

    def __init__(self, cells: Sequence[str], places: Mapping[str, Sequence[int]]) -> None:
        self._cells = cells
        self._places = places

    def place(self, field: str) -> int | None:
        """Return the position of the column that has the value of `field`."""
        return next((at for at in self._places.get(field, ()) if self._at(at)), None)

    def every(self, field: str) -> list[str]:
        """Return the values of all columns for `field`."""
        return [value for at in self._places.get(field, ()) if (value := self._at(at))]

    def __getitem__(self, field: str) -> str:
        return next(iter(self.every(field)), "")

    def _at(self, place: int) -> str:
        cell = self._cells[place].strip() if place < len(self._cells) else ""
        # EBSCO writes ="19326203", so that Excel does not take it for a number.
        cell = cell[2:-1] if cell.startswith('="') and cell.endswith('"') else cell
        return given(cell)


def _draft(row: _Row, names: Sequence[str], *, commas: bool) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    draft.title = row["title"]
    at = row.place("authors")
    if at is not None:
        draft.add_authors(row["authors"], given_first=is_given_first(names[at]), commas=commas)
    draft.dates = row.every("date")
    draft.journal = next((name for name in row.every("journal") if name.casefold() not in _DATABASES), "")
    draft.volume, draft.issue = _number(row["volume"]), _number(row["issue"])
    first = _number(row["first_page"])
    draft.pages = _number(row["pages"]) or (
        first if "-" in first else join_pages(first, _number(row["last_page"]))
    )
    draft.pages = draft.pages or _number(row["article_number"])
    _add_citation(draft, row["citation"])
    draft.dois = row.every("doi")
    draft.pmids = [_number(value) for value in row.every("pmid") if _number(value) != "0"]
    draft.pmcids = [
        f"PMC{_number(value)}" if _number(value).isdecimal() else value for value in row.every("pmcid")
    ]
    draft.urls = [url for value in row.every("url") for url in _addresses(value)]
    draft.registry_ids = [value for value in row.every("registry_id") if is_registry_id(value)]
    draft.abstract = row["abstract"]
    draft.keywords = _words(row.every("keywords"))
    draft.notes = row.every("notes")
    kinds = row.every("kind")
    draft.warn_of(kinds)
    if any(map(is_preprint_type, kinds)):
        draft.state = PublicationState.PREPRINT
    elif any(squeezed(kind) in _MEETINGS for kind in kinds):
        draft.state = PublicationState.ABSTRACT_ONLY
    return draft


def _add_citation(draft: ReferenceBuilder, citation: str) -> None:
    """Add volume, issue and pages from PubMed's column “Citation”: “Pain. 2020 Feb;63(2):103-9. doi: …”."""
    found = _CITATION.search(citation)
    if found and not (draft.volume or draft.issue or draft.pages):
        draft.volume, draft.issue, draft.pages = (part or "" for part in found.groups())


def _addresses(cell: str) -> list[str]:
    """Return the web addresses in a cell, between blanks, bars or semicolons."""
    return [
        url for part in re.split(r"[\s|]", cell) for url in re.split(r";(?=https?:|www\.|$)", part) if url
    ]


def _words(cells: Iterable[str]) -> list[str]:
    return [word for cell in cells for word in re.split(r"[;|]", unescape(cell))]


def _number(cell: str) -> str:
    """Return a number as it was before pandas or R made it one with decimals: 12.0 is 12."""
    return re.sub(r"^([0-9]{1,10})\.0$", r"\1", cell)
