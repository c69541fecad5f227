"""What changed in what is known: only what says something new, newest first."""

import datetime

from claims_app.database import Database
from claims_app.services.pages import news
from claims_app.services.pages.news import NewsKind
from claims_app.vocabulary import Direction, Standing
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study


def test_levels_retractions_and_evidence_are_news(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim)
        make_appraisal(session, claim)
        other = make_claim(session)
        make_evidence(session, other)
        make_evidence(session, other, make_study(session), direction="contradicts")
        make_study(session, standing="retracted", standing_date="2024-05-06")
    with database.reading() as session:
        found = news.latest(session, 8)
    assert {(one.kind, one.record) for one in found} == {
        (NewsKind.ASSESSED, "CLM-1"),
        (NewsKind.EVIDENCE, "CLM-2"),
        (NewsKind.RETRACTED, "STU-4"),
    }
    assert found[-1].at == datetime.date(2024, 5, 6)
    assert found[-1].standing is Standing.RETRACTED
    of_evidence = next(one for one in found if one.kind is NewsKind.EVIDENCE)
    assert of_evidence.directions == [(Direction.SUPPORTS, 1), (Direction.CONTRADICTS, 1)]


def test_an_appraisal_that_confirms_is_no_news_and_one_that_moves_says_from_where(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim)
        first = make_appraisal(session, claim)
        make_appraisal(session, claim)
    with database.reading() as session:
        assert [one.kind for one in news.latest(session, 8)] == [NewsKind.EVIDENCE]
    with database.writing(BY_TEST) as session:
        claim = session.get_one(type(claim), 1)
        moved = make_appraisal(session, claim, conclusion="mixed", conclusion_reason="They differ.")
    with database.reading() as session:
        [change] = [one for one in news.latest(session, 8) if one.kind is NewsKind.MOVED]
    assert change.before is not None
    assert change.verdict is not None
    assert (change.before.conclusion, change.verdict.conclusion) == (first.conclusion, moved.conclusion)
