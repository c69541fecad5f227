"""Filters in words, as pages, saved views and files show them."""

from collections.abc import Mapping

from claims_app.services.core.query import Filters

_LABELS = {
    "q": "Search",
    "level": "Evidence level",
    "state": "State of the level",
    "direction": "Finding",
    "year": "Year of publication",
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


def label_of_filter(name: str) -> str:
    """Return the label of a filter, for its field and for the list of active filters."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def label_of_value(filters: Filters, names: Mapping[str, str], name: str, value: str) -> str:
    """Return what readers call a value of a filter; `names` are those of values that are not terms."""
    terms = filters.vocabulary(name)
    return terms.of(value).label if terms is not None else names.get(value, value)


def in_words(filters: Filters, names: Mapping[str, str]) -> str:
    """Return the active filters in words, such as “Topic: Pain; Kind: Treatment”."""
    return "; ".join(
        f"{label_of_filter(name)}: {label_of_value(filters, names, name, value)}"
        for name, value in filters.pairs()
    )
