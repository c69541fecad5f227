"""Reads the fields of records at past versions, and what each revision changed, from the version tables."""

import datetime
import enum
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, func, inspect, select, tuple_
from sqlalchemy.orm import Session, aliased

from claims_app.models import RECORD_MODELS, Record, Revision
from claims_app.models.record import ListField
from claims_app.models.revision import FieldChanges
from claims_app.models.versions import VERSIONS
from claims_app.vocabulary import Action, RecordType, ReviewState

State = Mapping[str, Any]
"""The fields of a record at one version, as JSON values; empty fields and default values are left out."""

Key = tuple[int, int]
"""The number of a record and its version."""

_BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at", "added_by_id"})
_DEFAULTS = {"review_state": ReviewState.ACCEPTED.value}
_AT_ONCE = 400

EDITS = frozenset({Action.UPDATE, Action.MERGE, Action.UNMERGE})
"""The actions that change fields of a record, rather than create or delete it."""


def state_of(record: Record) -> State:
    """Return the current fields of `record`."""
    values = {name: _plain(getattr(record, name)) for name in field_names(type(record))}
    for field in record.lists:
        named = field.named_in[1] if field.named_in else field.value
        values[field.name] = sorted(_plain(getattr(item, named)) for item in getattr(record, field.attribute))
    return _without_defaults(values)


def state_at(session: Session, record_type: RecordType, number: int, version: int) -> State:
    """Return the fields of a record at one version; empty if it has no such version."""
    return states_at(session, record_type, [(number, version)]).get((number, version), {})


def states_at(session: Session, record_type: RecordType, wanted: Collection[Key]) -> dict[Key, State]:
    """Return the fields of records of one type at the `wanted` versions, with a constant number of queries for 400."""
    found: dict[Key, State] = {}
    keys = sorted(set(wanted))
    for begin in range(0, len(keys), _AT_ONCE):
        found |= _states(session, RECORD_MODELS[record_type], keys[begin : begin + _AT_ONCE])
    return found


def read_changes(session: Session, revisions: Iterable[Revision]) -> list[Revision]:
    """Fill `changes` of each of the `revisions`, with few queries for all of them, and return them."""
    listed = list(revisions)
    around = states_around(session, listed)
    for revision in listed:
        revision.changes = _changes(revision.record_type, revision.action, *around[revision.id])
    return listed


def states_around(session: Session, revisions: Collection[Revision]) -> dict[int, tuple[State, State]]:
    """Return the fields before and after each of the `revisions`, by their numbers; empty where there was no record."""
    by_type: dict[RecordType, list[Revision]] = defaultdict(list)
    for revision in revisions:
        by_type[revision.record_type].append(revision)
    before = _versions_before(session, [revision.id for revision in revisions])
    found: dict[int, tuple[State, State]] = {}
    for record_type, of_type in by_type.items():
        wanted = {(r.record_id, r.version) for r in of_type}
        wanted |= {(r.record_id, before[r.id]) for r in of_type if r.id in before}
        states = states_at(session, record_type, wanted)
        for revision in of_type:
            then = states.get((revision.record_id, before.get(revision.id, 0)), {})
            found[revision.id] = (then, states.get((revision.record_id, revision.version), {}))
    return found


def read_edits(session: Session, revisions: Iterable[Revision]) -> list[Revision]:
    """Fill `changes` of those revisions that changed fields of a record, and return all of them.

    Lists of revisions show no fields for a record that was created or deleted.
    """
    listed = list(revisions)
    read_changes(session, [revision for revision in listed if revision.action in EDITS])
    return listed


def field_names(model: type[Record]) -> list[str]:
    """Return the columns of a model that are part of its history."""
    left_out = _BOOKKEEPING.union(model.unrecorded, model.derived)
    return [column.key for column in inspect(model).column_attrs if column.key not in left_out]


def differences(
    model: type[Record], before: State, after: State, defaults: Mapping[str, Any] = _DEFAULTS
) -> FieldChanges:
    """Return the fields in which two states of a record differ, with both values.

    `defaults` are the values of fields that a state leaves out; a record that did not exist had none.
    """
    names = [*field_names(model), *(field.name for field in model.lists)]
    empty: dict[str, Any] = {**defaults, **{field.name: [] for field in model.lists}}
    both = {name: (before.get(name, empty.get(name)), after.get(name, empty.get(name))) for name in names}
    return {name: [old, new] for name, (old, new) in both.items() if old != new}


def _changes(record_type: RecordType, action: Action, then: State, now: State) -> FieldChanges:
    """Return the fields that a revision changed; creation starts and deletion ends with empty fields."""
    model = RECORD_MODELS[record_type]
    if action in EDITS:
        return differences(model, then, now)
    if action is Action.DELETE:
        return differences(model, then, {}, defaults={})
    return differences(model, {}, now, defaults={})


def _versions_before(session: Session, revision_ids: Sequence[int]) -> dict[int, int]:
    """Return the version before each of the revisions, by revision number, if there was one."""
    if not revision_ids:
        return {}
    earlier = aliased(Revision)
    before = (
        select(func.max(earlier.version))
        .where(
            earlier.record_type == Revision.record_type,
            earlier.record_id == Revision.record_id,
            earlier.version < Revision.version,
        )
        .scalar_subquery()
    )
    found: dict[int, int] = {}
    for begin in range(0, len(revision_ids), _AT_ONCE):
        some = revision_ids[begin : begin + _AT_ONCE]
        rows = session.execute(select(Revision.id, before).where(Revision.id.in_(some)))
        found |= {number: version for number, version in rows if version is not None}
    return found


def _states(session: Session, model: type[Record], keys: Sequence[Key]) -> dict[Key, State]:
    """Return the fields of records at versions, for few enough `keys` for one query."""
    table = cast(Table, model.__table__) if model.immutable else VERSIONS[model.__tablename__]
    began = table.c.created_at if model.immutable else table.c.valid_from
    names = field_names(model)
    rows = session.execute(
        select(table.c.id, table.c.version, began, *(table.c[name] for name in names))
        # SQLite finds rows by an index for the numbers alone, not for the pairs.
        .where(table.c.id.in_({number for number, _ in keys}), tuple_(table.c.id, table.c.version).in_(keys))
        .order_by(began)  # of rows that differ only in derived columns, the last one wins
    ).all()
    values: dict[Key, dict[str, Any]] = {}
    moments: dict[Key, datetime.datetime] = {}
    for number, version, moment, *fields in rows:
        values[number, version] = dict(zip(names, map(_plain, fields), strict=True))
        moments[number, version] = moment
    for field in model.lists:
        for key, items in _lists_at(session, field, moments).items():
            values[key][field.name] = items
    return {key: _without_defaults(state) for key, state in values.items()}


def _lists_at(
    session: Session, field: ListField, moments: Mapping[Key, datetime.datetime]
) -> dict[Key, list[Any]]:
    """Return the list of each record at its version, with the names of the items at that time."""
    table = VERSIONS[field.table]
    owner, value = table.c[field.owner], table.c[field.value]
    times = [table.c.valid_from, table.c.valid_to]
    query = select(owner, value, *times, *times)
    if field.named_in is not None:
        names = VERSIONS[field.named_in[0]]
        query = select(owner, names.c[field.named_in[1]], *times, names.c.valid_from, names.c.valid_to)
        query = query.join_from(table, names, names.c.id == value)
    rows = session.execute(query.where(owner.in_({number for number, _ in moments}))).all()
    items: dict[Key, list[Any]] = {key: [] for key in moments}
    for key, moment in moments.items():
        for number, item, begin, end, named_from, named_to in rows:
            if (
                number == key[0]
                and _was_valid(moment, begin, end)
                and _was_valid(moment, named_from, named_to)
            ):
                items[key].append(_plain(item))
    return {key: sorted(listed) for key, listed in items.items()}


def _was_valid(moment: datetime.datetime, begin: datetime.datetime, end: datetime.datetime | None) -> bool:
    return begin <= moment and (end is None or end > moment)


def _without_defaults(values: Mapping[str, Any]) -> State:
    return {
        name: value
        for name, value in values.items()
        if value not in (None, []) and _DEFAULTS.get(name) != value
    }


def _plain(value: Any) -> Any:
    """Return `value` as a JSON value."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value
