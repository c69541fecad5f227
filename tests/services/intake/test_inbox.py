"""Putting references into the inbox: what is stored, and that no paper is added twice."""

import pytest
from sqlalchemy import func, select

from claims_app.database import Database, WriteSession
from claims_app.models import Candidate, CandidateDecision, CandidateOrigin
from claims_app.rules.reference import Reference
from claims_app.services.core.errors import Invalid
from claims_app.services.intake import completion, inbox
from claims_app.services.intake.inbox import Origin
from claims_app.services.intake.lookup import Answers
from claims_app.vocabulary import CandidateAction, CandidateState, OriginKind, PutOutcome
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_study

TYPED = Origin(kind=OriginKind.IDENTIFIER, detail="doi:10.1172/JCI144201")
PAPER = {
    "title": "Passive transfer of fibromyalgia symptoms from patients to mice",
    "authors": ["Goebel, A", "Krock, E"],
    "year": "2021",
    "doi": "https://doi.org/10.1172/JCI144201",
    "pmid": "34196305",
}


def _put(session: WriteSession, origin: Origin = TYPED, abstract: str = "", **values: object) -> inbox.Put:
    return inbox.put(session, Reference(values=values or PAPER, abstract=abstract), origin)


def test_a_new_candidate_has_its_values_and_its_origin(session: WriteSession) -> None:
    put = _put(session, abstract="  Of mice.\r\nAnd people. ")
    assert put.outcome is PutOutcome.NEW
    candidate = put.candidate
    assert candidate is not None
    session.expire_all()
    assert (candidate.doi, candidate.authors, candidate.year) == (
        "10.1172/jci144201",
        "Goebel, A\nKrock, E",
        2021,
    )
    assert candidate.abstract == "Of mice.\nAnd people."
    assert candidate.state is CandidateState.WAITING
    assert [(o.kind, o.detail) for o in candidate.origins] == [(OriginKind.IDENTIFIER, TYPED.detail)]


def test_the_same_paper_is_one_candidate_with_all_origins(session: WriteSession) -> None:
    first = _put(session)
    from_file = Origin(kind=OriginKind.FILE, detail="library.ris", line=12)
    again = _put(session, from_file, title="Passive Transfer …", doi="10.1172/jci144201", journal="JCI")
    assert again.outcome is PutOutcome.WAITING
    assert again.candidate is first.candidate
    assert again.candidate is not None
    assert again.candidate.journal == "JCI"
    assert again.candidate.title == PAPER["title"]
    _put(session, from_file, doi="10.1172/jci144201")
    session.expire_all()
    assert [o.line for o in again.candidate.origins] == [None, 12]


def test_without_identifiers_title_and_year_are_compared(session: WriteSession) -> None:
    first = _put(session, title="Größe matters: a trial.", year=2020)
    same = _put(session, title="GRÖSSE matters – a trial", year=2020)
    other = _put(session, title="Größe matters: a trial.", year=2024)
    assert same.candidate is first.candidate
    assert other.outcome is PutOutcome.NEW


def test_the_same_title_with_another_doi_is_a_new_candidate(session: WriteSession) -> None:
    _put(session, title="Reply", year=2020, doi="10.1000/1")
    assert _put(session, title="Reply", year=2020, doi="10.1000/2").outcome is PutOutcome.NEW


def test_an_existing_study_does_not_become_a_candidate(session: WriteSession) -> None:
    study = make_study(session, pmid="34196305")
    put = _put(session)
    assert (put.outcome, put.study, put.candidate) == (PutOutcome.KNOWN, study, None)
    assert session.scalar(select(func.count(Candidate.id))) == 0


def test_a_candidate_with_only_an_identifier_can_be_completed(session: WriteSession) -> None:
    candidate = _put(session, doi="10.1172/jci144201").candidate
    assert candidate is not None
    assert not candidate.is_complete
    assert candidate.name == "10.1172/jci144201"
    inbox.complete(session, candidate, Reference(values=PAPER, abstract="Of mice."))
    assert (candidate.title, candidate.pmid, candidate.abstract) == (PAPER["title"], "34196305", "Of mice.")
    assert session.scalars(select(CandidateDecision.action)).all() == [CandidateAction.COMPLETED]


def test_an_identifier_of_another_candidate_is_not_copied(session: WriteSession) -> None:
    _put(session, pmid="34196305")
    by_doi = _put(session, doi="10.1172/jci144201").candidate
    assert by_doi is not None
    inbox.complete(session, by_doi, Reference(values=PAPER))
    assert (by_doi.title, by_doi.pmid) == (PAPER["title"], None)


def test_invalid_values_are_dropped(session: WriteSession) -> None:
    candidate = _put(session, title="T", year="soon", doi="no DOI", version_of_id="STU-1").candidate
    assert candidate is not None
    assert candidate.content == {"title": "T"}


def test_a_reference_without_title_and_identifier_is_refused(session: WriteSession) -> None:
    with pytest.raises(Invalid, match="DOI"):
        _put(session, doi="no DOI")


def test_a_retraction_named_by_the_source_is_stored(session: WriteSession) -> None:
    candidate = _put(session, title="T", standing="retracted").candidate
    assert candidate is not None
    assert candidate.retraction == "According to its source: retracted."


def test_the_same_reference_added_twice_at_once_is_one_candidate(database: Database, kind: str) -> None:
    if kind == "sqlite":
        pytest.skip("SQLite allows one writer at a time.")
    with database.writing(BY_TEST) as slow, database.writing(BY_TEST) as fast:
        _put(fast)
        fast.commit()
        assert _put(slow).outcome is PutOutcome.WAITING
    with database.reading() as reading:
        assert reading.scalar(select(func.count(Candidate.id))) == 1
        assert reading.scalar(select(func.count(CandidateOrigin.id))) == 1


def test_a_candidate_added_at_the_same_moment_is_found(
    session: WriteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _put(session)
    look = inbox._same
    blind = iter([True])

    def not_yet_there(*arguments: object) -> Candidate | None:
        return None if next(blind, False) else look(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(inbox, "_same", not_yet_there)
    again = _put(session, Origin(kind=OriginKind.FILE, detail="a.ris"))
    assert (again.outcome, again.candidate) == (PutOutcome.WAITING, first.candidate)
    assert session.scalar(select(func.count(CandidateOrigin.id))) == 2


@on_one_database
def test_a_candidate_without_an_identifier_cannot_be_looked_up(session: WriteSession) -> None:
    def look_up(text: str) -> Answers:
        raise AssertionError(text)

    candidate = _put(session, title="Of mice").candidate
    assert candidate is not None
    with pytest.raises(completion.LookedUpInVain, match="no identifier"):
        completion.ask(look_up, candidate)
