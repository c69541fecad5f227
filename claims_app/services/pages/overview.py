"""The read model of the front page: counts, work to be done, and the latest changes."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

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

MOST_TOPICS = 40
"""The topics on the front page; the others have a page of their own."""


@dataclass(frozen=True)
class ChangeSet:
    """Consecutive revisions by one user with the same summary on one day, shown as one change: the `newest`."""

    newest: Revision
    n_records: int


class TopicCount(NamedTuple):
    """A topic and its number of claims."""

    slug: str
    name: str
    definition: str | None
    n_claims: int


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
    topics: Sequence[TopicCount]
    """The topics with most claims, sorted by name."""

    n_topics: int
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
    every_topic = sorted(topics(session), key=lambda topic: -topic.n_claims)
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
        topics=sorted(every_topic[:MOST_TOPICS], key=lambda topic: topic.name),
        n_topics=len(every_topic),
        core=claim_rows(session, core),
        changes=_latest_changes(session),
    )


def topics(session: Session) -> list[TopicCount]:
    """Return all topics with their numbers of claims, sorted by name."""
    rows = session.execute(
        select(Topic.slug, Topic.name, Topic.definition, func.count(Claim.id))
        .outerjoin(claim_topics, claim_topics.c.topic_id == Topic.id)
        .outerjoin(Claim, and_(Claim.id == claim_topics.c.claim_id, is_not_merged(Claim)))
        .group_by(Topic.id)
        .order_by(Topic.name)
    )
    return [TopicCount(*row) for row in rows]


def _latest_changes(session: Session, looked_at: int = 200, shown: int = 10) -> list[ChangeSet]:
    """Return the `shown` latest change sets among the last `looked_at` revisions."""
    together = itertools.groupby(
        session.execute(_CHANGES.limit(looked_at)),
        lambda r: (r.record_type, r.action, r.via, r.actor_id, r.edit_summary, r.changed_at.date()),
    )
    sets = [list(group) for _, group in itertools.islice(together, shown)]
    newest = session.scalars(
        select(Revision)
        .where(Revision.id.in_([group[0].id for group in sets]))
        .options(joinedload(Revision.actor))
    )
    revisions = {revision.id: revision for revision in newest}
    changes = [ChangeSet(revisions[group[0].id], len({row.record_id for row in group})) for group in sets]
    read_edits(session, [one.newest for one in changes if one.n_records == 1])
    return changes


_CHANGES = (
    select(
        Revision.id,
        Revision.record_type,
        Revision.record_id,
        Revision.action,
        Revision.via,
        Revision.actor_id,
        Revision.edit_summary,
        Revision.changed_at,
    )
    .where(
        Revision.record_type.in_(
            [RecordType.CLAIM, RecordType.STUDY, RecordType.EVIDENCE, RecordType.APPRAISAL]
        )
    )
    .order_by(Revision.id.desc())
)
