"""Column types and constraints shared by several tables."""

import datetime
from collections.abc import Iterator
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum, Index, text
from sqlalchemy.types import TypeDecorator

from claims_app.database import Base
from claims_app.database import utc_now as utc_now
from claims_app.rules.fields import Schema
from claims_app.vocabulary import Term


class UtcDateTime(TypeDecorator[datetime.datetime]):
    """A point in time, stored in UTC and timezone-aware in Python. SQLite has no time zones, so they are added back."""

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


Base.registry.update_type_annotation_map(
    {
        datetime.datetime: UtcDateTime,
        # A controlled term, stored as its value. The CHECK constraint is not part of the type: the schema of the
        # record has it, with a name and a sentence.
        Term: Enum(
            Term,
            native_enum=False,
            create_constraint=False,
            validate_strings=True,
            length=40,
            values_callable=lambda members: [member.value for member in members],
        ),
    }
)


def term_check(column: str, terms: type[Term]) -> CheckConstraint:
    """Return the constraint that `column` holds one of `terms`, for a column without a schema."""
    listed = ", ".join(f"'{value}'" for value in terms.values())
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_term")


def checks(schema: Schema) -> Iterator[CheckConstraint]:
    """Yield the CHECK constraints of `schema`."""
    for check in schema.checks():
        yield CheckConstraint(check.sql, name=check.name)


def link_index(column: str) -> Index:
    """Return the index that finds records by a link that most of them do not have.

    With the empty links in it, ANALYZE makes SQLite believe that it finds most of the table.
    """
    filled = text(f"{column} IS NOT NULL")
    return Index(None, column, sqlite_where=filled, postgresql_where=filled, info={"is_of_links": True})


def short_repr(record: Any, *names: str) -> str:
    """Return a short text of `record` for logs and test failures, without loading attributes."""
    values = ", ".join(f"{name}={record.__dict__.get(name)!r}" for name in names)
    return f"<{type(record).__name__} {values}>"
