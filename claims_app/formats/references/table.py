"""References as CSV: exports of Zotero and PubMed, and tables with columns such as title, authors, year, doi.

The columns are found by their names. The separator (comma, semicolon or tab) is detected from the header.
"""

import csv
import re
from collections.abc import Iterator, Mapping

from claims_app.formats.references.mapping import ReferenceBuilder, from_initials, is_registry_id
from claims_app.formats.references.refusal import LONGEST_RECORD, RefusedFile
from claims_app.formats.references.tagged import lines_of
from claims_app.rules.preprints import is_preprint_type
from claims_app.rules.reference import Reference, Unreadable
from claims_app.vocabulary import PublicationState

NAME = "CSV"

_HEADERS = {
    "title": ("title", "article title", "document title"),
    "authors": ("authors", "author", "author(s)", "author names"),
    "date": ("publication year", "year", "pub year", "date", "publication date"),
    "journal": ("publication title", "journal/book", "journal", "source title", "container title", "source"),
    "volume": ("volume",),
    "issue": ("issue", "number"),
    "pages": ("pages", "page", "article number", "art. no."),
    "doi": ("doi",),
    "pmid": ("pmid", "pubmed id", "pubmed"),
    "pmcid": ("pmcid", "pmc id", "pmc"),
    "registry_id": ("registry number", "registry_id", "nct number", "trial number", "call number"),
    "url": ("url", "link", "study url"),
    "abstract": ("abstract note", "abstract"),
    "keywords": ("manual tags", "author keywords", "keywords"),
    "notes": ("extra", "note", "notes"),
    "kind": ("item type", "document type", "type", "publication type"),
}
_LONGEST_HEADER = 20_000
_OWN = re.compile(r"\ufeff?\"?(?:claim|study|evidence|limitation|appraisal|claims)_id\b")
_INITIALS_LIST = re.compile(r"[^,;]{1,100} [^\W\d_a-z]{1,4}(?:, [^,;]{1,100} [^\W\d_a-z]{1,4})*\.?")


def recognise(head: str) -> bool:
    """Return whether a text that begins with `head` is CSV of references.

    Raises RefusedFile for a CSV export of this database, which is imported differently.
    """
    header = next((line for _, _, line, _ in lines_of(head) if line.strip()), "")
    if _OWN.match(header):
        raise RefusedFile(
            "This is a CSV export of this database, not a list of references. Import it as such."
        )
    return (
        bool(_columns(header, _delimiter(header)).keys() & {"title", "doi", "pmid"})
        and _delimiter(header) in header
    )


def header_of(text: str) -> str:
    """Return the header line."""
    return next((line for _, _, line, _ in lines_of(text.lstrip("\ufeff\r\n"))), "").rstrip("\r\n") + "\r\n"


def read(text: str) -> Iterator[Reference | Unreadable]:
    """Yield the records of a file in order. Raises RefusedFile."""
    position = len(text) - len(text.lstrip("\ufeff\r\n"))
    line = 1 + text.count("\n", 0, position)
    rows = lines_of(text[position:] if position else text)
    header = next(rows)[2]
    if len(header) > _LONGEST_HEADER:
        raise RefusedFile(f"The header of this CSV has more than {_LONGEST_HEADER:,} characters.")
    delimiter = _delimiter(header)
    columns = _columns(header, delimiter)
    lines = _Lines(rows)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            where = line + lines.first - 1
            yield Unreadable(reason=f"This row is not CSV: {error}.", line=where, source=lines.source)
            continue
        if any(cell.strip() for cell in cells):
            values = {name: cells[place] for name, place in columns.items() if place < len(cells)}
            yield _draft(values).finish(line=line + lines.first - 1, source=lines.source)


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


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _columns(header: str, delimiter: str) -> dict[str, int]:
    """Return the position of each known column; if several names match, the first in `_HEADERS` counts."""
    try:
        names = [
            cell.strip().casefold()
            for cell in next(csv.reader([header.lstrip("\ufeff")], delimiter=delimiter), [])
        ]
    except csv.Error:
        return {}
    places: dict[str, int] = {}
    for field, known in _HEADERS.items():
        if found := next((name for name in known if name in names), None):
            places[field] = names.index(found)
    return places


def _draft(values: Mapping[str, str]) -> ReferenceBuilder:
    draft = ReferenceBuilder()
    draft.title = values.get("title", "")
    draft.authors = _authors(values.get("authors", ""))
    draft.date, draft.journal = values.get("date", ""), values.get("journal", "")
    draft.volume, draft.issue, draft.pages = (values.get(name, "") for name in ("volume", "issue", "pages"))
    draft.dois, draft.pmids, draft.pmcids = ([values.get(name, "")] for name in ("doi", "pmid", "pmcid"))
    draft.urls = [values.get("url", "")]
    if is_registry_id(values.get("registry_id", "")):
        draft.registry_ids = [values["registry_id"]]
    draft.abstract = values.get("abstract", "")
    draft.keywords = values.get("keywords", "").split(";")
    draft.notes = [values.get("notes", "")]
    kind = values.get("kind", "").strip().casefold()
    draft.warn_of([kind])
    if is_preprint_type(kind):
        draft.state = PublicationState.PREPRINT
    elif kind in {"conferencepaper", "conference paper", "conference abstract", "meeting abstract"}:
        draft.state = PublicationState.ABSTRACT_ONLY
    return draft


def _authors(text: str) -> list[str]:
    """Return the authors in one cell: separated by semicolons, or as in PubMed, “Goebel A, Krock E.”."""
    text = text.strip()
    if ";" not in text and _INITIALS_LIST.fullmatch(text):
        return [from_initials(name) for name in text.removesuffix(".").split(", ")]
    if ";" not in text and "|" in text:
        return text.split("|")
    return text.split(";")
