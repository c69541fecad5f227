"""Rounds of two independent appraisals: opened for a claim, handed in blind, settled in a third step.

What is handed in stays a draft, which its author alone can see, until both are in. So there is no
page, file or feed that could show the one to the other before.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from claims_app.models import Appraisal, AppraisalDraft, AppraisalRound, Claim
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid
from claims_app.vocabulary import CertaintyDomain

APPRAISERS = 2


def open_round(session: Session, claim: Claim, opened_by_id: int | None) -> AppraisalRound:
    """Ask for two independent appraisals of `claim`. Raises NotAllowed, and Invalid while a round is open."""
    authorization.require(session, Permission.APPRAISE, claim)
    session.execute(select(Claim.id).where(Claim.id == claim.id).with_for_update())
    if open_round_of(session, claim.id) is not None:
        raise Invalid({"round": ["Two independent appraisals are asked for already."]})
    round_ = AppraisalRound(claim_id=claim.id, opened_by_id=opened_by_id)
    session.add(round_)
    records.save(session)
    return round_


def call_off(session: Session, claim: Claim) -> None:
    """Close the open round; what was handed in goes back to its author as a draft.

    Raises NotAllowed, and Invalid without a round.
    """
    authorization.require(session, Permission.APPRAISE, claim)
    session.execute(select(Claim.id).where(Claim.id == claim.id).with_for_update())
    round_ = open_round_of(session, claim.id)
    if round_ is None:
        raise Invalid({"round": ["No independent appraisals are asked for."]})
    round_.closed_at = utc_now()
    _return(handed_in(session, claim.id))
    records.save(session)


def open_round_of(session: Session, claim_id: int) -> AppraisalRound | None:
    """Return the open round of a claim with the appraisals that are in, or None."""
    return session.scalar(
        select(AppraisalRound)
        .where(AppraisalRound.claim_id == claim_id, AppraisalRound.closed_at.is_(None))
        .options(selectinload(AppraisalRound.appraisals).joinedload(Appraisal.appraised_by))
    )


def is_to_settle(round_: AppraisalRound) -> bool:
    """Whether both appraisals of the round are in, so that the third step is next."""
    return len(round_.appraisals) >= APPRAISERS


def differing(round_: AppraisalRound) -> list[CertaintyDomain]:
    """Return the domains on which the two appraisals of the round differ."""
    first, second = (appraisal.moves for appraisal in round_.appraisals[:APPRAISERS])
    return [domain for domain in CertaintyDomain if first[domain] != second[domain]]


def handed_in(session: Session, claim_id: int) -> Sequence[AppraisalDraft]:
    """Return the appraisals that are handed in and still closed, the first one first."""
    return session.scalars(
        select(AppraisalDraft)
        .where(AppraisalDraft.claim_id == claim_id, AppraisalDraft.handed_in_at.is_not(None))
        .options(joinedload(AppraisalDraft.author))
        .order_by(AppraisalDraft.handed_in_at, AppraisalDraft.id)
    ).all()


def return_outdated(session: Session, claim_id: int, digest: str) -> None:
    """Give what was handed in for another body of evidence back to its author: both must judge the same."""
    _return(draft for draft in handed_in(session, claim_id) if draft.evidence_digest != digest)
    session.flush()


def _return(drafts: Iterable[AppraisalDraft]) -> None:
    for draft in drafts:
        draft.handed_in_at = draft.evidence_digest = None
