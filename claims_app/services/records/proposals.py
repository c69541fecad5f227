"""Changes records at once, or proposes the change until a second person accepts it.

Pages, the API and file imports all change records through this module. The function that writes asks the policy, once;
it raises NeedsReview for a change that has to be proposed.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, Proposal, Record, Topic
from claims_app.models.revision import claim_of
from claims_app.rules import schemas
from claims_app.rules.fields import Names
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, NeedsReview
from claims_app.services.records.kinds import KINDS, form_values, writing_of
from claims_app.vocabulary import ProposalKind, ReviewState


def change(
    session: WriteSession,
    record: records.R,
    version: int,
    raw: Mapping[str, object],
    update: Callable[[WriteSession, records.R, int, Mapping[str, object]], Record] | None = None,
) -> records.R | Proposal:
    """Update `record`, which was read at `version`, from `raw`, or propose the change if it needs review.

    `update` replaces the update function of the record type. Returns the record, or the proposal; if nothing
    differs, nothing is proposed. Raises NotAllowed, StaleVersion, Invalid, and the errors of `update`.
    """
    update = update or writing_of(record.record_type).update
    try:
        update(session, record, version, raw)
        return record
    except NeedsReview:
        pass
    records.require_version(record, version)
    seen = _comparable(session, record, known := _topics(session))
    with authorization.trying_out(session):
        update(session, record, version, raw)
        wanted = _comparable(session, record, known)
    differing = {name: [seen[name], wanted[name]] for name in seen if seen[name] != wanted[name]}
    if not differing:
        return record
    return _propose(session, ProposalKind.CHANGE, record, differing)


def delete(session: WriteSession, record: Record, version: int) -> Proposal | None:
    """Delete `record`, which was read at `version`, or propose the deletion if it needs review.

    Returns the proposal, or None if it was deleted. Raises NotAllowed, StaleVersion, and InUse while other records
    are linked to it.
    """
    writing = writing_of(record.record_type)
    try:
        writing.delete(session, record, version)
        return None
    except NeedsReview:
        pass
    records.require_version(record, version)
    with authorization.trying_out(session):
        writing.delete(session, record, version)
    return _propose(session, ProposalKind.DELETION, record, {})


def appraisal(session: WriteSession, claim: Claim, raw: Mapping[str, object], digest: str) -> Proposal:
    """Propose an appraisal of `claim` from `raw`, based on the evidence with this `digest`. Raises Invalid."""
    chosen: dict[str, list[object]] = {
        field.name: [None, str(value)]
        for field in schemas.APPRAISAL.fields
        if (value := raw.get(field.name)) not in (None, "")
    }
    return _propose(session, ProposalKind.APPRAISAL, claim, chosen, digest)


def _propose(
    session: WriteSession,
    kind: ProposalKind,
    record: Record,
    differing: dict[str, list[object]],
    digest: str | None = None,
) -> Proposal:
    """Save a proposal by the author of the change. Raises Invalid without a valid reason."""
    made_by = authorization.change_of(session)
    default = "The appraisal states its reasons." if kind is ProposalKind.APPRAISAL else None
    try:
        reason = schemas.PROPOSAL.field("reason").clean(made_by.summary or default)
    except ValueError as refused:
        raise Invalid({"edit_summary": [str(refused)]}) from None
    proposal = Proposal(
        kind=kind,
        target_type=record.record_type,
        target_id=record.id,
        target_version=record.version,
        claim_id=claim_of(session, record),
        changes=differing,
        evidence_digest=digest,
        reason=str(reason),
        author_id=made_by.actor_id,
        state=ReviewState.SUBMITTED,
    )
    session.add(proposal)
    records.save(session, schemas.PROPOSAL)
    return proposal


def _topics(session: Session) -> set[str]:
    return set(session.scalars(select(Topic.slug)))


def _comparable(session: Session, record: Record, known: set[str]) -> dict[str, object]:
    """Return the fields of `record` as values of its form; topics not in `known` are given by their name."""
    values = form_values(session, record)
    for field in KINDS[record.record_type].schema.fields:
        if isinstance(field, Names):
            items = getattr(record, field.name)
            values[field.name] = [item.slug if item.slug in known else item.name for item in items]
    return values
