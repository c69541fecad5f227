"""Comments, mentions, flags and reports, and who may do what with them."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from claims_app.database import Change, Database
from claims_app.models import Attempt, Claim, Comment, EvidenceItem, Flag, ReaderReport, Revision
from claims_app.permissions import Doer, Permission, decide
from claims_app.rules.throttling import LIMITS
from claims_app.services.core.errors import Invalid, NotAllowed, NotFound, Refused, TooManyAttempts
from claims_app.services.deduplication import merging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.discussion import comments, flags, reports
from claims_app.services.records import claims, evidence
from claims_app.vocabulary import AttemptKind, Role, Via
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence
from tests.support.browsing import add_account

PEOPLE = {"rea": Role.READER, "carl": Role.CURATOR, "edit": Role.EDITOR}
WRONG = {"kind": "unclear", "text": "What is meant?"}


@pytest.fixture
def people(database: Database) -> Database:
    """The database with three accounts (1 rea, 2 carl, 3 edit), and CLM-1 with EVD-1."""
    for name, role in PEOPLE.items():
        add_account(database, name, role)
    with database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session))
    return database


def by(name: str) -> Change:
    """Return a change by one of the people."""
    return Change(
        via=Via.WEB, actor_id=list(PEOPLE).index(name) + 1, actor_role=PEOPLE[name], summary="a reason"
    )


def say(database: Database, words: str, name: str = "rea", about: str = "CLM-1") -> int:
    """Write a comment and return its number."""
    with database.writing(by(name)) as session:
        return comments.comment_on(session, comments.find_subject(session, about), {"text": words}).id


def raise_flag(database: Database, name: str = "rea", about: str = "CLM-1") -> int:
    """Raise a flag and return its number."""
    with database.writing(by(name)) as session:
        record = comments.find_subject(session, about)
        assert isinstance(record, Claim | EvidenceItem)
        return flags.raise_flag(session, record, WRONG).id


def said(database: Database, claim_id: int = 1) -> list[str]:
    """Return the comments that the page of a claim has."""
    with database.reading() as session:
        return [c.text for c in comments.comments_on(session, session.get_one(Claim, claim_id))[0]]


def n_flagged(database: Database) -> int:
    """Return how many claims are flagged."""
    with database.reading() as session:
        return flags.count_flagged(session)


@pytest.mark.parametrize("review", [False, True])
@pytest.mark.parametrize("role", Role)
def test_everyone_with_an_account_talks_and_editors_resolve(role: Role, review: bool) -> None:
    doer = Doer.of(role.value)
    assert decide(doer, Permission.COMMENT, review=review)
    assert decide(doer, Permission.FLAG, review=review)
    assert bool(decide(doer, Permission.RESOLVE, review=review)) == (role in (Role.EDITOR, Role.ADMIN))


@pytest.mark.parametrize("permission", [Permission.COMMENT, Permission.FLAG, Permission.RESOLVE])
@pytest.mark.parametrize("doer", [Doer.NOBODY, Doer.OPERATOR])
def test_nobody_talks_without_an_account(doer: Doer, permission: Permission) -> None:
    assert not decide(doer, permission, review=False)


def test_talking_changes_no_record_and_makes_no_history(people: Database) -> None:
    with people.reading() as session:
        before = session.scalar(select(func.count(Revision.id)))
    say(people, "Yes.")
    raise_flag(people)
    with people.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == before
        assert session.get_one(Claim, 1).version == 1


def test_a_claim_has_the_comments_on_its_evidence_too(people: Database) -> None:
    say(people, "On the claim.")
    say(people, "On the item.", about="EVD-1")
    assert said(people) == ["On the claim.", "On the item."]


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 4001, "a\0b"])
def test_a_comment_is_some_text_and_not_too_much(people: Database, words: str) -> None:
    with pytest.raises(Invalid):
        say(people, words)


def test_a_comment_as_long_as_may_be_is_taken(people: Database) -> None:
    assert say(people, "x" * 4000)


def test_nothing_is_said_about_what_does_not_exist(people: Database) -> None:
    for about in ("CLM-9", "EVD-9", "PRO-1", "STU-1", "x"):
        with pytest.raises(NotFound):
            say(people, "Yes.", about=about)


def test_a_comment_is_taken_back_by_its_author_alone_and_its_words_are_kept(people: Database) -> None:
    number = say(people, "Hasty words.")
    with pytest.raises(NotAllowed, match="Only its author"), people.writing(by("edit")) as session:
        comments.withdraw(session, number)
    with people.writing(by("rea")) as session:
        comments.withdraw(session, number)
    with people.reading() as session:
        comment = session.get_one(Comment, number)
        assert not comment.is_shown
        assert comment.text == "Hasty words."
    with pytest.raises(Refused), people.writing(by("rea")) as session:
        comments.withdraw(session, number)


def test_a_comment_is_hidden_by_an_editor_for_a_reason(people: Database) -> None:
    number = say(people, "Rude words.")
    with pytest.raises(NotAllowed), people.writing(by("carl")) as session:
        comments.hide(session, number, {"hidden_reason": "Rude."})
    with pytest.raises(Invalid), people.writing(by("edit")) as session:
        comments.hide(session, number, {"hidden_reason": " "})
    with people.writing(by("edit")) as session:
        comments.hide(session, number, {"hidden_reason": "Rude."})
    with people.reading() as session:
        assert not session.get_one(Comment, number).is_shown


def test_who_is_mentioned_finds_it_until_it_is_read(people: Database) -> None:
    say(people, "@carl and @nobody and @Edit, look.")
    with people.writing(BY_TEST) as session:
        assert [comments.count_unread(session, number) for number in (1, 2, 3)] == [0, 1, 1]
        [mention] = comments.mentions_of(session, 2)
        comments.mark_read(session, 2, mention.id)
        assert [comments.count_unread(session, number) for number in (2, 3)] == [0, 1]
        assert len(comments.mentions_of(session, 2)) == 1


def test_unread_mentions_come_first(people: Database) -> None:
    for number in range(3):
        say(people, f"@carl {number}")
    with people.writing(BY_TEST) as session:
        comments.mark_read(session, 2, comments.mentions_of(session, 2)[1].id)
        assert [m.comment.text[-1] for m in comments.mentions_of(session, 2)] == ["2", "1", "0"]


def test_a_mention_goes_with_its_comment(people: Database) -> None:
    number = say(people, "@carl")
    with people.writing(by("rea")) as session:
        comments.withdraw(session, number)
        assert comments.count_unread(session, 2) == 0
        assert comments.mentions_of(session, 2) == []


def test_mentioning_oneself_is_no_news(people: Database) -> None:
    say(people, "@rea")
    with people.reading() as session:
        assert comments.count_unread(session, 1) == 0


@pytest.mark.parametrize("about", ["CLM-1", "EVD-1"])
def test_a_flag_marks_its_claim_until_an_editor_resolves_it(people: Database, about: str) -> None:
    number = raise_flag(people, about=about)
    assert n_flagged(people) == 1
    with pytest.raises(NotAllowed), people.writing(by("carl")) as session:
        flags.resolve(session, number, {"resolution": "Done."})
    with pytest.raises(Invalid), people.writing(by("edit")) as session:
        flags.resolve(session, number, {"resolution": ""})
    with people.writing(by("edit")) as session:
        flags.resolve(session, number, {"resolution": "It says so on page 3."})
    assert n_flagged(people) == 0
    with pytest.raises(Refused), people.writing(by("edit")) as session:
        flags.resolve(session, number, {"resolution": "Again."})


def test_a_flag_is_taken_back_by_who_raised_it(people: Database) -> None:
    number = raise_flag(people)
    with pytest.raises(NotAllowed, match="Only who raised"), people.writing(by("edit")) as session:
        flags.take_back(session, number)
    with people.writing(by("rea")) as session:
        flags.take_back(session, number)
        assert flags.flags_on(session, session.get_one(Claim, 1)) == []
    assert n_flagged(people) == 0


def test_the_same_flag_is_raised_once_by_a_person(people: Database) -> None:
    raise_flag(people)
    with pytest.raises(Refused, match="already"):
        raise_flag(people)
    raise_flag(people, "carl")


def test_deleting_loses_no_words_and_restoring_shows_them_again(people: Database) -> None:
    say(people, "On the item.", about="EVD-1")
    say(people, "On the claim.")
    raise_flag(people, about="EVD-1")
    with people.writing(BY_TEST) as session:
        evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)
    assert said(people) == ["On the item.", "On the claim."]
    assert n_flagged(people) == 0
    with people.writing(BY_TEST) as session:
        claims.delete_claim(session, session.get_one(Claim, 1), 1)
    with people.reading() as session:
        assert session.scalar(select(func.count(Comment.id))) == 2
        assert session.scalar(select(func.count(Flag.id))) == 1


def test_what_was_said_about_a_duplicate_stands_with_what_stands_for_it(people: Database) -> None:
    with people.writing(BY_TEST) as session:
        kept, duplicate, another = (make_claim(session, statement=f"Claim {n}.") for n in range(3))
        ids = [kept.id, duplicate.id, another.id]
    raise_flag(people, about=f"CLM-{ids[2]}")
    say(people, "Of the other.", about=f"CLM-{ids[2]}")
    for into, what in ((ids[1], ids[2]), (ids[0], ids[1])):
        with people.writing(by("edit")) as session:
            merge(session, into, what)
    assert said(people, ids[0]) == ["Of the other."]
    assert n_flagged(people) == 1


def merge(session: Session, into: int, what: int) -> None:
    """Merge one claim into another one."""
    kept, duplicate = session.get_one(Claim, into), session.get_one(Claim, what)
    merging.merge(session, kept, duplicate, (kept.version, duplicate.version), MergeChoices())


def report(database: Database, words: str, source: str = "192.0.2.1") -> int:
    """Report something and return its number."""
    with database.writing(Change(via=Via.WEB)) as session:
        return reports.report(session, session.get_one(Claim, 1), {"text": words}, source).id


def test_a_report_is_held_and_becomes_a_flag_by_a_reader(people: Database) -> None:
    number = report(people, "The link is dead.")
    assert n_flagged(people) == 0
    with pytest.raises(NotAllowed), people.writing(by("carl")) as session:
        reports.accept(session, number, "other")
    with pytest.raises(Invalid), people.writing(by("edit")) as session:
        reports.accept(session, number, "")
    with people.writing(by("edit")) as session:
        flag = reports.accept(session, number, "other")
        assert (flag.author_id, flag.text) == (None, "The link is dead.")
    assert n_flagged(people) == 1
    with pytest.raises(Refused), people.writing(by("edit")) as session:
        reports.dismiss(session, number, {"dismissal": "No."})


def test_a_report_is_dismissed_for_a_reason(people: Database) -> None:
    number = report(people, "Buy this.")
    with pytest.raises(NotAllowed), people.writing(by("carl")) as session:
        reports.dismiss(session, number, {"dismissal": "Spam."})
    with pytest.raises(Invalid), people.writing(by("edit")) as session:
        reports.dismiss(session, number, {})
    with people.writing(by("edit")) as session:
        reports.dismiss(session, number, {"dismissal": "Spam."})
        assert reports.waiting(session) == []
        assert [held.dismissal for held in reports.decided(session)] == ["Spam."]


def test_the_same_report_twice_is_held_once(people: Database) -> None:
    assert report(people, "The link is dead.") == report(people, "The link is dead.")


def test_one_place_reports_so_much_and_others_go_on(people: Database) -> None:
    for number in range(LIMITS[AttemptKind.REPORT][0].free):
        report(people, f"Problem {number}")
    with pytest.raises(TooManyAttempts):
        report(people, "One more")
    assert report(people, "One more", "192.0.2.2")


def test_all_places_together_report_so_much(people: Database) -> None:
    with people.writing(BY_TEST) as session:
        for number in range(LIMITS[AttemptKind.REPORT][1].free):
            session.add(Attempt(kind=AttemptKind.REPORT, subject="", source=f"192.0.2.{number}"))
    with pytest.raises(TooManyAttempts):
        report(people, "One more", "198.51.100.1")
    with people.reading() as session:
        assert session.scalar(select(func.count(ReaderReport.id))) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE comments SET text = ''",
        "UPDATE comments SET record_type = 'study'",
        "UPDATE comments SET hidden_at = written_at",
        "UPDATE flags SET kind = 'spam'",
        "UPDATE flags SET closed_at = raised_at",
        "UPDATE flags SET closed_at = raised_at, closed_by_id = 3",
        "UPDATE flags SET resolution = 'Done.'",
        "UPDATE reader_reports SET decided_at = sent_at, decided_by_id = 3",
        "UPDATE reader_reports SET dismissal = 'No.'",
        "DELETE FROM users WHERE id = 1",
    ],
)
def test_the_database_holds_it_too(people: Database, statement: str) -> None:
    say(people, "Yes.")
    raise_flag(people)
    report(people, "No.")
    with pytest.raises(Exception, match=r"(?i)constraint"), people.engine.begin() as connection:
        connection.execute(text(statement))
