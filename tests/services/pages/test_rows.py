"""The rows of lists: what they show of a claim or a study, now and in the past, without building records."""

import datetime

import pytest

from claims_app.database import Database
from claims_app.models import Claim, Limitation
from claims_app.services.core.filters import ClaimFilters, StudyFilters
from claims_app.services.core.paging import PageRequest
from claims_app.services.pages import claim_rows, page_queries, selections, study_rows
from claims_app.services.pages.claim_rows import TopicName
from claims_app.vocabulary import LevelState
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study

PAGE = PageRequest(size=50)


@pytest.fixture
def filled(database: Database) -> Database:
    """CLM-1 with everything that a row shows, which is stale; CLM-2 with nothing of it."""
    with database.writing(BY_TEST) as session:
        claim = make_claim(session, topics=["Pain", "Antibodies"], status="contested")
        group = make_study(session, group="Liverpool", design="case_control", year=2019)
        make_evidence(session, claim, group)
        make_evidence(session, claim, make_study(session, group="Liverpool", year=2024))
        make_limitation(session, claim)
        make_appraisal(session, claim, risk_of_bias="-1")
        make_claim(session, statement="Nothing is known of this.")
    with database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), make_study(session, year=2020), direction="null")
    return database


def test_a_row_shows_what_the_page_of_the_claim_does(filled: Database) -> None:
    with filled.reading() as session:
        full, bare = claim_rows.claim_rows(session, [1, 2])
        for row in (full, bare):
            page = page_queries.show_claim(session, row.public_id)
            assert row.statement == page.claim.statement
            assert (row.kind, row.status) == (page.claim.kind, page.claim.status)
            assert row.verdict == page.claim.verdict
            assert row.is_stale == (page.claim.stale_since is not None)
            assert row.level_in_short == (page.level.view.in_short if page.level.view else None)
            assert row.balance == page.balance
            assert row.n_limitations == len(page.limitations)
    assert full.topics == (TopicName("antibodies", "Antibodies"), TopicName("pain", "Pain"))
    assert full.is_stale
    assert (full.balance.groups, full.balance.newest_year) == (2, 2024)
    assert bare.level_in_short is None


def test_a_row_of_the_past_is_computed_from_what_was_there(filled: Database) -> None:
    with filled.reading() as session:
        before = claim_rows.claim_rows(session, [1])
        moment = session.get_one(Claim, 1).updated_at + datetime.timedelta(days=1)
    filled.clock = lambda: moment + datetime.timedelta(days=1)
    with filled.writing(BY_TEST) as session:
        session.delete(session.get_one(Limitation, 1))
        make_evidence(session, session.get_one(Claim, 1), make_study(session, year=2026))
    with filled.reading(moment) as session:
        assert claim_rows.claim_rows(session, [1]) == before
    with filled.reading() as session:
        (now,) = claim_rows.claim_rows(session, [1])
    assert (now.n_limitations, now.balance.newest_year) == (0, 2026)


def test_rows_come_in_the_order_asked_for_without_those_that_do_not_exist(filled: Database) -> None:
    with filled.reading() as session:
        assert [row.public_id for row in claim_rows.claim_rows(session, [2, 9, 1])] == ["CLM-2", "CLM-1"]
        assert [row.public_id for row in study_rows.study_rows(session, [3, 9, 1])] == ["STU-3", "STU-1"]


def test_a_study_counts_its_claims_and_not_its_evidence_items(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        study = make_study(session, authors="Goebel, Andreas\nCuhadar, Ulku", year=2021)
        for claim in (make_claim(session), make_claim(session)):
            for _ in range(2):
                make_evidence(session, claim, study)
    with filled.reading() as session:
        (row,) = study_rows.study_rows(session, [study.id])
    assert (row.n_claims, row.author_list, row.year) == (2, ["Goebel, Andreas", "Cuhadar, Ulku"], 2021)


def test_a_list_builds_no_records(filled: Database) -> None:
    with filled.reading() as session:
        claims = selections.select_claims(session, ClaimFilters()).page("level", PAGE)
        assert claim_rows.claim_rows(session, claims.items)
        studies = selections.select_studies(session, StudyFilters()).page("year", PAGE)
        assert study_rows.study_rows(session, studies.items)
        assert not list(session.identity_map)


def test_claims_are_found_by_the_state_of_their_level(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        make_appraisal(session)
    with filled.reading() as session:
        found = {
            state.value: selections.select_claims(session, ClaimFilters(state=(state,)))
            .page("id", PAGE)
            .items
            for state in LevelState
        }
    assert found == {"stale": [1], "not_assessed": [2], "current": [3]}
