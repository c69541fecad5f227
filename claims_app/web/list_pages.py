"""The pages of the lists of claims and studies: rows, facets with counts, and what to do if nothing matches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import render_template
from sqlalchemy.orm import Session

from claims_app.services.core.paging import Order, Page
from claims_app.services.core.query import MAX_PER_PAGE, PAGING, PER_PAGE, Filters, read_order
from claims_app.services.pages.selections import Selection, topic_names
from claims_app.web import listing
from claims_app.web.facets import advice_on, facets_of, topics_to_name
from claims_app.web.session import reading

F = TypeVar("F", bound=Filters)

_SIZES = (20, PER_PAGE, 100, MAX_PER_PAGE)


def list_page(
    template: str,
    read: Callable[..., F],
    orders: Mapping[str, Order],
    select: Callable[[Session, F], Selection],
    rows_of: Callable[[Session, Sequence[int]], Sequence[Any]],
    facets: Mapping[str, bool],
) -> str:
    """Return the page of a list that the request asks for. Raises BadFilter.

    `read` returns the filters of a query, `select` what matches them, and `rows_of` the rows of these numbers.
    """
    query, wanted, session = listing.query(), listing.page_request(), reading()
    filters = read(query, PAGING)
    sort = read_order(query, orders)
    selection = select(session, filters)
    page = selection.page(sort, wanted)
    counts = selection.counts()
    shown = listing.Listing(
        Page(rows_of(session, page.items), page.total, page.next, page.previous),
        filters,
        sort,
        next(iter(orders)),
        wanted.size,
        topic_names(session, topics_to_name(filters, counts)),
    )
    return render_template(
        template,
        listing=shown,
        facets=facets_of(shown, facets, counts),
        orders=orders,
        sizes=sorted({*_SIZES, wanted.size}),
        # Crawlers may follow each value of each facet, but not every combination of them.
        is_for_people_only=len(shown.pairs) > 1,
        advice=advice_on(shown, selection.other) if page.total == 0 else (),
    )
