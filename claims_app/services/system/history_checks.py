"""Checks the history, which the triggers and the unit of work should keep complete."""

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, Table, Text, and_, func, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Session, aliased

from claims_app.database import Base
from claims_app.models import RECORD_MODELS, Record, Revision
from claims_app.models.record import ListField
from claims_app.models.versions import VERSIONS
from claims_app.rules.identifiers import public_id
from claims_app.services.core.record_states import field_names
from claims_app.triggers import CURRENT, VersionedTable
from claims_app.vocabulary import Action

_LISTED_AT_MOST = 5


def problems(session: Session) -> Iterator[str]:
    """Yield a sentence for each problem with the history."""
    for model in RECORD_MODELS.values():
        yield from _wrong_revisions(session, model)
        if not model.immutable:
            yield from _unrecorded_changes(session, model)
        for field in model.lists:
            yield from _unrecorded_lists(session, model, field)
    for kept in CURRENT.versioned:
        yield from _wrong_versions(session, kept)


def _wrong_revisions(session: Session, model: type[Record]) -> Iterator[str]:
    """Yield a sentence for each record whose newest revision does not match its version."""
    newest, ranked = aliased(Revision), aliased(Revision)
    table = _table(model)
    last = select(func.max(ranked.version)).where(
        ranked.record_type == model.record_type, ranked.record_id == table.c.id
    )
    is_newest = and_(
        newest.record_type == model.record_type,
        newest.record_id == table.c.id,
        newest.version == last.correlate(table).scalar_subquery(),
    )
    wrong = select(table.c.id, table.c.version).outerjoin(newest, is_newest)
    is_wrong = or_(newest.id.is_(None), newest.version != table.c.version, newest.action == Action.DELETE)
    for number, version in session.execute(wrong.where(is_wrong).order_by(table.c.id)):
        name = public_id(model.record_type, number)
        yield f"{name} is at version {version}, but its history has no such version."
    latest = select(func.max(Revision.id)).where(Revision.record_type == model.record_type)
    lost = (
        select(Revision.record_id)
        .where(Revision.id.in_(latest.group_by(Revision.record_id)), Revision.action != Action.DELETE)
        .where(Revision.record_id.not_in(select(table.c.id)))
    )
    for number in session.scalars(lost):
        name = public_id(model.record_type, number)
        yield f"{name} is missing, but its history has no deletion."


def _unrecorded_changes(session: Session, model: type[Record]) -> Iterator[str]:
    """Yield a sentence for each field that changed without a new version, and so without a revision."""
    earlier = VERSIONS[_table(model).name].alias("earlier")
    later = VERSIONS[_table(model).name].alias("later")
    same = and_(
        later.c.id == earlier.c.id,
        later.c.version == earlier.c.version,
        later.c.valid_from > earlier.c.valid_from,
    )
    for field in sorted(field_names(model)):
        changed = select(later.c.id).join(earlier, same).where(_differs(earlier.c[field], later.c[field]))
        for number in session.scalars(changed.distinct().order_by(later.c.id)):
            name = public_id(model.record_type, number)
            yield f"The “{field}” of {name} was changed without a revision."


def _unrecorded_lists(session: Session, model: type[Record], field: ListField) -> Iterator[str]:
    """Yield a sentence for each record whose list changed at the time of none of its revisions."""
    rows, owners = VERSIONS[field.table], VERSIONS[_table(model).name]
    owner = rows.c[field.owner]

    def with_owner(moment: ColumnElement[Any]) -> ColumnElement[bool]:
        then = or_(owners.c.valid_from == moment, owners.c.valid_to == moment)
        return select(owners.c.id).where(owners.c.id == owner, then).exists()

    alone = or_(
        ~with_owner(rows.c.valid_from), and_(rows.c.valid_to.is_not(None), ~with_owner(rows.c.valid_to))
    )
    for number in session.scalars(select(owner).where(alone).distinct().order_by(owner)):
        name = public_id(model.record_type, number)
        yield f"The “{field.name}” of {name} was changed without a revision."


def _wrong_versions(session: Session, kept: VersionedTable) -> Iterator[str]:
    """Yield sentences for rows that differ from their open version, are missing, or have overlapping versions."""
    table, versions = Base.metadata.tables[kept.table], VERSIONS[kept.table]
    same_key = and_(*(table.c[name] == versions.c[name] for name in kept.key))
    is_open = versions.c.valid_to.is_(None)
    differs = or_(
        *(
            table.c[name].is_(None) != versions.c[name].is_(None)
            if name in kept.blanked
            else _differs(table.c[name], versions.c[name])
            for name in kept.columns
        )
    )
    changed = select(*_key(kept, table)).outerjoin(versions, and_(same_key, is_open)).where(differs)
    yield from _listed(session, kept, changed, "differs from its newest version")
    gone = (
        select(*_key(kept, versions))
        .outerjoin(table, same_key)
        .where(is_open, table.c[kept.key[0]].is_(None))
    )
    yield from _listed(session, kept, gone, "is missing, but its newest version is open")
    yield from _listed(session, kept, _overlapping(kept, versions), "has two versions for the same time")


def _differs(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    if isinstance(one.type, JSON):  # PostgreSQL does not compare JSON
        return sql_cast(one, Text).is_distinct_from(sql_cast(other, Text))
    return one.is_distinct_from(other)


def _overlapping(kept: VersionedTable, versions: Table) -> Any:
    later = versions.alias("later")
    return select(*_key(kept, versions)).join(
        later,
        and_(
            *(later.c[name] == versions.c[name] for name in kept.key),
            later.c.valid_from > versions.c.valid_from,
            or_(versions.c.valid_to.is_(None), later.c.valid_from < versions.c.valid_to),
        ),
    )


def _key(kept: VersionedTable, table: Table) -> list[Any]:
    return [table.c[name] for name in kept.key]


def _listed(session: Session, kept: VersionedTable, query: Any, what: str) -> Iterator[str]:
    """Yield a sentence for the first few rows of `query`, and one for how many more there are."""
    for key in session.execute(query.limit(_LISTED_AT_MOST)):
        yield f"Row {', '.join(map(str, key))} of {kept.table} {what}."
    more = (session.scalar(select(func.count()).select_from(query.subquery())) or 0) - _LISTED_AT_MOST
    if more > 0:
        rows = "1 more row" if more == 1 else f"{more} more rows"
        yield f"{rows} of {kept.table} with the same problem."


def _table(model: type[Record]) -> Table:
    return cast(Table, model.__table__)
