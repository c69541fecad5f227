"""The version tables: filled by triggers, never changed, and read as of a moment."""

import datetime
import time
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.models import (
    RECORD_MODELS,
    Appraisal,
    AppraisalEvidence,
    Claim,
    EvidenceItem,
    Revision,
    Study,
    StudyText,
    Topic,
    versions,
)
from claims_app.services.history import restore
from claims_app.services.records import claims, evidence, studies, topics
from claims_app.services.system import integrity
from claims_app.vocabulary import RecordType
from tests.conftest import BY_TEST
from tests.factories import CLAIM, make_appraisal, make_claim, make_evidence, make_study

BEGINNING = datetime.datetime(2024, 1, 1, 12, 0, 0, 5, datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def timed(database: Database) -> Database:
    """A database in which each transaction is one day later than the last, starting at BEGINNING."""
    days = (BEGINNING + number * DAY for number in range(1000))
    database.clock = lambda: next(days)
    return database


def _kept(session: Session, table: str, number: int = 1) -> list[dict[str, Any]]:
    """Return the versions of a row, oldest first."""
    rows = session.execute(
        text(f"SELECT * FROM {table}_versions WHERE id = :id ORDER BY valid_from"), {"id": number}
    )
    return [dict(row) for row in rows.mappings()]


def _reword(database: Database, statement: str) -> None:
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": statement})


def _statement(database: Database, moment: datetime.datetime) -> str | None:
    with database.reading(moment) as session:
        return session.scalar(select(Claim.statement))


def test_a_change_ends_a_version_and_begins_the_next(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session, statement="As it was said first.")
    _reword(timed, "As it was said then.")
    with timed.reading() as session:
        first, second = _kept(session, "claims")
    assert (first["statement"], second["statement"]) == ("As it was said first.", "As it was said then.")
    assert (first["version"], second["version"]) == (1, 2)
    assert first["valid_to"] == second["valid_from"]
    assert second["valid_to"] is None
    assert _statement(timed, BEGINNING) == "As it was said first."
    assert _statement(timed, BEGINNING + DAY) == "As it was said then."
    assert _statement(timed, BEGINNING + DAY - datetime.timedelta(microseconds=1)) == "As it was said first."
    assert _statement(timed, BEGINNING - DAY) is None


def test_all_changes_of_a_transaction_have_one_time(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_appraisal(session)
    with timed.reading() as session:
        moments = set(session.scalars(select(Revision.changed_at)))
        for model in (Claim, Study, EvidenceItem, Appraisal):
            moments |= set(session.scalars(select(model.created_at)))
            moments |= set(session.scalars(select(model.updated_at)))
        moments |= set(session.scalars(select(Appraisal.appraised_at)))
        assert moments == {BEGINNING}
        for table in ("claims", "studies", "evidence_items"):
            assert session.scalar(text(f"SELECT count(DISTINCT valid_from) FROM {table}_versions")) == 1
    with timed.reading(BEGINNING) as session:
        assert session.scalar(select(func.count(Appraisal.id))) == 1


def test_several_changes_of_a_row_in_one_transaction_leave_one_version(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        claim = make_claim(session)
        for statement in ("Said once in this way.", "Said again in that way."):
            claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": statement})
        make_evidence(session, claim)
    with timed.reading() as session:
        (only,) = _kept(session, "claims")
    assert (only["version"], only["statement"]) == (1, "Said again in that way.")


def test_a_row_created_and_deleted_in_one_transaction_leaves_no_version(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        claim = make_claim(session)
        claims.delete_claim(session, claim, claim.version)
    with timed.reading() as session:
        assert _kept(session, "claims") == []


def test_a_restored_row_was_missing_while_it_was_deleted(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    with timed.writing(BY_TEST) as session:
        claims.delete_claim(session, session.get_one(Claim, 1), 1)
    with timed.writing(BY_TEST) as session:
        restore.restore(session, RecordType.CLAIM, "CLM-1")
    there = []
    for number in range(3):
        with timed.reading(BEGINNING + number * DAY) as session:
            claim = session.get(Claim, 1)
            there.append([topic.slug for topic in claim.topics] if claim else None)
    assert there == [["pain"], None, ["pain"]]


def test_rows_of_lists_have_versions_of_their_own(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_study(session, species=["human", "mouse"])
    with timed.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        raw = {
            "title": "T",
            "publication_state": "published",
            "standing": "current",
            "species": ["mouse", "rat"],
        }
        studies.update_study(session, study, study.version, raw)
    for moment, species in ((BEGINNING, ["human", "mouse"]), (BEGINNING + DAY, ["mouse", "rat"])):
        with timed.reading(moment) as session:
            assert [each.value for each in session.get_one(Study, 1).species] == species


def test_derived_columns_are_in_the_versions_too(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_appraisal(session)
    with timed.writing(BY_TEST) as session:
        item = session.get_one(EvidenceItem, 1)
        evidence.delete_evidence(session, item, item.version)
    for moment, level in ((BEGINNING, "low"), (BEGINNING + DAY, "not_assessed")):
        with timed.reading(moment) as session:
            assert session.get_one(Claim, 1).evidence_level == level
            assert session.scalar(select(func.count()).select_from(AppraisalEvidence)) == 1
    with timed.reading(BEGINNING - DAY) as session:
        assert session.scalar(select(func.count()).select_from(AppraisalEvidence)) == 0


def test_a_change_by_another_program_leaves_a_version_too(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    before = datetime.datetime.now(datetime.UTC)
    time.sleep(0.002)  # SQLite's clock has a resolution of milliseconds
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE claims SET outcome = 'pain'"))
    time.sleep(0.002)
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM claims"))
    after = datetime.datetime.now(datetime.UTC)
    with database.reading(before) as session:
        assert session.get_one(Claim, 1).outcome is None
    with database.reading(after) as session:
        assert session.get(Claim, 1) is None
    with database.reading() as session:
        first, second = _kept(session, "claims")
    assert [first["outcome"], second["outcome"]] == [None, "pain"]
    assert first["valid_to"] == second["valid_from"] < second["valid_to"]


def test_the_second_of_two_writers_has_its_own_time(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
    with database.engine.connect() as connection:
        assert connection.scalar(text("SELECT changed_at FROM history_clock")) is None
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        first, second = claim.created_at, session.changed_at
    assert first < second


def test_a_rolled_back_change_leaves_no_version(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session, statement="As it was committed.")
    with timed.writing(BY_TEST) as session:
        session.get_one(Claim, 1).statement = "As it was rolled back."
        session.flush()
        session.rollback()
    with timed.reading() as session:
        assert len(_kept(session, "claims")) == 1
        assert session.scalar(text("SELECT changed_at FROM history_clock")) is None


def test_no_version_ends_before_it_begins_if_the_clock_goes_back(database: Database) -> None:
    moments = iter([BEGINNING + DAY, BEGINNING, BEGINNING])
    database.clock = lambda: next(moments)
    with database.writing(BY_TEST) as session:
        make_claim(session, statement="As it was said first.")
    _reword(database, "As it was said then.")
    with database.reading() as session:
        assert list(integrity.problems(session)) == []
    assert _statement(database, BEGINNING + 2 * DAY) == "As it was said then."


def test_the_content_of_stored_texts_is_not_in_the_versions(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        study = make_study(session)
        studies.attach_text(session, study, {"label": "Full text", "content": "All of the words."})
    with timed.writing(BY_TEST) as session:
        studies.delete_text(session, session.get_one(StudyText, 1), 1)
    with timed.reading(BEGINNING) as session:
        assert session.get_one(StudyText, 1).content == ""
        assert "All of the words." not in str(_kept(session, "study_texts"))


PAST = "'2020-01-01 00:00:00.000000'"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM claims_versions",
        "DELETE FROM claims_versions WHERE valid_to IS NULL",
        "UPDATE claims_versions SET statement = 'Another one.'",
        f"UPDATE claims_versions SET valid_from = {PAST}",
        f"UPDATE claims_versions SET valid_to = {PAST} WHERE valid_to IS NOT NULL",
        f"UPDATE claims_versions SET valid_to = {PAST} WHERE valid_to IS NULL",
        "UPDATE claims_versions SET valid_to = NULL",
        "UPDATE claims_versions SET valid_to = valid_from",
        f"INSERT INTO topics_versions (id, slug, name, version, created_at, updated_at, valid_from)"
        f" VALUES (9, 's', 'n', 1, {PAST}, {PAST}, {PAST})",
        f"INSERT INTO topics_versions (id, slug, name, version, created_at, updated_at, valid_from)"
        f" VALUES (1, 's', 'n', 1, {PAST}, {PAST}, '2999-01-01 00:00:00.000000')",
    ],
)
def test_past_versions_cannot_be_changed(timed: Database, statement: str) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    _reword(timed, "As it was said then.")
    with (
        pytest.raises(DBAPIError, match="Past versions cannot be changed"),
        timed.engine.begin() as connection,
    ):
        connection.execute(text(statement))


def test_an_overwritten_row_leaves_its_version(database: Database, kind: str) -> None:
    if kind != "sqlite":
        pytest.skip("REPLACE is a word of SQLite alone")
    with database.writing(BY_TEST) as session:
        topics.create_topic(session, {"slug": "pain", "name": "Pain"})
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "REPLACE INTO topics (id, slug, name, definition, version, created_at, updated_at)"
                " SELECT id, slug, 'Ache', definition, version, created_at, updated_at FROM topics"
            )
        )
    with database.reading() as session:
        assert [row["name"] for row in _kept(session, "topics")] == ["Pain", "Ache"]


def test_the_past_is_read_only(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session)
    with timed.reading(BEGINNING) as session, pytest.raises(DBAPIError):
        session.execute(text("UPDATE claims SET statement = 'Another one.'"))


def test_past_and_present_can_be_read_alternately(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session, statement="As it was said first.")
    _reword(timed, "As it was said then.")
    # Often enough for the driver to cache the plan of the query.
    for _ in range(15):
        assert _statement(timed, BEGINNING) == "As it was said first."
        assert _statement(timed, BEGINNING - DAY) is None
        with timed.reading() as session:
            assert session.scalar(select(Claim.statement)) == "As it was said then."


def test_a_session_of_the_past_does_not_see_later_changes(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session)
    with timed.reading(BEGINNING + 10 * DAY) as past:
        assert past.scalar(select(func.count(Claim.id))) == 1
        with timed.writing(BY_TEST) as session:
            make_claim(session)
        assert past.scalar(select(func.count(Claim.id))) == 1


def test_the_history_ends_at_the_requested_moment(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        make_claim(session)
    _reword(timed, "As it was said then.")
    with timed.reading(BEGINNING) as session:
        assert list(session.scalars(select(Revision.version))) == [1]


def test_all_mutable_record_types_have_versions() -> None:
    changing = {model.__tablename__ for model in RECORD_MODELS.values() if not model.immutable}
    lists = {field.table for model in RECORD_MODELS.values() for field in model.lists}
    assert changing | lists == set(versions.VERSIONS)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE topics SET name = 'Ache'", "TOP-1 differs from its newest version."),
        ("DELETE FROM topics", "TOP-1 is missing, but its newest version is open."),
    ],
)
def test_a_row_that_differs_from_its_newest_version_is_found(
    database: Database, kind: str, statement: str, sentence: str
) -> None:
    with database.writing(BY_TEST) as session:
        topics.create_topic(session, {"slug": "pain", "name": "Pain"})
    with database.engine.begin() as connection:
        for name in ("topics_change_version", "topics_end_version"):
            connection.execute(text(f"DROP TRIGGER {name}{'' if kind == 'sqlite' else ' ON topics'}"))
        connection.execute(text(statement))
    with database.reading() as session:
        assert sentence in list(integrity.problems(session))


def test_overlapping_versions_are_found(database: Database, kind: str) -> None:
    with database.writing(BY_TEST) as session:
        topics.create_topic(session, {"slug": "pain", "name": "Pain"})
    with database.engine.begin() as connection:
        on = "" if kind == "sqlite" else " ON topics_versions"
        connection.execute(text(f"DROP TRIGGER topics_versions_begin_in_the_present{on}"))
        connection.execute(
            text(
                "INSERT INTO topics_versions (id, slug, name, version, created_at, updated_at, valid_from, valid_to)"
                f" SELECT id, slug, name, version, created_at, updated_at, {PAST}, '2999-01-01 00:00:00.000000'"
                " FROM topics"
            )
        )
    with database.reading() as session:
        assert list(integrity.problems(session)) == ["TOP-1 has two versions for the same time."]


def test_a_past_topic_is_found_for_past_claims(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        topics.create_topic(session, {"slug": "pain", "name": "Pain"})
    with timed.reading(BEGINNING - DAY) as session:
        assert session.scalar(select(func.count(Topic.id))) == 0


def test_a_savepoint_has_the_time_of_its_transaction(timed: Database) -> None:
    with timed.writing(BY_TEST) as session:
        assert isinstance(session, WriteSession)
        before = session.changed_at
        with session.begin_nested():
            make_claim(session)
        assert session.changed_at == before
    with timed.reading() as session:
        assert session.get_one(Claim, 1).created_at == before
