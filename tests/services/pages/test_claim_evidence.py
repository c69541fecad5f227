"""The evidence of a claim as a table: exact counts of each filter, orders, pages, and what is counted."""

import itertools
from typing import Any

import pytest

from claims_app.database import Database
from claims_app.models import EvidenceItem
from claims_app.services.core.errors import BadFilter
from claims_app.services.pages import claim_evidence, page_queries
from claims_app.services.pages.claim_evidence import (
    ORDERS,
    EvidenceFilters,
    EvidenceRequest,
    EvidenceRow,
    body_of_rows,
    evidence_rows,
    page_of_item,
    table_of,
)
from claims_app.vocabulary import (
    ClaimKind,
    Direction,
    Directness,
    ReviewState,
    RiskOfBias,
    Standing,
    StudyDesign,
)
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_limitation, make_study

DESIGNS = (StudyDesign.COHORT, StudyDesign.CASE_CONTROL, None)
GROUPS = ("Liverpool", None, "Umeå")


def row(number: int, **values: Any) -> EvidenceRow:
    """Return a row; without `values`, it supports the claim and is counted."""
    fields: dict[str, Any] = dict.fromkeys(EvidenceRow._fields)
    fields |= {
        "id": number,
        "review_state": ReviewState.ACCEPTED,
        "direction": Direction.SUPPORTS,
        "directness": Directness.DIRECT,
        "risk_of_bias": RiskOfBias.LOW,
        "n_limitations": 0,
        "study_id": number,
        "title": f"Study {number}",
        "standing": Standing.CURRENT,
    }
    return EvidenceRow(**{**fields, **values})


def rows_of_every_sort() -> list[EvidenceRow]:
    """Return 36 rows, newest first, with every combination of direction, design and group."""
    combined = enumerate(itertools.product(Direction, DESIGNS, GROUPS), start=1)
    return [
        row(number, direction=direction, design=design, group=group, year=2026 - number, n_cases=number)
        for number, (direction, design, group) in combined
    ]


CHOSEN = [
    {},
    {"direction": ["supports"]},
    {"direction": ["supports", "null"], "design": ["cohort"]},
    {"group": ["Umeå"], "design": ["cohort", "case_control"]},
    {"group": ["Nowhere"]},
]


@pytest.mark.parametrize("query", CHOSEN)
def test_each_filter_counts_what_choosing_a_value_shows(query: dict[str, list[str]]) -> None:
    rows = rows_of_every_sort()
    table = table_of(rows, EvidenceRequest.read(query))
    for name in EvidenceFilters.names():
        for value, count in table.counts(name).items():
            chosen = {**query, name: [str(value)]}
            assert len(table_of(rows, EvidenceRequest.read(chosen)).matching) == count, (name, value)


@pytest.mark.parametrize("sort", ORDERS)
def test_an_order_sorts_by_its_key_and_then_by_the_newest_study(sort: str) -> None:
    rows = rows_of_every_sort()
    shown = table_of(rows, EvidenceRequest(sort=sort)).matching
    assert sorted(shown, key=lambda row: row.id) == rows
    keys = [(ORDERS[sort][1](row), row.id) for row in shown]
    assert keys == sorted(keys)


def test_a_long_table_is_cut_into_pages_that_together_show_each_row_once() -> None:
    rows = [row(number) for number in range(1, 121)]
    pages = [table_of(rows, EvidenceRequest(page=number)) for number in (1, 2, 3)]
    assert [len(page.rows) for page in pages] == [50, 50, 20]
    assert [shown for page in pages for shown in page.rows] == rows
    assert table_of(rows, EvidenceRequest(page=9)).page == 3


@pytest.mark.parametrize("query", [{"page": ["0"]}, {"page": ["x"]}, {"sort": ["x"]}, {"direction": ["x"]}])
def test_what_is_no_filter_order_or_page_is_refused(query: dict[str, list[str]]) -> None:
    with pytest.raises(BadFilter):
        EvidenceRequest.read(query)


def test_other_parameters_are_not_looked_at() -> None:
    assert EvidenceRequest.read({"as_of": ["2024-01-01"], "x": ["1"]}) == EvidenceRequest()


def test_only_groups_with_several_rows_are_offered_and_those_that_are_chosen() -> None:
    rows = [row(1, group="A"), row(2, group="A"), row(3, group="B"), row(4)]
    assert table_of(rows, EvidenceRequest()).shared_groups() == {"A": 2}
    assert table_of(rows, EvidenceRequest.read({"group": ["B"]})).shared_groups() == {"A": 2, "B": 1}


@pytest.fixture
def filled(database: Database) -> Database:
    """A claim with evidence of a paper and its preprint, of a group, of a retracted study, and some in review."""
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        paper = make_study(session, year=2021, group="Liverpool", authors="Goebel, A\nKrock, E\nBerwick, R")
        preprint = make_study(session, year=2020, version_of_id=paper.id, authors="Goebel, A")
        for study in (paper, preprint, make_study(session, year=2024, standing="retracted")):
            make_limitation(session, make_evidence(session, claim, study, n_cases=10, n_controls=5))
        make_evidence(session, claim, make_study(session), direction="contradicts", n_donors=7)
        make_evidence(session)
    return database


def test_rows_are_what_the_records_say(filled: Database) -> None:
    with filled.reading() as session:
        rows = evidence_rows(session, 1)
        for shown in rows:
            item = session.get_one(EvidenceItem, shown.id)
            assert (shown.counts, shown.citation) == (item.counts, item.study.citation)
            assert shown.group_id == item.study.counted_group_id
            assert shown.n_limitations == len(item.limitations)
            assert (shown.year, shown.design) == (item.study.year, item.study.design)
        assert [shown.year for shown in rows] == [2024, 2021, 2020, None]
        assert [shown.why_uncounted for shown in rows] == ["the study is retracted", None, None, None]
        body = body_of_rows(ClaimKind.ASSOCIATION, rows)
        assert body.balance == page_queries.balances(session, [1])[1]
        assert body.people == (15 + 7, 2)


def test_an_item_is_found_on_its_page(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_evidence, "ROWS", 2)
    with filled.reading() as session:
        for number in (1, 2, 3):
            table = table_of(evidence_rows(session, 1), EvidenceRequest(page=number))
            for shown in table.rows if number < 3 else ():
                assert page_of_item(session, session.get_one(EvidenceItem, shown.id)) == number
