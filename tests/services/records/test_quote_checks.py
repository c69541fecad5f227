"""Quotes are checked against a text that is not kept; what was found stays, and holds for these words only."""

import datetime
import itertools

import pytest
from sqlalchemy import func, select

from claims_app.database import Change, Database, WriteSession
from claims_app.models import EvidenceItem, QuoteVerification, Study, StudyText, unit_of_work
from claims_app.services.core.errors import Invalid, NotAllowed
from claims_app.services.deduplication import merging
from claims_app.services.pages import page_queries
from claims_app.services.records import evidence, quote_checks, studies
from claims_app.services.records.studies import text_digest
from claims_app.services.system import integrity
from claims_app.vocabulary import QuoteCheck, RecordType, Role, Via
from tests.conftest import BY_TEST, on_one_database
from tests.factories import EVIDENCE, make_claim, make_evidence, make_limitation, make_study

TEXT = "Patients had higher lev-\nels.\r\nThe animals showed “reduced” pain after transfer."
BEGINNING = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
NORMAL = TEXT.replace("\r\n", "\n")


@pytest.fixture
def study(session: WriteSession) -> Study:
    """A study whose text is not stored."""
    return make_study(session)


def edited(session: WriteSession, item: EvidenceItem, quote: str) -> None:
    """Give an evidence item another quote."""
    raw = {**EVIDENCE, "study_id": item.study_id, "quote": quote}
    evidence.update_evidence(session, item, item.version, raw)


def test_what_stays_of_a_text_is_its_length_and_digest(session: WriteSession, study: Study) -> None:
    item = make_evidence(session, study=study, quote="pain after transfer")
    checked = quote_checks.check_text(session, study, TEXT)
    assert (checked.length, checked.sha256, checked.missing) == (len(NORMAL), text_digest(TEXT), [])
    kept = session.scalars(select(QuoteVerification)).one()
    assert (kept.record_type, kept.record_id) == (RecordType.EVIDENCE, item.id)
    assert (kept.text_length, kept.text_sha256) == (checked.length, checked.sha256)
    assert (kept.checked_at, kept.via, kept.checked_by_id) == (session.changed_at, Via.COMMAND, None)
    assert session.scalar(select(func.count(StudyText.id))) == 0
    assert (item.quote, item.quote_prefix, item.quote_suffix) == ("pain after transfer", None, None)


@pytest.mark.parametrize(
    ("quote", "outcome"),
    [
        ("showed “reduced” pain", QuoteCheck.VERIFIED),
        ('higher levels. The animals showed "reduced" pain', QuoteCheck.TYPOGRAPHY),
        ("showed “Reduced” pain", QuoteCheck.TEXT_UNAVAILABLE),
        ("The animals showed reduced pain", QuoteCheck.TEXT_UNAVAILABLE),
    ],
)
def test_a_quote_is_verified_only_if_its_words_are_exact(
    session: WriteSession, study: Study, quote: str, outcome: QuoteCheck
) -> None:
    item = make_evidence(session, study=study, quote=quote)
    quote_checks.check_text(session, study, TEXT)
    assert item.quote_check is outcome


@on_one_database
def test_words_around_a_quote_must_be_in_the_text_too(session: WriteSession, study: Study) -> None:
    item = make_evidence(session, study=study, quote="pain", quote_prefix="more ")
    assert quote_checks.check_text(session, study, TEXT).missing
    assert item.quote_check is QuoteCheck.TEXT_UNAVAILABLE


@on_one_database
def test_the_quotes_of_claims_and_limitations_are_checked_too(session: WriteSession, study: Study) -> None:
    claim = make_claim(session, origin_study_id=study.id, origin_quote="Patients had")
    limitation = make_limitation(session, claim, quote="after transfer")
    quote_checks.check_text(session, study, TEXT)
    assert (claim.origin_quote_check, limitation.quote_check) == (QuoteCheck.VERIFIED,) * 2


def test_an_edited_quote_is_shown_as_stale_and_verified_again_with_its_old_words(
    session: WriteSession, study: Study
) -> None:
    claim = make_claim(session)
    item = make_evidence(session, claim, study, quote="after transfer")
    quote_checks.check_text(session, study, TEXT)
    unit_of_work.finish(session)
    note = page_queries.show_claim(session, claim.public_id).quotes.of(item)
    assert note is not None
    assert not note.is_stale
    edited(session, item, "after the transfer")
    unit_of_work.finish(session)
    note = page_queries.show_claim(session, claim.public_id).quotes.of(item)
    assert note is not None
    assert note.is_stale
    assert item.quote_check is QuoteCheck.TEXT_UNAVAILABLE
    edited(session, item, "after transfer")
    unit_of_work.finish(session)
    note = page_queries.show_study(session, study.public_id).quotes.of(item)
    assert note is not None
    assert not note.is_stale
    assert item.quote_check is QuoteCheck.VERIFIED


@on_one_database
def test_the_same_words_of_another_study_are_not_verified(session: WriteSession, study: Study) -> None:
    make_evidence(session, study=study, quote="after transfer")
    quote_checks.check_text(session, study, TEXT)
    claim = make_claim(session)
    other = make_evidence(session, claim, quote="after transfer")
    assert other.quote_check is QuoteCheck.TEXT_UNAVAILABLE
    assert page_queries.show_claim(session, claim.public_id).quotes.of(other) is None


@on_one_database
def test_the_same_words_of_the_same_study_are_verified_at_once(session: WriteSession, study: Study) -> None:
    make_evidence(session, study=study, quote="after transfer")
    quote_checks.check_text(session, study, TEXT)
    later = make_claim(session, origin_study_id=study.id, origin_quote="after transfer")
    assert later.origin_quote_check is QuoteCheck.VERIFIED
    unit_of_work.finish(session)
    note = page_queries.show_claim(session, later.public_id).quotes.of(later)
    assert note is not None
    assert not note.is_stale


@on_one_database
def test_another_text_takes_nothing_back(session: WriteSession, study: Study) -> None:
    item = make_evidence(session, study=study, quote="after transfer")
    for text in (TEXT, TEXT, "Something else."):
        quote_checks.check_text(session, study, text)
    assert item.quote_check is QuoteCheck.VERIFIED
    assert session.scalar(select(func.count(QuoteVerification.id))) == 1


@on_one_database
def test_a_quote_that_is_not_in_the_abstract_is_verified_by_the_full_text(
    session: WriteSession, study: Study
) -> None:
    item = make_evidence(session, study=study, quote="after transfer")
    studies.attach_text(session, study, {"label": "abstract", "content": "In short."})
    assert item.quote_check is QuoteCheck.NOT_FOUND
    quote_checks.check_text(session, study, TEXT)
    assert item.quote_check is QuoteCheck.VERIFIED


def test_a_check_holds_after_the_study_was_merged(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        study, other = make_study(session), make_study(session)
        item = make_evidence(session, study=study, quote="after transfer")
        quote_checks.check_text(session, study, TEXT)
    reason = Change(via=Via.COMMAND, summary="The same paper.")
    with database.writing(reason) as session:
        kept, merged = session.get_one(Study, other.id), session.get_one(Study, study.id)
        merging.merge(session, kept, merged, (kept.version, merged.version), merging.MergeChoices())
    with database.reading() as session:
        now = session.get_one(EvidenceItem, item.id)
        assert (now.study_id, now.quote_check) == (other.id, QuoteCheck.VERIFIED)
        note = page_queries.show_study(session, other.public_id).quotes.of(now)
        assert note is not None
        assert not note.is_stale
        assert list(integrity.problems(session)) == []


def test_a_verified_quote_without_a_check_is_a_problem(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        make_claim(session, origin_study_id=study.id, origin_quote="after transfer")
        quote_checks.check_text(session, study, TEXT)
    with database.reading() as session:
        assert list(integrity.problems(session)) == []
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM quote_verifications")
    with database.reading() as session:
        [problem] = integrity.problems(session)
    assert "The quote of CLM-1 is marked as verified" in problem


def test_the_past_does_not_show_a_later_check(database: Database) -> None:
    days = itertools.count()
    database.clock = lambda: BEGINNING + next(days) * DAY
    with database.writing(BY_TEST) as session:
        study = make_study(session)
        make_claim(session, origin_study_id=study.id, origin_quote="after transfer")
    with database.writing(BY_TEST) as session:
        quote_checks.check_text(session, session.get_one(Study, study.id), TEXT)
    for moment, is_shown in ((BEGINNING, False), (BEGINNING + DAY, True)):
        with database.reading(moment) as past:
            page = page_queries.show_claim(past, "CLM-1")
            assert (page.quotes.of(page.claim) is not None) is is_shown


@on_one_database
@pytest.mark.parametrize("text", ["", " \n ", "x" * 2_000_001])
def test_a_text_that_cannot_be_compared_is_refused(session: WriteSession, study: Study, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        quote_checks.check_text(session, study, text)
    assert list(refused.value.errors) == ["content"]


@on_one_database
def test_a_reader_may_not_check_quotes(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        study = make_study(session)
    reader = Change(via=Via.WEB, actor_role=Role.READER)
    with pytest.raises(NotAllowed), database.writing(reader) as session:
        quote_checks.check_text(session, session.get_one(Study, study.id), TEXT)
