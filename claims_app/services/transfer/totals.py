"""How many records a list has.

Where nothing but the review state is filtered, nearly all records are listed, and the few others have an index of
their own. So these are counted and subtracted, and no row is read. Any total is remembered until the data changes.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, not_, select
from sqlalchemy.orm import Session

from claims_app.database import is_past
from claims_app.models import Appraisal, Claim, EvidenceItem, Limitation, Mergeable, Record, Reviewed, Study
from claims_app.services.core.filters import RecordFilters
from claims_app.services.core.paging import count
from claims_app.services.core.query import Filters
from claims_app.services.memory.remembering import Remembering
from claims_app.services.transfer.sources import Source
from claims_app.vocabulary import ReviewState

Condition = ColumnElement[bool]

_REMEMBERED = 500
"""How many totals are remembered."""


def total_of(session: Session, source: Source, filters: Filters) -> int:
    """Return how many records of a list match `filters`."""

    def counted() -> int:
        if isinstance(filters, RecordFilters) and _is_whole(filters) and not is_past(session):
            return _whole(session, source.model, filters.review == (ReviewState.ACCEPTED,))
        return count(session, source.query(session, filters))

    memory = Remembering(session, "totals", _REMEMBERED)
    return memory.answer((source.name, *filters.pairs()), counted)


def _is_whole(filters: RecordFilters) -> bool:
    """Return whether the list is that of all records, or of all accepted ones."""
    others = [name for name, _ in filters.pairs() if name != "review"]
    return not others and filters.review in ((), (ReviewState.ACCEPTED,))


def _whole(session: Session, model: type[Record], accepted_only: bool) -> int:
    total = session.scalars(select(func.count()).select_from(model)).one()
    return total - sum(session.scalars(query).one() for query in left_out(model, accepted_only))


def left_out(model: type[Record], accepted_only: bool) -> Iterator[Select[int]]:
    """Yield queries whose results add up to the number of records that are in no list: each counts different ones.

    A record is left out by itself or with one that it belongs to.
    """
    if issubclass(model, Reviewed):
        for condition in _unlisted(model, accepted_only):
            yield select(func.count()).select_from(model).where(condition)
    for chain in _PARENTS.get(model, ()):
        *between, (oldest, _) = chain
        for condition in _unlisted(oldest, accepted_only):
            # From the oldest down, so that each step is a search in the index of its foreign key.
            numbers = select(oldest.id).where(condition)
            links = [link for _, link in reversed(chain)]
            for child, link in zip([child for child, _ in reversed(between)], links, strict=False):
                numbers = select(child.id).where(link.in_(numbers), *_listed(child, accepted_only))
            yield (
                select(func.count())
                .select_from(model)
                .where(links[-1].in_(numbers), *_listed(model, accepted_only))
            )


_CLAIM_OF_EVIDENCE = (Claim, EvidenceItem.claim_id)
_PARENTS: dict[type[Record], tuple[tuple[tuple[Any, Any], ...], ...]] = {
    EvidenceItem: ((_CLAIM_OF_EVIDENCE,),),
    Limitation: (
        ((Claim, Limitation.claim_id),),
        ((EvidenceItem, Limitation.evidence_id),),
        ((EvidenceItem, Limitation.evidence_id), _CLAIM_OF_EVIDENCE),
    ),
    Appraisal: (((Claim, Appraisal.claim_id),),),
    Claim: (),
    Study: (),
}
"""What a record belongs to, and what that belongs to, each with the foreign key."""


def _listed(model: type[Any], accepted_only: bool) -> list[Condition]:
    """Return the conditions for records that are not left out by themselves."""
    if not issubclass(model, Reviewed):
        return []
    return [not_(condition) for condition in _unlisted(model, accepted_only)]


def _unlisted(model: type[Reviewed], accepted_only: bool) -> Iterator[Condition]:
    """Yield the conditions for records that are left out by themselves; a record meets at most one.

    The first contains the condition of the index of records that are not accepted, so that it is used.
    """
    by_state: Condition = model.review_state != ReviewState.ACCEPTED
    if not accepted_only:
        by_state = and_(by_state, model.review_state == ReviewState.REJECTED)
    yield by_state
    if issubclass(model, Mergeable):
        yield and_(model.merged_into_id.is_not(None), not_(by_state))
