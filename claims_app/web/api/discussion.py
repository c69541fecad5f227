"""Comments, mentions and flags. What was withdrawn or hidden has no text here either."""

from typing import Any, cast

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import RECORD_MODELS, Claim, Comment, EvidenceItem, Flag, User
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.fields import WholeNumber
from claims_app.rules.identifiers import LARGEST_NUMBER
from claims_app.services.core import records
from claims_app.services.core.paging import Page
from claims_app.services.discussion import comments, flags
from claims_app.services.discussion.comments import Subject
from claims_app.vocabulary import FlagKind, RecordType, TokenScope
from claims_app.web import listing
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import NOTHING, Body, Sent
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column
from claims_app.web.session import reading

operations = Operations("discussion")

COMMENT = Shape.of(
    "Comment",
    column("number", Kind.INTEGER, "The number of the comment."),
    column("record", Kind.TERM, "The record that it is about."),
    column("author", Kind.TEXT, "The user name of its author."),
    column("text", Kind.TEXT, "The comment; null once it was withdrawn or hidden."),
    column("written_at", Kind.DATETIME, "When it was written (UTC)."),
    column("withdrawn_at", Kind.DATETIME, "When its author withdrew it."),
    column("hidden_at", Kind.DATETIME, "When an editor hid it."),
    column("hidden_by", Kind.TEXT, "The editor who hid it."),
    column("hidden_reason", Kind.TEXT, "Why it was hidden."),
    column("mentions", Kind.LIST, "The users whom it mentions."),
)
MENTION = Shape.of(
    "Mention",
    column("number", Kind.INTEGER, "The number of the mention."),
    column("comment", Kind.INTEGER, "The number of the comment."),
    column("record", Kind.TERM, "The record that the comment is about."),
    column("author", Kind.TEXT, "Who mentioned you."),
    column("text", Kind.TEXT, "The comment."),
    column("written_at", Kind.DATETIME, "When it was written (UTC)."),
    column("read_at", Kind.DATETIME, "When you read it; null if you have not."),
)
FLAG = Shape.of(
    "Flag",
    column("number", Kind.INTEGER, "The number of the flag."),
    column("record", Kind.TERM, "The record that is flagged."),
    column("kind", Kind.TERM, "The problem.", FlagKind),
    column("text", Kind.TEXT, "The explanation."),
    column("author", Kind.TEXT, "Who raised it; null for a reader without an account."),
    column("raised_at", Kind.DATETIME, "When it was raised (UTC)."),
    column("closed_at", Kind.DATETIME, "When it was resolved or withdrawn; null while it is open."),
    column("closed_by", Kind.TEXT, "Who closed it."),
    column("resolution", Kind.TEXT, "How it was resolved."),
)
_UP_TO = WholeNumber(
    name="up_to",
    label="Up to",
    help="The number of the latest mention that you have read.",
    low=1,
    high=LARGEST_NUMBER,
    required=True,
    plain=True,
)
_ON_WHAT = {
    RecordType.CLAIM: "a claim",
    RecordType.EVIDENCE: "an evidence item",
    RecordType.PROPOSAL: "a proposal",
}


def list_comments(record_type: RecordType, identifier: str) -> ResponseReturnValue:
    """Send a page of the comments on a record, oldest first."""
    subject = _subject(reading(), record_type, identifier)
    page = comments.list_comments(reading(), subject, listing.page_request())
    return answers.page(
        Page([comment_object(one) for one in page.items], page.total, page.next, page.previous)
    )


@requires(Permission.COMMENT)
def add_comment(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Comment on a record."""

    def save(session: WriteSession) -> Response:
        written = comments.comment_on(session, _subject(session, record_type, identifier), sent.fields)
        session.refresh(written)
        response = answers.send(comment_object(written), 201)
        response.headers["Location"] = url_for(".show_comment", number=written.id)
        return response

    return saved(sent, save)


_NEW_COMMENT = Body("NewComment", schemas.COMMENT, example={"text": "Is the control group the same, @ada?"})
for _type, _words in _ON_WHAT.items():
    operations.add(
        f"list_comments_on_{_type.value}",
        "GET",
        f"/{_type.section}/{{identifier}}/comments",
        f"A page of the comments on {_words}",
        description="Oldest first. Those on a claim include the ones on its evidence and on claims merged into it."
        if _type is RecordType.CLAIM
        else "Oldest first.",
        of=_type,
        arguments={"record_type": _type},
        answers={200: Answer("A page of comments.", COMMENT, listed=True)},
    )(list_comments)
    operations.add(
        f"comment_on_{_type.value}",
        "POST",
        f"/{_type.section}/{{identifier}}/comments",
        f"Comment on {_words}",
        description="Everyone can read it. `@name` notifies a user.",
        of=_type,
        arguments={"record_type": _type},
        takes=_NEW_COMMENT,
        answers={201: Answer("The comment.", COMMENT, location=True)},
        scope=TokenScope.WRITE,
        makes=True,
    )(add_comment)


@operations.add(
    "show_comment",
    "GET",
    "/comments/{number}",
    "One comment",
    numbered="comment",
    answers={200: Answer("The comment.", COMMENT)},
)
def show_comment(number: int) -> ResponseReturnValue:
    """Send one comment."""
    return answers.send(comment_object(comments.get_comment(reading(), number)))


@operations.add(
    "withdraw_comment",
    "POST",
    "/comments/{number}/withdraw",
    "Withdraw your comment",
    numbered="comment",
    takes=NOTHING,
    answers={200: Answer("The comment without its text.", COMMENT)},
    scope=TokenScope.WRITE,
)
@requires(Permission.COMMENT)
def withdraw_comment(number: int, sent: Sent) -> ResponseReturnValue:
    """Withdraw a comment of the account."""
    return saved(sent, lambda session: answers.send(comment_object(comments.withdraw(session, number))))


@operations.add(
    "hide_comment",
    "POST",
    "/comments/{number}/hide",
    "Hide a comment",
    numbered="comment",
    takes=Body("HideComment", schemas.HIDING, example={"hidden_reason": "It is about a person."}),
    answers={200: Answer("The comment without its text.", COMMENT)},
    scope=TokenScope.WRITE,
)
@requires(Permission.RESOLVE)
def hide_comment(number: int, sent: Sent) -> ResponseReturnValue:
    """Hide a comment, with a reason."""
    return saved(
        sent, lambda session: answers.send(comment_object(comments.hide(session, number, sent.fields)))
    )


@operations.add(
    "list_mentions",
    "GET",
    "/mentions",
    "Where others mentioned you",
    description="The unread ones first, then the latest first; at most 100.",
    answers={200: Answer("Your mentions.", MENTION, listed=True, whole=True)},
    scope=TokenScope.READ,
)
@requires(Permission.COMMENT)
def list_mentions() -> ResponseReturnValue:
    """Send the mentions of the account."""
    found = [
        {
            "number": one.id,
            "comment": one.comment.id,
            "record": one.comment.record_name,
            "author": one.comment.author.username,
            "text": one.comment.text,
            "written_at": one.comment.written_at,
            "read_at": one.read_at,
        }
        for one in comments.mentions_of(reading(), user_id())
    ]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "read_mentions",
    "POST",
    "/mentions/read",
    "Mark your mentions as read",
    takes=Body("ReadMentions", None, (_UP_TO,), required=("up_to",), example={"up_to": 1}),
    answers={204: Answer("Marked.")},
    scope=TokenScope.WRITE,
)
@requires(Permission.COMMENT)
def read_mentions(sent: Sent) -> ResponseReturnValue:
    """Mark the mentions of the account as read."""

    def save(session: WriteSession) -> Response:
        comments.mark_read(session, user_id(), sent.options["up_to"])
        return answers.nothing()

    return saved(sent, save)


@operations.add(
    "list_flags_on_claim",
    "GET",
    "/claims/{identifier}/flags",
    "The open and the resolved flags on a claim and its evidence",
    of=RecordType.CLAIM,
    answers={200: Answer("The flags, oldest first.", FLAG, listed=True, whole=True)},
)
def list_flags(identifier: str) -> ResponseReturnValue:
    """Send the flags on a claim."""
    claim = records.find(reading(), Claim, identifier)
    found = [flag_object(flag) for flag in flags.flags_on(reading(), claim)]
    return answers.page(Page(found, len(found), None, None))


@requires(Permission.FLAG)
def add_flag(record_type: RecordType, identifier: str, sent: Sent) -> ResponseReturnValue:
    """Flag a claim or an evidence item."""

    def save(session: WriteSession) -> Response:
        record = cast(Claim | EvidenceItem, _subject(session, record_type, identifier))
        return answers.send(flag_object(flags.raise_flag(session, record, sent.fields)), 201)

    return saved(sent, save)


_NEW_FLAG = Body(
    "NewFlag", schemas.FLAG, example={"kind": "unclear", "text": "Which of the two groups is meant?"}
)
for _type in (RecordType.CLAIM, RecordType.EVIDENCE):
    operations.add(
        f"flag_{_type.value}",
        "POST",
        f"/{_type.section}/{{identifier}}/flags",
        f"Flag a problem with {_ON_WHAT[_type]}",
        description="Shown on the claim to everyone until an editor has resolved it.",
        of=_type,
        arguments={"record_type": _type},
        takes=_NEW_FLAG,
        answers={201: Answer("The flag.", FLAG)},
        scope=TokenScope.WRITE,
        makes=True,
    )(add_flag)


@operations.add(
    "resolve_flag",
    "POST",
    "/flags/{number}/resolve",
    "Resolve a flag",
    numbered="flag",
    takes=Body("ResolveFlag", schemas.RESOLUTION, example={"resolution": "The quote was corrected."}),
    answers={200: Answer("The flag.", FLAG)},
    scope=TokenScope.WRITE,
)
@requires(Permission.RESOLVE)
def resolve_flag(number: int, sent: Sent) -> ResponseReturnValue:
    """Resolve a flag, with an explanation."""
    return saved(sent, lambda session: answers.send(flag_object(flags.resolve(session, number, sent.fields))))


@operations.add(
    "withdraw_flag",
    "POST",
    "/flags/{number}/withdraw",
    "Withdraw your flag",
    numbered="flag",
    takes=NOTHING,
    answers={200: Answer("The flag.", FLAG)},
    scope=TokenScope.WRITE,
)
@requires(Permission.FLAG)
def withdraw_flag(number: int, sent: Sent) -> ResponseReturnValue:
    """Withdraw a flag of the account."""
    return saved(sent, lambda session: answers.send(flag_object(flags.take_back(session, number))))


def comment_object(comment: Comment) -> dict[str, Any]:
    """Return a comment as it is answered, without its text if it is no longer shown."""
    return {
        "number": comment.id,
        "record": comment.record_name,
        "author": comment.author.username,
        "text": comment.text if comment.is_shown else None,
        "written_at": comment.written_at,
        "withdrawn_at": comment.withdrawn_at,
        "hidden_at": comment.hidden_at,
        "hidden_by": name_of(comment.hidden_by),
        "hidden_reason": comment.hidden_reason,
        "mentions": sorted(comment.names) if comment.is_shown else [],
    }


def flag_object(flag: Flag) -> dict[str, Any]:
    """Return a flag as it is answered."""
    return {
        "number": flag.id,
        "record": flag.record_name,
        "kind": flag.kind,
        "text": flag.text,
        "author": name_of(flag.author),
        "raised_at": flag.raised_at,
        "closed_at": flag.closed_at,
        "closed_by": name_of(flag.closed_by),
        "resolution": flag.resolution,
    }


def name_of(user: User | None) -> str | None:
    """Return the name of an account, None without one."""
    return user.username if user else None


def _subject(session: Session, record_type: RecordType, identifier: str) -> Subject:
    return cast(Subject, records.find(session, RECORD_MODELS[record_type], identifier))
