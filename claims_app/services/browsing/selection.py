"""The claims that match the filters of a list: how many, a page of them, and the counts of the facets."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice

from pyroaring import BitMap
from sqlalchemy.orm import Session

from claims_app.database import DATABASE, Database, is_past
from claims_app.services.browsing.index import State, index_of
from claims_app.services.browsing.matching import Counts, Matching, depends_on_sets_only
from claims_app.services.browsing.ordering import page_of
from claims_app.services.browsing.sets import HAS_EVIDENCE, Sets, Value, united
from claims_app.services.core.filters import BEST_MATCH, ClaimFilters
from claims_app.services.core.paging import Page, PageRequest
from claims_app.services.search import matching_claims
from claims_app.vocabulary import EvidenceLevel


def browse(session: Session, filters: ClaimFilters) -> "ClaimSelection | None":
    """Return the claims that match `filters`; None for a session of the past, or one that writes.

    The filters were checked before (`ClaimFilters.check`).
    """
    database: Database | None = session.info.get(DATABASE)
    if database is None or is_past(session):
        return None
    return ClaimSelection(session, index_of(session).state(session, database), filters)


class ClaimSelection:
    """The claims that match the filters."""

    def __init__(self, session: Session, state: State, filters: ClaimFilters) -> None:
        self._session = session
        self._state = state
        self._filters = filters
        self._matching = Matching(state.sets, filters, session)

    @cached_property
    def numbers(self) -> BitMap:
        """Their numbers."""
        if depends_on_sets_only(self._filters):
            return self._state.answer(self._filters, self._session).numbers
        return self._matching.numbers

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.numbers)

    def page(self, sort: str, request: PageRequest) -> Page[int]:
        """Return the numbers of those on a page. Raises BadFilter for a broken cursor."""
        tiers = matching_claims(self._session, self._filters.q or "") if sort == BEST_MATCH else ()
        return page_of(self._session, self._state.sets, self.numbers, sort, request, tiers)

    @cached_property
    def _counts(self) -> Counts:
        if depends_on_sets_only(self._filters):
            counts = self._state.answer(self._filters, self._session, with_counts=True).counts
            assert counts is not None
            return counts
        return self._matching.counts

    def counts(self) -> Counts:
        """Return for each facet how many claims have each value, as if the filter of the facet were off."""
        return self._counts

    def other(self, filters: ClaimFilters) -> "ClaimSelection":
        """Return the claims that match other filters, at the same moment and without another look."""
        return ClaimSelection(self._session, self._state, filters)

    def marked(self, mark: Value) -> int:
        """Return how many of them have a mark."""
        return self.numbers.intersection_cardinality(self._state.sets.marked(mark))

    def findings(self) -> Mapping[tuple[int, str], int]:
        """Return how many of them have evidence of each year and direction."""
        found = (
            (value, self.numbers.intersection_cardinality(claims))
            for value, claims in self._state.sets.findings.items()
        )
        return {value: n for value, n in found if n}

    def best_known(self, topic: str, most: int) -> list[int]:
        """Return up to `most` of those on a topic: by level, and of those without one, those with evidence first."""
        on_topic, sets = self._on(topic), self._state.sets
        found: list[int] = []
        for level in EvidenceLevel:
            of_level = on_topic & sets.having("level", (level,))
            with_evidence = of_level & sets.marked(HAS_EVIDENCE)
            for part in (with_evidence, of_level - with_evidence):
                found += islice(part, most - len(found))
        return found

    def of_newest_years(self, most: int, years: int) -> tuple[int, list[int]]:
        """Return up to `most` of those with evidence of each of the newest years, and the first of these years."""
        found, first = BitMap(), 0
        by_year = self._state.sets.by_any_value["year"]
        for year in sorted(by_year, reverse=True):
            if claims := self.numbers & by_year[year]:
                found |= BitMap(islice(claims, most))
                first, years = year, years - 1
                if not years:
                    break
        return first, list(found)

    def combined(self, *facets: str, topic: str | None = None) -> Mapping[tuple[str | None, ...], int]:
        """Return how many claims have each combination of values of these facets of claims; without one, it is None.

        With `topic`, only those on it are counted.
        """
        claims = self.numbers if topic is None else self._on(topic)
        return dict(_combined(self._state.sets, claims, facets))

    def _on(self, topic: str) -> BitMap:
        return self.numbers & self._state.sets.having("topic", (topic,))


def _combined(
    sets: Sets, claims: BitMap, facets: Sequence[str]
) -> Iterator[tuple[tuple[str | None, ...], int]]:
    if not facets:
        yield (), len(claims)
        return
    parts: list[tuple[str | None, BitMap]] = [
        (value, claims & members) for value, members in sets.of_facet(facets[0])
    ]
    parts.append((None, claims - united(part for _, part in parts)))
    for value, part in parts:
        if part:
            for rest, n in _combined(sets, part, facets[1:]):
                yield (value, *rest), n
