"""Asks the policy before anything is written, on behalf of whoever the change is by."""

import dataclasses
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import Change, WriteSession, as_writer
from claims_app.models import Mergeable, Proposal, Record, Reviewed, Revision, User
from claims_app.permissions import Decision, Doer, Permission, decide
from claims_app.rules.identifiers import public_id
from claims_app.services.core.errors import NeedsReview, NotAllowed
from claims_app.services.core.record_states import read_changes
from claims_app.vocabulary import Effect, ReviewState, Whose

_TRYING = "a_change_is_tried_out"
_DECIDED = {"review_state"}


def doer_of(change: Change) -> Doer:
    """Return who a change is by, as the policy knows them."""
    if change.actor_role is not None:
        return Doer.of(change.actor_role.value)
    return Doer.OPERATOR


def state_of(record: Record) -> ReviewState:
    """Return the state of a record or a proposal; what is not reviewed stands."""
    if isinstance(record, Proposal):
        return record.state
    return record.review_state if isinstance(record, Reviewed) else ReviewState.ACCEPTED


def whose(session: Session, record: Record, actor_id: int | None) -> Whose:
    """Return whether `record` has words of the account `actor_id`. To decide on it adds no words."""
    if actor_id is None:
        return Whose.OTHERS
    if isinstance(record, Proposal):
        return Whose.OWN if record.author_id == actor_id else Whose.OTHERS
    if isinstance(session, WriteSession) and (record.record_type, record.id) in session.pending:
        return Whose.OWN  # written in this very transaction
    mine = session.scalars(
        select(Revision).where(
            Revision.record_type == record.record_type,
            Revision.record_id == record.id,
            Revision.actor_id == actor_id,
        )
    )
    edits = (set(revision.changes) != _DECIDED for revision in read_changes(session, mine))
    return Whose.OWN if any(edits) else Whose.OTHERS


def decision(
    session: Session, change: Change, permission: Permission, record: Record | None = None
) -> Decision:
    """Return what the policy says to `change`, for `record` where it is about one.

    What was merged is left as it was, whoever asks: the record that it was merged into stands for it.
    """
    if isinstance(record, Mergeable) and record.merged_into_id is not None:
        kept = public_id(record.record_type, record.merged_into_id)
        return Decision(Effect.NO, f"{record.public_id} was merged into {kept}.")
    state = ReviewState.ACCEPTED if record is None else state_of(record)
    # Whose it is makes no difference to what stands, and costs a query.
    owner = (
        whose(session, record, change.actor_id)
        if record is not None and state is not ReviewState.ACCEPTED
        else Whose.OTHERS
    )
    return decide(doer_of(change), permission, review=change.review, whose=owner, state=state)


def require(session: Session, permission: Permission, record: Record | None = None) -> Effect:
    """Return whether the change of `session` takes effect at once or after review. Raises NotAllowed."""
    made = decision(session, change_of(session), permission, record)
    if not made:
        raise NotAllowed(made.why)
    return made.effect


def require_now(session: Session, permission: Permission, record: Record) -> None:
    """Raise NotAllowed or NeedsReview unless the change takes effect at once, as an accepted proposal does."""
    change = change_of(session)
    if change.proposal_id is not None or session.info.get(_TRYING):
        return
    if require(session, permission, record) is Effect.REVIEW:
        raise NeedsReview(f"{record.public_id} was accepted, so a change of it is proposed, and reviewed.")


def change_of(session: Session) -> Change:
    """Return whose change `session` writes."""
    return as_writer(session).change


def saying(
    session: Session, summary: str | None, proposal_id: int | None = None
) -> AbstractContextManager[None]:
    """Write what the block does with `summary` as its reason, and as what `proposal_id` asked for."""
    return _changing(session, summary=summary, proposal_id=proposal_id)


def as_author(session: Session, author: User) -> AbstractContextManager[None]:
    """Write what the block does as the work of `author`, whoever's change let it through."""
    return _changing(session, actor_id=author.id, actor_role=author.role)


def at_once(session: Session) -> AbstractContextManager[None]:
    """Let what the block does take effect at once: the policy has let somebody do all of it, as one thing."""
    return _changing(session, review=False)


@contextmanager
def _changing(session: Session, **values: Any) -> Iterator[None]:
    writer = as_writer(session)
    change = writer.change
    writer.change = dataclasses.replace(change, **values)
    try:
        yield
    finally:
        writer.change = change


@contextmanager
def trying_out(session: Session) -> Iterator[None]:
    """Do what the block does by the usual rules, and take all of it back at its end."""
    session.flush()
    savepoint = session.begin_nested()
    tried_before = session.info.get(_TRYING, False)  # trying out a proposal tries out its change
    session.info[_TRYING] = True
    try:
        yield
    finally:
        session.info[_TRYING] = tried_before
        savepoint.rollback()
