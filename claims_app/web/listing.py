"""Shared code of list pages: reading the query, and the links for filters, pages and exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from claims_app.services.core.paging import Page, PageRequest
from claims_app.services.core.query import Filters, Query, read_page_size
from claims_app.web import time_travel
from claims_app.web.templating import with_query

T = TypeVar("T")

_LABELS = {
    "q": "Search",
    "level": "Evidence level",
    "state": "State of the level",
    "direction": "Finding",
    "year_from": "From year",
    "year_to": "To year",
    "by": "Changed by",
    "since": "From date",
    "until": "To date",
    "record": "Record type",
    "via": "Made via",
    "origin": "Source",
    "assigned": "Assigned to",
}
"""The labels of filters whose name does not say it; headings and columns use the same words."""


def query() -> Query:
    """Return the query of the request without `as_of`, which is not a filter (see `time_travel`)."""
    return {name: values for name, values in request.args.lists() if name != time_travel.AS_OF}


def page_request() -> PageRequest:
    """Return the requested page. Raises BadFilter."""
    return PageRequest(
        size=read_page_size(query()),
        after=request.args.get("after") or None,
        before=request.args.get("before") or None,
    )


def _moment() -> dict[str, str]:
    """Return the requested date as query parameters."""
    moment = time_travel.asked()
    return {time_travel.AS_OF: moment.text} if moment else {}


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A page of a list for its template: the rows, the active filters and all links."""

    page: Page[T]
    filters: Filters
    sort: str
    default_sort: str
    size: int

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The active filters as pairs of name and value."""
        return list(self.filters.pairs())

    def _link(self, pairs: Sequence[tuple[str, str]], **more: str | None) -> str:
        kept = {
            "sort": None if self.sort == self.default_sort else self.sort,
            "per_page": request.args.get("per_page") or None,
            **_moment(),
        }
        return request.path + with_query(pairs, **kept, **more)

    @property
    def next_url(self) -> str | None:
        """The address of the next page."""
        return self._link(self.pairs, after=self.page.next) if self.page.next else None

    @property
    def previous_url(self) -> str | None:
        """The address of the previous page."""
        return self._link(self.pairs, before=self.page.previous) if self.page.previous else None

    @property
    def clear_url(self) -> str:
        """The address of the list without filters."""
        return self._link([])

    @property
    def export_url(self) -> str:
        """The address of the whole list as CSV, with the same filters and order."""
        return self.file_url("csv")

    @property
    def excel_url(self) -> str:
        """The address of the same file with a byte order mark, without which Excel garbles letters."""
        return self.file_url("csv", excel="1")

    def file_url(self, extension: str, **options: str) -> str:
        """Return the address of the whole list as a file with `extension`, with the same filters and order."""
        sort = None if self.sort == self.default_sort else self.sort
        return f"{request.path}.{extension}" + with_query(self.pairs, sort=sort, **options, **_moment())

    def label(self, name: str) -> str:
        """Return the label of a filter, for its field and for the list of active filters."""
        return _LABELS.get(name) or name.replace("_", " ").capitalize()

    def without(self, name: str, value: str) -> str:
        """Return the address of the list without one value of a filter."""
        return self._link([pair for pair in self.pairs if pair != (name, value)])
