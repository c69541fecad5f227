"""Comments, mentions, flags and reader reports, and the permissions they need."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from claims_app.database import Change, Database
from claims_app.models import Attempt, Claim, Comment, EvidenceItem, Flag, ReaderReport, Revision
from claims_app.permissions import Doer, Permission, decide
from claims_app.rules.throttling import LIMITS
from claims_app.services.core.errors import Invalid, NotAllowed, NotFound, Refused, TooManyAttempts
from claims_app.services.core.filters import is_flagged, is_listed
from claims_app.services.deduplication import merging
from claims_app.services.deduplication.merging import MergeChoices
from claims_app.services.discussion import comments, flags, reports
from claims_app.services.records import claims, evidence
from claims_app.vocabulary import AttemptKind, Role, Via
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence
from tests.support.browsing import add_account

PEOPLE = {"rea": Role.READER, "carl": Role.CURATOR, "edit": Role.EDITOR}
FLAG = {"kind": "unclear", "text": "What is meant?"}


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


def write_comment(database: Database, words: str, name: str = "rea", about: str = "CLM-1") -> int:
    """Write a comment and return its number."""
    with database.writing(by(name)) as session:
        return comments.comment_on(session, comments.find_subject(session, about), {"text": words}).id


def raise_flag(database: Database, name: str = "rea", about: str = "CLM-1") -> int:
    """Raise a flag and return its number."""
    with database.writing(by(name)) as session:
        record = comments.find_subject(session, about)
        assert isinstance(record, Claim | EvidenceItem)
        return flags.raise_flag(session, record, FLAG).id


def comment_texts(database: Database, claim_id: int = 1) -> list[str]:
    """Return the texts of the comments shown on the page of a claim."""
    with database.reading() as session:
        return [c.text for c in comments.comments_on(session, session.get_one(Claim, claim_id))[0]]


def n_flagged(database: Database) -> int:
    """Return the number of flagged claims."""
    with database.reading() as session:
        return len(session.scalars(select(Claim.id).where(is_flagged(), is_listed(Claim))).all())


@pytest.mark.parametrize("review", [False, True])
@pytest.mark.parametrize("role", Role)
def test_all_users_comment_and_flag_and_editors_resolve(role: Role, review: bool) -> None:
    doer = Doer.of(role.value)
    assert decide(doer, Permission.COMMENT, review=review)
    assert decide(doer, Permission.FLAG, review=review)
    assert bool(decide(doer, Permission.RESOLVE, review=review)) == (role in (Role.EDITOR, Role.ADMIN))


@pytest.mark.parametrize("permission", [Permission.COMMENT, Permission.FLAG, Permission.RESOLVE])
@pytest.mark.parametrize("doer", [Doer.NOBODY, Doer.OPERATOR])
def test_commenting_and_flagging_needs_an_account(doer: Doer, permission: Permission) -> None:
    assert not decide(doer, permission, review=False)


def test_comments_and_flags_do_not_change_the_record_or_its_history(people: Database) -> None:
    with people.reading() as session:
        before = session.scalar(select(func.count(Revision.id)))
    write_comment(people, "Yes.")
    raise_flag(people)
    with people.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == before
        assert session.get_one(Claim, 1).version == 1


def test_a_claim_shows_the_comments_on_its_evidence(people: Database) -> None:
    write_comment(people, "On the claim.")
    write_comment(people, "On the item.", about="EVD-1")
    assert comment_texts(people) == ["On the claim.", "On the item."]


@pytest.mark.parametrize("words", ["", "  \n ", "x" * 4001, "a\0b"])
def test_an_empty_or_too_long_comment_is_refused(people: Database, words: str) -> None:
    with pytest.raises(Invalid):
        write_comment(people, words)


def test_a_comment_of_the_maximum_length_is_accepted(people: Database) -> None:
    assert write_comment(people, "x" * 4000)


def test_only_existing_claims_evidence_and_proposals_can_be_commented_on(people: Database) -> None:
    for about in ("CLM-9", "EVD-9", "PRO-1", "STU-1", "x"):
        with pytest.raises(NotFound):
            write_comment(people, "Yes.", about=about)


def test_only_the_author_withdraws_a_comment_and_its_text_is_kept(people: Database) -> None:
    number = write_comment(people, "Hasty words.")
    with pytest.raises(NotAllowed, match="Only the author"), people.writing(by("edit")) as session:
        comments.withdraw(session, number)
    with people.writing(by("rea")) as session:
        comments.withdraw(session, number)
    with people.reading() as session:
        comment = session.get_one(Comment, number)
        assert not comment.is_shown
        assert comment.text == "Hasty words."
    with pytest.raises(Refused), people.writing(by("rea")) as session:
        comments.withdraw(session, number)


def test_an_editor_hides_a_comment_with_a_reason(people: Database) -> None:
    number = write_comment(people, "Rude words.")
    with pytest.raises(NotAllowed), people.writing(by("carl")) as session:
        comments.hide(session, number, {"hidden_reason": "Rude."})
    with pytest.raises(Invalid), people.writing(by("edit")) as session:
        comments.hide(session, number, {"hidden_reason": " "})
    with people.writing(by("edit")) as session:
        comments.hide(session, number, {"hidden_reason": "Rude."})
    with people.reading() as session:
        assert not session.get_one(Comment, number).is_shown


def test_mentions_are_unread_until_marked_as_read(people: Database) -> None:
    write_comment(people, "@carl and @nobody and @Edit, look.")
    with people.writing(BY_TEST) as session:
        assert [comments.count_unread(session, number) for number in (1, 2, 3)] == [0, 1, 1]
        [mention] = comments.mentions_of(session, 2)
        comments.mark_read(session, 2, mention.id)
        assert [comments.count_unread(session, number) for number in (2, 3)] == [0, 1]
        assert len(comments.mentions_of(session, 2)) == 1


def test_unread_mentions_come_first(people: Database) -> None:
    for number in range(3):
        write_comment(people, f"@carl {number}")
    with people.writing(BY_TEST) as session:
        comments.mark_read(session, 2, comments.mentions_of(session, 2)[1].id)
        assert [m.comment.text[-1] for m in comments.mentions_of(session, 2)] == ["2", "1", "0"]


def test_withdrawing_a_comment_removes_its_mentions(people: Database) -> None:
    number = write_comment(people, "@carl")
    with people.writing(by("rea")) as session:
        comments.withdraw(session, number)
        assert comments.count_unread(session, 2) == 0
        assert comments.mentions_of(session, 2) == []


def test_mentioning_oneself_is_not_counted_as_unread(people: Database) -> None:
    write_comment(people, "@rea")
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


def test_only_the_author_withdraws_a_flag(people: Database) -> None:
    number = raise_flag(people)
    with pytest.raises(NotAllowed, match="Only the person who raised"), people.writing(by("edit")) as session:
        flags.take_back(session, number)
    with people.writing(by("rea")) as session:
        flags.take_back(session, number)
        assert flags.flags_on(session, session.get_one(Claim, 1)) == []
    assert n_flagged(people) == 0


def test_a_user_cannot_raise_the_same_flag_twice(people: Database) -> None:
    raise_flag(people)
    with pytest.raises(Refused, match="already"):
        raise_flag(people)
    raise_flag(people, "carl")


def test_comments_and_flags_are_kept_when_their_record_is_deleted(people: Database) -> None:
    write_comment(people, "On the item.", about="EVD-1")
    write_comment(people, "On the claim.")
    raise_flag(people, about="EVD-1")
    with people.writing(BY_TEST) as session:
        evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)
    assert comment_texts(people) == ["On the item.", "On the claim."]
    assert n_flagged(people) == 0
    with people.writing(BY_TEST) as session:
        claims.delete_claim(session, session.get_one(Claim, 1), 1)
    with people.reading() as session:
        assert session.scalar(select(func.count(Comment.id))) == 2
        assert session.scalar(select(func.count(Flag.id))) == 1


def test_comments_and_flags_of_a_duplicate_move_to_the_merged_claim(people: Database) -> None:
    with people.writing(BY_TEST) as session:
        kept, duplicate, another = (make_claim(session, statement=f"Claim {n}.") for n in range(3))
        ids = [kept.id, duplicate.id, another.id]
    raise_flag(people, about=f"CLM-{ids[2]}")
    write_comment(people, "Of the other.", about=f"CLM-{ids[2]}")
    for into, duplicate_id in ((ids[1], ids[2]), (ids[0], ids[1])):
        with people.writing(by("edit")) as session:
            merge(session, into, duplicate_id)
    assert comment_texts(people, ids[0]) == ["Of the other."]
    assert n_flagged(people) == 1


def merge(session: Session, into: int, duplicate_id: int) -> None:
    """Merge one claim into another."""
    kept, duplicate = session.get_one(Claim, into), session.get_one(Claim, duplicate_id)
    merging.merge(session, kept, duplicate, (kept.version, duplicate.version), MergeChoices())


def report(database: Database, words: str, source: str = "192.0.2.1") -> int:
    """Send a report and return its number."""
    with database.writing(Change(via=Via.WEB)) as session:
        return reports.report(session, session.get_one(Claim, 1), {"text": words}, source).id


def test_a_report_is_held_until_an_editor_turns_it_into_a_flag(people: Database) -> None:
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


def test_an_editor_dismisses_a_report_with_a_reason(people: Database) -> None:
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


def test_reports_from_one_source_are_limited(people: Database) -> None:
    for number in range(LIMITS[AttemptKind.REPORT][0].free):
        report(people, f"Problem {number}")
    with pytest.raises(TooManyAttempts):
        report(people, "One more")
    assert report(people, "One more", "192.0.2.2")


def test_reports_from_all_sources_together_are_limited(people: Database) -> None:
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
def test_the_database_refuses_inconsistent_rows(people: Database, statement: str) -> None:
    write_comment(people, "Yes.")
    raise_flag(people)
    report(people, "No.")
    with pytest.raises(Exception, match=r"(?i)constraint"), people.engine.begin() as connection:
        connection.execute(text(statement))
