"""Shared code of list pages: reading the query, and the links for filters, pages and exports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from flask import request

from claims_app.services.core.filter_words import label_of_filter, label_of_value
from claims_app.services.core.paging import Page, PageRequest
from claims_app.services.core.query import Filters, Query, read_page_size
from claims_app.web import time_travel
from claims_app.web.templating import with_query

T = TypeVar("T")

YEARS = ("year_from", "year_to")
"""The filters that hold the two ends of one range."""


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
class Chip:
    """An active filter as it is shown, with the address of the list without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True)
class Listing(Generic[T]):
    """A page of a list for its template: the rows, the active filters and all links."""

    page: Page[T]
    filters: Filters
    sort: str
    default_sort: str
    size: int
    names: Mapping[str, str] = field(default_factory=dict)
    """What readers call values that are not terms, such as topics."""

    @cached_property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The active filters as pairs of name and value."""
        return list(self.filters.pairs())

    @cached_property
    def _kept(self) -> dict[str, str | None]:
        return {
            "sort": None if self.sort == self.default_sort else self.sort,
            "per_page": request.args.get("per_page") or None,
            **_moment(),
        }

    def _link(self, pairs: Sequence[tuple[str, str]], **more: str | None) -> str:
        return request.path + with_query(pairs, **self._kept, **more)

    @property
    def next_url(self) -> str | None:
        """The address of the next page."""
        return self._link(self.pairs, after=self.page.next) if self.page.next else None

    @property
    def previous_url(self) -> str | None:
        """The address of the previous page."""
        return self._link(self.pairs, before=self.page.previous) if self.page.previous else None

    @property
    def first_url(self) -> str:
        """The address of the first page."""
        return self._link(self.pairs)

    @property
    def clear_url(self) -> str:
        """The address of the list without filters."""
        return self._link([])

    @property
    def export_url(self) -> str:
        """The address of the whole list as CSV, with the same filters and order."""
        return self.file_url("csv")

    @property
    def download_url(self) -> str:
        """The address of the page on which format and columns of the whole list are chosen."""
        sort = None if self.sort == self.default_sort else self.sort
        return f"/export{request.path}" + with_query(self.pairs, sort=sort, **_moment())

    def file_url(self, extension: str, **options: str) -> str:
        """Return the address of the whole list as a file with `extension`, with the same filters and order."""
        sort = None if self.sort == self.default_sort else self.sort
        return f"{request.path}.{extension}" + with_query(self.pairs, sort=sort, **options, **_moment())

    def label(self, name: str) -> str:
        """Return the label of a filter, for its field and for the list of active filters."""
        return label_of_filter(name)

    def label_of(self, name: str, value: str) -> str:
        """Return what readers call a value of a filter."""
        return label_of_value(self.filters, self.names, name, value)

    @property
    def feed_url(self) -> str:
        """The address of the feed of what changes in this list."""
        return f"{request.path}.atom" + with_query(self.pairs)

    @property
    def save_url(self) -> str:
        """The address of the form that saves this list as a view."""
        kept = with_query(self.pairs, sort=self._kept["sort"]).removeprefix("?")
        return "/views/new" + with_query([("section", request.path.strip("/")), ("query", kept)])

    def without(self, name: str, value: str) -> str:
        """Return the address of the list without one value of a filter."""
        return self._link([pair for pair in self.pairs if pair != (name, value)])

    def without_names(self, *names: str) -> str:
        """Return the address of the list without these filters."""
        return self._link([pair for pair in self.pairs if pair[0] not in names])

    def with_only(self, *names: str) -> str:
        """Return the address of the list with these filters only."""
        return self._link([pair for pair in self.pairs if pair[0] in names])

    def adding(self, name: str, value: str) -> str:
        """Return the address of the list with one more value of a filter, which must be safe in an address."""
        return f"{self._open_address}{name}={value}"

    @cached_property
    def _open_address(self) -> str:
        address = self._link(self.pairs)
        return f"{address}&" if "?" in address else f"{address}?"

    @property
    def chips(self) -> list[Chip]:
        """The active filters; a first and a last year are one."""
        chips = []
        years = {name: value for name, value in self.pairs if name in YEARS}
        for name, value in self.pairs:
            if len(years) < len(YEARS) or name not in YEARS:
                chips.append(Chip(self.label(name), self.label_of(name, value), self.without(name, value)))
            elif name == YEARS[0]:
                first, last = years.values()
                both = first if first == last else f"{first} to {last}"
                chips.append(Chip(self.label("year"), both, self.without_names(*YEARS)))
        return chips
