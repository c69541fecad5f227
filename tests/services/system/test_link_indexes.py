"""Records that most others have no link to are found by an index, also when the database has counted its rows."""

import pytest
from sqlalchemy import text

from claims_app.database import Database
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_limitation
from tests.support.plans import Statement, whole_reads

MANY = (
    "INSERT INTO limitations (claim_id, kind, text, review_state, version, created_at, updated_at)"
    " SELECT a.claim_id, a.kind, a.text, a.review_state, a.version, a.created_at, a.updated_at"
    " FROM limitations AS a, limitations AS b, limitations AS c",
    "INSERT INTO studies (title, publication_state, standing, review_state, version, created_at, updated_at)"
    " SELECT a.title, a.publication_state, a.standing, a.review_state, a.version, a.created_at, a.updated_at"
    " FROM studies AS a, studies AS b, studies AS c",
)
"""Statements that add so many rows that reading them all costs more than a few looks into an index."""


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM claims WHERE origin_study_id = 1",
        "SELECT * FROM limitations WHERE claim_id = 1 OR evidence_id IN (1, 2, 3)",
        "SELECT * FROM studies WHERE group_id = 1",
        "SELECT * FROM studies WHERE registry_id = 'NCT1'",
        "SELECT * FROM studies WHERE id = 1 OR version_of_id = 1",
    ],
)
def test_a_rare_link_is_found_by_an_index(database: Database, query: str) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        for _ in range(8):
            make_evidence(session, claim)
            make_limitation(session, claim)
    with database.writing(BY_TEST) as session:
        for statement in (*MANY, "ANALYZE"):
            session.execute(text(statement))
    assert whole_reads(database, [Statement(query, ())]) == []
