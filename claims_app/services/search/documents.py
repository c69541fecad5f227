"""Compares the documents that a search finds records by with the records."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, cast, func, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, Study, search_pending
from claims_app.models.search import documents_of
from claims_app.models.search_index import Kind, parts_of, written

AT_ONCE = 500
"""How many documents are compared at once."""

_MODELS: dict[Kind, type[Claim] | type[Study]] = {"claim": Claim, "study": Study}


def count_waiting(session: Session) -> int:
    """Return the number of entries in the queue."""
    return session.scalar(select(func.count()).select_from(search_pending)) or 0


def count_records(session: Session) -> int:
    """Return the number of records that have documents."""
    return sum(session.scalar(select(func.count(model.id))) or 0 for model in _MODELS.values())


def numbers_after(session: Session, kind: Kind, last: int) -> Sequence[int]:
    """Return the next numbers of records or of documents after `last`, in order."""
    model, [key] = _MODELS[kind], documents_of(kind).primary_key
    both = (select(column).where(column > last).order_by(column).limit(AT_ONCE) for column in (model.id, key))
    return sorted({number for query in both for number in session.scalars(query)})[:AT_ONCE]


def wrong(session: Session, kind: Kind, numbers: Sequence[int]) -> list[int]:
    """Return those of the records whose document is missing, superfluous, or another one than it should be."""
    table = documents_of(kind)
    key, *columns = table.columns
    dialect = session.get_bind().dialect.name
    kept: dict[int, Any] = {
        number: [_normal(text) for text in texts]
        for number, *texts in session.execute(
            select(key, *(cast(column, Text) for column in columns)).where(key.in_(numbers))
        )
    }
    right = {
        number: [_normal(text) for text in list(written(kind, number, parts, dialect).values())[1:]]
        for number, parts in parts_of(session, kind, numbers).items()
    }
    return [number for number in numbers if kept.get(number) != right.get(number)]


def _normal(text: str) -> str | frozenset[str]:
    """Return a part of a document so that equal ones are equal: PostgreSQL sorts the words of a vector."""
    return frozenset(text.split()) if text.startswith("'") else text
