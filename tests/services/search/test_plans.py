"""A search reads no more than what it finds, and two writers at once lose no words."""

import threading

import pytest
from sqlalchemy import event, text

from claims_app.database import Database
from claims_app.models import Claim, Study
from claims_app.services.records import studies
from claims_app.services.search import found, matching_claims, matching_studies
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study


def test_no_search_goes_through_a_table(database: Database) -> None:
    statements: list[tuple[str, object]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("SELECT") and "data_number" not in statement and "concat_ws" not in statement:
            statements.append((statement, parameters))

    with database.reading() as session:
        event.listen(database.engine, "before_cursor_execute", note)
        try:
            matching_claims(session, 'serum "skin pain" inflam* -mouse')
            matching_studies(session, "serum")
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if database.is_sqlite else "EXPLAIN "
        if not database.is_sqlite:
            # Tables without rows are read whole, unless that is forbidden.
            session.execute(text("SET LOCAL enable_seqscan = off"))
        assert len(statements) > 8
        for statement, parameters in statements:
            plan = session.connection().exec_driver_sql(explain + statement, parameters).all()
            lines = [str(row[-1]) for row in plan]
            assert not [line for line in lines if _goes_through(line)], (statement, lines)


def _goes_through(line: str) -> bool:
    """Return whether a line of a plan reads a whole table: not an index of words, nor the queue from its end."""
    on_sqlite = (
        line.startswith("SCAN ") and "VIRTUAL TABLE INDEX" not in line and "search_pending" not in line
    )
    return on_sqlite or "Seq Scan" in line


def test_two_writers_at_once_lose_no_words(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("One writes after the other.")
    with database.writing(BY_TEST) as session:
        study = make_study(session, title="Passive transfer")
        make_evidence(session, make_claim(session), study)
    first_wrote, second_began = threading.Event(), threading.Event()

    def rename() -> None:
        with database.writing(BY_TEST) as session:
            session.get_one(Study, study.id).title = "Zebrafish swim"
            session.flush()
            first_wrote.set()
            second_began.wait(20)

    renaming = threading.Thread(target=rename)
    renaming.start()
    first_wrote.wait(20)
    with database.writing(BY_TEST) as session:
        studies.keep_abstract(session, session.get_one(Study, study.id), "Immunoglobulin.")
        session.flush()
        second_began.set()
    renaming.join()
    with database.reading() as session:
        assert list(found(matching_studies(session, "zebrafish immunoglobulin"))) == [study.id]
        assert list(found(matching_claims(session, "zebrafish immunoglobulin"))) == [
            session.query(Claim.id).scalar()
        ]
