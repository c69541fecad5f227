"""Comments on claims, evidence items and proposals: writing, withdrawing and hiding them, and mentions."""

from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from sqlalchemy import BindParameter, ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from claims_app.database import WriteSession
from claims_app.models import Claim, Comment, EvidenceItem, Flag, Mention, Proposal, User
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.identifiers import LARGEST_NUMBER, record_type_of
from claims_app.rules.mentions import names_in
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import NotAllowed, NotFound, Refused
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.vocabulary import RecordType

Subject = Claim | EvidenceItem | Proposal
"""What can be commented on."""

SHOWN = 100
"""Maximum number of comments on a page; if there are more, the latest are shown."""

T = TypeVar("T", Comment, Flag)
R = TypeVar("R")


def find_subject(session: Session, identifier: str) -> Subject:
    """Return the record with this public identifier. Raises NotFound, Gone and Merged."""
    for model in (Claim, EvidenceItem, Proposal):
        if record_type_of(identifier) is model.record_type:
            return cast(Subject, records.find(session, model, identifier))
    raise NotFound(f"“{identifier}” cannot be commented on.")


def comment_on(session: WriteSession, subject: Subject, raw: Mapping[str, object]) -> Comment:
    """Add the comment in `raw` to a record, notify the users it mentions, and return it.

    Raises Invalid, NotAllowed, and Gone or Merged if the record was deleted or merged meanwhile.
    """
    authorization.require(session, Permission.COMMENT)
    values = records.clean(schemas.COMMENT, raw)
    records.lock(session, subject)  # so that it is not deleted meanwhile
    author_id = actor_of(session)
    comment = Comment(
        record_type=subject.record_type,
        record_id=subject.id,
        claim_id=claim_id_of(subject),
        author_id=author_id,
        **values,
    )
    session.add(comment)
    session.flush()
    mentioned = session.scalars(select(User).where(User.username.in_(names_in(comment.text))))
    for user in mentioned.all():
        read_at = comment.written_at if user.id == author_id else None
        session.add(Mention(comment_id=comment.id, user_id=user.id, read_at=read_at))
    records.save(session, schemas.COMMENT)
    return comment


def withdraw(session: WriteSession, number: int) -> Comment:
    """Withdraw a comment of the acting user. Raises NotFound, NotAllowed, and Refused if it is no longer shown."""
    authorization.require(session, Permission.COMMENT)
    comment = _shown_comment(session, number)
    if comment.author_id != actor_of(session):
        raise NotAllowed("Only the author can withdraw a comment.")
    comment.withdrawn_at = utc_now()
    session.flush()
    return comment


def hide(session: WriteSession, number: int, raw: Mapping[str, object]) -> Comment:
    """Hide a comment for the reason in `raw`.

    Raises NotFound, NotAllowed, Invalid without a reason, and Refused if it is no longer shown.
    """
    authorization.require(session, Permission.RESOLVE)
    comment = _shown_comment(session, number)
    comment.hidden_reason = records.clean(schemas.HIDING, raw)["hidden_reason"]
    comment.hidden_at, comment.hidden_by_id = utc_now(), actor_of(session)
    records.save(session, schemas.HIDING)
    return comment


def get_comment(session: Session, number: int) -> Comment:
    """Return the comment with this number. Raises NotFound."""
    return get(session, Comment, number, "comment")


def comments_on(session: Session, subject: Subject) -> tuple[Sequence[Comment], int]:
    """Return the latest comments on a record, oldest first, and the total number of comments.

    The comments on a claim include those on its evidence (also deleted evidence) and on claims merged into it.
    """
    about = _about(session, subject)
    query = _written(about)
    latest = session.scalars(query.order_by(Comment.id.desc()).limit(SHOWN)).all()
    if len(latest) < SHOWN:
        return latest[::-1], len(latest)
    return latest[::-1], session.scalar(select(func.count(Comment.id)).where(about)) or 0


def list_comments(session: Session, subject: Subject, request: PageRequest) -> Page[Comment]:
    """Return a page of the comments that `comments_on` is about, oldest first. Raises BadFilter."""
    return fetch_page(session, _written(_about(session, subject)), _OLDEST_FIRST, request)


def about_claim(session: Session, model: type[T], claim: Claim) -> ColumnElement[bool]:
    """Return the condition that a comment or flag is on `claim`, its evidence, or a claim merged into it."""
    return about_claims(model, _with_merged(session, claim))


def about_claims(model: type[T], claims: Sequence[int | BindParameter[int]]) -> ColumnElement[bool]:
    """Return the condition that a comment or flag is on one of the `claims` or on their evidence."""
    evidence = model.record_type == RecordType.EVIDENCE
    exists = select(EvidenceItem.id).where(EvidenceItem.id == model.record_id).correlate(model).exists()
    return or_(
        and_(model.record_type == RecordType.CLAIM, model.record_id.in_(claims)),
        and_(evidence, model.record_id.in_(select(EvidenceItem.id).where(EvidenceItem.claim_id.in_(claims)))),
        and_(evidence, model.claim_id.in_(claims), ~exists),
    )


def mentions_of(session: Session, user_id: int, limit: int = SHOWN) -> Sequence[Mention]:
    """Return the mentions of an account by others, unread first, then latest first."""
    return session.scalars(
        _mentions(select(Mention), user_id)
        .where(Comment.author_id != user_id)
        .options(
            joinedload(Mention.comment).joinedload(Comment.author),
            joinedload(Mention.comment).selectinload(Comment.mentions).joinedload(Mention.user),
        )
        .order_by(Mention.read_at.is_not(None), Mention.id.desc())
        .limit(limit)
    ).all()


def count_unread(session: Session, user_id: int) -> int:
    """Return the number of unread mentions of an account."""
    return session.scalar(_mentions(select(func.count(Mention.id)), user_id).where(_UNREAD)) or 0


def mark_read(session: Session, user_id: int, up_to: int) -> None:
    """Mark all mentions of an account as read, up to the one with the number `up_to`."""
    session.execute(
        update(Mention)
        .where(Mention.user_id == user_id, _UNREAD, Mention.id <= min(up_to, LARGEST_NUMBER))
        .values(read_at=utc_now())
    )


def actor_of(session: WriteSession) -> int:
    """Return the id of the acting account. Raises NotAllowed if nobody is logged in."""
    actor_id = authorization.change_of(session).actor_id
    if actor_id is None:
        raise NotAllowed("Log in first.")
    return actor_id


def claim_id_of(subject: Subject) -> int | None:
    """Return the id of the claim that a record is or belongs to, or None."""
    return subject.id if isinstance(subject, Claim) else subject.claim_id


def get(session: Session, model: type[R], number: int, noun: str, *, locked: bool = False) -> R:
    """Return the row of `model` with this number; `noun` names it in the error. Raises NotFound.

    `locked` lets others wait who also want to decide on it; they then see this decision.
    """
    found = None
    if number <= LARGEST_NUMBER:
        found = session.get(model, number, with_for_update=locked or None, populate_existing=locked)
    if found is None:
        raise NotFound(f"There is no {noun} with the number {number}.")
    return found


_OLDEST_FIRST = Order("Oldest first", ((Comment.id, False),))
_UNREAD = Mention.read_at.is_(None)


def _mentions(query: Select[R], user_id: int) -> Select[R]:
    """Limit `query` to mentions of an account in comments that are shown."""
    return query.join(Mention.comment).where(
        Mention.user_id == user_id, Comment.withdrawn_at.is_(None), Comment.hidden_at.is_(None)
    )


def _written(about: ColumnElement[bool]) -> Select[Comment]:
    return (
        select(Comment)
        .where(about)
        .options(
            joinedload(Comment.author),
            joinedload(Comment.hidden_by),
            selectinload(Comment.mentions).joinedload(Mention.user),
        )
    )


def _about(session: Session, subject: Subject) -> ColumnElement[bool]:
    if isinstance(subject, Claim):
        return about_claim(session, Comment, subject)
    return and_(Comment.record_type == subject.record_type, Comment.record_id == subject.id)


def _shown_comment(session: Session, number: int) -> Comment:
    comment = get(session, Comment, number, "comment", locked=True)
    if not comment.is_shown:
        raise Refused("This comment is no longer shown.")
    return comment


def _with_merged(session: Session, claim: Claim) -> list[int]:
    """Return the ids of a claim and of all claims merged into it, directly or through others."""
    found, newest = [claim.id], [claim.id]
    while newest:
        newest = list(session.scalars(select(Claim.id).where(Claim.merged_into_id.in_(newest))))
        found += newest
    return found
