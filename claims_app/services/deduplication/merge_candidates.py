"""Finds records that another one may be a duplicate of, by search words or by similarity."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study, claim_topics
from claims_app.rules.merging import likeness
from claims_app.services.core.best_matches import best_claims, best_studies
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.deduplication import study_matching
from claims_app.vocabulary import Relation

MAX_COMPARED = 500
"""The number of claims, newest first, that a claim is compared with."""

ALIKE = 0.4
"""The similarity from which on two claims are suggested as duplicates."""


def search(session: Session, record: Claim | Study, words: str, limit: int = 20) -> Sequence[Claim | Study]:
    """Return the records that match `words`, best first, without `record`. Raises BadFilter for too many words."""
    words = ClaimFilters.read({"q": [words]}).q or ""
    best = best_claims if isinstance(record, Claim) else best_studies
    return best(session, words, limit, without=record.id)


def suggest(session: Session, record: Claim | Study, limit: int = 5) -> Sequence[Claim | Study]:
    """Return the most likely duplicates of `record`, the most similar first.

    A claim is compared with claims of the same kind that share its source or a topic; a study is compared by
    `study_matching`.
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
    return session.scalars(query.order_by(Claim.id.desc()).limit(MAX_COMPARED)).all()
