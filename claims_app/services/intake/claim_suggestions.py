"""Suggests claims that a candidate may be relevant to, and studies that it may duplicate.

A database query selects claims that share rare words with the paper; `rules.ranking` ranks them.
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
"""Words that occur in this many claims are ignored."""

MOST_WORDS = 200
"""How many words of a paper are looked up, most frequent first."""

NARROWING = 30
"""How many of its rarest words are used to select the claims that are ranked."""

COMPARED = 60
"""How many claims are ranked."""


@dataclass(frozen=True)
class Likely:
    """A claim that a paper may be relevant to, and the words they share."""

    claim: Claim
    score: float
    shared: tuple[str, ...]


@dataclass(frozen=True)
class Known:
    """A study that is or may be the same as the candidate, how they are related, and the reasons in sentences."""

    study: Study
    relation: Relation
    reasons: tuple[str, ...]


def likely_claims(session: Session, title: str, abstract: str, limit: int = 5) -> list[Likely]:
    """Return the claims that a paper is most likely relevant to, best match first."""
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
    """Return the words of `claims`, for highlighting them in a text."""
    return {word for claim in claims for word in _words(claim)}


def known(session: Session, candidate: Candidate) -> list[Known]:
    """Return the studies that are or may be the same as `candidate`, best match first."""
    own = None if candidate.study_id is None else records.look_up(session, Study, candidate.study_id)
    if own is not None:
        return [Known(own, Relation.SAME, ("This candidate was added as this study.",))]
    alike = study_matching.matches(session, candidate.content)
    return [Known(found.study, found.relation, found.reasons) for found in alike]


def _words(claim: Claim) -> list[str]:
    topics = [word for topic in claim.topics for word in ranking.terms(topic.name)]
    return [*words_of(claim), *topics]


def _frequencies(session: Session, words: list[str]) -> dict[str, int]:
    """Return the number of claims that contain each of `words`, counted up to COMMON only, which is faster."""
    if not words:
        return {}
    wanted = values(column("word", String), name="wanted").data([(word,) for word in words]).cte("wanted")
    some = (
        select(literal(1).label("one"))
        .select_from(claim_words)
        .where(claim_words.c.word == wanted.c.word)
        .limit(COMMON)
        .correlate(wanted)
        .subquery()
    )
    counted = select(func.count()).select_from(some).correlate(wanted).scalar_subquery()
    return {row[0]: row[1] for row in session.execute(select(wanted.c.word, counted))}


def _sharing(session: Session, weights: Mapping[str, float]) -> dict[int, Claim]:
    """Return the claims that share the words in `weights` with the highest total weight, by id."""
    weight = func.sum(case(weights, value=claim_words.c.word, else_=0.0))
    numbers = (
        select(claim_words.c.claim_id)
        .where(claim_words.c.word.in_(list(weights)))
        .group_by(claim_words.c.claim_id)
        .order_by(weight.desc(), claim_words.c.claim_id)
        .limit(COMPARED)
    )
    unmerged = (
        select(Claim)
        .where(Claim.id.in_(numbers.subquery().select()), Claim.merged_into_id.is_(None))
        .options(selectinload(Claim.topics))
    )
    return {claim.id: claim for claim in session.scalars(unmerged)}
