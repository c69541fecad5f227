"""The lists and single records of the API: the values of the files, as plain objects."""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Kind
from claims_app.models import Claim, Reviewed
from claims_app.services.browsing.selection import browse
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.core.paging import Page, PageRequest, fetch_page
from claims_app.services.core.query import Filters, Query
from claims_app.services.transfer.sources import SOURCES
from claims_app.services.transfer.totals import total_of
from claims_app.vocabulary import ReviewState

LISTS = tuple(SOURCES)
"""The names of the lists."""


def read_filters(name: str, query: Query) -> tuple[Filters, str]:
    """Return the filters and the sort order in the query of the list `name`. Raises BadFilter."""
    return SOURCES[name].read(query)


def list_objects(
    session: Session, name: str, filters: Filters, sort: str, request: PageRequest, base_url: str
) -> Page[dict[str, Any]]:
    """Return a page of a list as dictionaries with the columns of its CSV export and the review state.

    Raises BadFilter for an unknown topic or an invalid cursor.
    """
    source = SOURCES[name]
    selection = None
    if isinstance(filters, ClaimFilters):
        filters.check(session)
        if source.model is Claim:
            selection = browse(session, filters)
    if selection is None:
        total = total_of(session, source, filters)
        page = fetch_page(session, source.query(session, filters), source.orders[sort], request, total)
    else:
        page = selection.page(sort, request)
        # The index may be later than the snapshot of the session, and know claims that it does not see yet.
        seen = set(session.scalars(select(Claim.id).where(Claim.id.in_(page.items))))
        page = dataclasses.replace(page, items=[number for number in page.items if number in seen])
    return Page(objects(session, name, page.items, base_url), page.total, page.next, page.previous)


def objects(session: Session, name: str, numbers: Sequence[int], base_url: str) -> list[dict[str, Any]]:
    """Return the records with these numbers, which exist, with the columns of the CSV export and the review state."""
    if not numbers:
        return []
    source = SOURCES[name]
    columns = {
        column.name: _PARSERS[column.kind](values) if column.kind in _PARSERS else values
        for column, values in zip(EXPORTS[name], source.values(session, numbers, base_url), strict=True)
    }
    if issubclass(source.model, Reviewed):
        states = select(source.model.id, source.model.review_state).where(source.model.id.in_(numbers))
        found: dict[int, ReviewState] = dict(session.execute(states).all())
        columns["review_state"] = [found[number] for number in numbers]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


_PARSERS: dict[Kind, Callable[[Iterable[str | None]], Sequence[Any]]] = {
    Kind.DATE: lambda values: [text and datetime.date.fromisoformat(text) for text in values],
    Kind.DATETIME: lambda values: [text and datetime.datetime.fromisoformat(text) for text in values],
}
