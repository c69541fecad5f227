"""Read models of the pages of a claim and a study. Each runs a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from claims_app.models import (
    Claim,
    EvidenceItem,
    Limitation,
    Merge,
    Proposal,
    Record,
    Revision,
    Study,
    StudyGroup,
    StudyText,
    Topic,
)
from claims_app.models.levels import LOADED_WITH_EVIDENCE, body_from
from claims_app.rules.counting import Balance, Link, balance
from claims_app.services.appraisal.levels import (
    ClaimLevel,
    FindingRow,
    LevelStep,
    appraisals_of,
    level_of_claim,
    rows_of_items,
)
from claims_app.services.core import records
from claims_app.services.core.filters import is_listed, is_not_merged
from claims_app.services.core.record_states import differences, read_edits, state_at, state_of
from claims_app.services.history import merge_queries
from claims_app.services.review import decisions
from claims_app.vocabulary import Direction, RecordType, ReviewState


@dataclass(frozen=True)
class ClaimPage:
    """Everything that the page of a claim shows."""

    claim: Claim
    balance: Balance
    level: ClaimLevel
    moves: Sequence[LevelStep]
    limitations: Sequence[Limitation]
    items: Sequence[EvidenceItem]
    findings: Sequence[FindingRow]
    evidence: dict[Direction, list[EvidenceItem]]
    revisions: Sequence[Revision]
    proposals: Sequence[Proposal] = ()
    """Open proposals about the claim, its evidence and its limitations."""

    rejected: Sequence[EvidenceItem] = ()
    merges: Sequence[Merge] = ()
    """Claims that were merged into it."""


@dataclass(frozen=True)
class StudyPage:
    """Everything that the page of a study shows."""

    study: Study
    evidence: Sequence[EvidenceItem]
    origin_of: Sequence[Claim]
    versions: Sequence[Study]
    same_group: Sequence[Study]
    texts: Sequence[StudyText]
    revisions: Sequence[Revision]
    proposals: Sequence[Proposal] = ()
    """Open proposals about the study."""

    merges: Sequence[Merge] = ()
    """Studies that were merged into it."""


def balances(session: Session, claim_ids: Iterable[int]) -> dict[int, Balance]:
    """Return the balance of the counted evidence of each claim, by claim id, in one query."""
    ids = list(claim_ids)
    links: dict[int, list[Link]] = defaultdict(list)
    published = aliased(Study)
    rows = session.execute(
        select(
            EvidenceItem.claim_id,
            EvidenceItem.direction,
            Study.id,
            Study.version_of_id,
            func.coalesce(published.group_id, Study.group_id),
            Study.standing,
            Study.year,
            published.standing,
        )
        .join(EvidenceItem.study)
        .outerjoin(published, published.id == Study.version_of_id)
        .where(EvidenceItem.claim_id.in_(ids), EvidenceItem.review_state == ReviewState.ACCEPTED)
    )
    for claim_id, direction, study_id, version_of_id, group_id, standing, year, published_as in rows:
        links[claim_id].append(
            Link(direction, study_id, version_of_id, group_id, standing, year, published_as)
        )
    return {claim_id: balance(links[claim_id]) for claim_id in ids}


def show_claim(session: Session, identifier: str) -> ClaimPage:
    """Return the page of the claim with this public identifier. Raises NotFound, Gone and Merged."""
    claim = records.find(session, Claim, identifier)
    limitations = session.scalars(
        select(Limitation)
        .where(Limitation.claim_id == claim.id, is_listed(Limitation))
        .order_by(Limitation.id)
    ).all()
    items = session.scalars(
        select(EvidenceItem)
        .join(EvidenceItem.study)
        .where(EvidenceItem.claim_id == claim.id)
        .options(*LOADED_WITH_EVIDENCE)
        .order_by(func.coalesce(Study.year, 0).desc(), EvidenceItem.id)
    ).all()
    body = body_from(claim.kind, items, limitations)
    rejected = [item for item in items if item.review_state is ReviewState.REJECTED]
    items = [item for item in items if item.review_state is not ReviewState.REJECTED]
    return ClaimPage(
        claim=claim,
        balance=body.balance,
        level=level_of_claim(session, claim, body, items),
        moves=appraisals_of(session, claim),
        limitations=limitations,
        items=items,
        findings=rows_of_items(claim.kind, items),
        evidence={
            direction: [item for item in items if item.direction is direction] for direction in Direction
        },
        revisions=revisions_of(session, RecordType.CLAIM, claim.id),
        proposals=session.scalars(
            select(Proposal)
            .where(Proposal.claim_id == claim.id, Proposal.state == ReviewState.SUBMITTED)
            .options(joinedload(Proposal.author))
            .order_by(Proposal.id)
        ).all(),
        rejected=rejected,
        merges=merge_queries.merges_into(session, RecordType.CLAIM, claim.id),
    )


def show_study(session: Session, identifier: str) -> StudyPage:
    """Return the page of the study with this public identifier. Raises NotFound, Gone and Merged."""
    study = records.find(session, Study, identifier)
    return StudyPage(
        study=study,
        evidence=session.scalars(
            select(EvidenceItem)
            .where(EvidenceItem.study_id == study.id, is_listed(EvidenceItem))
            .options(joinedload(EvidenceItem.claim), selectinload(EvidenceItem.limitations))
            .order_by(EvidenceItem.claim_id, EvidenceItem.id)
        ).all(),
        origin_of=session.scalars(
            select(Claim).where(Claim.origin_study_id == study.id, is_not_merged(Claim)).order_by(Claim.id)
        ).all(),
        versions=session.scalars(
            select(Study).where(Study.version_of_id == study.id, is_not_merged(Study)).order_by(Study.id)
        ).all(),
        same_group=session.scalars(
            select(Study)
            .where(Study.group_id == study.group_id, Study.id != study.id, is_not_merged(Study))
            .order_by(Study.id)
        ).all()
        if study.group_id
        else [],
        texts=session.scalars(
            select(StudyText).where(StudyText.study_id == study.id).order_by(StudyText.id)
        ).all(),
        revisions=revisions_of(session, RecordType.STUDY, study.id),
        proposals=decisions.open_proposals(session, study),
        merges=merge_queries.merges_into(session, RecordType.STUDY, study.id),
    )


def revisions_of(
    session: Session, record_type: RecordType, record_id: int, limit: int = 20
) -> Sequence[Revision]:
    """Return the last revisions of a record, latest first."""
    newest = session.scalars(
        select(Revision)
        .where(Revision.record_type == record_type, Revision.record_id == record_id)
        .options(joinedload(Revision.actor))
        .order_by(Revision.version.desc())
        .limit(limit)
    )
    return read_edits(session, newest)


def revisions_since(session: Session, record: Record, version: int, limit: int = 5) -> Sequence[Revision]:
    """Return the last revisions of `record` after `version`, latest first, with who made them."""
    return session.scalars(
        select(Revision)
        .where(
            Revision.record_type == record.record_type,
            Revision.record_id == record.id,
            Revision.version > version,
        )
        .options(joinedload(Revision.actor))
        .order_by(Revision.version.desc())
        .limit(limit)
    ).all()


def before_others(session: Session, record: Record, version: int) -> dict[str, Any]:
    """Return the fields changed after `version` of `record`, each with its value at that version."""
    then = state_at(session, record.record_type, record.id, version)
    return {
        name: before
        for name, (before, _) in differences(type(record), then, state_of(record)).items()
        if then
    }


def all_topics(session: Session) -> Sequence[Topic]:
    """Return all topics, sorted by name."""
    return session.scalars(select(Topic).order_by(Topic.name)).all()


def all_groups(session: Session) -> Sequence[StudyGroup]:
    """Return all study groups, sorted by name."""
    return session.scalars(select(StudyGroup).order_by(StudyGroup.name)).all()
