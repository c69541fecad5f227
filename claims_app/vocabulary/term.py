"""The base of all controlled terms."""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A controlled term: its value, a label and a one-line definition."""

    label: str
    definition: str

    def __new__(cls, value: str, label: str, definition: str) -> Self:
        term = str.__new__(cls, value)
        term._value_ = value
        term.label = label
        term.definition = definition
        return term

    @classmethod
    def of(cls, value: object) -> Self:
        """Return the term with `value`. Raises ValueError, naming the known terms, if there is none."""
        for term in cls:
            if term.value == value:
                return term
        raise ValueError(f"“{value}” is not a known value; use one of: {', '.join(cls.values())}.")

    @classmethod
    def values(cls) -> tuple[str, ...]:
        """Return the values of all terms, in the order in which they are defined."""
        return tuple(term.value for term in cls)
