"""Review: a second person accepts or rejects what was submitted or proposed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from claims_app.database import Base
from claims_app.models import (
    LINKS,
    RECORD_MODELS,
    Claim,
    Proposal,
    Record,
    Reviewed,
)
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import records as schemas
from claims_app.services.appraisal import appraisals
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import EvidenceChanged, Gone, Invalid, NotAllowed, Refused, Undecided
from claims_app.services.records.kinds import typed_now, writing_of
from claims_app.services.review import conflicts
from claims_app.vocabulary import ProposalKind, ReviewState

PRESENT = "present"
PROPOSED = "proposed"
_PROPOSALS = Base.metadata.tables["proposals"]
_REASON = schemas.PROPOSAL.field("decision_reason")


@dataclass(frozen=True)
class ProposedField:
    """A field of a proposal: what its author saw, what stands now, and what is wanted."""

    name: str
    seen: object
    now: object
    wanted: object

    @property
    def is_there(self) -> bool:
        """Whether it stands already as it is wanted."""
        return self.now == self.wanted

    @property
    def differs(self) -> bool:
        """Whether somebody changed it meanwhile to something else, so that a person has to choose."""
        return self.now != self.seen and not self.is_there


def target_of(session: Session, proposal: Proposal) -> Record:
    """Return the record that a proposal is about. Raises Gone if it was deleted."""
    return records.get(session, RECORD_MODELS[proposal.target_type], proposal.target_id)


def compare(session: Session, proposal: Proposal) -> list[ProposedField]:
    """Return the fields of a proposed change beside what stands now. Raises Gone."""
    now = typed_now(session, target_of(session, proposal))
    return [
        ProposedField(name, seen, now.get(name), wanted) for name, (seen, wanted) in proposal.changes.items()
    ]


def accept(
    session: Session,
    record: Record,
    version: int,
    reason: str | None = None,
    choices: Mapping[str, str] | None = None,
) -> None:
    """Accept a submitted record or a proposal, which was read at `version`; a reason may be given.

    Where a field was changed since it was proposed, `choices` says by its name whether what is `PRESENT`
    or what was `PROPOSED` stands. Raises NotAllowed, StaleVersion, Invalid, Undecided without a choice
    that is needed, Refused for what cannot be accepted as things are, and what changing the record raises.
    """
    _require(session, record, version)
    told = _clean(reason)
    if not isinstance(record, Proposal):
        assert isinstance(record, Reviewed), "what is reviewed is a record or a proposal"
        _require_parents(session, record)
        record.review_state = ReviewState.ACCEPTED
        _save(session, record, told)
        return
    try:
        applied = _apply(session, record, choices or {})
    except Gone as gone:
        raise Refused(f"{gone} Reject the proposal, and say so.") from None
    except EvidenceChanged:
        raise Refused(
            "The evidence is not what this appraisal saw. Reject it, and ask for a new one."
        ) from None
    decide(session, record, ReviewState.ACCEPTED, told)
    _supersede_others(session, record, applied)


def reject(session: Session, record: Record, version: int, reason: str | None) -> None:
    """Reject a submitted record or a proposal, which was read at `version`, and say why.

    Raises NotAllowed, StaleVersion, and Invalid without a reason.
    """
    _require(session, record, version)
    told = _clean(reason)
    if told is None:
        raise Invalid({"decision_reason": ["Say why, so that its author can mend it."]})
    if isinstance(record, Proposal):
        decide(session, record, ReviewState.REJECTED, told)
        return
    assert isinstance(record, Reviewed), "what is reviewed is a record or a proposal"
    record.review_state = ReviewState.REJECTED
    _save(session, record, told)


def withdraw(session: Session, proposal: Proposal, version: int) -> None:
    """Take one's own proposal back. Raises NotAllowed and StaleVersion."""
    authorization.require(session, Permission.WITHDRAW, proposal)
    records.require_version(proposal, version)
    decide(session, proposal, ReviewState.WITHDRAWN, None)


def mark_decisions_seen(session: Session, user_id: int) -> None:
    """Note that an author has seen what became of her proposals."""
    session.execute(
        update(_PROPOSALS)
        .where(_PROPOSALS.c.author_id == user_id, _PROPOSALS.c.decision_seen_at.is_(None))
        .where(_PROPOSALS.c.state != ReviewState.SUBMITTED)
        .values(decision_seen_at=utc_now())
    )


def open_proposals(session: Session, record: Record) -> Sequence[Proposal]:
    """Return the proposals about `record` that wait for review, the oldest first."""
    return session.scalars(
        select(Proposal)
        .where(
            Proposal.target_type == record.record_type,
            Proposal.target_id == record.id,
            Proposal.state == ReviewState.SUBMITTED,
        )
        .options(joinedload(Proposal.author))
        .order_by(Proposal.id)
    ).all()


def _require(session: Session, record: Record, version: int) -> None:
    change = authorization.change_of(session)
    # Of two who decide at once, the second waits here, and sees what the first decided.
    session.refresh(record, with_for_update=True)
    authorization.require(session, Permission.REVIEW, record)
    records.require_version(record, version)
    if change.actor_id is not None and (conflict := conflicts.barring(session, change.actor_id, record)):
        raise NotAllowed(
            f"You declared a conflict of interest about “{conflict.topic.name}”, so another editor decides."
        )


def _require_parents(session: Session, record: Record) -> None:
    """Raise Refused if a record that `record` is part of was not accepted yet."""
    for model, link, target in LINKS:
        number = getattr(record, link.column) if isinstance(record, model) and link.is_part else None
        if number is None:
            continue
        parent_model = next(m for m in RECORD_MODELS.values() if m.__tablename__ == target)
        parent = session.get(parent_model, number)
        if isinstance(parent, Reviewed) and not parent.is_accepted:
            raise Refused(f"Accept {parent.public_id} first: {record.public_id} belongs to it.")


def _apply(session: Session, proposal: Proposal, choices: Mapping[str, str]) -> set[str]:
    """Do what `proposal` asks for, in the name of its author, and return the fields that it changed."""
    target = target_of(session, proposal)
    writing = writing_of(target.record_type)
    with authorization.saying(session, proposal.reason, proposal.id):
        if proposal.kind is ProposalKind.DELETION:
            writing.delete(session, target, target.version)
            return set()
        if proposal.kind is ProposalKind.APPRAISAL:
            raw = {name: wanted for name, (_, wanted) in proposal.changes.items()}
            claim = records.get(session, Claim, target.id)
            digest = proposal.evidence_digest or ""
            appraisals.appraise_as_proposed(session, claim, raw, digest, proposal.author_id)
            return set()
        fields = compare(session, proposal)
        if undecided := [
            f.name for f in fields if f.differs and choices.get(f.name) not in (PRESENT, PROPOSED)
        ]:
            raise Undecided(undecided)
        taken = {
            field.name: field.wanted
            for field in fields
            if not field.is_there and not (field.differs and choices[field.name] == PRESENT)
        }
        if not taken:
            raise Refused("Nothing of it would change the record. Reject it, or let its author withdraw it.")
        writing.update(session, target, target.version, {**typed_now(session, target), **taken})
        return set(taken)


def _supersede_others(session: Session, accepted: Proposal, applied: set[str]) -> None:
    """Close the other open proposals that the accepted one leaves nothing to, or another ground to stand on."""
    others = session.scalars(
        select(Proposal).where(
            Proposal.target_type == accepted.target_type,
            Proposal.target_id == accepted.target_id,
            Proposal.state == ReviewState.SUBMITTED,
            Proposal.id != accepted.id,
        )
    ).all()
    for other in others:
        gone = accepted.kind is ProposalKind.DELETION
        same_kind = other.kind is accepted.kind
        overlapping = applied & set(other.changes) or accepted.kind is ProposalKind.APPRAISAL
        if gone or (same_kind and overlapping):
            decide(session, other, ReviewState.SUPERSEDED, f"{accepted.public_id} was accepted first.")


def decide(session: Session, proposal: Proposal, state: ReviewState, reason: str | None) -> None:
    """Note what became of a proposal; whether that is allowed was asked before."""
    proposal.state = state
    proposal.decided_at = utc_now()
    proposal.decided_by_id = authorization.change_of(session).actor_id
    proposal.decision_reason = reason
    _save(session, proposal, reason)


def _save(session: Session, record: Record, reason: str | None) -> None:
    with authorization.saying(session, reason):
        records.save(session)


def _clean(reason: str | None) -> str | None:
    try:
        told = _REASON.clean(reason)
    except ValueError as refused:
        raise Invalid({"decision_reason": [str(refused)]}) from None
    return None if told is None else str(told)
