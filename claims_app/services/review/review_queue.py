"""The review queue: submitted records and proposals, oldest first."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import (
    RECORD_MODELS,
    Claim,
    ConflictOfInterest,
    EvidenceItem,
    Limitation,
    Proposal,
    Record,
    Reviewed,
    User,
    claim_topics,
)
from claims_app.models.review import is_submitted
from claims_app.models.types import utc_now
from claims_app.rules.identifiers import record_type_of
from claims_app.services.core.errors import NotFound
from claims_app.services.core.records import find
from claims_app.services.core.topics import with_narrower
from claims_app.services.records.kinds import KINDS
from claims_app.vocabulary import ProposalKind, RecordType, ReviewState, Term

AT_ONCE = 100
"""The number of entries on a page of the queue; the next ones follow as these are decided."""


if TYPE_CHECKING:

    class Submitted(Record, Reviewed):
        """A record of a type that is reviewed."""
else:
    Submitted = Record

REVIEWED = [cast(type[Submitted], kind.model) for kind in KINDS.values() if kind.is_reviewed]
"""The models of the record types that are reviewed."""


class View(Term):
    """The part of the queue that is shown."""

    WAITING = ("waiting", "Waiting for me", "Submissions that you may review.")
    MINE = ("mine", "My submissions", "Records and changes that you submitted.")
    ALL = ("all", "All", "All submissions that wait for review.")


@dataclass(frozen=True)
class QueueEntry:
    """An entry of the queue: a submitted record or a proposal."""

    record: Submitted | Proposal
    author: User | None
    since: datetime.datetime
    conflict: bool = False
    """Whether a conflict of interest prevents the current user from reviewing it."""

    @property
    def proposal(self) -> Proposal | None:
        """The proposal, or None for a record."""
        return self.record if isinstance(self.record, Proposal) else None

    @property
    def state(self) -> ReviewState:
        """Its review state."""
        return self.record.state if isinstance(self.record, Proposal) else self.record.review_state

    @property
    def words(self) -> str:
        """The record or proposal in one line."""
        return self.record.in_short

    @property
    def what(self) -> str:
        """The kind of entry, such as “New claim” or “Change of STU-4”."""
        if self.proposal is None:
            return f"New {self.record.record_type.label.lower()}"
        kind = {ProposalKind.CHANGE: "Change of", ProposalKind.DELETION: "Deletion of"}
        return f"{kind.get(self.proposal.kind, 'Appraisal of')} {self.proposal.target_name}"


@dataclass(frozen=True)
class Queue:
    """A page of the queue, and the number of entries in each part."""

    items: Sequence[QueueEntry]
    n_waiting: int
    n_mine: int
    n_all: int
    decided: Sequence[Proposal] = ()
    """The user's own proposals that were decided, newest first."""


def queue_of(session: Session, view: View, user_id: int | None) -> Queue:
    """Return a part of the queue for a user (None: not logged in), oldest first."""
    items = sorted(_waiting(session, view, user_id), key=lambda item: (item.since, item.record.public_id))
    conflicted = _conflicted_claims(session, user_id, [item.record for item in items])
    listed = [
        QueueEntry(item.record, item.author, item.since, _claim_ids(item.record) & conflicted != set())
        for item in items[:AT_ONCE]
    ]
    if view is View.WAITING:
        listed = [item for item in listed if not item.conflict]
    return Queue(
        listed,
        count(session, View.WAITING, user_id),
        count(session, View.MINE, user_id),
        count(session, View.ALL, user_id),
        _decided(session, user_id) if view is View.MINE and user_id is not None else (),
    )


def count(session: Session, view: View, user_id: int | None) -> int:
    """Return the number of entries in a part of the queue, regardless of conflicts of interest."""
    records = sum(
        session.scalar(select(func.count(model.id)).where(*_of_model(model, view, user_id))) or 0
        for model in REVIEWED
    )
    proposals = session.scalar(select(func.count(Proposal.id)).where(*_of_proposals(view, user_id))) or 0
    return records + proposals


def count_unseen_decisions(session: Session, user_id: int) -> int:
    """Return how many of a user's proposals were decided, or overtaken in part, without the user having seen it."""
    return (
        session.scalar(
            select(func.count(Proposal.id)).where(
                Proposal.author_id == user_id,
                Proposal.decision_seen_at.is_(None),
                or_(
                    Proposal.state.in_([ReviewState.ACCEPTED, ReviewState.REJECTED, ReviewState.SUPERSEDED]),
                    (Proposal.state == ReviewState.SUBMITTED) & Proposal.decision_reason.is_not(None),
                ),
            )
        )
        or 0
    )


def find_reviewed(session: Session, identifier: str) -> Submitted | Proposal:
    """Return the record or proposal with this identifier. Raises NotFound, Gone and Merged."""
    record_type = record_type_of(identifier)
    if record_type is RecordType.PROPOSAL or (record_type and KINDS[record_type].is_reviewed):
        return cast(Submitted | Proposal, find(session, RECORD_MODELS[record_type], identifier))
    raise NotFound(f"“{identifier}” is not the identifier of a record that is reviewed.")


def _waiting(session: Session, view: View, user_id: int | None) -> Iterator[QueueEntry]:
    records = [record for model in REVIEWED for record in _submitted(session, model, view, user_id)]
    accounts = select(User).where(User.id.in_({record.added_by_id for record in records}))
    authors = {user.id: user for user in session.scalars(accounts)}
    for record in records:
        yield QueueEntry(record, authors.get(record.added_by_id or 0), record.created_at)
    proposals = (
        select(Proposal)
        .where(*_of_proposals(view, user_id))
        .options(joinedload(Proposal.author))
        .order_by(Proposal.id)
        .limit(AT_ONCE)
    )
    for proposal in session.scalars(proposals):
        yield QueueEntry(proposal, proposal.author, proposal.created_at)


def _submitted(
    session: Session, model: type[Submitted], view: View, user_id: int | None
) -> Sequence[Submitted]:
    query = select(model).where(*_of_model(model, view, user_id)).order_by(model.id).limit(AT_ONCE)
    if model.record_type is RecordType.EVIDENCE:
        query = query.options(joinedload(EvidenceItem.study))
    if model.record_type is RecordType.LIMITATION:
        query = query.options(joinedload(Limitation.evidence))
    return session.scalars(query).all()


def _of_model(model: type[Submitted], view: View, user_id: int | None) -> Iterator[ColumnElement[bool]]:
    if view is View.MINE:
        yield model.review_state != ReviewState.ACCEPTED
        yield model.added_by_id == user_id
        return
    yield is_submitted(model)
    if view is View.WAITING:
        yield or_(model.added_by_id.is_(None), model.added_by_id != user_id)


def _of_proposals(view: View, user_id: int | None) -> Iterator[ColumnElement[bool]]:
    yield Proposal.state == ReviewState.SUBMITTED
    if view is View.MINE:
        yield Proposal.author_id == user_id
    elif view is View.WAITING:
        yield or_(Proposal.author_id.is_(None), Proposal.author_id != user_id)


def _decided(session: Session, user_id: int) -> Sequence[Proposal]:
    return session.scalars(
        select(Proposal)
        .where(Proposal.author_id == user_id, Proposal.state != ReviewState.SUBMITTED)
        .options(joinedload(Proposal.decided_by))
        .order_by(Proposal.decided_at.desc(), Proposal.id.desc())
        .limit(50)
    ).all()


def _claim_ids(record: Record) -> set[int]:
    if isinstance(record, Claim):
        return {record.id}
    if isinstance(record, Limitation) and record.evidence is not None:
        return {record.evidence.claim_id}
    number = getattr(record, "claim_id", None)
    return set() if number is None else {number}


def _conflicted_claims(session: Session, user_id: int | None, records: Iterable[Record]) -> set[int]:
    """Return the claims of the records for which a user declared a conflict of interest."""
    numbers = {number for record in records for number in _claim_ids(record)}
    if user_id is None or not numbers:
        return set()
    topics = select(ConflictOfInterest.topic_id).where(
        ConflictOfInterest.user_id == user_id, ConflictOfInterest.ends_at > utc_now()
    )
    return set(
        session.scalars(
            select(claim_topics.c.claim_id).where(
                claim_topics.c.claim_id.in_(numbers), claim_topics.c.topic_id.in_(with_narrower(topics))
            )
        )
    )
