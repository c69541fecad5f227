"""Cursor-based paging: a page deep in the list costs no more than the first one.

A cursor holds the sort values of the row at the edge of a page. The next page begins after these values (keyset
paging), so no rows are skipped or counted, and added or deleted rows do not shift it.
"""

import base64
import binascii
import datetime
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from claims_app.rules.identifiers import LARGEST_NUMBER
from claims_app.services.core.errors import BadFilter

T = TypeVar("T")
SortKey = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Order:
    """A sort order: its label, and `keys` with whether each is descending. The last key must be unique."""

    label: str
    keys: tuple[tuple[SortKey, bool], ...]


@dataclass(frozen=True)
class PageRequest:
    """The requested part of a list: `size` rows after or before a cursor."""

    size: int
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list, the length of the whole list, and the cursors of the neighbouring pages."""

    items: Sequence[T]
    total: int
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Some(Generic[T]):
    """The first items of a list that is seldom long, and how many are left out."""

    items: Sequence[T] = ()
    left: int = 0


def fetch_some(session: Session, query: Select[T], most: int = 20) -> Some[T]:
    """Return the first `most` results of a query. Only if there are more of them are they counted."""
    found = session.scalars(query.limit(most + 1)).all()
    if len(found) <= most:
        return Some(found)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return Some(found[:most], total - most)


@dataclass(frozen=True)
class Edge:
    """Where a page begins: beyond these sort values, if any, in the direction of reading; `limit` rows of it."""

    values: Sequence[Any] | None
    backwards: bool
    limit: int


def fetch_page(
    session: Session, query: Select[T], order: Order, request: PageRequest, total: int | None = None
) -> Page[T]:
    """Return the page of `query` in `order` that `request` asks for. Raises BadFilter for a broken cursor.

    `total` is the length of the list, if it is known.
    """
    if total is None:
        total = count(session, query)
    rows = query.add_columns(*(column for column, _ in order.keys))
    return cut_page(
        order,
        request,
        total,
        lambda edge: session.execute(sorted_by(rows, order, edge).limit(edge.limit)).all(),
    )


def cut_page(
    order: Order, request: PageRequest, total: int, rows: Callable[[Edge], Sequence[Sequence[Any]]]
) -> Page[Any]:
    """Return the page that `request` asks for of `rows`: items, each with its sort values, from an edge on.

    Raises BadFilter for a broken cursor.
    """
    backwards = request.before is not None
    cursor = request.before if backwards else request.after
    values = None if cursor is None else values_in(cursor, order)
    # One more row shows whether the list goes on.
    found = rows(Edge(values, backwards, request.size + 1))
    more = len(found) > request.size
    found = found[: request.size]
    if backwards:
        found = found[::-1]
    has_next, has_previous = (bool(found), more) if backwards else (more, bool(found) and cursor is not None)
    return Page(
        items=[row[0] for row in found],
        total=total,
        next=cursor_at(found[-1][1:]) if has_next else None,
        previous=cursor_at(found[0][1:]) if has_previous else None,
    )


def sorted_by(query: Select[Any], order: Order, edge: Edge) -> Select[Any]:
    """Return `query` in `order`, in the direction of `edge` and beyond its values."""
    query = query.order_by(
        *(column.desc() if down != edge.backwards else column.asc() for column, down in order.keys)
    )
    return query if edge.values is None else query.where(beyond(order, edge.values, edge.backwards))


def count(session: Session, query: Select[Any]) -> int:
    """Return how many rows `query` has."""
    return (
        session.scalar(query.order_by(None).with_only_columns(func.count(), maintain_column_froms=True)) or 0
    )


def iterate(session: Session, query: Select[T], order: Order, size: int) -> Iterator[Sequence[T]]:
    """Yield all rows of `query` in `order`, in lists of `size`."""
    rows = sorted_by(query.add_columns(*(column for column, _ in order.keys)), order, Edge(None, False, size))
    part = rows.limit(size)
    while found := session.execute(part).all():
        yield [row[0] for row in found]
        if len(found) < size:
            return
        part = rows.where(beyond(order, found[-1][1:])).limit(size)


def beyond(order: Order, values: Sequence[Any], backwards: bool = False) -> ColumnElement[bool]:
    """Return the condition that a row comes after `values` in `order`, or before them."""
    columns = [column for column, _ in order.keys]
    downs = {down != backwards for _, down in order.keys}
    if len(downs) == 1:
        # Unlike conditions with OR, rows are compared by an index: on PostgreSQL by all its columns, on SQLite by the
        # first.
        row = tuple_(*columns)
        place = tuple_(*(literal(value, column.type) for column, value in zip(columns, values, strict=True)))
        return row < place if downs.pop() else row > place
    condition: ColumnElement[bool] = false()
    for (column, down), value in reversed(list(zip(order.keys, values, strict=True))):
        further = column < value if down != backwards else column > value
        condition = or_(further, and_(column == value, condition))
    return condition


def cursor_at(values: Sequence[Any]) -> str:
    """Return the cursor of the row with these sort values."""
    plain = [value.isoformat() if isinstance(value, datetime.datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def values_in(cursor: str, order: Order) -> list[Any]:
    """Return the sort values in a cursor of `order`. Raises BadFilter for a broken one."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(order.keys):
            raise ValueError
        decoded = []
        for value, (column, _) in zip(values, order.keys, strict=True):
            kind = column.type.python_type
            decoded.append(_moment(value) if kind is datetime.datetime else _typed(value, kind))
        return decoded
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error):
        raise BadFilter("This page of the list does not exist. Go back to the first page.") from None


def _moment(value: str) -> datetime.datetime:
    moment = datetime.datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(datetime.UTC)


def _typed(value: object, kind: type) -> object:
    if (
        not isinstance(value, kind)
        or isinstance(value, bool)
        or (isinstance(value, int) and abs(value) > LARGEST_NUMBER)
    ):
        raise ValueError
    return value
