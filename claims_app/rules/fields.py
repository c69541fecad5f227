"""Fields of records: how values are cleaned and validated, and the same rules for the database.

A rule is written once, here or in `rules/schemas/`, and used in two ways: `clean` (or `holds`)
validates input from forms, files and programs, and `checks` gives the CHECK constraint that the
database enforces. A property test compares the two.
"""

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from claims_app.rules import text as texts
from claims_app.rules.identifiers import LARGEST_NUMBER, parse_public_id, public_id
from claims_app.vocabulary import RecordType, Term

Values = Mapping[str, object]

_WORD = re.compile(r"\w+")
_WITHOUT_ARTICLE = frozenset({"a", "an", "the", "your", "what", "why", "how"})
_NUMBER = re.compile(r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]{1,3})?")


class Check(NamedTuple):
    """A CHECK constraint: its name within the table, its SQL, the field it is about, and an error message."""

    name: str
    sql: str
    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a record; `clean` returns the value to store, or raises ValueError with a message."""

    name: str
    label: str
    help: str = ""
    required: bool = False

    def clean(self, raw: object) -> object:
        """Return the value to store for `raw`, None for an empty field. Raises ValueError."""
        value = None if raw is None or raw == "" else self.parse(raw)
        if value is None and self.required:
            raise ValueError(self.missing)
        return value

    @property
    def missing(self) -> str:
        """The error message for a required field that is empty."""
        return f"Enter {_with_article(self.label)}."

    def parse(self, raw: object) -> object:
        """Return the stored form of `raw`, which is not empty, or None if nothing remains. Raises ValueError."""
        raise NotImplementedError

    def checks(self) -> Iterator[Check]:
        """Yield the constraints that the database enforces on this field."""
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    """Free text of up to `max_length` characters.

    `multiline` keeps line breaks, `exact` keeps leading and trailing blanks, and `verify` raises
    ValueError for a text of the wrong form.
    """

    max_length: int
    multiline: bool = False
    exact: bool = False
    verify: Callable[[str], object] | None = None

    def parse(self, raw: object) -> str | None:
        if not isinstance(raw, str):
            raise ValueError("Enter text.")
        text = texts.normalise_newlines(raw) if self.multiline else texts.one_line(raw)
        if not self.exact:
            text = text.strip()
        if not texts.is_visible(text):
            return None
        if forbidden := texts.forbidden_character(text, multiline=self.multiline):
            raise ValueError(f"Remove the control character {forbidden}; it cannot be displayed or exported.")
        if len(text) > self.max_length:
            raise ValueError(f"Use at most {self.max_length:,} characters; this has {len(text):,}.")
        if self.verify:
            self.verify(text)
        return text

    def checks(self) -> Iterator[Check]:
        yield Check(
            f"{self.name}_length",
            f"length(trim({self.name})) >= 1 AND length({self.name}) <= {self.max_length}",
            self.name,
            f"Use 1 to {self.max_length:,} characters.",
        )


@dataclass(frozen=True, kw_only=True)
class Lines(Text):
    """A list of texts, stored one per line; accepts a list or a text with one item per line."""

    multiline: bool = True

    def parse(self, raw: object) -> str | None:
        if isinstance(raw, str):
            raw = texts.normalise_newlines(raw).split("\n")
        lines = raw if isinstance(raw, list | tuple) else [raw]
        if not all(isinstance(line, str) for line in lines):
            raise ValueError("Enter a list of texts.")
        return super().parse("\n".join(line for line in map(texts.one_line, lines) if line))


@dataclass(frozen=True, kw_only=True)
class Name(Text):
    """The name of another record, which the service finds or creates."""

    def checks(self) -> Iterator[Check]:
        yield from ()


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    """One of the terms of a vocabulary, given by its value."""

    terms: type[Term]

    @property
    def missing(self) -> str:
        return f"Choose the {_within_sentence(self.label)}."

    def parse(self, raw: object) -> Term:
        return self.terms.of(raw)

    def checks(self) -> Iterator[Check]:
        listed = ", ".join(f"'{value}'" for value in self.terms.values())
        yield Check(
            f"{self.name}_term",
            f"{self.name} IN ({listed})",
            self.name,
            f"Use one of: {', '.join(self.terms.values())}.",
        )


@dataclass(frozen=True, kw_only=True)
class Choices(Field):
    """Any number of terms of a vocabulary, stored in a separate table."""

    terms: type[Term]

    @property
    def missing(self) -> str:
        return f"Choose at least one {_within_sentence(self.label)}."

    def clean(self, raw: object) -> list[Term]:
        values = raw if isinstance(raw, list | tuple) else [raw] if raw else []
        chosen = {self.terms.of(value) for value in values}
        if self.required and not chosen:
            raise ValueError(self.missing)
        return [term for term in self.terms if term in chosen]


@dataclass(frozen=True, kw_only=True)
class TermsByName(Field):
    """Terms of a vocabulary, each for a name: a choice for each of several things."""

    terms: type[Term]

    def clean(self, raw: object) -> dict[str, Term]:
        if raw is None or raw == "":
            return {}
        if not isinstance(raw, Mapping):
            raise ValueError("Enter an object with a choice for each name.")
        return {str(name): self.terms.of(value) for name, value in raw.items()}


@dataclass(frozen=True, kw_only=True)
class Names(Field):
    """Any number of other records by their short names; the service finds the records."""

    def clean(self, raw: object) -> list[str]:
        values = raw if isinstance(raw, list | tuple) else [raw] if raw else []
        if not all(isinstance(value, str) for value in values):
            raise ValueError("Enter a list of names.")
        return list(dict.fromkeys(values))


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    """A number from `low` to `high`, inclusive."""

    low: float
    high: float

    def parse(self, raw: object) -> float:
        number = raw
        if isinstance(raw, str):
            digits = raw.strip().replace("\N{MINUS SIGN}", "-")
            if not _NUMBER.fullmatch(digits):
                raise ValueError("Enter a number in digits with a decimal point, such as 3.87.")
            number = float(digits)
        if not isinstance(number, int | float) or isinstance(number, bool):
            raise ValueError("Enter a number in digits, such as 3.87.")
        # NaN fails every comparison, so it is refused here as well.
        if not self.low <= number <= self.high:
            raise ValueError(f"Enter a number from {self.low:,g} to {self.high:,g}.")
        return float(number)

    def checks(self) -> Iterator[Check]:
        yield Check(
            f"{self.name}_range",
            f"{self.name} BETWEEN {self.low!r} AND {self.high!r}",
            self.name,
            f"Enter a number from {self.low:,g} to {self.high:,g}.",
        )


@dataclass(frozen=True, kw_only=True)
class WholeNumber(Field):
    """A whole number from `low` to `high`, inclusive; `plain` shows it without thousands separators."""

    low: int
    high: int
    plain: bool = False

    def parse(self, raw: object) -> int:
        number = raw
        if isinstance(raw, str):
            digits = raw.strip()
            if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
                raise ValueError(f"Enter a whole number in digits, such as {self._example}.")
            number = int(digits)
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError(f"Enter a whole number in digits, such as {self._example}.")
        if not self.low <= number <= self.high:
            raise ValueError(self._range)
        return number

    @property
    def _example(self) -> str:
        return "2021" if self.plain else "44"

    @property
    def _range(self) -> str:
        low, high = (str(self.low), str(self.high)) if self.plain else (f"{self.low:,}", f"{self.high:,}")
        return f"Enter a whole number from {low} to {high}."

    def checks(self) -> Iterator[Check]:
        # The cast matters on SQLite, where an integer column accepts 1.5.
        yield Check(
            f"{self.name}_range",
            f"{self.name} BETWEEN {self.low} AND {self.high} AND {self.name} = CAST({self.name} AS INTEGER)",
            self.name,
            self._range,
        )


@dataclass(frozen=True, kw_only=True)
class YesOrNo(Field):
    """True or false."""

    def parse(self, raw: object) -> bool:
        if not isinstance(raw, bool):
            raise ValueError("Send true or false.")
        return raw


@dataclass(frozen=True, kw_only=True)
class Date(Field):
    """A calendar date, written as 2026-11-23 (ISO 8601)."""

    def parse(self, raw: object) -> datetime.date:
        if isinstance(raw, datetime.date) and not isinstance(raw, datetime.datetime):
            return raw
        try:
            return datetime.date.fromisoformat(str(raw).strip())
        except ValueError:
            raise ValueError("Enter a date as year-month-day, such as 2026-11-23.") from None


@dataclass(frozen=True, kw_only=True)
class Identifier(Field):
    """An identifier with a normal form; `sql` is the condition for the normal form in the database."""

    normalise: Callable[[str], str]
    sql: str
    max_length: int = 255

    def parse(self, raw: object) -> str:
        value = self.normalise(str(raw))
        if not value.isprintable():
            raise ValueError("Remove the invisible characters.")
        if forbidden := texts.forbidden_character(value, multiline=False):
            raise ValueError(f"Remove the control character {forbidden}.")
        if len(value) > self.max_length:
            raise ValueError(f"Use at most {self.max_length} characters.")
        return value

    def checks(self) -> Iterator[Check]:
        yield Check(
            f"{self.name}_form",
            f"length({self.name}) <= {self.max_length} AND {self.sql}",
            self.name,
            f"This is not the normal form of a {self.label}.",
        )


@dataclass(frozen=True, kw_only=True)
class RecordReference(Field):
    """Another record, by its public identifier; the service and the foreign key check that it exists."""

    record_type: RecordType

    def parse(self, raw: object) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and 0 < raw <= LARGEST_NUMBER:
            return raw
        number = parse_public_id(self.record_type, raw) if isinstance(raw, str) else None
        if number is None:
            example = public_id(self.record_type, 14)
            raise ValueError(
                f"Enter the identifier of a {self.record_type.label.lower()}, such as {example}."
            )
        return number


@dataclass(frozen=True)
class Rule:
    """A rule between fields, equivalent in Python (`holds`) and in the database (`sql`).

    `holds` gets cleaned values and must be true if a value that it needs is missing, like an SQL CHECK.
    A form shows `sentence` at `field`.
    """

    name: str
    field: str
    sentence: str
    sql: str
    holds: Callable[[Values], bool]


@dataclass(frozen=True)
class Schema:
    """The fields of one kind of record, and the rules between them.

    `later_rules` came after records that break them. A trigger enforces them, not a CHECK, so these records are kept.
    """

    noun: str
    fields: tuple[Field, ...]
    rules: Sequence[Rule] = ()
    later_rules: Sequence[Rule] = ()

    def field(self, name: str) -> Field:
        """Return the field called `name`. Raises KeyError if there is none."""
        return self._by_name[name]

    def limit(self, name: str) -> int | None:
        """Return the maximum length of the field `name` in characters, or None if it has none."""
        return getattr(self._by_name[name], "max_length", None)

    @cached_property
    def _by_name(self) -> dict[str, Field]:
        return {field.name: field for field in self.fields}

    def clean(self, raw: Values) -> tuple[dict[str, object], dict[str, list[str]]]:
        """Return the values to store, and the error messages by field.

        A field that is missing from `raw` counts as empty; an unknown field is an error.
        """
        known = self._by_name
        values: dict[str, object] = {}
        errors: dict[str, list[str]] = {}
        for name in raw:
            if name not in known:
                errors[name] = [
                    f"Unknown field. The fields of {_with_article(self.noun)} are: {', '.join(known)}."
                ]
        for name, field in known.items():
            try:
                values[name] = field.clean(raw.get(name))
            except ValueError as refused:
                errors[name] = [str(refused)]
        unread = set(errors)
        for rule in (*self.rules, *self.later_rules):
            # A rule about a field that could not be read would give a wrong message.
            if (not unread or unread.isdisjoint(_WORD.findall(rule.sql))) and not rule.holds(values):
                errors.setdefault(rule.field, []).append(rule.sentence)
        return values, errors

    def checks(self) -> Iterator[Check]:
        """Yield all CHECK constraints of the record."""
        for field in self.fields:
            yield from field.checks()
        for rule in self.rules:
            yield Check(rule.name, rule.sql, rule.field, rule.sentence)


def _within_sentence(label: str) -> str:
    """Return a label with a small first letter, unless it is an abbreviation such as DOI."""
    return label if label[1:2].isupper() else label[0].lower() + label[1:]


def _with_article(label: str) -> str:
    """Return a label within a sentence, with an article if it needs one: “a statement”, “your name”."""
    words = _within_sentence(label)
    if words.partition(" ")[0] in _WITHOUT_ARTICLE:
        return words
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"
