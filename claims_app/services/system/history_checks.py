"""Checks the history, which the triggers and the unit of work should keep complete."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, cast

from sqlalchemy import JSON, ColumnElement, Executable, Table, Text, and_, case, func, or_, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import aliased

from claims_app.database import Base
from claims_app.models import RECORD_MODELS, Record, Revision
from claims_app.models.record import ListField
from claims_app.models.versions import VERSIONS
from claims_app.rules.identifiers import public_id
from claims_app.services.core.record_states import field_names
from claims_app.services.system import checking
from claims_app.services.system.checking import Check
from claims_app.triggers import CURRENT, VersionedTable
from claims_app.vocabulary import Action

Finding = tuple[Executable, Callable[[Any], Iterator[str]]]
"""A query for problems, and the function that describes each of its rows."""


def checks() -> Iterator[Check]:
    """Yield the checks of the history."""
    for model in RECORD_MODELS.values():
        yield checking.by_query(
            f"history of {model.record_type.section}", _table(model), partial(_wrong_history, model)
        )
    for kept in CURRENT.versioned:
        yield checking.by_query(
            f"versions of {kept.table}", VERSIONS[kept.table], partial(_wrong_versions, kept)
        )


def _wrong_history(model: type[Record]) -> Iterator[Finding]:
    yield from _wrong_revisions(model)
    if not model.immutable:
        yield _unrecorded_changes(model)
    for field in model.lists:
        yield _unrecorded_list(model, field)


def _wrong_revisions(model: type[Record]) -> Iterator[Finding]:
    """Yield the queries for records whose newest revision does not match their version."""
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

    def without_revision(row: Any) -> Iterator[str]:
        name = public_id(model.record_type, row.id)
        yield f"{name} is at version {row.version}, but its history has no such version."

    yield wrong.where(is_wrong).order_by(table.c.id), without_revision
    latest = select(func.max(Revision.id)).where(Revision.record_type == model.record_type)
    lost = (
        select(Revision.record_id)
        .where(Revision.id.in_(latest.group_by(Revision.record_id)), Revision.action != Action.DELETE)
        .where(Revision.record_id.not_in(select(table.c.id)))
    )

    def without_deletion(row: Any) -> Iterator[str]:
        yield f"{public_id(model.record_type, row.record_id)} is missing, but its history has no deletion."

    yield lost, without_deletion


def _unrecorded_changes(model: type[Record]) -> Finding:
    """Return the query for fields that changed without a new version, and so without a revision."""
    earlier = VERSIONS[_table(model).name].alias("earlier")
    later = VERSIONS[_table(model).name].alias("later")
    same = and_(
        later.c.id == earlier.c.id,
        later.c.version == earlier.c.version,
        later.c.valid_from > earlier.c.valid_from,
    )
    names = sorted(field_names(model))
    differing = [_differs(earlier.c[name], later.c[name]) for name in names]
    # One row for each record, with the number of changes of each field.
    counts = [func.sum(case((differs, 1), else_=0)) for differs in differing]
    changed = select(later.c.id, *counts).join(earlier, same).where(or_(*differing))

    def describe(row: Any) -> Iterator[str]:
        for name, times in zip(names, row[1:], strict=True):
            if times:
                yield f"The “{name}” of {public_id(model.record_type, row[0])} was changed without a revision."

    return changed.group_by(later.c.id).order_by(later.c.id), describe


def _unrecorded_list(model: type[Record], field: ListField) -> Finding:
    """Return the query for records whose list changed at the time of none of their revisions."""
    rows, owners = VERSIONS[field.table], VERSIONS[_table(model).name]
    owner = rows.c[field.owner]

    def with_owner(moment: ColumnElement[Any]) -> ColumnElement[bool]:
        then = or_(owners.c.valid_from == moment, owners.c.valid_to == moment)
        return select(owners.c.id).where(owners.c.id == owner, then).exists()

    alone = or_(
        ~with_owner(rows.c.valid_from), and_(rows.c.valid_to.is_not(None), ~with_owner(rows.c.valid_to))
    )

    def describe(row: Any) -> Iterator[str]:
        yield f"The “{field.name}” of {public_id(model.record_type, row[0])} was changed without a revision."

    return select(owner).where(alone).distinct().order_by(owner), describe


def _wrong_versions(kept: VersionedTable) -> Iterator[Finding]:
    """Yield the queries for rows that differ from their open version, are missing, or have overlapping versions."""
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
    yield changed.order_by(*_key(kept, table)), partial(_named, kept, "differs from its newest version")
    gone = (
        select(*_key(kept, versions))
        .outerjoin(table, same_key)
        .where(is_open, table.c[kept.key[0]].is_(None))
    )
    yield gone, partial(_named, kept, "is missing, but its newest version is open")
    yield _overlapping(kept, versions), partial(_named, kept, "has two versions for the same time")


def _named(kept: VersionedTable, what: str, key: Sequence[Any]) -> Iterator[str]:
    """Yield the sentence that the row with this key is `what`."""
    model = next((one for one in RECORD_MODELS.values() if one.__tablename__ == kept.table), None)
    if model is not None:
        yield f"{public_id(model.record_type, key[0])} {what}."
    else:
        yield f"Row {', '.join(map(str, key))} of {kept.table} {what}."


def _differs(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[bool]:
    if isinstance(one.type, JSON):  # PostgreSQL does not compare JSON
        return sql_cast(one, Text).is_distinct_from(sql_cast(other, Text))
    return one.is_distinct_from(other)


def _overlapping(kept: VersionedTable, versions: Table) -> Any:
    later = versions.alias("later")
    pairs = select(*_key(kept, versions)).join(
        later,
        and_(
            *(later.c[name] == versions.c[name] for name in kept.key),
            later.c.valid_from > versions.c.valid_from,
            or_(versions.c.valid_to.is_(None), later.c.valid_from < versions.c.valid_to),
        ),
    )
    return pairs.distinct()


def _key(kept: VersionedTable, table: Table) -> list[Any]:
    return [table.c[name] for name in kept.key]


def _table(model: type[Record]) -> Table:
    return cast(Table, model.__table__)
