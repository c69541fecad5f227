"""Review decisions: a second person accepts or rejects submitted records and proposals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, joinedload

from claims_app.database import Base, WriteSession
from claims_app.models import (
    LINKS,
    RECORD_MODELS,
    Claim,
    Proposal,
    Record,
    Reviewed,
)
from claims_app.models.levels import lock_claims_of
from claims_app.models.record import model_of_table
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.services.appraisal import appraisals
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import EvidenceChanged, Gone, Invalid, NotAllowed, Refused, Undecided
from claims_app.services.records.kinds import KINDS, form_values, writing_of
from claims_app.services.review import conflicts
from claims_app.vocabulary import ProposalKind, ReviewState

PRESENT = "present"
PROPOSED = "proposed"
_PROPOSALS = Base.metadata.tables["proposals"]
_REASON = schemas.PROPOSAL.field("decision_reason")
_REASON_LENGTH = schemas.REASON_LENGTH


@dataclass(frozen=True)
class ProposedField:
    """A field of a proposal: the value that its author saw, the current value, and the proposed value."""

    name: str
    seen: object
    now: object
    wanted: object

    @property
    def is_applied(self) -> bool:
        """Whether the record already has the proposed value."""
        return self.now == self.wanted

    @property
    def differs(self) -> bool:
        """Whether it has been changed to another value since, so that the reviewer has to choose."""
        return self.now != self.seen and not self.is_applied


def target_of(session: Session, proposal: Proposal) -> Record:
    """Return the record that a proposal is about. Raises Gone if it was deleted."""
    return records.get(session, RECORD_MODELS[proposal.target_type], proposal.target_id)


def compare(session: Session, proposal: Proposal) -> list[ProposedField]:
    """Return the fields of a proposed change with their current values. Raises Gone if the record was deleted."""
    now = form_values(session, target_of(session, proposal))
    return [
        ProposedField(name, seen, now.get(name), wanted) for name, (seen, wanted) in proposal.changes.items()
    ]


def accept(
    session: WriteSession,
    record: Record,
    version: int,
    reason: str | None = None,
    choices: Mapping[str, str] | None = None,
) -> None:
    """Accept a submitted record or a proposal, which was read at `version`, with an optional reason.

    For each field that changed after the proposal was made, `choices` must give `PRESENT` to keep the current value
    or `PROPOSED` to take the proposed one. Raises NotAllowed, StaleVersion, Invalid, Undecided if a choice is
    missing, Refused if it cannot be accepted in its current state, and the errors of changing the record.
    """
    _require(session, record, version)
    valid_reason = _clean(reason)
    if not isinstance(record, Proposal):
        assert isinstance(record, Reviewed), "only reviewed records and proposals are decided on"
        _require_parents(session, record)
        record.review_state = ReviewState.ACCEPTED
        _save(session, record, valid_reason)
        return
    try:
        applied = _apply(session, record, choices or {})
    except Gone as gone:
        raise Refused(f"{gone} Reject the proposal with this reason.") from None
    except EvidenceChanged:
        raise Refused("The evidence changed since this appraisal. Reject it and ask for a new one.") from None
    decide(session, record, ReviewState.ACCEPTED, valid_reason)
    _overtake_others(session, record, applied)


def reject(session: WriteSession, record: Record, version: int, reason: str | None) -> None:
    """Reject a submitted record or a proposal, which was read at `version`.

    Raises NotAllowed, StaleVersion, and Invalid without a reason.
    """
    _require(session, record, version)
    valid_reason = _clean(reason)
    if valid_reason is None:
        raise Invalid({"decision_reason": ["Enter a reason, so that the author can correct it."]})
    if isinstance(record, Proposal):
        decide(session, record, ReviewState.REJECTED, valid_reason)
        return
    assert isinstance(record, Reviewed), "only reviewed records and proposals are decided on"
    record.review_state = ReviewState.REJECTED
    _save(session, record, valid_reason)


def withdraw(session: WriteSession, proposal: Proposal, version: int) -> None:
    """Withdraw a proposal of one's own. Raises NotAllowed and StaleVersion."""
    authorization.require(session, Permission.WITHDRAW, proposal)
    records.require_version(proposal, version)
    decide(session, proposal, ReviewState.WITHDRAWN, None)


def mark_decisions_seen(session: Session, user_id: int) -> None:
    """Note that a user has seen all decisions on their proposals, and what overtook those that are open."""
    session.execute(
        update(_PROPOSALS)
        .where(_PROPOSALS.c.author_id == user_id, _PROPOSALS.c.decision_seen_at.is_(None))
        .where(or_(_PROPOSALS.c.state != ReviewState.SUBMITTED, _PROPOSALS.c.decision_reason.is_not(None)))
        .values(decision_seen_at=utc_now())
    )


def open_proposals(session: Session, record: Record) -> Sequence[Proposal]:
    """Return the proposals about `record` that wait for review, oldest first."""
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


def _require(session: WriteSession, record: Record, version: int) -> None:
    change = authorization.change_of(session)
    target: Record | None = record
    if isinstance(record, Proposal):  # whose record may have been deleted
        target = session.get(RECORD_MODELS[record.target_type], record.target_id)
    lock_claims_of(session, target)
    # If two reviewers decide at once, the second waits here, and then sees the first decision.
    records.lock(session, record)
    authorization.require(session, Permission.REVIEW, record)
    records.require_version(record, version)
    if change.actor_id is not None and (conflict := conflicts.blocking(session, change.actor_id, record)):
        raise NotAllowed(
            f"You declared a conflict of interest about “{conflict.topic.name}”, so another editor must decide."
        )


def _require_parents(session: Session, record: Record) -> None:
    """Raise Refused if a record that `record` is part of has not been accepted yet."""
    for model, link, target in LINKS:
        number = getattr(record, link.column) if isinstance(record, model) and link.is_part else None
        if number is None:
            continue
        parent = session.get(model_of_table(target), number)
        if isinstance(parent, Reviewed) and not parent.is_accepted:
            raise Refused(f"Accept {parent.public_id} first. {record.public_id} belongs to it.")


def _apply(session: WriteSession, proposal: Proposal, choices: Mapping[str, str]) -> set[str]:
    """Apply `proposal`, and return the names of the fields that it changed.

    Raises Gone, Undecided, Refused if it would change nothing, and the errors of changing the record.
    """
    target = target_of(session, proposal)
    writing = writing_of(target.record_type)
    with authorization.with_reason(session, proposal.reason, proposal.id):
        if proposal.kind is ProposalKind.DELETION:
            writing.delete(session, target, target.version)
            return set()
        if proposal.kind is ProposalKind.APPRAISAL:
            raw = {name: wanted for name, (_, wanted) in proposal.changes.items()}
            claim = records.get(session, Claim, target.id)
            digest = proposal.evidence_digest or ""
            try:
                appraisals.appraise_as_proposed(session, claim, raw, digest, proposal.author_id)
            except Invalid as incomplete:
                # It was proposed before a rule that it breaks, and its author alone can answer what is missing.
                missing = ", ".join(name.replace("_", " ") for name in incomplete.errors)
                raise Refused(
                    f"This appraisal is not complete ({missing}). Reject it and ask for a new one."
                ) from None
            return set()
        fields = compare(session, proposal)
        if undecided := [
            f.name for f in fields if f.differs and choices.get(f.name) not in (PRESENT, PROPOSED)
        ]:
            raise Undecided(undecided)
        taken = {
            field.name: field.wanted
            for field in fields
            if not field.is_applied and not (field.differs and choices[field.name] == PRESENT)
        }
        if not taken:
            raise Refused(
                "The proposal would not change the record. Reject it, or let its author withdraw it."
            )
        writing.update(session, target, target.version, {**form_values(session, target), **taken})
        return set(taken)


def _overtake_others(session: WriteSession, accepted: Proposal, applied: set[str]) -> None:
    """Close the other open proposals about the record of which nothing is left, now that the fields `applied` changed.

    A proposal of which some fields are left stays open: its reviewer chooses the value of the others, and its
    author is notified.
    """
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
        both_appraise = accepted.kind is other.kind is ProposalKind.APPRAISAL
        if gone or both_appraise:
            _supersede(session, other, accepted)
        elif accepted.kind is other.kind is ProposalKind.CHANGE and applied & set(other.changes):
            _overtake(session, other, accepted, applied)


def _overtake(session: WriteSession, other: Proposal, accepted: Proposal, applied: set[str]) -> None:
    fields = compare(session, other)
    conflicts_in = [field.name for field in fields if field.name in applied and field.differs]
    if all(field.is_applied or field.name in conflicts_in for field in fields):
        _supersede(session, other, accepted)
    elif conflicts_in:
        schema = KINDS[other.target_type].schema
        labels = ", ".join(schema.field(name).label for name in conflicts_in)
        other.decision_reason = f"{accepted.public_id} was accepted first and changed: {labels}."[
            :_REASON_LENGTH
        ]
        other.decision_seen_at = None
        _save(session, other, other.decision_reason)


def _supersede(session: WriteSession, other: Proposal, accepted: Proposal) -> None:
    decide(session, other, ReviewState.SUPERSEDED, f"{accepted.public_id} was accepted first.")


def decide(session: WriteSession, proposal: Proposal, state: ReviewState, reason: str | None) -> None:
    """Set the state of a proposal and who decided on it. The caller has checked the permission."""
    proposal.state = state
    proposal.decided_at = utc_now()
    proposal.decided_by_id = authorization.change_of(session).actor_id
    proposal.decision_reason = reason
    proposal.decision_seen_at = None
    _save(session, proposal, reason)


def _save(session: WriteSession, record: Record, reason: str | None) -> None:
    with authorization.with_reason(session, reason):
        records.save(session)


def _clean(reason: str | None) -> str | None:
    try:
        valid_reason = _REASON.clean(reason)
    except ValueError as refused:
        raise Invalid({"decision_reason": [str(refused)]}) from None
    return None if valid_reason is None else str(valid_reason)
