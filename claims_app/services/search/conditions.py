"""Conditions of SQL queries on what a search found."""

from typing import Any

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Integer, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from claims_app.services.search.matching import Tiers


class listed_numbers(FunctionElement[int]):  # noqa: N801  # named like a function of SQL
    """A query for the numbers that a text lists, with commas between them."""

    type = Integer()
    inherit_cache = True


@compiles(listed_numbers, "sqlite")
def _on_sqlite(element: listed_numbers, compiler: SQLCompiler, **options: Any) -> str:
    return f"(SELECT value FROM json_each('[' || {compiler.process(element.clauses, **options)} || ']'))"  # nosec B608 - only names of our own schema


@compiles(listed_numbers, "postgresql")
def _on_postgresql(element: listed_numbers, compiler: SQLCompiler, **options: Any) -> str:
    text = compiler.process(element.clauses, **options)
    return f"(SELECT unnest(CAST(string_to_array({text}, ',') AS integer[])))"


def found(tiers: Tiers) -> BitMap:
    """Return everything that a search found."""
    return BitMap().union(*tiers)


def among(column: Any, numbers: BitMap) -> ColumnElement[bool]:
    """Return the condition that `column` is one of `numbers`, of which there may be a million."""
    is_one: ColumnElement[bool] = column.op("IN", is_comparison=True)(
        listed_numbers(literal(",".join(map(str, numbers))))
    )
    return is_one
