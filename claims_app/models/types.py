"""Column types and recipes that several tables share."""

import datetime
from collections.abc import Iterator
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum
from sqlalchemy.types import TypeDecorator

from claims_app.database import utc_now as utc_now
from claims_app.rules.fields import Schema
from claims_app.vocabulary import Term


class UtcDateTime(TypeDecorator[datetime.datetime]):
    """A point in time: aware on the Python side, kept in UTC. SQLite has no time zones, so they are put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime.datetime]:
        return datetime.datetime

    def process_bind_param(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a point in time needs its time zone")
        value = value.astimezone(datetime.UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self, value: datetime.datetime | None, dialect: Dialect
    ) -> datetime.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


def term_type(terms: type[Term]) -> Enum:
    """Return the column type for a controlled term: its value as text.

    The CHECK constraint comes from the schema of the record, beside the other rules, so that it has
    a name and a sentence like them.
    """
    return Enum(
        terms,
        native_enum=False,
        create_constraint=False,
        validate_strings=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def term_check(column: str, terms: type[Term]) -> CheckConstraint:
    """Return the constraint that `column` holds one of `terms`, for columns that no schema has."""
    listed = ", ".join(f"'{value}'" for value in terms.values())
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_term")


def checks(schema: Schema) -> Iterator[CheckConstraint]:
    """Yield the CHECK constraints of `schema`."""
    for check in schema.checks():
        yield CheckConstraint(check.sql, name=check.name)


def shown(record: Any, *names: str) -> str:
    """Return a short text of `record` for logs and test failures; it never loads anything."""
    values = ", ".join(f"{name}={record.__dict__.get(name)!r}" for name in names)
    return f"<{type(record).__name__} {values}>"
