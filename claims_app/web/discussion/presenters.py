"""The discussion of a record as shown on its page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from claims_app.models import Claim, Comment, Flag
from claims_app.permissions import Permission
from claims_app.rules.identifiers import public_id
from claims_app.rules.mentions import MentionPart, parts_of
from claims_app.services.discussion import comments, flags
from claims_app.services.discussion.comments import Subject
from claims_app.services.pages.sections import ClaimSections
from claims_app.vocabulary import RecordType
from claims_app.web import access
from claims_app.web.discussion.forms import CommentForm


@dataclass(frozen=True)
class Talk:
    """The discussion that a page shows."""

    name: str
    """The identifier of the record; entries about another record name it."""

    entries: Sequence[Comment | Flag]
    """Comments and resolved flags in chronological order."""

    open_flags: Sequence[Flag]
    n_older: int
    my_id: int | None
    form: CommentForm | None
    """The form for a comment, if the user may comment."""


def talk_about(session: Session, subject: Subject, has: ClaimSections | None = None) -> Talk:
    """Return the discussion of `subject` for the signed-in user; `has` is what is known of a claim, to ask less."""
    newest, total = comments.comments_on(session, subject) if has is None or has.comments else ([], 0)
    raised: Sequence[Flag] = []
    if isinstance(subject, Claim) and (has is None or has.flags):
        raised = flags.flags_on(session, subject)
    user = access.signed_in_user()
    resolved = [flag for flag in raised if not flag.is_open]
    return Talk(
        name=subject.public_id,
        entries=_in_order(newest, resolved),
        open_flags=[flag for flag in raised if flag.is_open],
        n_older=total - len(newest),
        my_id=user.id if user else None,
        form=CommentForm(formdata=None) if access.may(Permission.COMMENT) else None,
    )


def address_of_comment(comment: Comment, claim_id: int | None) -> str:
    """Return the address of a comment; `claim_id` is the claim on whose page it is shown."""
    if comment.record_type is RecordType.PROPOSAL or claim_id is None:
        return url_for("review.show", identifier=comment.record_name, _anchor=f"comment-{comment.id}")
    claim = public_id(RecordType.CLAIM, claim_id)
    return url_for("claims.show", identifier=claim, _anchor=f"comment-{comment.id}")


def address_of_subject(said: Comment | Flag) -> str:
    """Return the address of the record that a comment or flag is about."""
    endpoint = {RecordType.EVIDENCE: "evidence.show", RecordType.PROPOSAL: "review.show"}
    return url_for(endpoint.get(said.record_type, "claims.show"), identifier=said.record_name)


def parts_of_comment(comment: Comment) -> Iterable[MentionPart]:
    """Return the text of a comment in parts, with the mentions separated."""
    return parts_of(comment.text, comment.names)


def _in_order(written: Sequence[Comment], resolved: Sequence[Flag]) -> list[Comment | Flag]:
    def when(entry: Comment | Flag) -> tuple[object, bool, int]:
        is_flag = isinstance(entry, Flag)
        return (entry.raised_at if isinstance(entry, Flag) else entry.written_at, is_flag, entry.id)

    return sorted([*written, *resolved], key=when)
