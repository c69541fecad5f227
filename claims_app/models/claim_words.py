"""An index of the words of claims, used to find the claims that a paper may be about. Derived from the claims."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, bindparam, delete, insert, inspect, select

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

_REMOVED = delete(claim_words).where(
    claim_words.c.word == bindparam("word"), claim_words.c.claim_id == bindparam("claim_id")
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
    known = _known(session, [claim.id for claim in changed])
    wanted = {(word, claim.id) for claim in (*new, *changed) for word in words_of(claim)}
    # Most words of a claim stay when it is reworded, and each is a row in two indexes.
    for statement, rows in ((_REMOVED, known - wanted), (insert(claim_words), wanted - known)):
        if rows:
            session.execute(statement, [{"word": word, "claim_id": number} for word, number in sorted(rows)])


def _known(session: WriteSession, numbers: list[int]) -> set[tuple[str, int]]:
    """Return the words of these claims in the index, each with the number of its claim."""
    if not numbers:
        return set()
    listed = select(claim_words).where(claim_words.c.claim_id.in_(numbers))
    return {(word, number) for word, number in session.execute(listed)}
