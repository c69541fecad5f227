"""Whether the versions are those of the rows: what the triggers are there for."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import JSON, ColumnElement, Table, Text, and_, cast, func, or_, select
from sqlalchemy.orm import Session

from claims_app.database import Base
from claims_app.models.versions import VERSIONED, Versioned

_TOLD_AT_MOST = 5


def problems(session: Session) -> Iterator[str]:
    """Yield a sentence for each table with a row whose open version is another, or that has versions of one time."""
    for versioned in VERSIONED:
        table = Base.metadata.tables[versioned.table]
        versions = Base.metadata.tables[versioned.versions]
        same_key = and_(*(table.c[name] == versions.c[name] for name in versioned.key))
        is_open = versions.c.valid_to.is_(None)
        differs = or_(*(_differs(versioned, table, versions, name) for name in versioned.columns))
        changed = select(*_key(versioned, table)).outerjoin(versions, and_(same_key, is_open)).where(differs)
        yield from _told(session, versioned, changed, "is not what its newest version says")
        gone = (
            select(*_key(versioned, versions))
            .outerjoin(table, same_key)
            .where(is_open, table.c[versioned.key[0]].is_(None))
        )
        yield from _told(session, versioned, gone, "is gone, and its newest version does not say so")
        yield from _told(
            session, versioned, _overlapping(versioned, versions), "has two versions of one time"
        )


def _differs(versioned: Versioned, table: Table, versions: Table, name: str) -> ColumnElement[bool]:
    now, kept = table.c[name], versions.c[name]
    if name in versioned.blanked:
        return now.is_(None) != kept.is_(None)
    if isinstance(now.type, JSON):  # PostgreSQL does not compare JSON
        return cast(now, Text).is_distinct_from(cast(kept, Text))
    return now.is_distinct_from(kept)


def _overlapping(versioned: Versioned, versions: Table) -> Any:
    later = versions.alias("later")
    return select(*_key(versioned, versions)).join(
        later,
        and_(
            *(later.c[name] == versions.c[name] for name in versioned.key),
            later.c.valid_from > versions.c.valid_from,
            or_(versions.c.valid_to.is_(None), later.c.valid_from < versions.c.valid_to),
        ),
    )


def _key(versioned: Versioned, table: Any) -> list[Any]:
    return [table.c[name] for name in versioned.key]


def _told(session: Session, versioned: Versioned, query: Any, what: str) -> Iterator[str]:
    """Yield a sentence for the first few rows of `query`, and one for how many more there are."""
    for key in session.execute(query.limit(_TOLD_AT_MOST)):
        yield f"Row {', '.join(map(str, key))} of {versioned.table} {what}."
    more = (session.scalar(select(func.count()).select_from(query.subquery())) or 0) - _TOLD_AT_MOST
    if more > 0:
        yield f"{more} more row{'' if more == 1 else 's'} of {versioned.table}: the same."
