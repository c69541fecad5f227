"""What the checks of the data share: each goes through its rows in parts, so that memory stays flat.

A check reports each part that it has gone through, with a sentence for each problem in it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Executable, Select, TableClause, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from claims_app.services.core import paging

T = TypeVar("T")

PART = 200
"""How many records are read at once, with everything that belongs to them."""

_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Part:
    """A part of a check that is done: how many rows it had, and a sentence for each problem."""

    rows: int
    problems: Sequence[str] = ()


@dataclass(frozen=True)
class Check:
    """One check: what it is about, as a noun, how many rows it goes through, and the function that does it."""

    label: str
    size: Callable[[Session], int]
    parts: Callable[[Session], Iterator[Part]]


def pages(
    session: Session, query: Select[T], key: InstrumentedAttribute[int], size: int | None = None
) -> Iterator[Sequence[T]]:
    """Yield the records of `query`, in the order of the unique column `key`, in lists.

    Each list is read completely before it is used, and forgotten by the session afterwards: a result that is still
    being read does not survive that.
    """
    for page in paging.iterate(session, query, paging.Order("", ((key, False),)), size or PART):
        yield page
        session.expunge_all()


def by_query(
    label: str,
    table: TableClause,
    queries: Callable[[], Iterator[tuple[Executable, Callable[[Any], Iterator[str]]]]],
) -> Check:
    """Return the check of a table by queries that find problems, each with the function that describes a row."""

    def parts(session: Session) -> Iterator[Part]:
        for query, describe in queries():
            rows = session.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
            for some in rows.partitions():
                yield Part(0, [sentence for row in some for sentence in describe(row)])
        yield Part(size_of(table)(session))

    return Check(label, size_of(table), parts)


def size_of(table: TableClause) -> Callable[[Session], int]:
    """Return the function that counts the rows of a table."""
    return lambda session: session.scalar(select(func.count()).select_from(table)) or 0
