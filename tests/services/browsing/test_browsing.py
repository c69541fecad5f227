"""Browsing by bitmaps: the same claims, pages and cursors as by SQL, and counts as by hand, after any change."""

import re
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.models import Appraisal, Claim, EvidenceItem, Study
from claims_app.services.browsing import ordering
from claims_app.services.browsing.selection import ClaimSelection, browse
from claims_app.services.core.filters import CLAIM_ORDERS, ClaimFilters, Needs
from claims_app.services.core.paging import Edge, Order, PageRequest, fetch_page, sorted_by
from claims_app.services.pages.selections import without
from claims_app.vocabulary import (
    ClaimStatus,
    Conclusion,
    Direction,
    EvidenceLevel,
    LevelState,
    ReviewState,
    Species,
    Standing,
    StudyDesign,
)
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_appraisal, make_claim, make_evidence, make_study

DIRECTIONS = list(Direction)[:2]
DESIGNS = [StudyDesign.CASE_CONTROL, StudyDesign.COHORT]
SPECIES = list(Species)[:3]
STANDINGS = [Standing.CURRENT, Standing.RETRACTED]
YEARS = [2001, 2010, None]
STATES = list(ReviewState)
TOPICS = ["pain", "antibodies"]


def _some(values: list[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


FILTERS = st.builds(
    ClaimFilters,
    direction=_some(DIRECTIONS),
    design=_some(DESIGNS),
    species=_some(SPECIES),
    standing=_some(STANDINGS),
    year_from=st.sampled_from([None, 2001, 2005]),
    year_to=st.sampled_from([None, 2005, 2010]),
    review=_some(STATES),
    level=_some([EvidenceLevel.NOT_ASSESSED, *list(EvidenceLevel)[:2]]),
    conclusion=_some(list(Conclusion)[:2]),
    state=_some(list(LevelState)),
    status=_some(list(ClaimStatus)[:2]),
    topic=_some(TOPICS),
    needs=_some(list(Needs)),
    claim=_some(["CLM-1", "CLM-3"]),
    q=st.sampled_from([None, "igg", "pain igg"]),
)
"""Most of them are empty in most examples, since hypothesis prefers simple ones."""


def _fill(session: WriteSession) -> None:
    """Add claims with evidence of several profiles, some of them appraised."""
    studies = [
        make_study(session, design=design, year=year, species=species, standing=standing)
        for design, year, species, standing in (
            (DESIGNS[0], 2001, [SPECIES[0]], "current"),
            (DESIGNS[1], 2010, [SPECIES[0], SPECIES[1]], "current"),
            (None, None, [], "retracted"),
            (DESIGNS[0], 2010, [SPECIES[1]], "current"),
        )
    ]
    for number in range(9):
        claim = make_claim(
            session,
            statement=f"Claim {number} on {'IgG' if number % 2 else 'pain and igg'}",
            topics=["Pain", "Antibodies"][: number % 3],
        )
        for study in studies[: number % 4]:
            make_evidence(session, claim, study, direction=DIRECTIONS[(number + study.id) % 2])
        if number % 4 == 1:
            make_appraisal(session, claim)


CHANGE = st.tuples(
    st.sampled_from(
        ["delete", "merge", "review", "status", "topics", "item", "study", "unlink", "add", "touch"]
    ),
    st.integers(0, 99),
    st.integers(0, 99),
)


def _apply(session: WriteSession, what: str, one: int, other: int) -> None:
    """Make a change to the claim and to the item that these numbers choose."""
    claims = session.scalars(select(Claim).where(Claim.merged_into_id.is_(None)).order_by(Claim.id)).all()
    items = session.scalars(select(EvidenceItem).order_by(EvidenceItem.id)).all()
    studies = session.scalars(select(Study).order_by(Study.id)).all()
    claim, second = claims[one % len(claims)], claims[other % len(claims)]
    item, study = items[one % len(items)] if items else None, studies[other % len(studies)]
    if what == "add" or len(claims) < 5:
        make_evidence(session, make_claim(session), study)
    elif what == "delete":
        used = {item.claim_id for item in items}
        used |= {*session.scalars(select(Claim.merged_into_id)), *session.scalars(select(Appraisal.claim_id))}
        empty = [claim for claim in claims if claim.id not in used]
        if empty:
            session.delete(empty[one % len(empty)])
    elif what == "merge" and claim is not second and claim.appraisal_id is None:
        claim.merged_into_id = second.id
    elif what == "review":
        claim.review_state = STATES[other % 3]
    elif what == "status":
        claim.status = list(ClaimStatus)[other % 2]
    elif what == "topics":
        claim.topics = list(second.topics)
    elif what == "item" and item:
        item.review_state, item.direction = STATES[other % 3], DIRECTIONS[other % 2]
    elif what == "study":
        study.year, study.design, study.species = YEARS[one % 3], DESIGNS[one % 2], SPECIES[: one % 3]
    elif what == "unlink" and item:
        session.delete(item)
    elif what == "touch":
        make_evidence(session, claim, study)


def _matches(items: list[EvidenceItem], filters: ClaimFilters, facet: str = "", value: Any = None) -> bool:
    """Return whether one of the items meets the filters of evidence and has the value of the facet, by hand."""

    def meets(item: EvidenceItem) -> bool:
        study = item.study
        has: Any = {"direction": [item.direction], "species": study.species, "year": [study.year]}
        has |= {"design": [study.design], "standing": [study.standing]}
        return (
            (not filters.direction or item.direction in filters.direction)
            and (not filters.design or study.design in filters.design)
            and (not filters.species or not set(filters.species).isdisjoint(study.species))
            and (not filters.standing or study.standing in filters.standing)
            and (filters.year_from is None or (study.year or -1) >= filters.year_from)
            and (filters.year_to is None or (study.year or 9999) <= filters.year_to)
            and (not facet or value in has[facet])
        )

    listed = [item for item in items if item.review_state is not ReviewState.REJECTED]
    of_evidence = ("direction", "design", "species", "standing")
    asks = facet or any(getattr(filters, name) for name in of_evidence)
    asks = asks or filters.year_from is not None or filters.year_to is not None
    return not asks or any(map(meets, listed))


OWN = {
    "level": lambda claim: [claim.evidence_level],
    "state": lambda claim: [claim.level_state],
    "conclusion": lambda claim: [claim.conclusion],
    "kind": lambda claim: [claim.kind],
    "status": lambda claim: [claim.status],
    "topic": lambda claim: [topic.slug for topic in claim.topics],
}


def _counted(session: Session, filters: ClaimFilters) -> dict[str, dict[Any, int]]:
    """Return the counts of the facets by hand; the filters of the claims themselves are those of SQL."""
    items: dict[int, list[EvidenceItem]] = {}
    for item in session.scalars(select(EvidenceItem)):
        items.setdefault(item.claim_id, []).append(item)
    found: dict[str, dict[Any, int]] = {}
    for facet, values in OWN.items():
        other = without(filters, facet)
        claims = session.scalars(select(Claim).where(*other.claim_conditions())).all()
        met = [claim for claim in claims if _matches(items.get(claim.id, []), other)]
        found[facet] = dict(Counter(value for claim in met for value in values(claim) if value is not None))
    claims = session.scalars(select(Claim).where(*filters.claim_conditions())).all()
    for facet, terms in {
        "direction": DIRECTIONS,
        "design": DESIGNS,
        "species": SPECIES,
        "standing": STANDINGS,
        "year": [2001, 2010],
    }.items():
        other = without(filters, facet)
        counted = {
            value: sum(_matches(items.get(claim.id, []), other, facet, value) for claim in claims)
            for value in terms
        }
        found[facet] = {value: n for value, n in counted.items() if n}
    return found


def _selected(session: Session, filters: ClaimFilters) -> ClaimSelection:
    selection = browse(session, filters)
    assert selection is not None
    return selection


def _check(session: Session, filters: ClaimFilters, size: int) -> None:
    """Compare all pages in all orders with those of SQL, and the counts with those by hand."""
    selection = _selected(session, filters)
    filters = filters.searched(session)
    query = filters.claims().with_only_columns(Claim.id, maintain_column_froms=True)
    assert list(selection.numbers) == sorted(session.scalars(query))
    assert selection.counts() == _counted(session, filters)
    for sort, order in CLAIM_ORDERS.items():
        request = PageRequest(size)
        pages = []
        while True:
            page = selection.page(sort, request)
            assert page == fetch_page(session, query, order, request)
            pages.append(page.items)
            if page.next is None:
                break
            request = PageRequest(size, after=page.next)
        while page.previous:
            request = PageRequest(size, before=page.previous)
            page = selection.page(sort, request)
            assert page == fetch_page(session, query, order, request)
        assert sum(map(len, pages)) == selection.total


def test_it_equals_sql_after_any_changes(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ordering, "_FIRST_STEP", 2)
    with database.writing(BY_TEST) as session:
        _fill(session)

    # All examples share the database: each begins with what the last one left.
    @settings(max_examples=10, suppress_health_check=list(HealthCheck))
    @given(
        st.lists(CHANGE, min_size=1, max_size=4),
        st.lists(FILTERS, min_size=2, max_size=2, unique=True),
        st.sampled_from([3, 5]),
        st.booleans(),
        st.sampled_from([0, 4, 16_000]),
    )
    def equals(
        changes: list[tuple[str, int, int]], several: list[ClaimFilters], size: int, few: bool, walk: int
    ) -> None:
        monkeypatch.setattr(ordering, "_FEW", 2000 if few else 0)
        monkeypatch.setattr(ordering, "_LONGEST_WALK", walk)
        with database.reading() as session:
            _selected(session, several[0]).counts()  # from now on it is remembered, and the others are not
        for change in changes:
            with database.writing(BY_TEST) as session:
                _apply(session, *change)
        with database.reading() as session:
            for filters in several:
                _check(session, filters, size)

    equals()


@on_one_database
@pytest.mark.parametrize("sort", ["newest", "updated"])
def test_a_page_by_date_begins_at_its_place_in_the_index(database: Database, sort: str) -> None:
    order = CLAIM_ORDERS[sort]
    values = [database.clock(), 7]
    with database.reading() as session:
        for backwards in (False, True):
            query = sorted_by(select(Claim.id), order, Edge(values, backwards, 50))
            compiled = query.compile(session.connection(), compile_kwargs={"literal_binds": True})
            (plan,) = session.execute(text(f"EXPLAIN QUERY PLAN {compiled}"))
            assert re.fullmatch(r"SEARCH claims USING COVERING INDEX \w+ \(\w+[<>]\?\)", plan.detail)


@on_one_database
def test_claims_far_from_the_page_are_not_sought_along_the_whole_index(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ordering, "_FEW", 0)
    monkeypatch.setattr(ordering, "_FIRST_STEP", 2)
    monkeypatch.setattr(ordering, "_LONGEST_STEP", 2)
    monkeypatch.setattr(ordering, "_LONGEST_WALK", 4)
    with database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
        for _ in range(20):
            make_claim(session)
    read: list[int] = []
    dated = ordering._dated

    def noted(session: Session, claims: BitMap, order: Order, edge: Edge) -> Any:
        read.append(len(claims))
        return dated(session, claims, order, edge)

    monkeypatch.setattr(ordering, "_dated", noted)
    with database.reading() as session:
        selection = _selected(session, ClaimFilters(topic=("pain",)))
        assert selection.page("newest", PageRequest(1)).items == [1]
    assert read == [1]
