"""What an account has changed, and the appraisals it has started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims_app.models import AppraisalDraft, Claim, Revision
from claims_app.services.history import changes
from claims_app.services.history.changes import ChangeFilters
from claims_app.vocabulary import RecordType

LATEST = 8


@dataclass(frozen=True)
class OwnWork:
    """The changes made by one account, counted by record type; the latest of them; and its appraisal drafts."""

    counts: Mapping[RecordType, int]
    latest: Sequence[Revision]
    drafts: Sequence[tuple[AppraisalDraft, Claim]]

    @property
    def total(self) -> int:
        """The number of changes."""
        return sum(self.counts.values())


def own_work(session: Session, user_id: int, username: str) -> OwnWork:
    """Return the changes and the appraisal drafts of the account with this id and username."""
    counted = session.execute(
        select(Revision.record_type, func.count())
        .where(Revision.actor_id == user_id)
        .group_by(Revision.record_type)
    ).all()
    counts = {record_type: count for record_type, count in counted}  # noqa: C416
    return OwnWork(
        counts={term: counts[term] for term in RecordType if term in counts},
        latest=changes.latest(session, ChangeFilters(by=username), LATEST),
        drafts=appraisal_drafts(session, user_id),
    )


def appraisal_drafts(session: Session, user_id: int) -> Sequence[tuple[AppraisalDraft, Claim]]:
    """Return the appraisal drafts of an account, latest first, each with its claim."""
    drafts = session.execute(
        select(AppraisalDraft, Claim)
        .join(Claim, Claim.id == AppraisalDraft.claim_id)
        .where(AppraisalDraft.author_id == user_id)
        .order_by(AppraisalDraft.saved_at.desc())
    )
    return [(draft, claim) for draft, claim in drafts]
