"""Asks the policy whether the author of a change may write it."""

import dataclasses
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import Change, WriteSession
from claims_app.models import Mergeable, Proposal, Record, Reviewed, Revision, User
from claims_app.permissions import Decision, Doer, Permission, decide, permits
from claims_app.rules.identifiers import public_id
from claims_app.services.core.errors import AlreadyDecided, NeedsReview, NotAllowed
from claims_app.services.core.record_states import read_changes
from claims_app.vocabulary import Effect, ReviewState, Whose

_REVIEW_FIELDS = {"review_state"}
_DECISIONS = (Permission.REVIEW, Permission.WITHDRAW)


def doer_of(change: Change) -> Doer:
    """Return the author of a change in the terms of the policy."""
    if change.actor_role is not None:
        return Doer.of(change.actor_role.value)
    return Doer.OPERATOR


def state_of(record: Record) -> ReviewState:
    """Return the review state of a record or a proposal; records that are never reviewed count as accepted."""
    if isinstance(record, Proposal):
        return record.state
    return record.review_state if isinstance(record, Reviewed) else ReviewState.ACCEPTED


def whose(session: Session, record: Record, actor_id: int | None) -> Whose:
    """Return whether the user `actor_id` has edited `record`. Reviewing it is not editing."""
    if actor_id is None:
        return Whose.OTHERS
    if isinstance(record, Proposal):
        return Whose.OWN if record.author_id == actor_id else Whose.OTHERS
    if isinstance(session, WriteSession) and (record.record_type, record.id) in session.pending:
        return Whose.OWN  # written in this transaction
    mine = session.scalars(
        select(Revision).where(
            Revision.record_type == record.record_type,
            Revision.record_id == record.id,
            Revision.actor_id == actor_id,
        )
    )
    edits = (set(revision.changes) != _REVIEW_FIELDS for revision in read_changes(session, mine))
    return Whose.OWN if any(edits) else Whose.OTHERS


def decision(
    session: Session, change: Change, permission: Permission, record: Record | None = None
) -> Decision:
    """Return the policy's decision on `change`, which concerns `record` if one is given.

    A merged record cannot be changed, regardless of the role: only the record that it was merged into can.
    """
    if isinstance(record, Mergeable) and record.merged_into_id is not None:
        kept = public_id(record.record_type, record.merged_into_id)
        return Decision(Effect.NO, f"{record.public_id} was merged into {kept}.")
    state = ReviewState.ACCEPTED if record is None else state_of(record)
    # Ownership makes no difference for accepted records, and costs a query.
    owner = (
        whose(session, record, change.actor_id)
        if record is not None and state is not ReviewState.ACCEPTED
        else Whose.OTHERS
    )
    return decide(doer_of(change), permission, review=change.review, whose=owner, state=state)


def require(session: WriteSession, permission: Permission, record: Record | None = None) -> Effect:
    """Return whether the change of `session` takes effect at once or after review.

    Raises NotAllowed, with the reason of the policy, and AlreadyDecided for a decision that comes too late.
    """
    change = change_of(session)
    made = decision(session, change, permission, record)
    if not made:
        is_over = (
            permission in _DECISIONS and record is not None and state_of(record) is not ReviewState.SUBMITTED
        )
        too_late = is_over and permits(change.actor_role, permission)
        raise AlreadyDecided(made.why) if too_late else NotAllowed(made.why)
    return made.effect


def require_now(session: WriteSession, permission: Permission, record: Record) -> None:
    """Raise NotAllowed or NeedsReview unless the change takes effect at once. An accepted proposal does."""
    change = change_of(session)
    if change.proposal_id is not None or session.trying_out:
        return
    if require(session, permission, record) is Effect.REVIEW:
        raise NeedsReview(f"{record.public_id} was accepted, so changes to it need review.")


def change_of(session: WriteSession) -> Change:
    """Return the change that `session` writes."""
    return session.change


def with_reason(
    session: WriteSession, summary: str | None, proposal_id: int | None = None
) -> AbstractContextManager[None]:
    """Record the changes of the block with `summary` as the reason, and as carrying out `proposal_id`."""
    return _changing(session, summary=summary, proposal_id=proposal_id)


def as_author(session: WriteSession, author: User) -> AbstractContextManager[None]:
    """Record the changes of the block as made by `author`, although somebody else's change permits them."""
    return _changing(session, actor_id=author.id, actor_role=author.role)


def without_review(session: WriteSession) -> AbstractContextManager[None]:
    """Let the changes of the block take effect at once: the policy has already permitted them as a whole."""
    return _changing(session, review=False)


@contextmanager
def _changing(session: WriteSession, **values: Any) -> Iterator[None]:
    change = session.change
    session.change = dataclasses.replace(change, **values)
    try:
        yield
    finally:
        session.change = change


@contextmanager
def trying_out(session: WriteSession) -> Iterator[None]:
    """Run the block under the usual rules, and roll back its changes at the end.

    A session that only judges writes nothing in the block, so that it needs no lock.
    """
    session.flush()
    savepoint = None if session.only_judges else session.begin_nested()
    tried_before = session.trying_out  # nested: trying out a proposal tries out its change
    session.trying_out = True
    try:
        yield
    finally:
        session.trying_out = tried_before
        if savepoint is None:
            _forget_changes(session)
        else:
            savepoint.rollback()


def _forget_changes(session: WriteSession) -> None:
    """Take back the changes of the records in a session that has not flushed them."""
    for record in list(session.dirty):
        session.expire(record)
    for record in list(session.new):
        session.expunge(record)
