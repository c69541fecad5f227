"""Plans the import of CSV files that were exported from this database."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Profile
from claims_app.models import Claim, EvidenceItem, Record
from claims_app.permissions import Permission
from claims_app.rules.arms import disagreement
from claims_app.rules.fields import Schema
from claims_app.rules.identifiers import parse_public_id
from claims_app.rules.text import whole_number
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import DuplicateEvidence, Gone, Invalid, Merged, NotFound, ServiceError
from claims_app.services.core.many import one_of
from claims_app.services.core.record_states import state_of
from claims_app.services.pages.page_queries import before_others
from claims_app.services.records.kinds import KINDS, form_values, form_values_at, writing_of
from claims_app.services.records.studies import DEFAULT_VALUES
from claims_app.services.transfer.importing import applying, cells, new_rows
from claims_app.services.transfer.importing.fresh import Fresh
from claims_app.services.transfer.importing.model import Difference, PlannedRow
from claims_app.services.transfer.importing.tables import Layout, Table, TableRow
from claims_app.services.transfer.lists import objects
from claims_app.vocabulary import RecordType, RowState

PARENTS: dict[RecordType, tuple[tuple[str, type[Claim] | type[EvidenceItem]], ...]] = {
    RecordType.EVIDENCE: (("claim_id", Claim),),
    RecordType.LIMITATION: (("claim_id", Claim), ("evidence_id", EvidenceItem)),
}
"""The columns that name the record a row belongs to."""

# Values for a new row that leaves these fields empty; the same as in the forms.
DEFAULTS: dict[RecordType, dict[str, object]] = {
    RecordType.CLAIM: {"status": "active"},
    RecordType.STUDY: dict(DEFAULT_VALUES),
    RecordType.EVIDENCE: {"directness": "unknown", "risk_of_bias": "not_assessed"},
    RecordType.LIMITATION: {},
}


class _Refused(Exception):
    """The row is rejected; the reasons name the column and its value."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


def reading_of(table: Table) -> cells.Reading:
    """Return how the cells of `table` are read.

    This matters for changed cells only, since unchanged ones are recognised in both profiles. They are read in the
    safe profile: it removes one leading apostrophe that protects a cell. That is right for raw files as well, because
    a raw cell rarely starts with an apostrophe in front of a character that needs protection.
    """
    return cells.Reading(Profile.SAFE, comma_decimals=table.separator == ";")


def plan_rows(
    session: WriteSession,
    table: Table,
    rows: Sequence[TableRow],
    base_url: str,
    fresh: Fresh | None = None,
) -> Iterator[PlannedRow]:
    """Yield the plan for each of `rows`. Changes are tried out and undone, so nothing is saved.

    With `fresh`, the rows are written once all of them are planned, so it ends before a row whose plan depends on one
    of them.
    """
    found = _records(session, table.layout, [_cell(table, row, table.layout.key) for row in rows])
    shown = {
        record.public_id: tuple(row.values())[: len(table.layout.columns)]
        for record, row in zip(
            found.values(),
            objects(session, table.layout.name, [record.id for record in found.values()], base_url),
            strict=True,
        )
    }
    new = _read_new(table, rows)
    valid = new_rows.valid(session, [one for one in new.values() if isinstance(one, PlannedRow)])
    for row in rows:
        name = _cell(table, row, table.layout.key).strip().upper()
        record = found.get(name)
        try:
            if row.problem:
                raise _Refused(row.problem)
            if not name:
                planned = new[row.line]
                if isinstance(planned, _Refused):
                    raise planned
            elif record is None:
                raise _Refused(_absent(session, table.layout, name))
            else:
                planned = _known(session, table, row, record, shown[name])
            keys = new_rows.keys_of(planned, record)
            if fresh is not None and fresh.changes(keys):
                return
            if planned.is_active and row.line not in valid:
                _try(session, planned, {**(form_values(session, record) if record else {}), **planned.values})
            if fresh is not None and planned.is_taken:
                fresh.add(keys)
        except _Refused as refused:
            if fresh is not None and record is not None and fresh.changes([name]):
                return
            planned = PlannedRow(
                line=row.line,
                state=RowState.REFUSED,
                record_type=table.layout.record_type,
                label=_label(table, row, record),
                target=name or None,
                reasons=refused.reasons,
                source=table.source(row.cells),
            )
        yield planned


def _read_new(table: Table, rows: Sequence[TableRow]) -> dict[int, PlannedRow | _Refused]:
    """Return the plans for the rows without an identifier, or why they are refused, by line; they are not tried out."""
    found: dict[int, PlannedRow | _Refused] = {}
    for row in rows:
        if not row.problem and not _cell(table, row, table.layout.key).strip():
            try:
                found[row.line] = _new(table, row)
            except _Refused as refused:
                found[row.line] = refused
    return found


def _records(session: Session, layout: Layout, names: Sequence[str]) -> dict[str, Record]:
    """Return those of the named records that are there and were not merged, by name."""
    model = _model(layout)
    numbers = {number for name in names if (number := parse_public_id(layout.record_type, name)) is not None}
    if not numbers:
        return {}
    listed = session.scalars(select(model).where(one_of(session, model.id, numbers)).order_by(model.id)).all()
    return {record.public_id: record for record in listed if records.resolve_merge(session, record) is record}


def _model(layout: Layout) -> type[Record]:
    model = KINDS[layout.record_type].model
    assert isinstance(model, type)
    return model


def _absent(session: Session, layout: Layout, name: str) -> str:
    """Return the reason why there is no record with this identifier."""
    try:
        records.find(session, _model(layout), name)
    except (NotFound, Gone, Merged) as error:
        return f"Column {layout.key}: {error} Leave it empty for a new record."
    return f"Column {layout.key}: there is no “{name}”."


def _known(
    session: WriteSession, table: Table, row: TableRow, record: Record, shown: Sequence[Any]
) -> PlannedRow:
    """Return the plan for a row about `record`; `shown` is its current row in an export. Raises _Refused."""
    layout, schema = table.layout, KINDS[table.layout.record_type].schema
    now = dict(zip((column.name for column in layout.columns), shown, strict=True))
    values, reasons, notes = _changed(table, row, schema, layout, now)
    if reasons:
        raise _Refused(*reasons)
    # Most rows of an edited file are as they were, and need no more of the record.
    then = raw = form_values(session, record) if values else {}
    values = {n: value for n, value in values.items() if not _equal(schema, n, value, raw[n])}
    version = _version(table, row, record)
    if "version" in table.names and version is None:
        notes.append("The version is missing, so later changes of the record cannot be detected.")
    seen = record.version if version is None else version
    if seen < record.version:
        # What changed since the file was exported is not an edit, and its columns are not worth a note.
        notes = []
    if values and seen < record.version:
        then = form_values_at(session, schema, {**state_of(record), **before_others(session, record, seen)})
        # A value that the record had when the file was exported is not an edit.
        values = {n: value for n, value in values.items() if not _equal(schema, n, value, then[n])}
    row_of: dict[str, Any] = {
        "line": row.line,
        "record_type": layout.record_type,
        "label": _label(table, row, record),
        "target": record.public_id,
        "version": record.version,
        "source": table.source(row.cells),
    }
    if not values:
        return PlannedRow(state=RowState.UNCHANGED, reasons=notes, **row_of)
    differences = [
        Difference(
            name=name,
            label=schema.field(name).label,
            now=_words(raw[name]),
            new=_words(value),
            base=None if _equal(schema, name, then[name], raw[name]) else _words(then[name]),
        )
        for name, value in values.items()
    ]
    return PlannedRow(
        state=RowState.CONFLICT if seen < record.version else RowState.CHANGED,
        values=values,
        differences=differences,
        reasons=[*notes, *_warnings(layout, {**raw, **values})],
        **row_of,
    )


def _new(table: Table, row: TableRow) -> PlannedRow:
    """Return the plan for a row without an identifier, which is a new record. Raises _Refused."""
    layout, schema = table.layout, KINDS[table.layout.record_type].schema
    values, reasons, _ = _changed(table, row, schema, layout, {})
    if reasons:
        raise _Refused(*reasons)
    values = {
        **DEFAULTS[layout.record_type],
        **{name: value for name, value in values.items() if value not in ("", [])},
    }
    parents = [
        _cell(table, row, name).strip().upper()
        for name, model in PARENTS.get(layout.record_type, ())
        if _cell(table, row, name).strip()
    ]
    if layout.record_type in PARENTS and len(parents) != 1:
        which = " or ".join(name for name, _ in PARENTS[layout.record_type])
        raise _Refused(f"Column {which}: enter the record that the new one belongs to.")
    return PlannedRow(
        line=row.line,
        state=RowState.NEW,
        record_type=layout.record_type,
        label=_label(table, row, None),
        parent=parents[0] if parents else None,
        values=values,
        reasons=_warnings(layout, values),
        source=table.source(row.cells),
    )


def _warnings(layout: Layout, raw: Mapping[str, object]) -> list[str]:
    """Return a warning if the estimate of evidence differs from the one that its groups give."""
    if layout.record_type is not RecordType.EVIDENCE:
        return []
    values, _ = KINDS[RecordType.EVIDENCE].schema.clean(raw)
    sentence = disagreement(values)
    return [sentence] if sentence else []


def _changed(
    table: Table, row: TableRow, schema: Schema, layout: Layout, now: Mapping[str, Any]
) -> tuple[dict[str, object], list[str], list[str]]:
    """Compare a row with `now`, the current values by column (empty for a new record).

    Returns the changed values by field, the reasons to reject the row, and notes about changes that are ignored.
    """
    reading = reading_of(table)
    fields = {field.name for field in schema.fields}
    if layout.record_type is RecordType.CLAIM:
        fields.discard("url")
    parents = {name for name, _ in PARENTS.get(layout.record_type, ())}
    values: dict[str, object] = {}
    reasons, notes = [], []
    written = _as_written(layout, now) if now else {}
    for name, cell in zip(table.names, row.cells, strict=True):
        column = layout.column(name)
        if column is None or name in (layout.key, "version"):
            continue
        if now and cells.is_as_written(cell, written[name]):
            continue
        try:
            value = cells.understand(column, cell, now.get(name), reading)
        except cells.Same:
            continue
        except ValueError as error:
            if name in fields or name in parents:
                shown = cell if len(cell) <= 60 else cell[:59] + "…"
                reasons.append(f"Column {name}: {error} (Value: “{shown}”.)")
            continue
        if name in fields:
            values[name] = value
        elif name in parents and now:
            if value:
                reasons.append(
                    f"Column {name}: the record belongs to {now[name] or 'another record'} and cannot be moved."
                )
        elif now and name not in ("created_at", "updated_at", "appraised_at", "last_searched_at"):
            notes.append(f"Column {name} is computed; its value in the file is ignored.")
    return values, reasons, notes


def _as_written(layout: Layout, now: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the cells of a record by column, as they are exported in the safe and in the raw profile."""
    columns, values = list(layout.columns), list(now.values())
    safe, raw = (cells.written(columns, values, profile) for profile in (Profile.SAFE, Profile.RAW))
    return {column.name: (one, other) for column, one, other in zip(columns, safe, raw, strict=True)}


def _version(table: Table, row: TableRow, record: Record) -> int | None:
    # A program that reads numbers as decimal ones writes them with a point.
    cell = _cell(table, row, "version").strip().removesuffix(".0")
    if not cell:
        return None
    if not 1 <= (whole_number(cell) or 0) <= record.version:
        raise _Refused(
            f"Column version: {record.public_id} is at version {record.version}. (Value: “{cell[:60]}”.)"
        )
    return int(cell)


def _try(session: WriteSession, planned: PlannedRow, raw: Mapping[str, object]) -> None:
    """Try out `planned`, which would give its record the values in `raw`. Raises _Refused with the reasons."""
    try:
        if planned.target is None:
            new_rows.check(session, planned, raw)
        else:
            record = applying.find(session, planned)
            authorization.require(session, Permission.EDIT, record)
            with authorization.trying_out(session):
                writing_of(planned.record_type).update(session, record, record.version, raw)
    except Invalid as refused:
        raise _Refused(
            *(f"Column {name}: {' '.join(sentences)}" for name, sentences in refused.errors.items())
        ) from None
    except DuplicateEvidence as error:
        raise _Refused(f"{error} Change that item instead.") from None
    except ServiceError as error:
        raise _Refused(str(error)) from None


def _equal(schema: Schema, name: str, one: object, other: object) -> bool:
    """Return whether two values of a field are the same when stored."""
    return _stored(schema, name, one) == _stored(schema, name, other)


def _stored(schema: Schema, name: str, value: object) -> object:
    try:
        stored = schema.field(name).clean(value)
    except ValueError:
        return value
    return sorted(stored) if isinstance(stored, list) else stored


def _cell(table: Table, row: TableRow, name: str) -> str:
    if name not in table.names or row.problem:
        return ""
    return row.cells[table.names.index(name)]


def _label(table: Table, row: TableRow, record: Record | None) -> str:
    for name in ("statement", "title", "summary", "text"):
        if record is not None and isinstance(getattr(record, name, None), str):
            return str(getattr(record, name))[:200]
        if _cell(table, row, name):
            return _cell(table, row, name)[:200]
    return ""


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
