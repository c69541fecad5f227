"""Which claims a candidate is likely to be about, and whether the database has it already.

Claims are narrowed in the database by the words that few claims have, and ranked by `rules.ranking`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import String, case, column, func, literal, select, values
from sqlalchemy.orm import Session, selectinload

from claims_app.models import Candidate, Claim, Study, claim_words
from claims_app.models.claim_words import words_of
from claims_app.rules import ranking
from claims_app.services.core import records
from claims_app.services.deduplication import study_matching
from claims_app.vocabulary import Relation

COMMON = 1000
"""A word that this many claims have narrows nothing down."""

MOST_WORDS = 200
"""How many words of a paper are looked up, the most frequent in it first."""

NARROWING = 30
"""How many of its rare words choose the claims that are ranked."""

COMPARED = 60
"""How many claims are ranked."""


@dataclass(frozen=True)
class Likely:
    """A claim that a paper may be about, and the words that say so."""

    claim: Claim
    score: float
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """A study that the candidate is or may be, what it is to it, and why, in sentences."""

    study: Study
    relation: Relation
    reasons: tuple[str, ...]


def likely_claims(session: Session, title: str, abstract: str, limit: int = 5) -> list[Likely]:
    """Return the claims that a paper is likely to be about, the likeliest first."""
    paper = ranking.terms_of_paper(title, abstract)
    looked_up = [word for word, _ in sorted(paper.items(), key=lambda item: (-item[1], item[0]))][:MOST_WORDS]
    frequencies = _frequencies(session, looked_up)
    rare = sorted((count, word) for word, count in frequencies.items() if 0 < count < COMMON)[:NARROWING]
    if not rare:
        return []
    total = session.scalar(select(func.count(Claim.id))) or 0
    weights = {word: ranking.rarity(count, total) for count, word in rare}
    claims = _sharing(session, weights)
    ranked = ranking.rank(
        paper, {number: _words(claim) for number, claim in claims.items()}, frequencies, total, limit
    )
    return [Likely(claims[found.number], found.score, found.shared) for found in ranked]


def words_of_claims(claims: list[Claim]) -> set[str]:
    """Return the words of `claims`, to mark them in a text."""
    return {word for claim in claims for word in _words(claim)}


def known(session: Session, candidate: Candidate) -> list[Known]:
    """Return the studies that `candidate` is or may be, the same first."""
    own = None if candidate.study_id is None else records.look_up(session, Study, candidate.study_id)
    if own is not None:
        return [Known(own, Relation.SAME, ("It was made of this candidate, or found to be the same.",))]
    alike = study_matching.matches(session, candidate.content)
    return [Known(found.study, found.relation, found.reasons) for found in alike]


def _words(claim: Claim) -> list[str]:
    topics = [word for topic in claim.topics for word in ranking.terms(topic.name)]
    return [*words_of(claim), *topics]


def _frequencies(session: Session, words: list[str]) -> dict[str, int]:
    """Return how many claims have each of `words`; it counts up to COMMON and no further."""
    if not words:
        return {}
    asked = values(column("word", String), name="asked").data([(word,) for word in words]).cte("asked")
    some = (
        select(literal(1).label("one"))
        .select_from(claim_words)
        .where(claim_words.c.word == asked.c.word)
        .limit(COMMON)
        .correlate(asked)
        .subquery()
    )
    counted = select(func.count()).select_from(some).correlate(asked).scalar_subquery()
    return {row[0]: row[1] for row in session.execute(select(asked.c.word, counted))}


def _sharing(session: Session, weights: Mapping[str, float]) -> dict[int, Claim]:
    """Return the claims that share the most of the words in `weights`, by their numbers."""
    weight = func.sum(case(weights, value=claim_words.c.word, else_=0.0))
    numbers = (
        select(claim_words.c.claim_id)
        .where(claim_words.c.word.in_(list(weights)))
        .group_by(claim_words.c.claim_id)
        .order_by(weight.desc(), claim_words.c.claim_id)
        .limit(COMPARED)
    )
    standing = (
        select(Claim)
        .where(Claim.id.in_(numbers.subquery().select()), Claim.merged_into_id.is_(None))
        .options(selectinload(Claim.topics))
    )
    return {claim.id: claim for claim in session.scalars(standing)}
