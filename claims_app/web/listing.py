"""What lists have in common: reading the query, and the links of filters, pages and exports."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from claims_app.services.core.paging import Page, PageRequest
from claims_app.services.core.query import Filters, Query, read_page_size
from claims_app.web import time_travel
from claims_app.web.templating import with_query

T = TypeVar("T")


def query() -> Query:
    """Return the query of the request, without the moment that is asked for: that is no filter (see `past`)."""
    return {name: values for name, values in request.args.lists() if name != time_travel.AS_OF}


def page_request() -> PageRequest:
    """Return which page is asked for. Raises BadFilter."""
    return PageRequest(
        size=read_page_size(query()),
        after=request.args.get("after") or None,
        before=request.args.get("before") or None,
    )


def _moment() -> dict[str, str]:
    """Return the moment that is asked for, as it stands in addresses."""
    moment = time_travel.asked()
    return {time_travel.AS_OF: moment.text} if moment else {}


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A page of a list as its template shows it: the rows, the filters that are on, and all links."""

    page: Page[T]
    filters: Filters
    sort: str
    default_sort: str
    size: int

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The filters as name and value."""
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
        """The address of the page before."""
        return self._link(self.pairs, before=self.page.previous) if self.page.previous else None

    @property
    def clear_url(self) -> str:
        """The address of the list without filters."""
        return self._link([])

    @property
    def export_url(self) -> str:
        """The address of the whole list, filtered and sorted like this, as CSV."""
        return self.file_url("csv")

    def file_url(self, extension: str) -> str:
        """Return the address of the whole list, filtered and sorted like this, as a file of another sort."""
        sort = None if self.sort == self.default_sort else self.sort
        return f"{request.path}.{extension}" + with_query(self.pairs, sort=sort, **_moment())

    def without(self, name: str, value: str) -> str:
        """Return the address of the list without one value of one filter."""
        return self._link([pair for pair in self.pairs if pair != (name, value)])
