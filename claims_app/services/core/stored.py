"""Columns as they are stored: statements for files, whose rows need no objects and no conversion in Python."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CursorResult, Dialect, Select, String, bindparam, type_coerce
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Attribute = InstrumentedAttribute[Any]
Query = Select[*tuple[Any, ...]]


def plain(column: Attribute) -> ColumnElement[str]:
    """Return a column of terms as texts."""
    return type_coerce(column, String()).label(column.key)


class moment(FunctionElement[str]):  # noqa: N801  # reads like a function of SQL
    """A time in UTC as the text that SQLite stores: 2026-11-23 05:07:40.000000."""

    type = String()
    inherit_cache = True


class day(FunctionElement[str]):  # noqa: N801
    """A date as the text that SQLite stores: 2026-11-23."""

    type = String()
    inherit_cache = True


class json_array(FunctionElement[str]):  # noqa: N801
    """The text of a JSON array of values."""

    type = String()
    inherit_cache = True


@compiles(json_array, "sqlite")
def _array_in_sqlite(element: json_array, compiler: Any, **more: Any) -> str:
    return f"json_array({compiler.process(element.clauses, **more)})"


@compiles(json_array, "postgresql")
def _array_in_postgresql(element: json_array, compiler: Any, **more: Any) -> str:
    return f"json_build_array({compiler.process(element.clauses, **more)})::text"


@compiles(moment, "sqlite")
@compiles(day, "sqlite")
def _as_stored(element: FunctionElement[Any], compiler: Any, **more: Any) -> str:
    return str(compiler.process(element.clauses, **more))


@compiles(moment, "postgresql")
def _moment_in_postgresql(element: moment, compiler: Any, **more: Any) -> str:
    column = compiler.process(element.clauses, **more)
    return f"to_char(timezone('UTC', {column}), 'YYYY-MM-DD HH24:MI:SS.US')"


@compiles(day, "postgresql")
def _day_in_postgresql(element: day, compiler: Any, **more: Any) -> str:
    return f"to_char({compiler.process(element.clauses, **more)}, 'YYYY-MM-DD')"


class _Numbers(TypeDecorator[Sequence[int]]):
    """Numbers of records, as one parameter however many there are."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(BigInteger()))

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> Any:
        return json.dumps(list(value or ())) if dialect.name == "sqlite" else list(value or ())


class _Among(FunctionElement[bool]):
    inherit_cache = True


@compiles(_Among, "sqlite")
def _among_in_sqlite(element: _Among, compiler: Any, **more: Any) -> str:
    column, numbers = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # nosec B608 - only names of our own schema


@compiles(_Among, "postgresql")
def _among_in_postgresql(element: _Among, compiler: Any, **more: Any) -> str:
    column, numbers = (compiler.process(clause, **more) for clause in element.clauses)
    return f"{column} = ANY({numbers})"


def of_numbers(query: Query, column: ColumnElement[Any] | Attribute) -> Query:
    """Return `query` for the rows whose `column` is among the parameter `numbers`."""
    return query.where(_Among(column, bindparam("numbers", type_=_Numbers())))


def rows_of(session: Session, query: Query, numbers: Sequence[int]) -> list[tuple[Any, ...]]:
    """Return the rows of a query that `of_numbers` made, as the driver of the database returns them."""
    with session.connection().execute(query, {"numbers": numbers}) as result:
        return list(_cursor(result).fetchall())


def numbers_of(session: Session, query: Query, size: int) -> Iterator[list[int]]:
    """Yield the first column of a query in parts of `size`, while the database is still reading."""
    with session.connection().execute(query, execution_options={"yield_per": size}) as result:
        for part in result.partitions():
            yield [row[0] for row in part]


def _cursor(result: CursorResult[Any]) -> DBAPICursor:
    """Return the cursor of the driver. The rows of SQLAlchemy would take twice the memory and the time."""
    assert result.cursor is not None
    return result.cursor


def moments(column: Sequence[str | None]) -> list[str | None]:
    """Return the stored times of a column as `formats.delimited.utc_text` writes them."""
    stored = [text for text in column if text is not None]
    if not stored:
        return list(column)
    # All at once, because a call for each of millions of times is most of the cost.
    text = ("Z\n".join(stored) + "Z").replace(" ", "T").replace(".000000Z", "Z")
    written = iter(text.split("\n"))
    return [None if text is None else next(written) for text in column]
