"""The standing of studies: each kind of notice, set and undone, on the original and on the notice."""

import pytest

from claims_app.database import Database
from claims_app.models import Claim, Study
from claims_app.rules.counting import Balance
from claims_app.services.core.errors import Invalid
from claims_app.services.pages import page_queries
from claims_app.services.records import studies
from claims_app.vocabulary import Standing
from tests.conftest import BY_TEST
from tests.factories import STUDY, make_appraisal, make_claim, make_evidence, make_study

CHANGED = [standing for standing in Standing if standing is not Standing.CURRENT]
TAKEN_BACK = {Standing.RETRACTED, Standing.RETRACTED_AND_REPLACED, Standing.WITHDRAWN}
NOTICE = "10.1000/notice"


@pytest.fixture
def original_and_notice(database: Database) -> Database:
    """CLM-1 with evidence of STU-1 (the original) and STU-3; CLM-2 with evidence of STU-2 (the notice)."""
    with database.writing(BY_TEST) as session:
        original = make_study(session, doi="10.1000/original", design="cohort")
        notice = make_study(session, doi=NOTICE, design="expert_opinion")
        other = make_study(session, design="cohort")
        first, second = make_claim(session), make_claim(session)
        make_evidence(session, first, original)
        make_evidence(session, first, other)
        make_evidence(session, second, notice)
        make_appraisal(session, first)
        make_appraisal(session, second)
    return database


def set_standing(database: Database, number: int, standing: Standing, **notice: str) -> None:
    """Give a study a standing, with a notice."""
    with database.writing(BY_TEST) as session:
        study = session.get_one(Study, number)
        known = {**STUDY, "title": study.title, "doi": study.doi, "design": study.design}
        studies.update_study(session, study, study.version, {**known, "standing": standing, **notice})


def seen(database: Database, claim: str) -> tuple[int, str, int]:
    """Return the number of counted items of a claim, the state of its level, and the number of items shown."""
    with database.reading() as session:
        page = page_queries.show_claim(session, claim)
        return page.balance.items, page.claim.level_state.value, len(page.items)


@pytest.mark.parametrize("standing", CHANGED)
def test_a_standing_of_the_original_changes_the_counts_and_makes_the_claim_stale(
    original_and_notice: Database, standing: Standing
) -> None:
    set_standing(original_and_notice, 1, standing, standing_notice_doi=NOTICE, standing_date="2026-01-02")
    counted = 1 if standing in TAKEN_BACK else 2
    assert seen(original_and_notice, "CLM-1") == (counted, "stale", 2)


@pytest.mark.parametrize("standing", CHANGED)
def test_a_standing_of_the_original_does_not_affect_the_notice(
    original_and_notice: Database, standing: Standing
) -> None:
    set_standing(original_and_notice, 1, standing, standing_notice_doi=NOTICE)
    assert seen(original_and_notice, "CLM-2") == (1, "current", 1)


@pytest.mark.parametrize("standing", CHANGED)
def test_a_standing_of_the_notice_does_not_affect_the_original(
    original_and_notice: Database, standing: Standing
) -> None:
    set_standing(original_and_notice, 2, standing)
    counted = 0 if standing in TAKEN_BACK else 1
    assert seen(original_and_notice, "CLM-1") == (2, "current", 2)
    assert seen(original_and_notice, "CLM-2") == (counted, "stale", 1)


@pytest.mark.parametrize("standing", CHANGED)
def test_setting_the_standing_back_restores_the_counts(
    original_and_notice: Database, standing: Standing
) -> None:
    set_standing(original_and_notice, 1, standing)
    set_standing(original_and_notice, 1, Standing.CURRENT)
    assert seen(original_and_notice, "CLM-1") == (2, "current", 2)


@pytest.mark.parametrize("standing", sorted(TAKEN_BACK))
def test_reinstatement_restores_the_evidence_and_needs_an_appraisal(
    original_and_notice: Database, standing: Standing
) -> None:
    set_standing(original_and_notice, 1, standing, standing_notice_doi=NOTICE)
    set_standing(original_and_notice, 1, Standing.REINSTATED, standing_notice_doi="10.1000/reinstated")
    assert seen(original_and_notice, "CLM-1") == (2, "stale", 2)
    with original_and_notice.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1))
    assert seen(original_and_notice, "CLM-1") == (2, "current", 2)


def test_retracting_a_paper_also_uncounts_its_preprint(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        paper = make_study(session, design="cohort")
        preprint = make_study(session, design="cohort", version_of_id=paper.id)
        claim = make_claim(session)
        make_evidence(session, claim, preprint)
        make_appraisal(session, claim)
    set_standing(database, 1, Standing.RETRACTED)
    assert seen(database, "CLM-1") == (0, "stale", 1)
    with database.reading() as session:
        assert page_queries.balances(session, [1])[1] == Balance()
    set_standing(database, 1, Standing.CURRENT)
    assert seen(database, "CLM-1") == (1, "current", 1)


def test_a_withdrawn_preprint_does_not_affect_its_paper(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        paper = make_study(session)
        preprint = make_study(session, version_of_id=paper.id, standing="withdrawn")
        claim = make_claim(session)
        make_evidence(session, claim, paper)
        make_evidence(session, claim, preprint)
    assert seen(database, "CLM-1")[0] == 1


def test_the_doi_of_a_notice_cannot_be_that_of_the_paper(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, doi="10.1000/original")
    with pytest.raises(Invalid, match="Enter the DOI of the notice"):
        set_standing(database, 1, Standing.RETRACTED, standing_notice_doi="https://doi.org/10.1000/ORIGINAL")
