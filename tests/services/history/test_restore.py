"""Reverting records to earlier versions, and restoring deleted records."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from claims_app.database import Database, WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Record, Study
from claims_app.rules.identifiers import public_id
from claims_app.services.core import record_states, records
from claims_app.services.core.errors import Refused, StaleVersion
from claims_app.services.history import record_history, restore
from claims_app.services.records import claims, evidence, studies
from claims_app.services.system import integrity
from claims_app.vocabulary import Direction, LevelState, RecordType
from tests.conftest import BY_TEST
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


def delete(session: WriteSession, record: Record) -> None:
    """Delete a record without linked records."""
    records.delete(session, record, record.version, {})


def test_reverting_a_claim_makes_a_new_version(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, outcome="levels", topics=["Pain"])
    with database.writing(BY_TEST) as session:
        edited = {**CLAIM, "statement": "Another.", "topics": ["Fatigue"]}
        claims.update_claim(session, session.get_one(Claim, 1), 1, edited)
    with database.writing(BY_TEST) as session:
        restore.revert(session, session.get_one(Claim, 1), 2, 1)
    with database.reading() as session:
        claim = session.get_one(Claim, 1)
        assert (claim.statement, claim.outcome, claim.version) == (CLAIM["statement"], "levels", 3)
        assert [topic.slug for topic in claim.topics] == ["pain"]
        assert list(integrity.problems(session)) == []


def test_reverting_a_study_restores_its_group_and_species(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, title="One", group="A", species=["mouse"], year=2021)
    with database.writing(BY_TEST) as session:
        studies.update_study(session, session.get_one(Study, 1), 1, {**STUDY, "title": "Two"})
    with database.writing(BY_TEST) as session:
        restore.revert(session, session.get_one(Study, 1), 2, 1)
    with database.reading() as session:
        study = session.get_one(Study, 1)
        assert study.group is not None
        assert (study.title, study.group.name, study.species, study.year) == ("One", "A", ["mouse"], 2021)


def test_reverting_from_an_outdated_version_is_refused(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    for number in (1, 2):
        with database.writing(BY_TEST) as session:
            claims.update_claim(
                session, session.get_one(Claim, 1), number, {**CLAIM, "outcome": f"outcome {number}"}
            )
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        with pytest.raises(StaleVersion):
            restore.revert(session, claim, 2, 1)


def test_reverting_to_invalid_values_is_refused_with_the_reason(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_study(session, doi="10.1000/one")
    with database.writing(BY_TEST) as session:
        studies.update_study(session, session.get_one(Study, 1), 1, STUDY)
        make_study(session, doi="10.1000/one")
    with database.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        with pytest.raises(Refused, match="STU-2 already has it"):
            restore.revert(session, study, 2, 1)


def test_a_restored_claim_has_its_identifier_and_history(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, outcome="levels", topics=["Pain"])
    with database.writing(BY_TEST) as session:
        delete(session, session.get_one(Claim, 1))
    with database.writing(BY_TEST) as session:
        restore.restore(session, RecordType.CLAIM, "CLM-1")
    with database.reading() as session:
        claim = session.get_one(Claim, 1)
        assert (claim.outcome, [topic.slug for topic in claim.topics]) == ("levels", ["pain"])
        revisions = record_history.versions_of(session, RecordType.CLAIM, "CLM-1")
        assert (claim.version, claim.created_at) == (3, revisions[0].changed_at)
        assert [revision.action for revision in revisions] == ["create", "delete", "restore"]
        assert list(integrity.problems(session)) == []


def test_a_restored_record_can_be_changed_deleted_and_restored_again(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    for _ in range(3):
        with database.writing(BY_TEST) as session:
            delete(session, session.get_one(Claim, 1))
        with database.writing(BY_TEST) as session:
            claim = restore.restore(session, RecordType.CLAIM, "CLM-1")
            claims.update_claim(
                session, session.get_one(Claim, 1), claim.version, {**CLAIM, "outcome": f"v{claim.version}"}
            )
    with database.reading() as session:
        assert session.get_one(Claim, 1).version == 7
        assert list(integrity.problems(session)) == []


def test_restored_evidence_makes_the_level_current_again(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="case_control"))
        make_evidence(session, claim, make_study(session, design="cohort"))
        make_appraisal(session, claim)
    with database.writing(BY_TEST) as session:
        evidence.delete_evidence(session, session.get_one(EvidenceItem, 2), 1)
    with database.reading() as session:
        assert session.get_one(Claim, 1).level_state is LevelState.STALE
    with database.writing(BY_TEST) as session:
        restore.restore(session, RecordType.EVIDENCE, "EVD-2")
    with database.reading() as session:
        assert session.get_one(EvidenceItem, 2).claim_id == 1
        assert session.get_one(Claim, 1).level_state is LevelState.CURRENT


def test_a_limitation_is_restored_after_its_parent(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_limitation(session, make_evidence(session), text="Few mice.")
    with database.writing(BY_TEST) as session:
        delete(session, session.get_one(Limitation, 1))
        session.flush()
        delete(session, session.get_one(EvidenceItem, 1))
    with (
        database.writing(BY_TEST) as session,
        pytest.raises(Refused, match="Restore EVD-1 first"),
    ):
        restore.restore(session, RecordType.LIMITATION, "LIM-1")
    with database.writing(BY_TEST) as session:
        restore.restore(session, RecordType.EVIDENCE, "EVD-1")
        restore.restore(session, RecordType.LIMITATION, "LIM-1")
    with database.reading() as session:
        assert session.get_one(Limitation, 1).evidence_id == 1


def test_an_existing_record_cannot_be_restored(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.writing(BY_TEST) as session, pytest.raises(Refused, match="CLM-1 is not deleted"):
        restore.restore(session, RecordType.CLAIM, "CLM-1")


def test_the_history_of_a_claim_includes_its_evidence_and_limitations(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        item = make_evidence(session, claim, make_study(session, design="cohort"))
        make_limitation(session, claim)
        make_limitation(session, item)
        make_appraisal(session, claim)
        make_evidence(session)
    with database.reading() as session:
        page = record_history.history_of(session, RecordType.CLAIM, "CLM-1", record_history.PageRequest(50))
        names = {public_id(revision.record_type, revision.record_id) for revision in page.items}
    assert names == {"CLM-1", "EVD-1", "LIM-1", "LIM-2", "APR-1"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE revisions SET edit_summary = 'another reason'",
        "UPDATE revisions SET changes = '{}' WHERE id = 1",
        "DELETE FROM revisions",
        "DELETE FROM revisions WHERE id = 1",
        "INSERT OR REPLACE INTO revisions SELECT * FROM revisions",
        "INSERT INTO revisions SELECT * FROM revisions ON CONFLICT (id) DO UPDATE SET version = 9",
    ],
)
def test_sql_cannot_change_the_history(database: Database, statement: str) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    if not database.is_sqlite and "OR REPLACE" in statement:
        statement = "INSERT INTO revisions SELECT * FROM revisions"
    statement = statement.replace(" ON CONFLICT", " WHERE true ON CONFLICT")
    with database.engine.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement))
    with database.reading() as session:
        assert [r.version for r in record_history.versions_of(session, RecordType.CLAIM, "CLM-1")] == [1]


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE claims SET outcome = 'unseen'", "The “outcome” of CLM-1 was changed without a revision."),
        ("UPDATE claims SET version = 7", "CLM-1 is at version 7, but its history has no such version."),
        ("DELETE FROM claim_topics", "The “topics” of CLM-1 was changed without a revision."),
        ("DELETE FROM claims", "CLM-1 is missing, but its history has no deletion."),
    ],
)
def test_changes_that_bypass_the_history_are_found(database: Database, statement: str, problem: str) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    with database.engine.begin() as connection:
        connection.execute(text(statement))
    with database.reading() as session:
        assert problem in list(integrity.problems(session))


EDITS = st.lists(
    st.fixed_dictionaries(
        {
            "direction": st.sampled_from([term.value for term in Direction if term is not Direction.NULL]),
            "summary": st.sampled_from([None, "Found.", "Found\nin mice."]),
            "n_animals": st.sampled_from([None, 6, 12]),
            "effect_measure": st.just("OR"),
            "effect_value": st.sampled_from([1.5, 3.87]),
        }
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS)
def test_the_history_has_the_values_of_every_version(
    database: Database, edits: list[dict[str, object]]
) -> None:
    expected = {}
    with database.writing(BY_TEST) as session:
        item = make_evidence(session)
        number, study_id = item.id, item.study_id
        expected[item.version] = {name: getattr(item, name) for name in edits[0]}
    for edit in edits:
        with database.writing(BY_TEST) as session:
            item = session.get_one(EvidenceItem, number)
            values = {**EVIDENCE, "study_id": study_id, **edit}
            evidence.update_evidence(session, item, item.version, values)
            expected[item.version] = {name: getattr(item, name) for name in edit}
    with database.reading() as session:
        for version, values in expected.items():
            state = record_states.state_at(session, RecordType.EVIDENCE, number, version)
            assert {name: state.get(name) for name in values} == values
        assert list(integrity.problems(session)) == []
