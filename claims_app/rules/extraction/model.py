"""Suggestions, and the sentences that they were read from."""

from collections.abc import Mapping
from dataclasses import dataclass

from claims_app.vocabulary import RecordType


@dataclass(frozen=True, kw_only=True)
class FieldSuggestion:
    """Values for fields of a record, read from the words between `start` and `end` of a sentence.

    `values` are strings by field name, as a form sends them; `record_type` is the kind of the record.
    """

    record_type: RecordType
    values: Mapping[str, str]
    start: int
    end: int


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A sentence of a text, its position, and its suggestions."""

    text: str
    start: int
    suggestions: tuple[FieldSuggestion, ...] = ()

    @property
    def end(self) -> int:
        """The end of the sentence in the text."""
        return self.start + len(self.text)


def for_evidence(start: int, end: int, **values: str) -> FieldSuggestion:
    """Return a suggestion for an evidence item."""
    return FieldSuggestion(record_type=RecordType.EVIDENCE, values=values, start=start, end=end)


def for_study(start: int, end: int, **values: str) -> FieldSuggestion:
    """Return a suggestion for a study."""
    return FieldSuggestion(record_type=RecordType.STUDY, values=values, start=start, end=end)
