"""Saved views of an account: a name for a list with its filters. Only their author sees them."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import SavedView
from claims_app.models.types import utc_now
from claims_app.rules.fields import Text
from claims_app.rules.saved_views import MOST, NAME_LENGTH, QUERY_LENGTH
from claims_app.services.core.errors import BadFilter, Invalid, NotFound, Refused
from claims_app.services.core.filters import (
    BEST_MATCH,
    CLAIM_ORDERS,
    STUDY_ORDERS,
    ClaimFilters,
    RecordFilters,
    StudyFilters,
)
from claims_app.services.core.paging import Order
from claims_app.services.core.query import PAGING, read_order
from claims_app.vocabulary import ViewOf

_LISTS: Mapping[ViewOf, tuple[type[RecordFilters], Mapping[str, Order]]] = {
    ViewOf.CLAIMS: (ClaimFilters, CLAIM_ORDERS),
    ViewOf.STUDIES: (StudyFilters, STUDY_ORDERS),
    ViewOf.MATRIX: (ClaimFilters, CLAIM_ORDERS),
}
_NAME = Text(name="name", label="Name", required=True, max_length=NAME_LENGTH)
_NOT_KEPT = ("as_of", "part")
"""Parameters of these lists that are neither filters nor an order."""


def filters_in(section: ViewOf, query: str) -> tuple[RecordFilters, str]:
    """Return the filters in the query of an address, and what a view keeps of it: the filters and the order.

    The page within the list is not kept. Raises BadFilter.
    """
    filters, orders = _LISTS[section]
    asked = parse_qs(query)
    found = filters.read(asked, (*PAGING, *_NOT_KEPT))
    sort = (
        read_order(asked, {BEST_MATCH: None, **orders} if found.q else orders) if asked.get("sort") else None
    )
    kept = urlencode([*found.pairs(), *([("sort", sort)] if sort else [])])
    if len(kept) > QUERY_LENGTH:
        raise BadFilter("These are too many filters for a saved view. Remove some of them.")
    return found, kept


def views_of(session: Session, author_id: int) -> Sequence[SavedView]:
    """Return the views of an account, sorted by name."""
    own = select(SavedView).where(SavedView.author_id == author_id)
    return session.scalars(own.order_by(func.lower(SavedView.name), SavedView.id)).all()


def view_of(session: Session, author_id: int, number: int) -> SavedView:
    """Return a view of this account. Raises NotFound if it does not exist or belongs to another account."""
    view = session.get(SavedView, number)
    if view is None or view.author_id != author_id:
        raise NotFound("You have no such saved view.")
    return view


def save(session: WriteSession, author_id: int, name: str | None, section: ViewOf, query: str) -> SavedView:
    """Save a list with its filters under a name. Raises BadFilter, Invalid, and Refused if there are too many."""
    _, kept = filters_in(section, query)
    count = session.scalar(select(func.count(SavedView.id)).where(SavedView.author_id == author_id)) or 0
    if count >= MOST:
        raise Refused(f"You have {MOST} saved views, which is the maximum. Delete one first.")
    view = SavedView(author_id=author_id, name=_clean(name), section=section, query=kept, saved_at=utc_now())
    session.add(view)
    _flush(session)
    return view


def rename(session: WriteSession, author_id: int, number: int, name: str | None) -> None:
    """Give a view of this account another name. Raises NotFound and Invalid."""
    view_of(session, author_id, number).name = _clean(name)
    _flush(session)


def delete(session: WriteSession, author_id: int, number: int) -> None:
    """Delete a view of this account. Raises NotFound."""
    session.delete(view_of(session, author_id, number))
    session.flush()


def _clean(name: str | None) -> str:
    try:
        return str(_NAME.clean(name))
    except ValueError as refused:
        raise Invalid({"name": [str(refused)]}) from None


def _flush(session: WriteSession) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise Invalid({"name": ["You have a saved view with this name. Enter another one."]}) from None
