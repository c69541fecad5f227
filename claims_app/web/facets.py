"""The facets beside a list: the values of each filter, how many records have each, and a link that turns it on or off.

Links need no script and no button. Each starts from the first page of the list and keeps every other filter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claims_app.services.browsing.matching import Counts
from claims_app.services.core.query import Filters
from claims_app.services.pages.selections import YEAR, Selection, without
from claims_app.web.listing import YEARS, Listing

SHOWN = 8
"""The values of a long facet that are shown at once."""

_FEW = 3
"""So few more values are shown with the others."""

MOST = 25
"""The most values of a long facet. Other topics have their own page, and other years the fields for a range."""

CLAIM_FACETS = {
    "conclusion": True,
    "level": True,
    "state": False,
    "kind": True,
    "topic": True,
    "direction": True,
    "design": False,
    "species": False,
    YEAR: False,
    "standing": False,
    "status": False,
}
"""The facets of the list of claims in their order, and whether each is open at first."""

STUDY_FACETS = {"design": True, "species": True, "publication_state": True, "standing": True, YEAR: True}
"""The same of the list of studies."""


@dataclass(frozen=True)
class FacetValue:
    """A value of a facet, with the address of the list in which it is turned on or off."""

    label: str
    count: int | None
    """How many records have it; None as of the past."""

    url: str
    is_on: bool
    definition: str = ""


@dataclass(frozen=True)
class Facet:
    """A filter with its values: those shown at once, and the rest. The least frequent of a long one are left out."""

    name: str
    label: str
    is_open: bool
    values: Sequence[FacetValue]
    rest: Sequence[FacetValue] = ()
    n_values: int = 0
    """How many values there are, including those left out."""


def facets_of(listing: Listing[Any], facets: Mapping[str, bool], counts: Counts | None) -> list[Facet]:
    """Return the facets of a list, without values that no record has.

    Without `counts`, as of the past, all terms are offered.
    """
    found = []
    for name, is_open in facets.items():
        values = _values(listing, name, None if counts is None else counts.get(name, {}))
        is_on = any(value.is_on for value in values)
        shown: Sequence[FacetValue] = values
        rest: Sequence[FacetValue] = ()
        if name in ("topic", YEAR):
            # What is on is never hidden.
            ordered = shown = sorted(values, key=lambda value: not value.is_on)
            at_once = max(SHOWN, sum(value.is_on for value in values))
            if len(ordered) > at_once + _FEW:
                shown, rest = ordered[:at_once], ordered[at_once:MOST]
        if values or name == YEAR:
            n_values = max(len(values), len((counts or {}).get(name, {})))
            found.append(Facet(name, listing.label(name), is_open or is_on, shown, rest, n_values))
    return found


def _values(listing: Listing[Any], name: str, counts: Mapping[Any, int] | None) -> list[FacetValue]:
    if name == YEAR:
        return _years(listing, counts or {})
    chosen: Sequence[str] = getattr(listing.filters, name)
    terms = type(listing.filters).vocabulary(name)
    offered: dict[str, tuple[str, str]] = (
        {term.value: (term.label, term.definition) for term in terms}
        if terms is not None
        else {slug: (label, "") for slug, label in listing.names.items()}
    )
    if counts is not None:
        offered = {value: of for value, of in offered.items() if counts.get(value) or value in chosen}
    values = [
        FacetValue(
            label,
            None if counts is None else counts.get(value, 0),
            listing.without(name, value) if value in chosen else listing.adding(name, value),
            value in chosen,
            definition,
        )
        for value, (label, definition) in offered.items()
    ]
    return (
        values if terms is not None else sorted(values, key=lambda value: (-(value.count or 0), value.label))
    )


def _years(listing: Listing[Any], counts: Mapping[int, int]) -> list[FacetValue]:
    """Return the years, latest first. One year at a time can be chosen; the fields beside them take a range."""
    chosen = dict(listing.pairs)
    first, last = (chosen.get(name) for name in YEARS)
    every = listing.without_names("year_from", "year_to")
    joined = "&" if "?" in every else "?"
    return [
        FacetValue(
            str(year), count, every if is_on else f"{every}{joined}year_from={year}&year_to={year}", is_on
        )
        for year, count in sorted(counts.items(), reverse=True)
        for is_on in (first == last == str(year),)
        if count
    ]


@dataclass(frozen=True)
class Advice:
    """A way out of an empty list: a filter to remove, or the only one to keep, and what then matches."""

    how: str
    label: str
    value: str
    count: int
    url: str


def advice_on(listing: Listing[Any], select: Callable[[Any], Selection]) -> list[Advice]:
    """Return the filters without which an empty list would not be empty, the most helpful first.

    If no single one helps, return those that match something on their own. `select` returns what matches other filters.
    """
    active = list(dict.fromkeys(YEAR if name in YEARS else name for name, _ in listing.pairs))

    def advice(name: str, how: str, filters: Any, url: Callable[..., str]) -> Advice:
        of = YEARS if name == YEAR else (name,)
        values = [listing.label_of(*pair) for pair in listing.pairs if pair[0] in of]
        value = (" to " if name == YEAR else ", ").join(values)
        return Advice(how, listing.label(name), value, select(filters).total, url(*of))

    lifted = [
        advice(name, "Without", without(listing.filters, name), listing.without_names) for name in active
    ]
    found = [one for one in lifted if one.count]
    if not found and len(active) > 2:
        alone = [
            advice(name, "Only", without(listing.filters, *(set(active) - {name})), listing.with_only)
            for name in active
        ]
        found = [one for one in alone if one.count]
    return sorted(found, key=lambda one: -one.count)


def topics_to_name(filters: Filters, counts: Counts | None) -> list[str]:
    """Return the slugs of the topics that the page of a list names: the most frequent ones, and those chosen."""
    chosen: Sequence[str] = getattr(filters, "topic", ())
    by_count: Mapping[str, int] = (counts or {}).get("topic", {})
    frequent = sorted(by_count, key=lambda slug: -by_count[slug])[:MOST]
    return list(dict.fromkeys([*chosen, *frequent]))
