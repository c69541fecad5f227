"""The compared values of a report, and the keys by which reports that may be the same are found."""

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from claims_app.rules.identifiers import NORMALISERS
from claims_app.rules.overlap import AuthorKey
from claims_app.rules.preprints import is_preprint_doi, is_preprint_server
from claims_app.rules.titles import Title, letters, name_keys, title_of
from claims_app.vocabulary import PublicationState

OF_ONE_REPORT = ("doi", "pmid", "pmcid")
"""Identifiers that are unique to a report, unlike the registry number of a trial."""

COMPARED = (
    "title",
    "authors",
    "year",
    "journal",
    "volume",
    "pages",
    "publication_state",
    "registry_id",
    *OF_ONE_REPORT,
)
"""Fields of a study that are compared."""

YEARS = 1
"""The largest difference between the years of one report: that of the issue and that of online publication."""
KEY_LENGTH = 48
MOST_WORDS = 24

_VERSION_OF_PREPRINT = re.compile(r"(?:/v|(?<=\d)v|\.v)\d{1,2}$")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")


@dataclass(frozen=True)
class Paper:
    """The compared values of a study or a reference; any of them may be missing."""

    title: Title
    authors: tuple[str, ...] = ()
    year: int | None = None
    journal: str = ""
    volume: str = ""
    pages: str = ""
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    registry_id: str | None = None
    state: str | None = None
    name: str = ""
    """The public identifier of a study, such as STU-11, for the reasons; empty for a new reference."""

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Paper":
        """Return the paper for the values of a study, cleaned or as read. Invalid values count as missing."""
        authors = values.get("authors") or ()
        listed = (
            authors.split("\n") if isinstance(authors, str) else [str(author) for author in _items(authors)]
        )
        state = values.get("publication_state")
        return cls(
            title=title_of(_text(values.get("title"))),
            authors=tuple(author for author in listed if author.strip()),
            year=_year(values.get("year")),
            journal=_text(values.get("journal")),
            volume=_text(values.get("volume")),
            pages=_text(values.get("pages")),
            doi=_identifier("doi", values.get("doi")),
            pmid=_identifier("pmid", values.get("pmid")),
            pmcid=_identifier("pmcid", values.get("pmcid")),
            registry_id=_identifier("registry_id", values.get("registry_id")),
            state=_text(state) or None,
            name=_text(values.get("public_id")),
        )

    @cached_property
    def is_preprint(self) -> bool:
        """Whether it is a preprint, by its publication state, DOI or journal."""
        if self.doi is not None and self.state != PublicationState.PREPRINT:
            return is_preprint_doi(self.doi)
        return self.state == PublicationState.PREPRINT or is_preprint_server(self.journal)

    @cached_property
    def is_on_server(self) -> bool | None:
        """Whether it describes a preprint, by its journal, or without one by its DOI or state; None if unknown."""
        if self.journal:
            return is_preprint_server(self.journal)
        return True if self.is_preprint else None

    @property
    def is_known(self) -> bool:
        """Whether publication state, DOI or journal is known, and thus whether it is a preprint."""
        return bool(self.state or self.doi or self.journal)

    @cached_property
    def report_doi(self) -> str | None:
        """The DOI; for a preprint, without the version number."""
        return _VERSION_OF_PREPRINT.sub("", self.doi) if self.doi and self.is_preprint else self.doi

    @cached_property
    def names(self) -> list[tuple[AuthorKey, ...]]:
        """The possible comparison keys of each author."""
        return [keys for author in self.authors if (keys := name_keys(author))]

    @cached_property
    def first_name(self) -> tuple[AuthorKey, ...]:
        """The possible comparison keys of the first author with a name, or none."""
        return next(filter(None, map(name_keys, self.authors)), ())

    @cached_property
    def keys(self) -> frozenset[str]:
        """The search keys: the title, the first author with the year, and the words of the title.

        Two identical reports share a title or author key, or nearly all words.
        """
        return _keys(self.title, self.first_name, self.year)

    @property
    def fingerprint(self) -> str:
        """The key of a report that is not a study yet: an identifier, or its title, year and first author."""
        for name in OF_ONE_REPORT:
            if value := getattr(self, name):
                return f"{name}:{value}"[:300]
        first = self.first_name[0].family[:40] if self.first_name else ""
        return f"title:{self.title.letters[:200]}:{self.year or ''}:{first}"

    @cached_property
    def asked(self) -> frozenset[str]:
        """The keys to search for: its own, and those of the adjacent years."""
        near = {
            f"@{key.family[:40]} {self.year + step}"
            for key in self.first_name
            for step in (-YEARS, YEARS)
            if self.year
        }
        return self.keys | near


@functools.lru_cache(maxsize=2_000)
def _keys(title: Title, first_name: tuple[AuthorKey, ...], year: int | None) -> frozenset[str]:
    """Return the keys of a report, which an import needs as it is read, cleaned and saved."""
    whole = title.letters or letters(title.text) or title.text.strip().casefold()
    found = {f"={whole[:KEY_LENGTH]}", f"={title.main[:KEY_LENGTH] or whole[:KEY_LENGTH]}"}
    if year:
        found.update(f"@{key.family[:40]} {year}" for key in first_name)
    found.update(word[:40] for word in title.significant[:MOST_WORDS] if len(word) > 3)
    return frozenset(found)


def _items(value: object) -> Iterable[object]:
    return value if isinstance(value, Iterable) else ()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _year(value: object) -> int | None:
    match = _YEAR.search(_text(value))
    return int(match.group()) if match else None


def _identifier(name: str, value: object) -> str | None:
    try:
        return NORMALISERS[name](_text(value)) if value else None
    except ValueError:
        return None
