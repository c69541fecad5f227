"""Reads the query of a list: its filters, sort order and page size.

A list declares its filters as fields of a subclass of `Filters`, each with a function that reads it. Pages, CSV files
and commands all use these, so a list and its export cannot differ.
"""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from claims_app.formats import json_schema
from claims_app.rules.identifiers import parse_public_id, public_id
from claims_app.services.core.errors import BadFilter
from claims_app.vocabulary import RecordType, Term

Query = Mapping[str, Sequence[str]]
Reader = Callable[[str, list[str]], Any]
"""Returns the value of a filter from its name and the given texts. Raises BadFilter."""

PER_PAGE = 50
MAX_PER_PAGE = 200
PAGING = ("sort", "per_page", "after", "before")
MAX_SEARCH_LENGTH = 200


def terms(vocabulary: type[Term], among: Sequence[Term] = ()) -> Any:
    """Return a filter that takes any number of terms of a vocabulary, or only of those in `among`.

    This and the functions below return a dataclass field, whose reader raises BadFilter for an invalid value.
    """
    known = [term.value for term in among or vocabulary]

    def read(name: str, given: list[str]) -> tuple[Term, ...]:
        for value in given:
            if value not in known:
                raise BadFilter(f"“{value}” is not a valid {name}. Choose from: {', '.join(known)}.")
        return tuple(term for term in vocabulary if term.value in given)

    return _declared((), read, {"type": "string", "enum": known}, many=True, vocabulary=vocabulary)


def texts() -> Any:
    """Return a filter that takes any number of texts."""

    def read(_name: str, given: list[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(given))

    return _declared((), read, {"type": "string"}, many=True)


def public_ids(record_type: RecordType) -> Any:
    """Return a filter that takes any number of identifiers of records of one type, such as CLM-1."""

    def read(_name: str, given: list[str]) -> tuple[str, ...]:
        numbers = [parse_public_id(record_type, value) for value in given]
        for number, value in zip(numbers, given, strict=True):
            if number is None:
                raise BadFilter(
                    f"“{value}” is not a {record_type.label.lower()}. Enter an identifier such as "
                    f"{public_id(record_type, 1)}."
                )
        return tuple(
            dict.fromkeys(public_id(record_type, number) for number in numbers if number is not None)
        )

    return _declared((), read, json_schema.identifier(record_type), many=True)


def text() -> Any:
    """Return a filter that takes one text, such as words to search for."""

    def read(name: str, given: list[str]) -> str:
        value = _one(name, given)
        if len(value) > MAX_SEARCH_LENGTH or "\0" in value:
            raise BadFilter(f"Search for at most {MAX_SEARCH_LENGTH} characters.")
        return value

    return _declared(None, read, {"type": "string", "maxLength": MAX_SEARCH_LENGTH})


def year() -> Any:
    """Return a filter that takes one year."""

    def read(name: str, given: list[str]) -> int:
        value = _one(name, given)
        if not value.isascii() or not value.isdigit() or len(value) > 4:
            raise BadFilter(f"“{value}” is not a year. Enter four digits, such as 2021.")
        return int(value)

    return _declared(None, read, {"type": "integer", "minimum": 0, "maximum": 9999})


def day() -> Any:
    """Return a filter that takes one day."""

    def read(name: str, given: list[str]) -> datetime.date:
        value = _one(name, given)
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            raise BadFilter(f"“{value}” is not a date. Enter year-month-day, such as 2026-11-23.") from None

    return _declared(None, read, {"type": "string", "format": "date"})


def _declared(
    default: Any, read: Reader, schema: json_schema.Schema, *, many: bool = False, **more: Any
) -> Any:
    """Return the declaration of a filter; `schema` is the JSON Schema of a value, of which it may take `many`."""
    return field(default=default, metadata={"read": read, "schema": schema, "many": many, **more})


@dataclass(frozen=True)
class Filters:
    """The filters of one list."""

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the filters, as used in URLs."""
        return tuple(name for name, declared in cls.__dataclass_fields__.items() if declared.metadata)

    @classmethod
    def read(cls, query: Query, allowed: Iterable[str] = ()) -> Self:
        """Return the filters in `query`; `allowed` names the other parameters that it may have.

        An empty value is ignored. Raises BadFilter for an unknown filter or value.
        """
        known = cls.names()
        for name in query:
            if name not in known and name not in allowed:
                raise BadFilter(f"“{name}” is not a filter of this list. Choose from: {', '.join(known)}.")
        values: dict[str, Any] = {}
        for name in known:
            declared = cls.__dataclass_fields__[name]
            given = [value.strip() for value in query.get(name, ()) if value.strip()]
            if given:
                values[name] = declared.metadata["read"](name, given)
        return cls(**values)

    @classmethod
    def vocabulary(cls, name: str) -> type[Term] | None:
        """Return the vocabulary that the values of a filter come from, or None for a filter of another kind."""
        found: type[Term] | None = cls.__dataclass_fields__[name].metadata.get("vocabulary")
        return found

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the active filters as name and value, for URLs and for display."""
        for name in self.names():
            value = getattr(self, name)
            if isinstance(value, tuple):
                for item in value:
                    yield name, str(item)
            elif value is not None:
                yield name, str(value)


def read_order(query: Query, orders: Mapping[str, object]) -> str:
    """Return the name of the sort order in `query`, the first known one by default. Raises BadFilter."""
    name = next((value for value in query.get("sort", ()) if value), next(iter(orders)))
    if name not in orders:
        raise BadFilter(f"“{name}” is not a sort order of this list. Choose from: {', '.join(orders)}.")
    return name


def read_page_size(query: Query) -> int:
    """Return the number of rows on a page. Raises BadFilter outside 1 to 200."""
    text = next((value for value in query.get("per_page", ()) if value), str(PER_PAGE))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= MAX_PER_PAGE:
        raise BadFilter(f"“{text}” is not a page size. Enter a number from 1 to {MAX_PER_PAGE}.")
    return int(text)


def _one(name: str, given: list[str]) -> str:
    if len(given) > 1:
        raise BadFilter(f"The filter “{name}” takes only one value.")
    return given[0]
