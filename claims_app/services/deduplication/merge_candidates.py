"""Finding the record that another one is a duplicate of: by words, or by what is alike."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study, claim_topics
from claims_app.rules.merging import likeness
from claims_app.services.core.filters import ClaimFilters, StudyFilters
from claims_app.services.deduplication import study_matching
from claims_app.vocabulary import Relation

MOST_COMPARED = 500
"""Records of the same sort that one is compared with, the newest first."""

ALIKE = 0.4
"""From which likeness on two claims are suggested to be the same."""


def search(session: Session, record: Claim | Study, words: str, limit: int = 20) -> Sequence[Claim | Study]:
    """Return the records with all of `words` that `record` may be merged with. Raises BadFilter."""
    query = {"q": [words]}
    if isinstance(record, Claim):
        claims = ClaimFilters.read(query).claims().where(Claim.id != record.id)
        return session.scalars(claims.order_by(Claim.id).limit(limit)).all()
    studies = StudyFilters.read(query).studies().where(Study.id != record.id)
    return session.scalars(studies.order_by(Study.id).limit(limit)).all()


def suggest(session: Session, record: Claim | Study, limit: int = 5) -> Sequence[Claim | Study]:
    """Return the records that look most as if they were the same as `record`, the most alike first.

    Compared are claims of the same kind that share a topic with it, or its origin; studies as everywhere.
    """
    if isinstance(record, Study):
        found = study_matching.matches(session, record, limit=limit)
        return [match.study for match in found if match.relation in (Relation.SAME, Relation.UNSURE)]
    alike = [(likeness(record.statement, other.statement), other) for other in _claims_near(session, record)]
    alike = [pair for pair in alike if pair[0] >= ALIKE]
    return [other for _, other in sorted(alike, key=lambda pair: (-pair[0], pair[1].id))[:limit]]


def _claims_near(session: Session, claim: Claim) -> Sequence[Claim]:
    near = [Claim.origin_study_id == claim.origin_study_id] if claim.origin_study_id else []
    if claim.topics:
        topics = select(claim_topics.c.claim_id).where(
            claim_topics.c.topic_id.in_([topic.id for topic in claim.topics])
        )
        near.append(Claim.id.in_(topics))
    query = ClaimFilters(kind=(claim.kind,)).claims().where(Claim.id != claim.id)
    if near:
        query = query.where(or_(*near))
    return session.scalars(query.order_by(Claim.id.desc()).limit(MOST_COMPARED)).all()
