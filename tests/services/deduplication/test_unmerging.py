"""Undoing a merge: what has not moved again moves back, and notes list the rest."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from claims_app.database import Change, Database
from claims_app.models import Claim, EvidenceItem, Limitation, Merge, Record, Study, StudyText
from claims_app.services.core import records
from claims_app.services.core.errors import NotAllowed, Refused, StaleVersion
from claims_app.services.core.record_states import state_of
from claims_app.services.deduplication import unmerging
from claims_app.services.history import record_history
from claims_app.services.records import claims, evidence, studies
from claims_app.vocabulary import EvidenceLevel, LevelState, RecordType, Role, Stays, Via
from tests.conftest import BY_TEST, on_one_database
from tests.factories import (
    CLAIM,
    EVIDENCE,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)
from tests.services.deduplication.test_merging import TEXT, merge, sound

State = dict[str, dict[str, Any]]


def undo(database: Database, merged: str, change: Change = BY_TEST) -> list[str]:
    """Undo the merge of a record, and return the notes."""
    record_type = RecordType.CLAIM if merged.startswith("CLM") else RecordType.STUDY
    with database.writing(change) as session:
        plan = unmerging.plan(session, record_type, merged)
        versions = (plan.kept.version, plan.merged.version)
        return unmerging.undo(session, record_type, merged, versions).notes


def state(database: Database) -> State:
    """Return the state of every record, as recorded in its history."""
    with database.reading() as session:
        every: list[Record] = [
            record
            for model in (Claim, Study, EvidenceItem, Limitation, StudyText)
            for record in session.scalars(select(model))
        ]
        states = {record.public_id: dict(state_of(record)) for record in every}
        for stored in session.scalars(select(StudyText)):
            states[stored.public_id]["content"] = stored.content
        for claim in session.scalars(select(Claim)):
            states[claim.public_id]["level"] = (claim.evidence_level, claim.appraisal_id, claim.level_state)
        return states


STAYS = st.sampled_from(Stays)
VALUES = st.sampled_from([None, "one", "another"])
CLAIMS = st.fixed_dictionaries(
    {
        "outcome": VALUES,
        "comparator": VALUES,
        "kind": st.sampled_from(["association", "mechanism"]),
        "topics": st.lists(st.sampled_from(["Pain", "Fatigue", "Sleep"]), unique=True),
        "origin_study_id": st.sampled_from([None, 1, 2]),
    }
)
STUDIES = st.fixed_dictionaries(
    {
        "journal": VALUES,
        "volume": VALUES,
        "group": st.sampled_from([None, "A group", "Another"]),
        "species": st.lists(st.sampled_from(["mouse", "human"]), unique=True),
        "standing": st.sampled_from(["current", "retracted"]),
        "pmid": st.booleans(),
        "text": st.sampled_from([None, "print", "text"]),
    }
)


@on_one_database
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    drawn_claims=st.tuples(CLAIMS, CLAIMS),
    drawn_studies=st.tuples(STUDIES, STUDIES),
    links=st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1])), max_size=5),
    appraised=st.booleans(),
    what=st.sampled_from(["CLM", "STU"]),
    stays=st.dictionaries(st.sampled_from(["kind", "outcome", "doi", "journal", "group", "standing"]), STAYS),
    pair=STAYS,
)
def test_undoing_a_merge_restores_everything(
    database: Database,
    drawn_claims: tuple[dict[str, Any], ...],
    drawn_studies: tuple[dict[str, Any], ...],
    links: list[tuple[int, int]],
    appraised: bool,
    what: str,
    stays: dict[str, Stays],
    pair: Stays,
) -> None:
    with database.writing(BY_TEST) as session:
        both: list[Study] = []
        for drawn in drawn_studies:
            values = dict(drawn)
            number = (session.scalar(select(Study.id).order_by(Study.id.desc()).limit(1)) or 0) + 1
            has_pmid, kind = values.pop("pmid"), values.pop("text")
            if has_pmid:
                values["pmid"] = str(1000 + number)
            study = make_study(session, doi=f"10.1000/{number}", design="cohort", **values)
            both.append(study)
            if kind == "text":
                studies.attach_text(session, study, {"label": "abstract", "content": TEXT})
            elif kind == "print":
                known = {"label": "abstract", "length": len(TEXT), "sha256": studies.text_digest(TEXT)}
                studies.record_fingerprint(session, study, known)
        made: list[Claim] = []
        for drawn in drawn_claims:
            origin = drawn["origin_study_id"]
            origin_study_id = both[origin - 1].id if origin else None
            claim = make_claim(session, **{**drawn, "origin_study_id": origin_study_id})
            make_limitation(session, claim, quote="moved the symptoms" if origin else None)
            made.append(claim)
        for of_claim, of_study in links:
            quoted = {"quote": "Serum IgG from patients"}
            make_limitation(session, make_evidence(session, made[of_claim], both[of_study], **quoted))
    if appraised:
        with database.writing(BY_TEST) as session:
            for number, claim in enumerate(made):
                counted = [s for c, s in links if c == number]
                if any(drawn_studies[s]["standing"] == "current" for s in counted):
                    make_appraisal(session, session.get_one(Claim, claim.id))
    before = state(database)
    first, second = (made[0], made[1]) if what == "CLM" else (both[0], both[1])
    with database.reading() as session:
        numbers = list(session.scalars(select(Claim.id))) + list(session.scalars(select(Study.id)))
    merge(database, first.public_id, second.public_id, parts=stays, pairs=dict.fromkeys(numbers, pair))
    assert sound(database)
    assert undo(database, second.public_id) == []
    assert state(database) == before
    assert sound(database)


@pytest.fixture
def merged(database: Database) -> Database:
    """CLM-2, with evidence, a limitation and a topic, merged into CLM-1, which had evidence of its own."""
    with database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session, topics=["Pain"]))
        claim = make_claim(session, outcome="levels", topics=["Fatigue"])
        make_limitation(session, make_evidence(session, claim))
        make_limitation(session, claim)
    merge(database, "CLM-1", "CLM-2")
    return database


def test_a_record_changed_since_moves_back_with_a_note(merged: Database) -> None:
    with merged.writing(BY_TEST) as session:
        item = session.get_one(EvidenceItem, 2)
        evidence.update_evidence(
            session, item, item.version, {**EVIDENCE, "study_id": item.study_id, "summary": "New."}
        )
    assert undo(merged, "CLM-2") == ["EVD-2 was changed after the merge and moves back with its changes."]
    with merged.reading() as session:
        item = session.get_one(EvidenceItem, 2)
        assert (item.claim_id, item.summary) == (2, "New.")
    assert sound(merged)


def test_a_record_deleted_since_stays_deleted_with_a_note(merged: Database) -> None:
    with merged.writing(BY_TEST) as session:
        limitation = session.get_one(Limitation, 2)
        evidence.delete_limitation(session, limitation, limitation.version)
    assert undo(merged, "CLM-2") == ["LIM-2 was deleted after the merge and stays deleted."]


def test_a_record_added_since_stays_with_a_note(merged: Database) -> None:
    with merged.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1))
    assert undo(merged, "CLM-2") == ["EVD-3 was added after the merge and stays with CLM-1."]
    with merged.reading() as session:
        assert session.get_one(EvidenceItem, 3).claim_id == 1


def test_a_field_changed_since_keeps_its_value_with_a_note(merged: Database) -> None:
    with merged.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        assert claim.outcome == "levels"
        changed = {**CLAIM, "outcome": "titres", "topics": ["Pain", "Fatigue"]}
        claims.update_claim(session, claim, claim.version, changed)
    assert undo(merged, "CLM-2") == ["“Outcome” of CLM-1 was changed after the merge and keeps its value."]
    with merged.reading() as session:
        claim = session.get_one(Claim, 1)
        assert (claim.outcome, [topic.slug for topic in claim.topics]) == ("titres", ["pain"])


def test_left_out_evidence_is_restored_unless_it_already_was(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        for _ in range(2):
            make_evidence(session, make_claim(session), study)
    merge(database, "CLM-1", "CLM-2", pairs={1: Stays.KEPT})
    assert undo(database, "CLM-2") == []
    with database.reading() as session:
        assert session.get_one(EvidenceItem, 2).claim_id == 2
    assert sound(database)


def test_an_identifier_given_to_another_study_since_stays_there_with_a_note(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session)
        make_study(session, doi="10.1000/two")
    merge(database, "STU-1", "STU-2")
    with database.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        studies.update_study(session, study, study.version, STUDY)
        make_study(session, doi="10.1000/two")
    notes = undo(database, "STU-2")
    assert notes == [
        "“DOI” of STU-1 was changed after the merge and keeps its value.",
        "10.1000/two stays with STU-3.",
    ]
    assert sound(database)


def test_a_level_lost_by_merging_is_restored(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
        make_appraisal(session)
    merge(database, "CLM-1", "CLM-2")
    undo(database, "CLM-2")
    with database.reading() as session:
        for claim in session.scalars(select(Claim)):
            assert claim.level_state is LevelState.CURRENT
            assert claim.evidence_level is not EvidenceLevel.NOT_ASSESSED


def test_the_history_has_the_merge_and_the_undoing(merged: Database) -> None:
    undo(merged, "CLM-2")
    with merged.reading() as session:
        actions = [r.action for r in record_history.versions_of(session, RecordType.CLAIM, "CLM-2")]
        assert actions == ["create", "merge", "unmerge"]
        assert records.find(session, Claim, "CLM-2").merged_into_id is None
        (merge_,) = session.scalars(select(Merge))
        assert merge_.undone_at is not None


def test_an_undone_merge_can_be_repeated_and_undone_again(merged: Database) -> None:
    before = state(merged)
    undo(merged, "CLM-2")
    with pytest.raises(Refused, match="CLM-2 is not merged into another record"):
        undo(merged, "CLM-2")
    merge(merged, "CLM-1", "CLM-2")
    assert state(merged) == before
    undo(merged, "CLM-2")
    assert sound(merged)


def test_the_later_of_two_chained_merges_is_undone_first(merged: Database) -> None:
    with merged.writing(BY_TEST) as session:
        make_claim(session)
    before = state(merged)
    merge(merged, "CLM-3", "CLM-1")
    with pytest.raises(Refused, match="CLM-1 was itself merged into CLM-3 later"):
        undo(merged, "CLM-2")
    undo(merged, "CLM-1")
    assert state(merged) == before
    undo(merged, "CLM-2")
    assert sound(merged)


def test_two_merges_into_one_record_are_undone_in_any_order(merged: Database) -> None:
    with merged.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session, comparator="nobody"))
    merge(merged, "CLM-1", "CLM-3")
    undo(merged, "CLM-2")
    undo(merged, "CLM-3")
    with merged.reading() as session:
        pairs = session.execute(select(EvidenceItem.id, EvidenceItem.claim_id).order_by(EvidenceItem.id))
        assert [tuple(pair) for pair in pairs] == [(1, 1), (2, 2), (3, 3)]
        assert session.get_one(Claim, 1).comparator is None
    assert sound(merged)


def test_undoing_from_an_outdated_version_is_refused(merged: Database) -> None:
    with pytest.raises(StaleVersion), merged.writing(BY_TEST) as session:
        unmerging.undo(session, RecordType.CLAIM, "CLM-2", (1, 2))


@pytest.mark.parametrize(("role", "allowed"), [(Role.CURATOR, False), (Role.EDITOR, True)])
def test_editors_undo_a_merge_without_review(database: Database, role: Role, allowed: bool) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        for _ in range(2):
            make_limitation(session, make_evidence(session, make_claim(session), study))
    before = state(database)
    merge(database, "CLM-1", "CLM-2", pairs={1: Stays.KEPT})
    change = Change(via=Via.WEB, actor_role=role, summary="two, after all", review=True)
    if allowed:
        undo(database, "CLM-2", change)
        assert state(database) == before
    else:
        with pytest.raises(NotAllowed):
            undo(database, "CLM-2", change)
