"""The choices in a merge of two records: which fields belong together, and from which record they come."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claims_app.rules.fields import Names, Schema
from claims_app.vocabulary import Standing, Stays

_TOGETHER = {
    "Source": (
        "origin_study_id",
        "origin_section",
        "origin_quote",
        "origin_quote_prefix",
        "origin_quote_suffix",
    ),
    "Journal, volume and pages": ("journal", "volume", "issue", "pages"),
    "Years of the data": ("data_from", "data_to"),
    "Standing": ("standing", "standing_date", "standing_reason", "standing_notice_doi"),
}
"""Fields that only make sense together, by their common label."""

_DEFAULTS = {"standing": Standing.CURRENT.value}
"""Default values, which count as empty in a merge."""

_WORD = re.compile(r"\w{3,}")
"""Shorter words are too common to compare."""


@dataclass(frozen=True)
class FieldGroup:
    """Fields of a record that are taken together from one of two records."""

    label: str
    fields: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the form field."""
        return self.fields[0]

    def of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields from `values`, with None for empty ones."""
        return {name: values.get(name) or None for name in self.fields}

    def says_nothing(self, values: Mapping[str, Any]) -> bool:
        """Whether all fields are empty."""
        return all(value is None or _DEFAULTS.get(name) == value for name, value in self.of(values).items())


def parts_of(schema: Schema) -> list[FieldGroup]:
    """Return the field groups of a record of this schema, in the order of its fields.

    Lists of names are left out: they are joined in a merge.
    """
    parts: list[FieldGroup] = []
    for field in schema.fields:
        if isinstance(field, Names) or any(field.name in part.fields for part in parts):
            continue
        together = next((item for item in _TOGETHER.items() if field.name in item[1]), None)
        parts.append(FieldGroup(*together) if together else FieldGroup(field.label, (field.name,)))
    return parts


def taken_by_default(part: FieldGroup, kept: Mapping[str, Any], merged: Mapping[str, Any]) -> Stays:
    """Return the default source of a field group: the kept record, unless its fields are empty."""
    return Stays.MERGED if part.says_nothing(kept) and not part.says_nothing(merged) else Stays.KEPT


def likeness(first: str, second: str) -> float:
    """Return the likeness of two sentences from 0 to 1: the share of words that they have in common."""
    one, other = _words(first), _words(second)
    return len(one & other) / len(one | other) if one and other else 0.0


def _words(sentence: str) -> frozenset[str]:
    return frozenset(_WORD.findall(sentence.casefold()))
