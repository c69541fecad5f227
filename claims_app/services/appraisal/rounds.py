"""Rounds of two independent appraisals: requested for a claim, submitted blind, then settled in a third step.

A submitted appraisal stays a draft, visible to its author only, until both are in. So no page, file or feed can
show it to the other appraiser earlier.
"""

from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from claims_app.database import WriteSession
from claims_app.models import Appraisal, AppraisalDraft, AppraisalRound, Claim
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid

APPRAISERS = 2


def open_round(session: WriteSession, claim: Claim, opened_by_id: int | None) -> AppraisalRound:
    """Request two independent appraisals of `claim`; return the round. Raises NotAllowed, Invalid if one is open."""
    authorization.require(session, Permission.APPRAISE, claim)
    records.lock(session, claim)
    if open_round_of(session, claim.id) is not None:
        raise Invalid({"round": ["Two independent appraisals have already been requested."]})
    round_ = AppraisalRound(claim_id=claim.id, opened_by_id=opened_by_id)
    session.add(round_)
    records.save(session)
    return round_


def call_off(session: WriteSession, claim: Claim) -> None:
    """Cancel the open round; a submitted appraisal goes back to its author as a draft.

    Raises NotAllowed, and Invalid if no round is open.
    """
    authorization.require(session, Permission.APPRAISE, claim)
    records.lock(session, claim)
    round_ = open_round_of(session, claim.id)
    if round_ is None:
        raise Invalid({"round": ["No independent appraisals have been requested."]})
    round_.closed_at = utc_now()
    _return(handed_in(session, claim.id))
    records.save(session)


def open_round_of(session: Session, claim_id: int) -> AppraisalRound | None:
    """Return the open round of a claim with its appraisals, or None."""
    return session.scalar(
        select(AppraisalRound)
        .where(AppraisalRound.claim_id == claim_id, AppraisalRound.closed_at.is_(None))
        .options(selectinload(AppraisalRound.appraisals).joinedload(Appraisal.appraised_by))
    )


def is_to_settle(round_: AppraisalRound) -> bool:
    """Return whether both appraisals of the round have been made, so that it can be settled."""
    return len(round_.appraisals) >= APPRAISERS


def handed_in(session: Session, claim_id: int) -> Sequence[AppraisalDraft]:
    """Return the submitted appraisals that are still hidden, in order of submission."""
    return session.scalars(
        select(AppraisalDraft)
        .where(AppraisalDraft.claim_id == claim_id, AppraisalDraft.handed_in_at.is_not(None))
        .options(joinedload(AppraisalDraft.author))
        .order_by(AppraisalDraft.handed_in_at, AppraisalDraft.id)
    ).all()


def return_outdated(
    session: WriteSession, claim_id: int, digest: str, is_complete: Callable[[AppraisalDraft], bool]
) -> None:
    """Return submitted appraisals that cannot be made any more to their authors.

    These are the ones for other evidence than `digest`, as both must judge the same, and those that are not complete.
    """
    _return(
        draft
        for draft in handed_in(session, claim_id)
        if draft.evidence_digest != digest or not is_complete(draft)
    )
    session.flush()


def _return(drafts: Iterable[AppraisalDraft]) -> None:
    for draft in drafts:
        draft.handed_in_at = draft.evidence_digest = None
