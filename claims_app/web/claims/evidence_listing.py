"""The links of the evidence on the page of a claim: its filters with counts, its orders and its pages.

All of them lead to the section of the evidence, and keep what else is chosen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from claims_app.services.pages.claim_evidence import DEFAULT_ORDER, ORDERS, EvidenceTable
from claims_app.vocabulary import Direction, StudyDesign
from claims_app.web import time_travel
from claims_app.web.templating import with_query

_ANCHOR = "#evidence"
_FEW = 6
"""With fewer rows, there is nothing to filter."""

_HEADINGS = (
    ("Study", "study"),
    ("Year", "year"),
    ("Finding", "finding"),
    ("Design", "design"),
    ("Sample", "size"),
    ("Estimate", None),
    ("Risk of bias", "bias"),
    ("Directness", "directness"),
)


@dataclass(frozen=True)
class Choice:
    """A value of a filter: its label, how many rows it leaves, and the address where it is on, or off if it is on."""

    label: str
    count: int
    is_chosen: bool
    url: str
    term: Direction | None = None


@dataclass(frozen=True)
class Facet:
    """A filter with its values."""

    label: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Heading:
    """A column: its name, the address of the table sorted by it, if it sorts, and whether it is sorted by it."""

    label: str
    url: str | None
    sorts: str | None
    """For `aria-sort`: “ascending”, “descending”, “other”, or None."""


@dataclass(frozen=True)
class EvidenceListing:
    """The evidence of a claim as its page shows it."""

    table: EvidenceTable
    path: str

    @cached_property
    def _pairs(self) -> Sequence[tuple[str, str]]:
        return list(self.table.request.filters.pairs())

    def _link(self, pairs: Iterable[tuple[str, str]], sort: str | None = None, page: int = 1) -> str:
        moment = time_travel.asked()
        sort = sort or self.table.request.sort
        query = with_query(
            list(pairs),
            sort=None if sort == DEFAULT_ORDER else sort,
            page=None if page == 1 else str(page),
            **({time_travel.AS_OF: moment.text} if moment else {}),
        )
        return f"{self.path}{query}{_ANCHOR}"

    def _toggled(self, name: str, value: str) -> str:
        pair = (name, value)
        kept = [other for other in self._pairs if other != pair]
        return self._link(kept if pair in self._pairs else [*kept, pair])

    @property
    def all_url(self) -> str:
        """The address of all evidence, in the same order."""
        return self._link([])

    @property
    def previous_url(self) -> str | None:
        """The address of the previous page."""
        page = self.table.page
        return self._link(self._pairs, page=page - 1) if page > 1 else None

    @property
    def next_url(self) -> str | None:
        """The address of the next page."""
        page = self.table.page
        return self._link(self._pairs, page=page + 1) if page < self.table.n_pages else None

    @property
    def query(self) -> dict[str, list[str]]:
        """The filters that are on, for the addresses of pictures of the same evidence."""
        query: dict[str, list[str]] = {}
        for name, value in self._pairs:
            query.setdefault(name, []).append(value)
        return query

    @property
    def order(self) -> str:
        """The label of the order."""
        return ORDERS[self.table.request.sort][0]

    def only_group(self, name: str) -> str:
        """Return the address of the evidence of one study group."""
        return self._link([("group", name)])

    @property
    def headings(self) -> Sequence[Heading]:
        """The columns of the table."""
        current = self.table.request.sort
        headings = []
        for label, sort in _HEADINGS:
            if sort == "year":  # the only column with two directions
                following = "oldest" if current == "year" else "year"
                sorts = {"year": "descending", "oldest": "ascending"}.get(current)
                headings.append(Heading(label, self._link(self._pairs, following), sorts))
            elif sort is None:
                headings.append(Heading(label, None, None))
            else:
                sorts = "other" if current == sort else None
                headings.append(Heading(label, self._link(self._pairs, sort), sorts))
        return headings

    @cached_property
    def facets(self) -> Sequence[Facet]:
        """The filters; none if there is little to filter."""
        if len(self.table.every) < _FEW and not self._pairs:
            return []
        filters = self.table.request.filters
        directions, designs = self.table.counts("direction"), self.table.counts("design")
        occurring = [term for term in StudyDesign if designs.get(term) or term in filters.design]
        facets = [
            self._facet("Finding", "direction", Direction, directions),
            self._facet("Design", "design", occurring, designs),
        ]
        groups = self.table.shared_groups()
        if groups:
            facets.append(
                Facet(
                    "Study group",
                    [
                        Choice(name, count, name in filters.group, self._toggled("group", name))
                        for name, count in groups.items()
                    ],
                )
            )
        return facets

    def _facet(
        self, label: str, name: str, terms: Iterable[Direction | StudyDesign], counts: Mapping[Any, int]
    ) -> Facet:
        """Return the filter `name` with the values `terms`."""
        chosen = getattr(self.table.request.filters, name)
        return Facet(
            label,
            [
                Choice(
                    term.label,
                    counts.get(term, 0),
                    term in chosen,
                    self._toggled(name, term.value),
                    term if isinstance(term, Direction) else None,
                )
                for term in terms
            ],
        )
