"""Changes of records: made at once, or kept as proposals until a second person accepts them.

Pages, the API and files all change records through here. The policy is asked once, by the function that writes.
"""

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Limitation, Proposal, Record, Topic
from claims_app.rules import records as schemas
from claims_app.rules.fields import Names
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid, NeedsReview
from claims_app.services.records.kinds import KINDS, typed_now, writing_of
from claims_app.vocabulary import ProposalKind, ReviewState


def change(
    session: Session,
    record: records.R,
    version: int,
    raw: Mapping[str, object],
    update: Callable[[Session, records.R, int, Mapping[str, object]], Record] | None = None,
) -> records.R | Proposal:
    """Give `record`, which was read at `version`, the values in `raw`, or propose that where it needs review.

    `update` writes it, where that is not the function of its kind. Returns the record, or the proposal; without
    any difference nothing is proposed. Raises NotAllowed, StaleVersion, Invalid, and what `update` raises.
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


def delete(session: Session, record: Record, version: int) -> Proposal | None:
    """Delete `record`, which was read at `version`, or propose that where it needs review.

    Raises NotAllowed, StaleVersion, and InUse while other records belong to it.
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


def appraisal(session: Session, claim: Claim, raw: Mapping[str, object], digest: str) -> Proposal:
    """Propose an appraisal of `claim`, made of the values in `raw` on the evidence with this `digest`."""
    chosen: dict[str, list[object]] = {
        field.name: [None, str(value)]
        for field in schemas.APPRAISAL.fields
        if (value := raw.get(field.name)) not in (None, "")
    }
    return _propose(session, ProposalKind.APPRAISAL, claim, chosen, digest)


def _propose(
    session: Session,
    kind: ProposalKind,
    record: Record,
    differing: dict[str, list[object]],
    digest: str | None = None,
) -> Proposal:
    made_by = authorization.change_of(session)
    default = "The appraisal gives its reasons." if kind is ProposalKind.APPRAISAL else None
    try:
        reason = schemas.PROPOSAL.field("reason").clean(made_by.summary or default)
    except ValueError as refused:
        raise Invalid({"edit_summary": [str(refused)]}) from None
    proposal = Proposal(
        kind=kind,
        target_type=record.record_type,
        target_id=record.id,
        target_version=record.version,
        claim_id=claim_of(record),
        changes=differing,
        evidence_digest=digest,
        reason=str(reason),
        author_id=made_by.actor_id,
        state=ReviewState.SUBMITTED,
    )
    session.add(proposal)
    records.save(session, schemas.PROPOSAL)
    return proposal


def claim_of(record: Record) -> int | None:
    """Return the number of the claim that `record` belongs to, or is; a study belongs to none."""
    if isinstance(record, Claim):
        return record.id
    if isinstance(record, Limitation) and record.evidence is not None:
        return record.evidence.claim_id
    return getattr(record, "claim_id", None)


def _topics(session: Session) -> set[str]:
    return set(session.scalars(select(Topic.slug)))


def _comparable(session: Session, record: Record, known: set[str]) -> dict[str, object]:
    """Return the fields of `record` as one would type them; a topic that is made by this change by its name."""
    values = typed_now(session, record)
    for field in KINDS[record.record_type].schema.fields:
        if isinstance(field, Names):
            items = getattr(record, field.name)
            values[field.name] = [item.slug if item.slug in known else item.name for item in items]
    return values
