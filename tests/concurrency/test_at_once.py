"""The same thing done by several at the same moment: it is done once, and the others get a plain refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from claims_app.database import Change, Database, WriteSession
from claims_app.models import (
    AppraisalDraft,
    AppraisalRound,
    Candidate,
    Claim,
    EvidenceItem,
    Flag,
    OverlapDismissal,
    ReaderReport,
    Study,
    StudyDistinction,
    StudyText,
    User,
)
from claims_app.rules.reference import Reference
from claims_app.services.accounts import users
from claims_app.services.appraisal import appraisals, overlaps, rounds
from claims_app.services.core import records
from claims_app.services.core.errors import ServiceError
from claims_app.services.deduplication import study_matching
from claims_app.services.discussion import comments, flags, reports
from claims_app.services.history import restore
from claims_app.services.intake import inbox, triage
from claims_app.services.intake.inbox import Origin
from claims_app.services.records import evidence, studies
from claims_app.vocabulary import OriginKind, RecordType, Role, Via
from tests.concurrency.checks import assert_whole
from tests.conftest import BY_TEST
from tests.factories import STUDY, make_evidence, make_study
from tests.support.browsing import add_account
from tests.support.racing import at_once

AT_ONCE = 4
EDITOR = Change(via=Via.WEB, actor_id=1, actor_role=Role.EDITOR, summary="At once.")
FLAG = {"kind": "wrong_quote", "text": "This is not what it says."}
PAPER = Reference(values={"title": "A paper without identifiers", "year": "2021"})
FROM_FILE = Origin(kind=OriginKind.FILE, detail="a file")

Write = Callable[[WriteSession], object]


@dataclass(frozen=True)
class Case:
    """What several people do at once, and the table that has one more row afterwards."""

    write: Write
    table: type[Any]
    prepare: Write = lambda session: None


def _claim(session: WriteSession) -> Claim:
    return session.get_one(Claim, 1)


def _study(session: WriteSession, number: int = 1) -> Study:
    return session.get_one(Study, number)


CASES = {
    "an account": Case(lambda session: users.add_user(session, "anna", Role.CURATOR), User),
    "a study with a DOI": Case(
        lambda session: studies.create_study(session, {**STUDY, "doi": "10.1000/one"}), Study
    ),
    "a text of a study": Case(
        lambda session: studies.attach_text(session, _study(session), {"label": "Text", "content": "Words."}),
        StudyText,
    ),
    "a flag": Case(lambda session: flags.raise_flag(session, _claim(session), FLAG), Flag),
    "a report by a reader": Case(
        lambda session: reports.report(session, _claim(session), {"text": "This is wrong."}, "127.0.0.1"),
        ReaderReport,
    ),
    "a flag from a report": Case(
        lambda session: reports.accept(session, 1, "other"),
        Flag,
        lambda session: reports.report(session, _claim(session), {"text": "This is wrong."}, "127.0.0.1"),
    ),
    "a candidate without identifiers": Case(lambda session: inbox.put(session, PAPER, FROM_FILE), Candidate),
    "a study from a candidate": Case(
        lambda session: triage.take_as_study(session, 1, 1),
        Study,
        lambda session: inbox.put(session, PAPER, FROM_FILE),
    ),
    "a draft of an appraisal": Case(
        lambda session: appraisals.save_draft(session, _claim(session), 1, {"rationale": "So far."}),
        AppraisalDraft,
    ),
    "a round of appraisals": Case(
        lambda session: rounds.open_round(session, _claim(session), 1), AppraisalRound
    ),
    "an overlap": Case(
        lambda session: overlaps.dismiss(session, _study(session), _study(session, 2), "Two cohorts.", 1),
        OverlapDismissal,
    ),
    "a distinction": Case(
        lambda session: study_matching.mark_distinct(
            session, _study(session), _study(session, 2), "Two papers."
        ),
        StudyDistinction,
    ),
}


def write(database: Database, work: Write) -> object:
    """Do `work` in a transaction, as a request does."""
    with records.refusing_lost_races(), database.writing(EDITOR) as session:
        return work(session)


@pytest.fixture
def site(database: Database) -> Database:
    """A database with an editor, a claim with evidence, and two studies."""
    add_account(database, "editor", Role.EDITOR)
    with database.writing(BY_TEST) as session:
        make_evidence(session)
        make_study(session)
    return database


@pytest.mark.parametrize("what", CASES)
def test_it_is_made_once(site: Database, what: str) -> None:
    case = CASES[what]
    write(site, case.prepare)
    number = select(func.count()).select_from(case.table)
    with site.reading() as session:
        before = session.scalar(number) or 0
    outcomes = at_once(*[lambda: write(site, case.write)] * AT_ONCE)
    assert all(
        not isinstance(outcome, Exception) or isinstance(outcome, ServiceError) for outcome in outcomes
    )
    with site.reading() as session:
        assert session.scalar(number) == before + 1
    assert_whole(site)


def test_only_one_resolution_of_a_flag_is_kept(site: Database) -> None:
    write(site, lambda session: flags.raise_flag(session, _claim(session), FLAG))

    def resolve(text: str) -> Callable[[], object]:
        return lambda: write(site, lambda session: flags.resolve(session, 1, {"resolution": text}))

    outcomes = at_once(*(resolve(f"Resolution {number}") for number in range(AT_ONCE)))
    [done] = [outcome for outcome in outcomes if isinstance(outcome, Flag)]
    with site.reading() as session:
        assert session.get_one(Flag, 1).resolution == done.resolution


@pytest.mark.parametrize("attempt", range(3))
def test_two_studies_do_not_become_versions_of_each_other(site: Database, attempt: int) -> None:
    def link(one: int, other: int) -> Callable[[], object]:
        def work(session: WriteSession) -> object:
            study = _study(session, one)
            raw = {**STUDY, "title": study.title, "version_of_id": other}
            return studies.update_study(session, study, study.version, raw)

        return lambda: write(site, work)

    at_once(link(1, 2), link(2, 1))
    with site.reading() as session:
        linked = select(func.count()).select_from(Study).where(Study.version_of_id.is_not(None))
        assert session.scalar(linked) == 1
    assert_whole(site)


def test_a_record_is_not_commented_on_while_it_is_deleted(site: Database) -> None:
    def comment(session: WriteSession) -> object:
        item = records.find(session, EvidenceItem, "EVD-1")
        return comments.comment_on(session, item, {"text": "Where is this?"})

    def delete(session: WriteSession) -> object:
        item = records.find(session, EvidenceItem, "EVD-1")
        session.delete(item)
        return session.flush()

    outcomes = at_once(lambda: write(site, comment), lambda: write(site, delete))
    assert outcomes[1] is None
    assert not isinstance(outcomes[0], Exception) or isinstance(outcomes[0], ServiceError)


@pytest.mark.parametrize("attempt", range(3))
def test_a_deleted_record_is_restored_once(site: Database, attempt: int) -> None:
    def delete(session: WriteSession) -> object:
        return evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)

    def restore_it(session: WriteSession) -> object:
        return restore.restore(session, RecordType.EVIDENCE, "EVD-1")

    write(site, delete)
    outcomes = at_once(*[lambda: write(site, restore_it)] * AT_ONCE)
    assert sum(isinstance(outcome, EvidenceItem) for outcome in outcomes) == 1
    assert_whole(site)
