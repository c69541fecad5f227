"""What matches filters in sets: the claims, and how many of them have each value of a facet."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Select
from sqlalchemy.orm import Session

from claims_app.services.browsing.sets import (
    EVIDENCE_FACETS,
    HAS_ACCEPTED,
    HAS_EVIDENCE,
    Profile,
    Sets,
    united,
)
from claims_app.services.core.filters import ClaimFilters, Needs, flagged_claims, waiting_claims
from claims_app.services.search import matching_claims
from claims_app.vocabulary import EvidenceLevel, LevelState, ReviewState

CLAIM_FACETS = ("level", "state", "conclusion", "kind", "status", "topic")

Counts = Mapping[str, Mapping[Any, int]]
"""For each facet, by the name of its filter, the number of records with each of its values. Years are one facet."""

Test = Callable[[Profile], bool]

_LISTED = (ReviewState.SUBMITTED, ReviewState.ACCEPTED)


def depends_on_sets_only(filters: ClaimFilters) -> bool:
    """Return whether no filter asks for something that the sets do not have."""
    return not filters.q and Needs.REVIEW not in filters.needs and Needs.ATTENTION not in filters.needs


class Matching:
    """What matches `filters` in `sets`. Filters that ask for something else read it by `session`."""

    def __init__(self, sets: Sets, filters: ClaimFilters, session: Session) -> None:
        self._sets = sets
        self._filters = filters
        self._session = session

    @cached_property
    def numbers(self) -> BitMap:
        """The numbers of the claims."""
        return BitMap.intersection(*self._own.values(), *self._by_evidence)

    @cached_property
    def counts(self) -> Counts:
        """For each facet how many claims have each value, as if the filter of the facet were off."""
        found: dict[str, Mapping[Any, int]] = {}
        for facet in CLAIM_FACETS:
            others = (claims for name, claims in self._own.items() if name != facet)
            left = BitMap.intersection(*others, *self._by_evidence)
            found[facet] = _counted(left, self._sets.of_facet(facet))
        left = BitMap.intersection(*self._own.values())
        for facet, values in self._with_each_value().items():
            found[facet] = _counted(left, values.items())
        return found

    def _with_each_value(self) -> Mapping[str, Mapping[Any, BitMap]]:
        """Return, by facet of evidence and value, the claims with an item that meets the other filters."""
        sets, wanted = self._sets, _of_evidence(self._filters)
        if not wanted:
            return sets.by_any_value
        open_facets = [facet for facet in EVIDENCE_FACETS if facet not in wanted]
        found = dict(sets.by_value(open_facets, _all_of(wanted.values())))
        for facet in wanted:
            others = [test for name, test in wanted.items() if name != facet]
            found[facet] = (
                sets.by_value([facet], _all_of(others))[facet] if others else sets.by_any_value[facet]
            )
        return found

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
        wanted = _of_evidence(self._filters)
        if not wanted:
            return ()
        if len(wanted) == 1:
            (facet,) = wanted
            return (united(self._having_alone(facet)),)
        meets = _all_of(wanted.values())
        return (united(claims for profile, claims in self._sets.profiles.items() if meets(profile)),)

    def _having_alone(self, facet: str) -> Iterable[BitMap]:
        """Return sets whose union has the filter of this facet met by some item."""
        by_value = self._sets.by_any_value[facet]
        if facet == "year":
            return (claims for year, claims in by_value.items() if _in_years(self._filters, year))
        return (by_value[value] for value in getattr(self._filters, facet) if value in by_value)

    def _in_need(self, need: Needs) -> BitMap:
        sets = self._sets
        if need is Needs.EVIDENCE:
            return sets.everything - sets.marked(HAS_EVIDENCE)
        if need is Needs.APPRAISAL:
            unassessed = sets.having("level", (EvidenceLevel.NOT_ASSESSED,))
            return sets.having("state", (LevelState.STALE,)) | (unassessed & sets.marked(HAS_ACCEPTED))
        queries = waiting_claims() if need is Needs.REVIEW else (flagged_claims(),)
        return united(map(self._numbers_of, queries))

    def _numbers_of(self, query: Select[Any]) -> BitMap:
        return BitMap(self._session.scalars(query).all())


def _of_evidence(filters: ClaimFilters) -> dict[str, Test]:
    """Return what each filter of evidence asks of one item, by the name of its facet."""
    tests: dict[str, Test] = {}
    if filters.direction:
        tests["direction"] = lambda profile: profile.direction in filters.direction
    if filters.design:
        tests["design"] = lambda profile: profile.design in filters.design
    if filters.species:
        tests["species"] = lambda profile: not set(filters.species).isdisjoint(profile.species)
    if filters.standing:
        tests["standing"] = lambda profile: profile.standing in filters.standing
    if filters.year_from is not None or filters.year_to is not None:
        tests["year"] = lambda profile: _in_years(filters, profile.year)
    return tests


def _in_years(filters: ClaimFilters, year: int | str | None) -> bool:
    first, last = filters.year_from, filters.year_to
    return isinstance(year, int) and (first is None or first <= year) and (last is None or year <= last)


def _all_of(tests: Collection[Test]) -> Test:
    if len(tests) == 1:
        (test,) = tests
        return test
    return lambda profile: all(test(profile) for test in tests)


def _counted(claims: BitMap, sets: Iterable[tuple[Any, BitMap]]) -> dict[Any, int]:
    counted = ((value, claims.intersection_cardinality(members)) for value, members in sets)
    return {value: n for value, n in counted if n}
