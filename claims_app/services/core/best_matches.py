"""The records that match words best, for choosing one of them."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study
from claims_app.services.core.filters import LEVEL_RANK, is_listed
from claims_app.services.search import Tiers, among, matching_claims, matching_studies

R = TypeVar("R", Claim, Study)


def best_claims(session: Session, words: str, limit: int, without: int | None = None) -> Sequence[Claim]:
    """Return the listed claims that match `words`, best first: within a tier, the highest level, then the newest.

    `without` is the number of a claim to leave out.
    """
    query = select(Claim).where(is_listed(Claim)).order_by(LEVEL_RANK, Claim.id.desc())
    return list(_best(session, query, Claim.id, matching_claims(session, words), limit, without))


def best_studies(session: Session, words: str, limit: int, without: int | None = None) -> Sequence[Study]:
    """Return the listed studies that match `words`, best first: within a tier, the most recently published."""
    query = select(Study).where(is_listed(Study)).order_by(Study.year.desc().nulls_last(), Study.id.desc())
    return list(_best(session, query, Study.id, matching_studies(session, words), limit, without))


def _best(
    session: Session,
    query: Select[R],
    number: ColumnElement[int] | Any,
    tiers: Tiers,
    limit: int,
    without: int | None,
) -> Iterator[R]:
    for tier in tiers:
        numbers = tier - BitMap([without] if without else [])
        if numbers and limit > 0:
            found = session.scalars(query.where(among(number, numbers)).limit(limit)).all()
            limit -= len(found)
            yield from found
