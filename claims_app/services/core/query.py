"""Reading the query of a list: which filters it has, in which order, how many rows on a page.

A list declares its filters as the fields of a `Filters`, each with the function that reads it. Pages,
CSV files and commands all read them here, so a list and its export cannot differ.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from claims_app.services.core.errors import BadFilter
from claims_app.services.core.paging import Order
from claims_app.vocabulary import Term

Query = Mapping[str, Sequence[str]]
Reader = Callable[[str, list[str]], Any]
"""Takes the name of a filter and what was given for it, and returns its value. Raises BadFilter."""

PER_PAGE = 50
MOST_PER_PAGE = 200
PAGING = ("sort", "per_page", "after", "before")
LONGEST_SEARCH = 200


def terms(vocabulary: type[Term], among: Sequence[Term] = ()) -> Any:
    """Return a filter that takes any of the terms of a vocabulary, or of those `among` them."""
    known = [term.value for term in among or vocabulary]

    def read(name: str, given: list[str]) -> tuple[Term, ...]:
        for value in given:
            if value not in known:
                raise BadFilter(f"“{value}” is no {name}. Known are: {', '.join(known)}.")
        return tuple(term for term in vocabulary if term.value in given)

    return field(default=(), metadata={"read": read})


def texts() -> Any:
    """Return a filter that takes any number of texts."""

    def read(_name: str, given: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(given))

    return field(default=(), metadata={"read": read})


def text() -> Any:
    """Return a filter that takes one text, such as words to search for."""

    def read(name: str, given: list[str]) -> str:
        value = _one(name, given)
        if len(value) > LONGEST_SEARCH or "\0" in value:
            raise BadFilter(f"Search for at most {LONGEST_SEARCH} characters of text.")
        return value

    return field(default=None, metadata={"read": read})


def year() -> Any:
    """Return a filter that takes one year."""

    def read(name: str, given: list[str]) -> int:
        value = _one(name, given)
        if not value.isascii() or not value.isdigit() or len(value) > 4:
            raise BadFilter(f"“{value}” is no year. Write four digits, such as 2021.")
        return int(value)

    return field(default=None, metadata={"read": read})


def day() -> Any:
    """Return a filter that takes one day."""

    def read(name: str, given: list[str]) -> datetime.date:
        value = _one(name, given)
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise BadFilter(f"“{value}” is no day. Write year-month-day, such as 2026-11-23.") from None

    return field(default=None, metadata={"read": read})


@dataclass(frozen=True)
class Filters:
    """The filters of one list."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the filters, as they stand in addresses."""
        return tuple(cls.__dataclass_fields__)

    @classmethod
    def read(cls, query: Query, allowed: Iterable[str] = ()) -> Self:
        """Return the filters in `query`; `allowed` names what else may stand in it.

        Raises BadFilter, naming what is known, for an unknown filter or an unknown value. An empty
        value is no filter.
        """
        known = cls.names()
        for name in query:
            if name not in known and name not in allowed:
                raise BadFilter(f"“{name}” is no filter of this list. Known filters: {', '.join(known)}.")
        values: dict[str, Any] = {}
        for name, declared in cls.__dataclass_fields__.items():
            given = [value.strip() for value in query.get(name, ()) if value.strip()]
            if given:
                values[name] = declared.metadata["read"](name, given)
        return cls(**values)

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the filters as name and value, for addresses and for showing what is on."""
        for name in self.names():
            value = getattr(self, name)
            if isinstance(value, tuple):
                for item in value:
                    yield name, str(item)
            elif value is not None:
                yield name, str(value)


def read_order(query: Query, orders: Mapping[str, Order]) -> str:
    """Return the name of the sort order in `query`, the first known one by default. Raises BadFilter."""
    name = next((value for value in query.get("sort", ()) if value), next(iter(orders)))
    if name not in orders:
        raise BadFilter(f"“{name}” is no sort order of this list. Known are: {', '.join(orders)}.")
    return name


def read_page_size(query: Query) -> int:
    """Return how many rows a page shall have. Raises BadFilter outside 1 to 200."""
    text = next((value for value in query.get("per_page", ()) if value), str(PER_PAGE))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= MOST_PER_PAGE:
        raise BadFilter(f"“{text}” rows cannot be shown on a page. Write a number from 1 to {MOST_PER_PAGE}.")
    return int(text)


def _one(name: str, given: list[str]) -> str:
    if len(given) > 1:
        raise BadFilter(f"The filter “{name}” takes one value.")
    return given[0]
