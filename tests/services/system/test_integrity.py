"""The checks of the data: they go through all of it in parts, and name what is wrong in any of them."""

import pytest
from sqlalchemy import event, text

from claims_app.database import Database
from claims_app.services.records import studies
from claims_app.services.system import checking, integrity
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study

CONTENT = "Serum IgG from patients moved the symptoms to mice."
QUOTE = "moved the symptoms"


def fill(database: Database, number: int) -> None:
    """Add claims, each with a study and its text, an appraised evidence item, a limitation and quotes."""
    with database.writing(BY_TEST) as session:
        for _ in range(number):
            study = make_study(session)
            studies.attach_text(session, study, {"label": "Full text", "content": CONTENT})
            claim = make_claim(session, origin_study_id=study.id, origin_quote=QUOTE)
            claim_topics = {"topics": [f"Topic {claim.id}"]}
            make_claim(session, **claim_topics)
            make_limitation(session, make_evidence(session, claim, study, quote=QUOTE), quote=QUOTE)
            make_appraisal(session, claim)


def damage(database: Database, *statements: str) -> None:
    """Execute the statements without triggers and foreign keys, as a damaged disk or a bad script would."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            for (name,) in connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
        connection.commit()


DAMAGE = {
    "UPDATE study_texts SET content = replace(content, 'Serum', 'Blood') WHERE id = 5": (
        "The text TXT-5 does not match its SHA-256."
    ),
    "UPDATE claims SET origin_quote = 'other words' WHERE id = 9": (
        "The quote of CLM-9 is marked as verified, but was found in no text of its study."
    ),
    "UPDATE evidence_items SET quote = 'other words' WHERE id = 5": (
        "The quote of EVD-5 is marked as verified, but was found in no text of its study."
    ),
    "DELETE FROM study_texts WHERE id = 6": (
        "The quote of LIM-6 is marked as verified, but was found in no text of its study."
    ),
    "UPDATE appraisals SET evidence_digest = 'x' WHERE id = 6": (
        "The stored evidence of APR-6 does not match its digest."
    ),
    "UPDATE appraisals SET start_level = 'high', computed_level = 'high', level = 'high' WHERE id = 5": (
        "APR-5 has another computed level than its stored domains lead to."
    ),
    "UPDATE appraisals SET conclusion = 'mixed', proposed_conclusion = 'mixed' WHERE id = 2": (
        "APR-2 has another proposed conclusion than its stored evidence leads to."
    ),
    "UPDATE claims SET conclusion = 'mixed' WHERE id = 1": (
        "CLM-1 does not have the level of its newest appraisal, APR-1."
    ),
    "UPDATE claims SET stale_since = updated_at WHERE id = 7": (
        "The level of CLM-7 is marked as stale, but is not."
    ),
    "DELETE FROM evidence_items WHERE id = 7": "CLM-13 has a level, but no evidence.",
    "UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', conclusion = NULL WHERE id = 15": (
        "CLM-15 does not have the level of its newest appraisal, APR-8."
    ),
    "UPDATE claims SET merged_into_id = 1 WHERE id = 11": (
        "CLM-11 and its merge disagree about the record that it was merged into."
    ),
    "UPDATE studies SET merged_into_id = 1 WHERE id = 8": (
        "EVD-8 is linked to STU-8, which was merged into another record."
    ),
    "UPDATE claims SET version = 9 WHERE id = 12": "CLM-12 is at version 9, but its history has no such version.",
    "DELETE FROM claims WHERE id = 10": "CLM-10 is missing, but its history has no deletion.",
    "UPDATE topics SET name = 'Another' WHERE id = 6": "TOP-6 differs from its newest version.",
    "DELETE FROM claim_topics WHERE topic_id = 8": (
        "Row 16, 8 of claim_topics is missing, but its newest version is open."
    ),
    "UPDATE studies_versions SET valid_from = '2000-01-01', valid_to = '2001-01-01' WHERE id = 5": (
        "STU-5 differs from its newest version."
    ),
}


def test_each_kind_of_damage_is_named_beyond_the_first_part(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(database, 8)
    damage(database, *DAMAGE)
    monkeypatch.setattr(checking, "PART", 2)
    monkeypatch.setattr(integrity, "_TEXTS_AT_ONCE", 2)
    with database.reading() as session:
        found = list(integrity.problems(session))
    assert set(DAMAGE.values()) - set(found) == set()


def test_every_fault_is_named(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for _ in range(12):
            make_claim(session)
    damage(database, "UPDATE claims SET kind = 'mechanism'")
    with database.reading() as session:
        found = list(integrity.problems(session))
    assert found == [f"CLM-{number} differs from its newest version." for number in range(1, 13)]


def test_more_records_than_one_part_are_sound(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(database, 3)
    monkeypatch.setattr(checking, "PART", 1)
    with database.reading() as session:
        assert list(integrity.problems(session)) == []


def test_what_is_checked_adds_up(database: Database) -> None:
    fill(database, 2)
    with database.reading() as session:
        for check in integrity.checks(session):
            assert sum(part.rows for part in check.parts(session)) == check.size(session), check.label


def test_more_records_in_a_part_need_no_more_statements(database: Database) -> None:
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))

    def statements() -> int:
        sent.clear()
        with database.reading() as session:
            assert list(integrity.problems(session)) == []
        return len(sent)

    fill(database, 2)
    few = statements()
    fill(database, 4)
    assert statements() == few
