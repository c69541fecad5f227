"""Merging while others link to or merge the same records: nothing stays linked to a merged record."""

import pytest
from sqlalchemy import select

from claims_app.database import Database
from claims_app.models import Claim, EvidenceItem, Study
from claims_app.services.core import records
from claims_app.services.core.errors import Merged, NotAllowed, Refused, StaleVersion
from claims_app.services.deduplication import unmerging
from claims_app.services.records import evidence
from claims_app.services.system import integrity
from claims_app.vocabulary import RecordType
from tests.conftest import BY_TEST
from tests.factories import EVIDENCE, make_claim, make_evidence, make_study
from tests.services.deduplication.test_merging import merge
from tests.support.racing import at_once


@pytest.fixture
def four(database: Database) -> Database:
    """CLM-1 and CLM-2 with evidence of STU-1 and of STU-2."""
    with database.writing(BY_TEST) as session:
        for _ in range(2):
            make_evidence(session, make_claim(session), make_study(session))
    return database


@pytest.mark.parametrize("attempt", range(5))
def test_only_one_of_two_opposite_merges_succeeds(four: Database, attempt: int) -> None:
    outcomes = at_once(lambda: merge(four, "CLM-1", "CLM-2"), lambda: merge(four, "CLM-2", "CLM-1"))
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], StaleVersion | NotAllowed | Merged)
    with four.reading() as session:
        assert len(list(session.scalars(select(Claim.id).where(Claim.merged_into_id.is_not(None))))) == 1
        assert list(integrity.problems(session)) == []


@pytest.mark.parametrize("attempt", range(5))
@pytest.mark.parametrize(("kept", "merged"), [("CLM-1", "CLM-2"), ("STU-1", "STU-2")])
def test_a_link_made_during_a_merge_moves_or_is_refused(
    four: Database, kept: str, merged: str, attempt: int
) -> None:
    def link() -> None:
        with four.writing(BY_TEST) as session:
            claim = records.find(session, Claim, "CLM-2")
            raw = {**EVIDENCE, "study_id": session.get_one(Study, 2).id}
            evidence.create_evidence(session, claim, raw, duplicate_is_meant=True)

    outcomes = at_once(link, lambda: merge(four, kept, merged), link)
    assert all(outcome is None or isinstance(outcome, Merged | StaleVersion) for outcome in outcomes)
    assert outcomes[1] is None
    with four.reading() as session:
        linked = 2 + sum(outcome is None for outcome in (outcomes[0], outcomes[2]))
        assert len(list(session.scalars(select(EvidenceItem.id)))) == linked
        assert list(integrity.problems(session)) == []


@pytest.mark.parametrize("attempt", range(3))
def test_a_merge_is_undone_only_once(four: Database, attempt: int) -> None:
    merge(four, "CLM-1", "CLM-2")
    with four.reading() as session:
        versions = (session.get_one(Claim, 1).version, session.get_one(Claim, 2).version)

    def undo() -> None:
        with four.writing(BY_TEST) as session:
            unmerging.undo(session, RecordType.CLAIM, "CLM-2", versions)

    outcomes = at_once(undo, undo)
    refused = [outcome for outcome in outcomes if outcome is not None]
    assert len(refused) == 1
    assert isinstance(refused[0], StaleVersion | Refused)
    with four.reading() as session:
        assert list(integrity.problems(session)) == []
