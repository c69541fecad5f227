"""The read model of the front page: counts, work to be done, and the latest changes."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import (
    Claim,
    EvidenceItem,
    Limitation,
    Revision,
    Study,
    Topic,
    claim_topics,
)
from claims_app.services.core.filters import is_listed, is_not_merged
from claims_app.services.core.record_states import read_edits
from claims_app.services.pages.claim_rows import ClaimRow, claim_rows
from claims_app.vocabulary import ClaimKind, Conclusion, EvidenceLevel, RecordType, ReviewState


@dataclass(frozen=True)
class ChangeSet:
    """Consecutive revisions by one user with the same summary on one day, shown as one change: the `newest`."""

    newest: Revision
    n_records: int


@dataclass(frozen=True)
class Overview:
    """The content of the front page."""

    n_claims: int
    n_studies: int
    n_evidence: int
    n_limitations: int
    verdicts: dict[tuple[EvidenceLevel, ClaimKind], dict[Conclusion | None, int]]
    """The number of claims with each level, by conclusion."""

    n_without_evidence: int
    n_without_appraisal: int
    n_stale: int
    topics: Sequence[tuple[Topic, int]]
    core: Sequence[ClaimRow]
    changes: Sequence[ChangeSet]


def overview(session: Session) -> Overview:
    """Return the content of the front page."""
    verdicts: dict[tuple[EvidenceLevel, ClaimKind], dict[Conclusion | None, int]] = defaultdict(dict)
    for level, kind, conclusion, count in session.execute(
        select(Claim.evidence_level, Claim.kind, Claim.conclusion, func.count())
        .where(is_listed(Claim))
        .group_by(Claim.evidence_level, Claim.kind, Claim.conclusion)
    ):
        verdicts[level, kind][conclusion] = count
    with_evidence = select(func.count(EvidenceItem.claim_id.distinct())).join(EvidenceItem.claim)
    claims_with_evidence = session.scalar(with_evidence.where(is_listed(EvidenceItem), is_listed(Claim))) or 0
    n_claims = sum(sum(counts.values()) for counts in verdicts.values())
    unassessed = with_evidence.where(EvidenceItem.review_state == ReviewState.ACCEPTED, is_listed(Claim))
    stale = select(func.count(Claim.id)).where(Claim.stale_since.is_not(None), is_not_merged(Claim))
    core = session.scalars(
        select(Claim.id).where(is_listed(Claim)).order_by(Claim.updated_at.desc(), Claim.id.desc()).limit(3)
    ).all()
    return Overview(
        n_claims=n_claims,
        n_studies=session.scalar(select(func.count(Study.id)).where(is_listed(Study))) or 0,
        n_evidence=session.scalar(select(func.count(EvidenceItem.id)).where(is_listed(EvidenceItem))) or 0,
        n_limitations=session.scalar(select(func.count(Limitation.id)).where(is_listed(Limitation))) or 0,
        verdicts=verdicts,
        n_without_evidence=n_claims - claims_with_evidence,
        n_without_appraisal=session.scalar(
            unassessed.where(Claim.evidence_level == EvidenceLevel.NOT_ASSESSED)
        )
        or 0,
        n_stale=session.scalar(stale) or 0,
        topics=[
            (topic, count)
            for topic, count in session.execute(
                select(Topic, func.count(Claim.id))
                .outerjoin(claim_topics, claim_topics.c.topic_id == Topic.id)
                .outerjoin(Claim, and_(Claim.id == claim_topics.c.claim_id, is_not_merged(Claim)))
                .group_by(Topic.id)
                .order_by(Topic.name)
            )
        ],
        core=claim_rows(session, core),
        changes=_latest_changes(session),
    )


def _latest_changes(session: Session, looked_at: int = 200, shown: int = 10) -> list[ChangeSet]:
    """Return the `shown` latest change sets among the last `looked_at` revisions."""
    revisions = session.scalars(
        select(Revision)
        .where(
            Revision.record_type.in_(
                [RecordType.CLAIM, RecordType.STUDY, RecordType.EVIDENCE, RecordType.APPRAISAL]
            )
        )
        .options(joinedload(Revision.actor))
        .order_by(Revision.id.desc())
        .limit(looked_at)
    )
    together = itertools.groupby(
        revisions, lambda r: (r.record_type, r.action, r.via, r.actor_id, r.edit_summary, r.changed_at.date())
    )
    sets = []
    for _, group in itertools.islice(together, shown):
        newest, *others = group
        sets.append(ChangeSet(newest, len({newest.record_id, *(other.record_id for other in others)})))
    read_edits(session, [one.newest for one in sets if one.n_records == 1])
    return sets
