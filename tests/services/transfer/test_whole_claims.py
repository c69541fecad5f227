"""A claim with everything it is based on is read in a few statements, however much that is."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from claims_app.database import Database
from claims_app.models import EvidenceItem, Limitation
from claims_app.services.transfer.whole_claims import find_whole
from claims_app.vocabulary import Direction, EvidenceLevel, ReviewState
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield run
    event.remove(database.engine, "before_cursor_execute", note)


def test_the_whole_is_read_in_as_many_statements_for_much_evidence(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for number in (1, 5):
            claim = make_claim(session, topics=["Pain", "Sleep"][: 1 + number // 5])
            make_limitation(session, claim)
            for _ in range(number):
                published = make_study(session).public_id
                study = make_study(session, design="cohort", version_of_id=published)
                make_limitation(session, make_evidence(session, claim, study))
            make_appraisal(session, claim)
    statements = []
    for name in ("CLM-1", "CLM-2"):
        with database.reading() as session, counted(database) as run:
            found = find_whole(session, name)
        statements.append([one for one in run if one.lstrip().upper().startswith(("SELECT", "WITH"))])
    assert len(found.evidence) == 5
    assert all(len(item.limitations) == 1 for item in found.evidence)
    assert len(found.limitations) == 1
    assert found.topics == ["Pain", "Sleep"]
    assert len(statements[0]) == len(statements[1]) <= 7


def test_it_has_the_appraisal_and_says_what_it_says_in_one_sentence(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
    with database.reading() as session:
        found = find_whole(session, "CLM-1")
    assert found.appraisal is not None
    assert found.appraisal.evidence_ids == ["EVD-1"]
    assert found.verdict.level is found.appraisal.level is EvidenceLevel.LOW
    assert found.said == (
        "The evidence suggests that autoantibodies are elevated in people with fibromyalgia (low certainty)."
    )


def test_it_says_that_the_evidence_changed_since_the_appraisal(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_appraisal(session).claim
        make_evidence(session, claim, direction="contradicts")
    with database.reading() as session:
        found = find_whole(session, "CLM-1")
    assert found.said.startswith("Based on the evidence of ")
    assert found.said.endswith("(low certainty; the evidence has changed since).")
    assert any("has changed since the appraisal" in warning for warning in found.warnings)


def test_rejected_records_are_left_out_and_retracted_studies_named(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, standing="retracted"), direction="contradicts")
        rejected = make_evidence(session, claim)
        limitation = make_limitation(session, claim)
        session.flush()
        for record in (
            session.get_one(EvidenceItem, rejected.id),
            session.get_one(Limitation, limitation.id),
        ):
            record.review_state = ReviewState.REJECTED
    with database.reading() as session:
        found = find_whole(session, "CLM-1")
    [item] = found.evidence
    assert (item.direction, item.why_uncounted) == (Direction.CONTRADICTS, "the study is retracted")
    assert found.limitations == []
    assert any("Retracted" in warning for warning in found.warnings)
