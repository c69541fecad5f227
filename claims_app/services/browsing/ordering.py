"""Pages of a set of claims in each sort order, from the bitmaps or along an index. No page costs more than another."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from pyroaring import BitMap
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from claims_app.models import Claim
from claims_app.services.browsing.sets import Sets
from claims_app.services.core.filters import (
    BEST_MATCH,
    CLAIM_ORDERS,
    CONCLUSION_RANKS,
    LEVEL_RANKS,
    MATCH_ORDER,
)
from claims_app.services.core.paging import Edge, Order, Page, PageRequest, beyond, cut_page, sorted_by
from claims_app.services.search import Tiers, among

_FEW = 2000
"""The dates of so many claims are read at once. For more, the index on the dates is walked until a page is full."""

_FIRST_STEP, _LONGEST_STEP = 250, 8000

_LONGEST_WALK = 16_000
"""After so many rows of the index, the dates of the claims are read instead: they lie together, far from the page."""

_SOME = 100_000
"""Reading the dates of so many claims costs less than a walk of the same length would."""


def page_of(
    session: Session, sets: Sets, claims: BitMap, sort: str, request: PageRequest, tiers: Tiers = ()
) -> Page[int]:
    """Return the page of `claims` that `request` asks for; the best match first by `tiers`.

    Raises BadFilter for a broken cursor.
    """
    order = MATCH_ORDER if sort == BEST_MATCH else CLAIM_ORDERS[sort]

    def rows(edge: Edge) -> Sequence[Sequence[Any]]:
        if sort in ("newest", "updated"):
            dated = _dated if len(claims) <= _FEW else _walked
            return dated(session, claims, order, edge)
        parts = _tiered(sets, claims, tiers) if sort == BEST_MATCH else _parts(sets, claims, sort)
        return list(islice(_ranked(parts, edge, newest_first=sort == BEST_MATCH), edge.limit))

    return cut_page(order, request, len(claims), rows)


_Parts = Iterator[tuple[tuple[int, ...], list[BitMap]]]
"""The ranks that some claims share, and the sets that they have in common."""


def _parts(sets: Sets, claims: BitMap, sort: str) -> _Parts:
    """Yield the parts of a sort order, from the first to the last."""
    if sort == "id":
        yield (), [claims]
    elif sort == "level":
        for level, rank in LEVEL_RANKS.items():
            yield (rank,), [claims, sets.having("level", (level,))]
    else:
        for conclusion, first in CONCLUSION_RANKS.items():
            concluded = sets.having("conclusion", (conclusion,))
            for level, second in LEVEL_RANKS.items():
                yield (first, second), [claims, concluded, sets.having("level", (level,))]


def _tiered(sets: Sets, claims: BitMap, tiers: Tiers) -> _Parts:
    """Yield the parts of what a search found: the tiers, by level."""
    for first, tier in enumerate(tiers):
        for level, second in LEVEL_RANKS.items():
            yield (first, second), [claims, tier, sets.having("level", (level,))]


def _ranked(parts: _Parts, edge: Edge, newest_first: bool) -> Iterator[Sequence[int]]:
    """Yield each claim beyond the edge, with its sort values; of equal ones, those with low numbers first, or last."""
    for ranks, sets in reversed(list(parts)) if edge.backwards else parts:
        start = None
        if edge.values is not None:
            at = tuple(edge.values[:-1])
            if ranks == at:
                start = edge.values[-1]
            elif (ranks < at) != edge.backwards:
                continue
        claims = BitMap.intersection(*sets)
        for number in _before(claims, start) if edge.backwards != newest_first else _after(claims, start):
            yield number, *ranks, number


def _after(claims: BitMap, number: int | None) -> Iterator[int]:
    return iter(claims) if number is None else claims.iter_equal_or_larger(max(number + 1, 0))


def _before(claims: BitMap, number: int | None) -> Iterator[int]:
    place = len(claims) if number is None else claims.rank(number - 1) if number > 0 else 0
    return (claims[index] for index in range(place - 1, -1, -1))


def _keys(order: Order) -> Select[Any]:
    return select(Claim.id).add_columns(*(column for column, _ in order.keys))


def _dated(session: Session, claims: BitMap, order: Order, edge: Edge) -> Sequence[Sequence[Any]]:
    query = _keys(order).where(among(Claim.id, claims))
    return session.execute(sorted_by(query, order, edge).limit(edge.limit)).all()


def _walked(session: Session, claims: BitMap, order: Order, edge: Edge) -> Sequence[Sequence[Any]]:
    found: list[Sequence[Any]] = []
    query = sorted_by(_keys(order), order, edge)
    step, n_walked = _FIRST_STEP, 0
    part = query.limit(step)
    while len(found) < edge.limit:
        if n_walked >= _LONGEST_WALK and len(claims) <= _SOME:
            return _dated(session, claims, order, edge)
        rows = session.execute(part).all()
        n_walked += len(rows)
        found += [row for row in rows if row[0] in claims]
        if len(rows) < step:
            break
        step = min(step * 2, _LONGEST_STEP)
        part = query.where(beyond(order, rows[-1][1:], edge.backwards)).limit(step)
    return found[: edge.limit]
