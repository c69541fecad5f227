"""The pages of the lists of claims and studies: rows, facets with counts, and what to do if nothing matches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study
from claims_app.rules.search.query import parse
from claims_app.services.core.filters import BEST_MATCH, MATCH_ORDER, RecordFilters
from claims_app.services.core.paging import Order, Page
from claims_app.services.core.query import MAX_PER_PAGE, PAGING, PER_PAGE, read_order
from claims_app.services.pages.choosing import is_identifier, record_named
from claims_app.services.pages.excerpts import Excerpt
from claims_app.services.pages.selections import Selection, topic_names
from claims_app.web import listing, page_data, time_travel
from claims_app.web.facets import advice_on, facets_of, topics_to_name
from claims_app.web.record_links import way_to
from claims_app.web.session import reading

F = TypeVar("F", bound=RecordFilters)

_SIZES = (20, PER_PAGE, 100, MAX_PER_PAGE)


def list_page(
    template: str,
    read: Callable[..., F],
    orders: Mapping[str, Order],
    select: Callable[[Session, F], Selection],
    rows_of: Callable[[Session, Sequence[int]], Sequence[Any]],
    facets: Mapping[str, bool],
    excerpts_of: Callable[[Session, Sequence[int], str | None], Mapping[int, Excerpt]],
    kind: type[Claim] | type[Study],
) -> ResponseReturnValue:
    """Return the page of a list that the request asks for, or the way to the record that it names. Raises BadFilter.

    `read` returns the filters of a query, `select` what matches them, `rows_of` the rows of these numbers, and
    `excerpts_of` where words matched. `kind` is the model of the records.
    """
    query, wanted, session = listing.query(), listing.page_request(), reading()
    filters = read(query, PAGING)
    words = words_of(filters)
    orders = orders_for(words, orders)
    sort = read_order(query, orders)
    if words and (named := record_named(session, kind, words)) is not None:
        return redirect(way_to(named), 303)
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
        page_data=page_data.of_list(shown, kind.record_type.section.capitalize()),
        listing=shown,
        facets=facets_of(shown, facets, counts),
        orders=orders,
        sizes=sorted({*_SIZES, wanted.size}),
        # Crawlers may follow each value of each facet, but not every combination of them.
        is_for_people_only=len(shown.pairs) > 1,
        excerpts=excerpts_of(session, page.items, words),
        hint=_hint(words) if page.total == 0 else None,
        advice=advice_on(shown, selection.other) if page.total == 0 else (),
    )


def words_of(filters: RecordFilters) -> str | None:
    """Return the words that a list is searched for; none as of the past, which has no index."""
    return filters.q if time_travel.asked() is None else None


def orders_for(words: str | None, orders: Mapping[str, Order]) -> Mapping[str, Order]:
    """Return the orders that a list can have. What words found is sorted by how well it matches, if not asked."""
    return {BEST_MATCH: MATCH_ORDER, **orders} if words and parse(words).terms else orders


def _hint(words: str | None) -> str | None:
    """Return why words find nothing, if they alone can be the reason."""
    if words and not parse(words):
        return f"“{words}” has no letters or digits to search for."
    return f"There is no record {words}." if words and is_identifier(words) else None
