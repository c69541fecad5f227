"""Submissions and proposals as shown on the review pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Claim, Proposal, Record, Reviewed, User
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.diff import DiffPart
from claims_app.services.appraisal import appraisals
from claims_app.services.core.errors import Gone
from claims_app.services.core.record_states import state_of
from claims_app.services.history.record_history import FieldChange
from claims_app.services.review import decisions, proposing_again
from claims_app.vocabulary import ProposalKind, RecordType, ReviewState
from claims_app.web.history.presenters import label_of, parts_of, shown


@dataclass(frozen=True)
class ReviewField:
    """A field under review, with its values in words."""

    name: str
    label: str
    seen: str
    now: str
    wanted: str
    parts: Sequence[DiffPart] | None
    """For texts, a word-by-word diff between the value when proposed and the proposed value."""

    differs: bool = False
    """Whether the field changed since the proposal, so that the reviewer has to choose."""

    chosen: str = ""


def fields_of(session: Session, record: Record, choices: Mapping[str, str]) -> list[ReviewField]:
    """Return the fields of a submitted record, or the changes of a proposal."""
    if not isinstance(record, Proposal):
        kind = record.record_type
        values = {name: value for name, value in state_of(record).items() if name != "review_state"}
        return [_field(kind, name, None, None, value) for name, value in values.items()]
    if record.kind is not ProposalKind.CHANGE:
        kind = RecordType.APPRAISAL if record.kind is ProposalKind.APPRAISAL else record.target_type
        return [_field(kind, name, None, None, wanted) for name, (_, wanted) in record.changes.items()]
    kind = record.target_type
    if record.state is not ReviewState.SUBMITTED:
        return [_field(kind, name, seen, seen, wanted) for name, (seen, wanted) in record.changes.items()]
    try:
        compared = decisions.compare(session, record)
    except Gone:
        return [_field(kind, name, seen, None, wanted) for name, (seen, wanted) in record.changes.items()]
    return [
        _field(
            kind,
            field.name,
            field.seen,
            field.now,
            field.wanted,
            differs=field.differs,
            chosen=choices.get(field.name, ""),
        )
        for field in compared
    ]


def left_over(session: Session, proposal: Proposal) -> list[str]:
    """Return the labels of the fields of a proposal that its author can propose again."""
    return [label_of(proposal.target_type, name) for name in proposing_again.left_over(session, proposal)]


def verdict_of(session: Session, record: Record) -> Verdict | None:
    """Return the conclusion and the level that a proposed appraisal would lead to on the present evidence.

    None for other records, for a claim that was deleted, and for an appraisal that is not complete.
    """
    if not isinstance(record, Proposal) or record.kind is not ProposalKind.APPRAISAL:
        return None
    claim = target_of(session, record)
    if not isinstance(claim, Claim):
        return None
    answers = {name: wanted for name, (_, wanted) in record.changes.items()}
    return appraisals.provisional(appraisals.body_of(session, claim), answers).verdict


def target_of(session: Session, record: Record) -> Record | None:
    """Return the record that a proposal is about, or None if it was deleted; for a record, itself."""
    if not isinstance(record, Proposal):
        return record
    try:
        return decisions.target_of(session, record)
    except Gone:
        return None


def author_of(session: Session, record: Record) -> User | None:
    """Return the user who submitted the record or proposal."""
    if isinstance(record, Proposal):
        return record.author
    number = record.added_by_id if isinstance(record, Reviewed) else None
    return session.get(User, number) if number is not None else None


def _field(
    kind: RecordType,
    name: str,
    seen: Any,
    now: Any,
    wanted: Any,
    *,
    differs: bool = False,
    chosen: str = "",
) -> ReviewField:
    return ReviewField(
        name,
        label_of(kind, name),
        shown(kind, name, seen),
        shown(kind, name, now),
        shown(kind, name, wanted),
        parts_of(kind, FieldChange(name, seen, wanted)),
        differs,
        chosen,
    )
