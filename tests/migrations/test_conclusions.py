"""The migration to conclusions: each earlier appraisal gets the one that the balance it saw suggests."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from claims_app.engines import make_engine
from claims_app.rules.appraisal.conclusion import propose
from claims_app.rules.counting import Link, balance
from claims_app.services.system import schema
from claims_app.vocabulary import Direction, Standing
from tests.migrations.test_migrations import ROWS, _fill, _insert

BEFORE = "c1a0000000a5"
BEFORE_TRIGGERS = "c1a0000000a3"
"""Here rows can still be written freely."""

SEEN: dict[int, list[tuple[int, str, int | None, int | None]]] = {
    2: [(1, "supports", None, None)],
    3: [(1, "contradicts", None, None), (2, "contradicts", 1, None), (3, "supports", None, 7)],
    4: [(1, "contradicts", None, 7), (2, "contradicts", None, 7)],
    5: [(1, "null", None, None), (2, "inconclusive", None, None)],
    6: [(1, "supports", None, 7), (2, "contradicts", None, 7)],
    7: [(1, "inconclusive", None, None)],
    8: [*((study, "supports", None, None) for study in (1, 2, 3)), (4, "null", None, None)],
    9: [*((study, "supports", None, None) for study in (1, 2)), (4, "null", None, None)],
}
"""What each appraisal saw: study, direction, published version and group."""

DRAFT = {"imprecision": "0", "risk_of_bias": "0", "risk_of_bias_reason": "Judged.", "rationale": "So far."}


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """A database from before there were conclusions, with an appraisal for each of SEEN and a draft."""
    engine = make_engine(empty_url)
    schema.upgrade(engine, BEFORE_TRIGGERS)
    _fill(engine)
    with engine.begin() as connection:
        known = connection.execute(text("SELECT * FROM appraisals LIMIT 0")).keys()
        for number, seen in SEEN.items():
            row = {name: ROWS["appraisals"][name] for name in known if name in ROWS["appraisals"]}
            _insert(connection, "appraisals", {**row, "id": number})
            for evidence, (study, direction, version_of, group) in enumerate(seen, start=1):
                finding = {"direction": direction, "version_of_id": version_of, "group_id": group}
                links = {"appraisal_id": number, "evidence_id": evidence, "study_id": study}
                values = {**ROWS["appraisal_evidence"], **links, "finding": json.dumps(finding)}
                _insert(connection, "appraisal_evidence", values)
        connection.execute(text("UPDATE claims SET evidence_level = 'low', appraisal_id = 9"))
        connection.execute(text("UPDATE appraisal_drafts SET content = :draft"), {"draft": json.dumps(DRAFT)})
    schema.upgrade(engine, BEFORE)
    with engine.begin() as connection:
        connection.execute(text("UPDATE claims SET statement = 'As it was then', version = 2"))
    schema.upgrade(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def test_each_appraisal_gets_the_proposed_conclusion_marked_as_derived(engine: Engine) -> None:
    proposed = {
        number: propose(
            balance(
                Link(Direction.of(direction), study, version_of, group, Standing.CURRENT, None)
                for study, direction, version_of, group in seen
            )
        )
        for number, seen in SEEN.items()
    }
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT id, conclusion, proposed_conclusion, conclusion_derived FROM appraisals WHERE id > 1"
            )
        ).all()
    assert {number: conclusion for number, conclusion, *_ in rows} == proposed
    assert all(conclusion == other and derived for _, conclusion, other, derived in rows)


def test_a_claim_and_its_past_get_the_conclusion_of_their_appraisal(engine: Engine) -> None:
    with engine.connect() as connection:
        for table in ("claims", "claims_versions"):
            row = connection.execute(text(f"SELECT conclusion, conclusion_derived FROM {table}")).one()
            assert tuple(row) == ("mixed", True)


def test_answers_that_the_form_had_preset_are_taken_out_of_drafts(engine: Engine) -> None:
    with engine.connect() as connection:
        content = connection.scalar(text("SELECT content FROM appraisal_drafts"))
    kept = json.loads(content) if isinstance(content, str) else content
    assert kept == {name: value for name, value in DRAFT.items() if name != "imprecision"}
