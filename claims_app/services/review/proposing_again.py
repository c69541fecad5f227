"""Proposing again what another change overtook, based on the record as it is now."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Proposal, Record, Revision
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Gone, NotAllowed, Refused
from claims_app.services.core.record_states import read_changes
from claims_app.services.records import proposals
from claims_app.services.records.kinds import form_values
from claims_app.services.review import decisions
from claims_app.vocabulary import ProposalKind, ReviewState


def left_over(session: Session, proposal: Proposal) -> Mapping[str, object]:
    """Return the values that `proposal` wanted and did not get because of another change, by field.

    Nothing is left of a rejected proposal, of one that can still be accepted as it is, or of a deleted record.
    """
    if proposal.kind is not ProposalKind.CHANGE or proposal.state is ReviewState.REJECTED:
        return {}
    try:
        fields = decisions.compare(session, proposal)
    except Gone:
        return {}
    if proposal.is_open and not any(field.differs for field in fields):
        return {}
    applied = _applied(session, proposal)
    return {
        field.name: field.wanted
        for field in fields
        if not field.is_applied and not {field.name, f"{field.name}_id"} & applied
    }


def propose_again(session: WriteSession, proposal: Proposal, version: int) -> Record:
    """Propose what is left of the user's own `proposal`, which was read at `version`, for the record as it is now.

    Closes the proposal if it is still open. Returns the new proposal, or the record if the change took effect at
    once. Raises NotAllowed, StaleVersion, Refused if nothing is left, Gone, and Invalid.
    """
    author_id = authorization.change_of(session).actor_id
    if author_id is None or proposal.author_id != author_id:
        raise NotAllowed("Only the author of a proposal can propose it again.")
    records.require_version(proposal, version)
    target = decisions.target_of(session, proposal)
    wanted = left_over(session, proposal)
    if not wanted:
        raise Refused("Nothing of this proposal is left to propose.")
    with authorization.with_reason(session, proposal.reason):
        made = proposals.change(session, target, target.version, {**form_values(session, target), **wanted})
    if proposal.is_open:
        decisions.decide(
            session, proposal, ReviewState.WITHDRAWN, f"Proposed again as {made.public_id} by its author."
        )
    return made


def _applied(session: Session, proposal: Proposal) -> set[str]:
    """Return the fields of the record that changed when `proposal` was accepted."""
    carried_out = session.scalars(
        select(Revision).where(
            Revision.record_type == proposal.target_type,
            Revision.record_id == proposal.target_id,
            Revision.proposal_id == proposal.id,
        )
    )
    return {name for revision in read_changes(session, carried_out) for name in revision.changes}
