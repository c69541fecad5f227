"""Records that a new one looks like, so that the same claim or study is not added twice by mistake."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study, StudyKey, claim_words
from claims_app.models.matching import paper_of
from claims_app.rules import ranking
from claims_app.rules.matching import compare
from claims_app.rules.papers import Paper
from claims_app.rules.words import words
from claims_app.services.core.filters import is_listed
from claims_app.vocabulary import Relation

_MOST = 50
"""The records that are compared; more with the same words or the same title say nothing."""
_RAREST = 5
"""The longest words of a statement, by which it is found: they are the rarest ones."""


def claims_like(session: Session, statement: str) -> Sequence[Claim]:
    """Return the claims with the words of `statement`; case, accents and punctuation make no difference."""
    wanted = list(words(statement))
    looked_up = sorted(set(ranking.terms(statement)), key=lambda word: (-len(word), word))[:_RAREST]
    if not looked_up:
        return []
    query = select(Claim).where(is_listed(Claim)).order_by(Claim.id).limit(_MOST)
    for word in looked_up:
        index = claim_words.alias()
        query = query.join(index, (index.c.claim_id == Claim.id) & (index.c.word == word))
    return [claim for claim in session.scalars(query) if list(words(claim.statement)) == wanted]


def studies_like(session: Session, values: Mapping[str, Any]) -> Sequence[Study]:
    """Return the studies with the title, the year and an author of these values, as far as both have them."""
    paper = Paper.of(values)
    titles = [key for key in paper.keys if key.startswith("=")]
    having = select(StudyKey.study_id).where(StudyKey.key.in_(titles))
    found = session.scalars(
        select(Study).where(Study.id.in_(having), is_listed(Study)).order_by(Study.id).limit(_MOST)
    )
    matches = ((study, compare(paper, paper_of(study))) for study in found)
    return [study for study, match in matches if match is not None and match.relation is Relation.SAME]
