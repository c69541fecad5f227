"""Suggesting and deciding which studies are one line of evidence."""

import pytest
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.models import Claim, Study
from claims_app.services.appraisal import overlaps
from claims_app.services.core.errors import Invalid
from claims_app.services.pages import page_queries
from claims_app.services.records import studies
from claims_app.services.records.kinds import form_values
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study

TEAM = "Goebel, A\nKrock, E"


@pytest.fixture
def pair(session: WriteSession) -> tuple[Study, Study]:
    """Two studies of the same authors."""
    return make_study(session, authors=TEAM, year=2021), make_study(session, authors=TEAM)


def found(session: Session, **only: int) -> list[tuple[int, int]]:
    """Return the suggested pairs."""
    return [(overlap.first.id, overlap.second.id) for overlap in overlaps.overlaps(session, **only)]


def test_suggested_studies_are_not_grouped_automatically(
    session: WriteSession, pair: tuple[Study, Study]
) -> None:
    assert found(session) == [(1, 2)]
    assert [study.group for study in pair] == [None, None]


def test_grouping_removes_the_suggestion_and_changes_the_counts(
    session: WriteSession, pair: tuple[Study, Study]
) -> None:
    claim = make_claim(session)
    for study in pair:
        make_evidence(session, claim, study)
    assert page_queries.balances(session, [claim.id])[claim.id].groups == 2
    overlaps.group_together(session, *pair, "Passive transfer")
    assert found(session) == []
    assert page_queries.balances(session, [claim.id])[claim.id].groups == 1


def test_grouping_makes_appraisals_of_that_evidence_stale(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        for _ in range(2):
            make_evidence(session, claim, make_study(session, authors=TEAM, design="cohort"))
        make_appraisal(session, claim)
    with database.writing(BY_TEST) as session:
        overlaps.group_together(session, session.get_one(Study, 1), session.get_one(Study, 2), "One")
    with database.reading() as session:
        assert session.get_one(Claim, 1).level_state.value == "stale"


def test_a_preprint_counts_in_the_group_of_its_unlinked_paper(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        paper, other = make_study(session, design="cohort"), make_study(session, design="cohort")
        preprint = make_study(session, design="cohort", version_of_id=paper.id)
        claim = make_claim(session)
        for study in (preprint, other):
            make_evidence(session, claim, study)
        make_appraisal(session, claim)
        assert page_queries.show_claim(session, "CLM-1").balance.groups == 2
    with database.writing(BY_TEST) as session:
        overlaps.group_together(session, session.get_one(Study, 1), session.get_one(Study, 2), "One")
    with database.reading() as session:
        page = page_queries.show_claim(session, "CLM-1")
        assert (page.balance.groups, page_queries.balances(session, [1])[1].groups) == (1, 1)
        assert page.claim.level_state.value == "stale"
        assert page.level.changed
        assert overlaps.overlaps(session, claim_id=1) == []


def test_a_pair_kept_separate_is_not_suggested_again(
    session: WriteSession, pair: tuple[Study, Study]
) -> None:
    overlaps.dismiss(session, pair[1], pair[0], "Other patients.", None)
    assert found(session) == []
    assert [dismissal.reason for dismissal in overlaps.dismissals(session).items] == ["Other patients."]


@pytest.mark.parametrize("given", ["", "  ", None, "x" * 600])
def test_a_decision_needs_a_reason_or_a_name(
    session: WriteSession, pair: tuple[Study, Study], given: str | None
) -> None:
    with pytest.raises(Invalid):
        overlaps.dismiss(session, *pair, given, None)
    with pytest.raises(Invalid):
        overlaps.group_together(session, *pair, given)


def test_two_groups_are_merged_with_all_their_studies(session: WriteSession) -> None:
    first, third, second = (make_study(session, authors=TEAM, group=name) for name in ("One", "One", "Two"))
    overlaps.group_together(session, first, second, "Two")
    assert {study.group.name for study in (first, second, third)} == {"Two"}


def test_a_new_name_for_studies_of_a_group_is_refused(session: WriteSession) -> None:
    first, second = (make_study(session, authors=TEAM, group=name) for name in ("One", "Two"))
    with pytest.raises(Invalid, match=r"already has a group\. Use its name: “One” or “Two”"):
        overlaps.group_together(session, first, second, "Three")
    assert (first.group.name, second.group.name) == ("One", "Two")


def test_a_study_does_not_overlap_with_itself(session: WriteSession, pair: tuple[Study, Study]) -> None:
    with pytest.raises(Invalid, match="two different studies"):
        overlaps.group_together(session, pair[0], pair[0], "One")


def test_suggestions_are_narrowed_to_a_study_or_a_claim(
    session: WriteSession, pair: tuple[Study, Study]
) -> None:
    third = make_study(session, authors=TEAM)
    claim = make_claim(session)
    for study in (pair[0], third):
        make_evidence(session, claim, study)
    assert len(found(session)) == 3
    assert found(session, study_id=third.id) == [(1, 3), (2, 3)]
    assert found(session, claim_id=claim.id) == [(1, 3)]


def test_remembered_suggestions_are_those_of_the_studies_as_they_are(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overlaps, "_FEW", 1)
    with database.writing(BY_TEST) as session:
        for _ in range(3):
            make_study(session, registry_id="NCT01234567")
    for _ in range(2):
        with database.reading() as reading:
            assert found(reading) == [(1, 2), (1, 3), (2, 3)]
    with database.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        studies.update_study(session, study, 1, {**form_values(session, study), "registry_id": None})
    with database.reading() as reading:
        assert found(reading) == [(2, 3)]
