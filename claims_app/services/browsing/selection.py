"""The claims that match the filters of a list: how many, a page of them, and the counts of the facets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from pyroaring import BitMap
from sqlalchemy import Select
from sqlalchemy.orm import Session

from claims_app.database import DATABASE, Database
from claims_app.services.browsing.index import State, index_of
from claims_app.services.browsing.ordering import page_of
from claims_app.services.browsing.sets import (
    EVIDENCE_FACETS,
    HAS_ACCEPTED,
    HAS_EVIDENCE,
    Profile,
    Sets,
    united,
)
from claims_app.services.core.filters import ClaimFilters, Needs, flagged_claims, waiting_claims
from claims_app.services.core.paging import Page, PageRequest
from claims_app.services.search import matching_claims
from claims_app.vocabulary import EvidenceLevel, LevelState, ReviewState

T = TypeVar("T")

CLAIM_FACETS = ("level", "state", "conclusion", "kind", "status", "topic")

Counts = Mapping[str, Mapping[Any, int]]
"""For each facet, by the name of its filter, the number of records with each of its values. Years are one facet."""

_REMEMBERED = 100
"""How many answers a state remembers: an answer is a set or the counts of all facets."""

_LISTED = (ReviewState.SUBMITTED, ReviewState.ACCEPTED)


def browse(session: Session, filters: ClaimFilters) -> "ClaimSelection | None":
    """Return the claims that match `filters`; None for a session of the past, or one that writes.

    The filters were checked before (`ClaimFilters.check`).
    """
    database: Database | None = session.info.get(DATABASE)
    if database is None:
        return None
    return ClaimSelection(session, index_of(database).state(session, database), filters)


class ClaimSelection:
    """The claims that match the filters."""

    def __init__(self, session: Session, state: State, filters: ClaimFilters) -> None:
        self._session = session
        self._state = state
        self._sets = state.sets
        self._filters = filters

    @cached_property
    def numbers(self) -> BitMap:
        """Their numbers."""
        return self._remembered("numbers", self._matching)

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.numbers)

    def page(self, sort: str, request: PageRequest) -> Page[int]:
        """Return the numbers of those on a page. Raises BadFilter for a broken cursor."""
        return page_of(self._session, self._sets, self.numbers, sort, request)

    def counts(self) -> Counts:
        """Return for each facet how many claims have each value, as if the filter of the facet were off."""
        return self._remembered("counts", self._counts)

    def other(self, filters: ClaimFilters) -> "ClaimSelection":
        """Return the claims that match other filters, at the same moment and without another look."""
        return ClaimSelection(self._session, self._state, filters)

    def combined(self, *facets: str) -> Mapping[tuple[str | None, ...], int]:
        """Return how many claims have each combination of values of these facets of claims; without one, it is None."""
        return self._remembered(" ".join(facets), lambda: dict(_combined(self._sets, self.numbers, facets)))

    def _matching(self) -> BitMap:
        return BitMap.intersection(*self._own.values(), *self._by_evidence)

    def _counts(self) -> Counts:
        found: dict[str, Mapping[Any, int]] = {}
        for facet in CLAIM_FACETS:
            others = (claims for name, claims in self._own.items() if name != facet)
            left = BitMap.intersection(*others, *self._by_evidence)
            found[facet] = _counted(left, dict(self._sets.of_facet(facet)))
        left = BitMap.intersection(*self._own.values())
        for facet in EVIDENCE_FACETS:
            found[facet] = _counted(left, self._with_each_value(facet))
        return found

    def _with_each_value(self, facet: str) -> Mapping[Any, BitMap]:
        """Return, by value of a facet of evidence, the claims with an item that meets the other filters."""
        tests = [test for name, test in _of_evidence(self._filters).items() if name != facet]
        if not tests:
            return self._sets.by_any_value[facet]
        return self._sets.by_value(facet, lambda profile: all(test(profile) for test in tests))

    @cached_property
    def _own(self) -> dict[str, BitMap]:
        """The claims that each filter of the claims themselves leaves, by the name of the filter."""
        filters, sets = self._filters, self._sets
        found = {"review": sets.having("review", filters.review or _LISTED)}
        for facet in CLAIM_FACETS:
            if values := getattr(filters, facet):
                found[facet] = sets.having(facet, values)
        if filters.claim:
            found["claim"] = BitMap(filters.claim_numbers)
        if filters.needs:
            found["needs"] = united(self._in_need(need) for need in filters.needs)
        if filters.q:
            found["q"] = united(matching_claims(self._session, filters.q))
        return found

    @cached_property
    def _by_evidence(self) -> tuple[BitMap, ...]:
        """The claims with an item that meets all filters of evidence; empty without such a filter."""
        tests = list(_of_evidence(self._filters).values())
        if not tests:
            return ()
        profiles = self._sets.profiles
        return (
            united(claims for profile, claims in profiles.items() if all(test(profile) for test in tests)),
        )

    def _in_need(self, need: Needs) -> BitMap:
        sets = self._sets
        if need is Needs.EVIDENCE:
            return sets.everything - sets.values.get(HAS_EVIDENCE, _NONE)
        if need is Needs.APPRAISAL:
            unassessed = sets.having("level", (EvidenceLevel.NOT_ASSESSED,))
            return sets.having("state", (LevelState.STALE,)) | (
                unassessed & sets.values.get(HAS_ACCEPTED, _NONE)
            )
        queries = waiting_claims() if need is Needs.REVIEW else (flagged_claims(),)
        return united(map(self._numbers_of, queries))

    def _numbers_of(self, query: Select[int]) -> BitMap:
        return BitMap(self._session.scalars(query).all())

    def _remembered(self, kind: str, make: Callable[[], T]) -> T:
        """Return what `make` returns, from memory if it depends on nothing but the sets."""
        filters = self._filters
        if filters.q or Needs.REVIEW in filters.needs or Needs.ATTENTION in filters.needs:
            return make()
        memory, key = self._state.memory, (kind, filters)
        if key not in memory:
            made = make()
            if len(memory) >= _REMEMBERED:
                memory.clear()
            memory[key] = made
            return made
        found: T = memory[key]
        return found


_NONE = BitMap()


def _of_evidence(filters: ClaimFilters) -> dict[str, Callable[[Profile], bool]]:
    """Return what each filter of evidence asks of one item, by the name of its facet."""
    tests: dict[str, Callable[[Profile], bool]] = {}
    if filters.direction:
        tests["direction"] = lambda profile: profile.direction in filters.direction
    if filters.design:
        tests["design"] = lambda profile: profile.design in filters.design
    if filters.species:
        tests["species"] = lambda profile: not set(filters.species).isdisjoint(profile.species)
    if filters.standing:
        tests["standing"] = lambda profile: profile.standing in filters.standing
    first, last = filters.year_from, filters.year_to
    if first is not None or last is not None:
        tests["year"] = lambda profile: (
            profile.year is not None
            and (first is None or first <= profile.year)
            and (last is None or profile.year <= last)
        )
    return tests


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


def _counted(claims: BitMap, sets: Mapping[Any, BitMap]) -> dict[Any, int]:
    counted = {value: claims.intersection_cardinality(members) for value, members in sets.items()}
    return {value: n for value, n in counted.items() if n}
