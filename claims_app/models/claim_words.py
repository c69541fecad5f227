"""The words of claims, to find by them the claims that a paper may be about. They follow from the claims."""

from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, String, Table, delete, event, insert, inspect
from sqlalchemy.orm import Mapper

from claims_app.database import Base
from claims_app.models.claim import Claim
from claims_app.rules.ranking import terms

WORDED = ("statement", "population", "exposure", "comparator", "outcome")

claim_words = Table(
    "claim_words",
    Base.metadata,
    Column("word", String, primary_key=True),
    Column("claim_id", ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_claim_words_claim_id", "claim_id"),
)


def words_of(claim: Claim) -> list[str]:
    """Return the words of the statement and its PECO parts, as often as they stand there."""
    return terms(" ".join(getattr(claim, name) or "" for name in WORDED))


@event.listens_for(Claim, "after_insert")
def _write(_mapper: Mapper[Any], connection: Connection, claim: Claim) -> None:
    rows = [{"word": word, "claim_id": claim.id} for word in sorted(set(words_of(claim)))]
    if rows:
        connection.execute(insert(claim_words), rows)


@event.listens_for(Claim, "after_update")
def _write_again(mapper: Mapper[Any], connection: Connection, claim: Claim) -> None:
    state = inspect(claim)
    if any(state.attrs[name].history.has_changes() for name in WORDED):
        connection.execute(delete(claim_words).where(claim_words.c.claim_id == claim.id))
        _write(mapper, connection, claim)
