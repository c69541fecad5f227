"""An index of the words of claims, used to find the claims that a paper may be about. Derived from the claims."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, delete, insert, inspect

from claims_app.database import Base, WriteSession
from claims_app.models.claim import Claim
from claims_app.rules.ranking import terms

INDEXED_FIELDS = ("statement", "population", "exposure", "comparator", "outcome")

claim_words = Table(
    "claim_words",
    Base.metadata,
    Column("word", String, primary_key=True),
    Column("claim_id", ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_claim_words_claim_id", "claim_id"),
)


def words_of(claim: Claim) -> list[str]:
    """Return the words of the statement and the PECO parts, with repetitions."""
    return terms(" ".join(getattr(claim, name) or "" for name in INDEXED_FIELDS))


def update_words(session: WriteSession) -> None:
    """Index the words of new claims, and of those whose wording changed."""
    new = [claim for claim in session.new if isinstance(claim, Claim)]
    changed = [
        claim
        for claim in session.dirty
        if isinstance(claim, Claim)
        and any(inspect(claim).attrs[name].history.has_changes() for name in INDEXED_FIELDS)
    ]
    if changed:
        session.execute(
            delete(claim_words).where(claim_words.c.claim_id.in_([claim.id for claim in changed]))
        )
    rows = [
        {"word": word, "claim_id": claim.id}
        for claim in (*new, *changed)
        for word in sorted(set(words_of(claim)))
    ]
    if rows:
        session.execute(insert(claim_words), rows)
