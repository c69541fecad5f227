"""No naked grades: what SQLite and PostgreSQL themselves refuse when the services are bypassed."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from claims_app.database import Database
from claims_app.models import Claim
from claims_app.vocabulary import CertaintyDomain
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study

NOW = "2026-11-23 05:00:00"
APPRAISAL: dict[str, object] = {
    "id": 9,
    "claim_id": 2,
    "stage": "single",
    "scheme": "grade",
    "scheme_version": "1",
    "claim_kind": "association",
    "start_level": "low",
    "start_reason": "R",
    "may_rate_up": True,
    "translated": False,
    **dict.fromkeys(("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias"), 0),
    **dict.fromkeys(("large_effect", "dose_response_gradient", "opposing_confounding"), 0),
    **{f"{domain.value}_advice": 0 for domain in CertaintyDomain},
    "computed_level": "low",
    "level": "low",
    "conclusion": "supported",
    "proposed_conclusion": "supported",
    "conclusion_derived": False,
    "evidence_digest": "0" * 64,
    "weaknesses": "[]",
    "lead_evidence_id": 2,
    "appraised_at": NOW,
    "version": 1,
    "created_at": NOW,
    "updated_at": NOW,
}
SEEN: dict[str, object] = {
    "appraisal_id": 9,
    "evidence_id": 2,
    "evidence_version": 1,
    "study_id": 2,
    "study_version": 1,
    "finding": "{}",
}


BY_HAND = [
    "UPDATE claims SET evidence_level = 'high' WHERE id = 1",
    "UPDATE claims SET evidence_level = 'high' WHERE id = 2",
    "UPDATE claims SET evidence_level = 'very_low' WHERE id = 4",
    "UPDATE claims SET evidence_level = 'low', conclusion = 'supported', appraisal_id = 1 WHERE id = 2",
    "UPDATE claims SET evidence_level = 'low', conclusion = 'supported', appraisal_id = 77 WHERE id = 2",
    "UPDATE claims SET appraisal_id = NULL WHERE id = 1",
    "UPDATE claims SET evidence_level = 'not_assessed' WHERE id = 1",
    "UPDATE claims SET evidence_level = 'excellent' WHERE id = 1",
    "UPDATE claims SET conclusion = NULL WHERE id = 1",
    "UPDATE claims SET conclusion = 'contradicted' WHERE id = 1",
    "UPDATE claims SET conclusion_derived = NOT conclusion_derived WHERE id = 1",
    "UPDATE claims SET conclusion = 'supported' WHERE id = 2",
    f"UPDATE claims SET stale_since = '{NOW}' WHERE id = 2",
    "INSERT INTO claims (statement, kind, status, evidence_level, version, created_at, updated_at) "
    f"VALUES ('S', 'mechanism', 'active', 'high', 1, '{NOW}', '{NOW}')",
    "INSERT INTO claims (statement, kind, status, evidence_level, conclusion, appraisal_id, version, created_at, "
    f"updated_at) VALUES ('S', 'mechanism', 'active', 'low', 'supported', 1, 1, '{NOW}', '{NOW}')",
    "UPDATE appraisals SET level = 'high', override_reason = 'R'",
    "UPDATE appraisals SET rationale = 'another one'",
    "DELETE FROM appraisals",
    "UPDATE appraisal_evidence SET evidence_version = 7",
    "DELETE FROM appraisal_evidence",
    "DELETE FROM claims WHERE id = 1",
]


SET_LEVEL = (
    "UPDATE claims SET evidence_level = 'low', conclusion = 'supported', appraisal_id = 9 WHERE id = 2"
)

NOT_PERMITTED: dict[str, dict[str, object]] = {
    "evidence that does not exist": {"lead_evidence_id": 77, "evidence_id": 77},
    "evidence of another claim": {"lead_evidence_id": 1, "evidence_id": 1, "study_id": 1},
    "a retracted study": {"claim_id": 3, "lead_evidence_id": 3, "evidence_id": 3, "study_id": 3},
    "a claim without evidence": {"claim_id": 4},
    "a version that is not there yet": {"evidence_version": 2},
    "another study than that of the evidence": {"study_id": 1},
    "no reason": {"imprecision": -1, "computed_level": "very_low", "level": "very_low"},
    "a blank reason": {
        "imprecision": -1,
        "imprecision_reason": " ",
        "computed_level": "very_low",
        "level": "very_low",
    },
    "a level that was not computed so": {"imprecision": -1, "imprecision_reason": "R"},
    "another level than computed": {"computed_level": "high", "level": "high"},
    "a silent override": {"level": "high"},
    "a reason for no override": {"override_reason": "R"},
    "no start": {"start_level": "not_assessed"},
    "no level": {"level": "not_assessed", "override_reason": "R"},
    "randomised evidence rated up": {"large_effect": 1, "large_effect_reason": "R", "may_rate_up": False}
    | {"computed_level": "moderate", "level": "moderate"},
    "up and down without a reason": {
        "large_effect": 1,
        "large_effect_reason": "R",
        "imprecision": -1,
        "imprecision_reason": "R",
    },
    "three levels without the tool": {
        "risk_of_bias": -3,
        "risk_of_bias_reason": "R",
        "computed_level": "very_low",
    }
    | {"level": "very_low"},
    "animals for people, and direct": {"translated": True},
    "a question without an answer": {"publication_bias": None},
    "no advice to compare an answer with": {"imprecision_advice": None},
    "advice overruled without a word": {"imprecision_advice": -1},
    "advice overruled with a blank": {"imprecision_advice": -1, "imprecision_reason": " "},
    "no conclusion": {"conclusion": None},
    "another conclusion than proposed, without a word": {"conclusion": "contradicted"},
    "a conclusion that is none of the terms": {"conclusion": "true", "proposed_conclusion": "true"},
    "a conclusion of no person": {"conclusion_derived": True},
    "a settlement of nothing": {"stage": "settled"},
}


@pytest.fixture
def filled(database: Database) -> Database:
    """CLM-1 appraised as low, CLM-2 with evidence, CLM-3 with evidence of a retracted study, CLM-4 with none."""
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
        make_evidence(session, make_claim(session), make_study(session))
        make_evidence(session, make_claim(session), make_study(session, standing="retracted"))
        make_claim(session)
    return database


def insert(connection: Connection, table: str, row: dict[str, object]) -> None:
    """Insert `row` with plain SQL, bypassing the unit of work."""
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def is_refused(database: Database, *statements: str) -> bool:
    """Return whether the database refuses the statements."""
    try:
        with database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    except DBAPIError:
        return True
    return False


def appraisal_is_refused(database: Database, **values: object) -> bool:
    """Return whether the database refuses an appraisal with `values` and its evidence."""
    seen = {name: values.pop(name) for name in list(values) if name in SEEN}
    try:
        with database.engine.begin() as connection:
            insert(connection, "appraisals", {**APPRAISAL, **values})
            insert(connection, "appraisal_evidence", {**SEEN, **seen})
    except DBAPIError:
        return True
    return False


def test_an_appraisal_with_evidence_and_reasons_is_accepted(filled: Database) -> None:
    assert not appraisal_is_refused(filled)
    with filled.engine.connect() as connection:
        row = connection.execute(text("SELECT evidence_level, conclusion FROM claims WHERE id = 2")).one()
    assert tuple(row) == ("low", "supported")


def test_levels_and_appraisals_cannot_be_changed_with_plain_sql(filled: Database) -> None:
    for statement in BY_HAND:
        assert is_refused(filled, statement), statement


def test_an_invalid_appraisal_is_refused(filled: Database) -> None:
    for case, values in NOT_PERMITTED.items():
        assert appraisal_is_refused(filled, **values), case


def test_an_appraisal_without_evidence_sets_no_level(filled: Database) -> None:
    with filled.engine.begin() as connection:
        insert(connection, "appraisals", APPRAISAL)
    with filled.engine.connect() as connection:
        assert connection.scalar(text("SELECT evidence_level FROM claims WHERE id = 2")) == "not_assessed"
    assert is_refused(filled, SET_LEVEL)


def test_one_of_two_independent_appraisals_sets_no_level(filled: Database) -> None:
    with filled.engine.begin() as connection:
        insert(connection, "appraisal_rounds", {"id": 1, "claim_id": 2, "opened_at": NOW})
        insert(connection, "appraisals", {**APPRAISAL, "stage": "independent", "round_id": 1})
        insert(connection, "appraisal_evidence", SEEN)
    with filled.engine.connect() as connection:
        assert connection.scalar(text("SELECT evidence_level FROM claims WHERE id = 2")) == "not_assessed"
    assert is_refused(filled, SET_LEVEL)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM evidence_items WHERE id = 1",
        "DELETE FROM evidence_items",
        "UPDATE evidence_items SET claim_id = 4 WHERE id = 1",
        "UPDATE evidence_items SET review_state = 'submitted' WHERE id = 1",
    ],
)
def test_removing_the_last_evidence_removes_the_level(filled: Database, statement: str) -> None:
    with filled.engine.begin() as connection:
        connection.execute(text(statement))
        columns = "evidence_level, conclusion, appraisal_id"
        row = connection.execute(text(f"SELECT {columns} FROM claims WHERE id = 1")).one()
    assert tuple(row) == ("not_assessed", None, None)


def copied(connection: Connection, table: str, **instead: str) -> tuple[str, str]:
    """Return the columns of `table` and the expressions that copy a row, with some values replaced by `instead`."""
    names = list(connection.execute(text(f"SELECT * FROM {table} LIMIT 0")).keys())
    return ", ".join(names), ", ".join(instead.get(name, name) for name in names)


@pytest.mark.parametrize("foreign_keys", [True, False], ids=["foreign keys", "no foreign keys"])
@pytest.mark.parametrize(
    ("table", "instead"),
    [
        pytest.param("evidence_items", {"claim_id": "4"}, id="evidence moved to another claim"),
        pytest.param("evidence_items", {"review_state": "'submitted'"}, id="evidence not accepted"),
        pytest.param("evidence_items", {"direction": "'null'"}, id="evidence that says something else"),
        pytest.param(
            "appraisals",
            {"start_level": "'high'", "computed_level": "'high'", "level": "'high'"},
            id="another level",
        ),
        pytest.param("appraisal_evidence", {"finding": "'{}'"}, id="another finding"),
        pytest.param("claims", {"evidence_level": "'high'"}, id="a claim with another level"),
    ],
)
def test_no_row_can_be_overwritten(
    filled: Database, table: str, instead: dict[str, str], foreign_keys: bool
) -> None:
    if not filled.is_sqlite and not foreign_keys:
        pytest.skip("foreign keys cannot be switched off by a client here")
    key = "appraisal_id" if table == "appraisal_evidence" else "id"
    with filled.engine.connect() as connection:
        names, values = copied(connection, table, **instead)
        copy = f"INTO {table} ({names}) SELECT {values} FROM {table} WHERE {key} = 1"
        column, value = next(iter(instead.items()))
        conflict = f"{key}, evidence_id" if table == "appraisal_evidence" else key
        connection.rollback()
        if not foreign_keys:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        for statement in (
            f"REPLACE {copy}" if filled.is_sqlite else f"INSERT {copy}",
            # Without a condition, SQLite would parse ON as part of a join.
            f"INSERT {copy} AND true ON CONFLICT ({conflict}) DO UPDATE SET {column} = {value}",
        ):
            with pytest.raises(DBAPIError):
                connection.execute(text(statement))
            connection.rollback()
        if not foreign_keys:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys = ON")  # type: ignore[union-attr]


def test_the_id_of_evidence_cannot_be_changed(filled: Database) -> None:
    assert is_refused(filled, "UPDATE evidence_items SET id = 99 WHERE id = 1")
    if filled.is_sqlite:
        assert is_refused(filled, "UPDATE OR REPLACE evidence_items SET id = 1 WHERE id = 2")


def test_no_evidence_can_be_added_to_an_appraisal(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), make_study(session))
    assert is_refused(
        filled,
        "INSERT INTO appraisal_evidence (appraisal_id, evidence_id, evidence_version, study_id, study_version, "
        "finding) VALUES (1, 4, 1, 4, 1, '{}')",
    )


def test_an_appraisal_stores_all_of_its_evidence(filled: Database) -> None:
    with filled.writing(BY_TEST) as session:
        claim = make_claim(session)
        made = [make_evidence(session, claim, make_study(session, design="cohort")).id for _ in range(12)]
        appraisal = make_appraisal(session, claim)
        assert [row.evidence_id for row in appraisal.seen] == made


@pytest.mark.parametrize(
    "table", ["evidence_items", "appraisals", "appraisal_evidence", "revisions", "claims"]
)
def test_tables_cannot_be_truncated(filled: Database, table: str) -> None:
    if filled.is_sqlite:
        pytest.skip("SQLite has no TRUNCATE; a DELETE without a condition fires the triggers")
    assert is_refused(filled, f"TRUNCATE {table} CASCADE")


def test_levels_are_protected_with_foreign_keys_switched_off(filled: Database) -> None:
    if not filled.is_sqlite:
        pytest.skip("foreign keys cannot be switched off by a client here")
    with filled.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        for statement in (
            "UPDATE claims SET evidence_level = 'high' WHERE id = 1",
            "UPDATE claims SET evidence_level = 'high', conclusion = 'supported', appraisal_id = 77 WHERE id = 4",
            "INSERT INTO claims (statement, kind, status, evidence_level, conclusion, appraisal_id, version, "
            f"created_at, updated_at) VALUES ('S', 'mechanism', 'active', 'low', 'supported', 1, 1, '{NOW}', '{NOW}')",
        ):
            with pytest.raises(Exception, match="newest appraisal"):
                driver.execute(statement)
        driver.execute("PRAGMA foreign_keys = ON")
