"""The history of the records: every change set, written in the transaction of the change itself.

No service can forget it: the listener below looks at what a `WriteSession` flushes. A change made
past the unit of work (a bulk UPDATE) would leave no revision, so it is refused.
"""

import datetime
import enum
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint, event, insert, inspect, select
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, UOWTransaction, mapped_column, relationship

from claims_app.database import Base, WriteSession
from claims_app.models.account import User
from claims_app.models.mixins import Record
from claims_app.models.types import UtcDateTime, shown, term_check, term_type, utc_now
from claims_app.vocabulary import Action, RecordType, ReviewState, Role, Via

State = Mapping[str, Any]
"""The fields of a record at one version, as its history has them; what is empty is left out."""

_BOOKKEEPING = frozenset({"id", "version", "created_at", "updated_at", "added_by_id"})

GOES_WITHOUT_SAYING = {"review_state": ReviewState.ACCEPTED.value}
"""Values that the history need not tell of a record that has had no other."""


class Revision(Base):
    """One saved change of one record: who, in which role, when, through what, why, and each field before and after."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id", "version"),
        term_check("record_type", RecordType),
        term_check("action", Action),
        term_check("via", Via),
        term_check("actor_role", Role),
        Index(None, "changed_at"),
        Index(None, "actor_id", "id"),
        Index(None, "claim_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType] = mapped_column(term_type(RecordType))
    record_id: Mapped[int] = mapped_column()
    claim_id: Mapped[int | None] = mapped_column(
        doc="The claim that the record belongs to, or is. It may be gone, so it is no foreign key."
    )
    version: Mapped[int] = mapped_column(doc="The version that the change led to; a deletion counts too.")
    action: Mapped[Action] = mapped_column(term_type(Action))
    changed_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    actor_role: Mapped[Role | None] = mapped_column(term_type(Role))
    via: Mapped[Via] = mapped_column(term_type(Via))
    edit_summary: Mapped[str | None] = mapped_column()
    proposal_id: Mapped[int | None] = mapped_column(
        ForeignKey("proposals.id", ondelete="RESTRICT"), doc="The proposal that was accepted by this change."
    )
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON, doc="Field name to [before, after].")

    actor: Mapped[User | None] = relationship()

    @property
    def day(self) -> datetime.date:
        """The day of the change, in UTC."""
        return self.changed_at.date()

    def __repr__(self) -> str:
        return shown(self, "id", "record_type", "record_id", "version", "action")


class UnrecordedChange(RuntimeError):
    """A program tried to change records in a way that would leave no trace in their history."""


def _plain(value: Any) -> Any:
    """Return `value` as JSON can hold it."""
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def _name_of(item: Any) -> Any:
    """Return how an item of a list attribute is called in the history."""
    return _plain(next(getattr(item, name) for name in ("slug", "species") if hasattr(item, name)))


def _relation_history(record: Record, name: str) -> tuple[list[Any], list[Any]]:
    """Return the names in the list attribute `name` before and after the change."""
    attribute = f"{name}_rows" if f"{name}_rows" in inspect(record).attrs else name
    history = inspect(record).attrs[attribute].history
    unchanged = [_name_of(item) for item in history.unchanged or ()]
    return (
        sorted(unchanged + [_name_of(item) for item in history.deleted or ()]),
        sorted(unchanged + [_name_of(item) for item in history.added or ()]),
    )


def _goes_without_saying(name: str, value: Any) -> bool:
    return name in GOES_WITHOUT_SAYING and GOES_WITHOUT_SAYING[name] == value


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` without those that are empty or go without saying."""
    return {
        name: value
        for name, value in values.items()
        if value not in (None, []) and not _goes_without_saying(name, value)
    }


def values_of(record: Record) -> dict[str, Any]:
    """Return the fields of `record` as its history has them, without those that are empty."""
    names = [
        column.key
        for column in inspect(record).mapper.column_attrs
        if column.key not in _BOOKKEEPING
        and column.key not in record.unrecorded
        and column.key not in record.derived
    ]
    values = {name: _plain(getattr(record, name)) for name in names}
    values |= {name: sorted(_name_of(item) for item in _items(record, name)) for name in record.relations}
    return told(values)


def _items(record: Record, name: str) -> Iterable[Any]:
    """Return what is in the list attribute `name`."""
    attribute = f"{name}_rows" if f"{name}_rows" in inspect(record).attrs else name
    return cast(Iterable[Any], getattr(record, attribute))


def _claim_of(session: Session, record: Record) -> int | None:
    """Return the number of the claim that `record` belongs to, or is."""
    if record.record_type is RecordType.CLAIM:
        return record.id
    evidence_id = getattr(record, "evidence_id", None)
    if evidence_id is not None:
        items = Base.metadata.tables["evidence_items"]
        return session.scalar(select(items.c.claim_id).where(items.c.id == evidence_id))
    return getattr(record, "claim_id", None)


def _changes(record: Record, action: Action) -> Iterator[tuple[str, list[Any]]]:
    """Yield each field of `record` that changed, with its value before and after."""
    state = inspect(record)
    for column in state.mapper.column_attrs:
        if column.key in _BOOKKEEPING or column.key in record.unrecorded or column.key in record.derived:
            continue
        history = state.attrs[column.key].history
        if action is Action.UPDATE and not history.has_changes():
            continue
        value = _plain(getattr(record, column.key))
        before = (
            None
            if action is Action.CREATE
            else value
            if action is Action.DELETE
            else _plain(history.deleted[0])
            if history.deleted
            else None
        )
        after = None if action is Action.DELETE else value
        if action is not Action.UPDATE and _goes_without_saying(column.key, before or after):
            continue
        if before != after:
            yield column.key, [before, after]
    for name in record.relations:
        old, new = _relation_history(record, name)
        if action is Action.DELETE:
            old, new = new or old, []
        elif action is Action.CREATE:
            old = []
        if old != new:
            yield name, [old, new]


@event.listens_for(WriteSession, "before_flush")
def _touch_changed_records(session: WriteSession, _context: UOWTransaction, _instances: object) -> None:
    # One moment for all that a transaction changes, here and in the versions of the tables.
    # A change of a list alone (topics, species) touches no column of the record itself; the time
    # does, and so the version is counted up and compared.
    for record in session.new:
        if isinstance(record, Record):
            record.created_at = record.created_at or session.changed_at
            record.updated_at = record.updated_at or session.changed_at
    for record in session.dirty:
        if isinstance(record, Record) and session.is_modified(record):
            record.updated_at = session.changed_at
    for record in session.deleted:
        if isinstance(record, Record):
            for name in record.relations:
                getattr(record, name)  # loads it, while it can still be loaded


@event.listens_for(WriteSession, "after_flush")
def _record_revisions(session: WriteSession, _context: UOWTransaction) -> None:
    rows = []
    for records, action in (
        (session.new, Action.CREATE),
        (session.dirty, Action.UPDATE),
        (session.deleted, Action.DELETE),
    ):
        for record in records:
            if not isinstance(record, Record) or (
                action is Action.UPDATE and not session.is_modified(record)
            ):
                continue
            changes = dict(_changes(record, action))
            came_back = action is Action.CREATE and record.version > 1
            if action is Action.UPDATE and not changes and not record.unrecorded:
                continue
            merging = action is Action.UPDATE and changes.get("merged_into_id")
            rows.append(
                {
                    "record_type": record.record_type,
                    "record_id": record.id,
                    "claim_id": _claim_of(session, record),
                    "version": record.version + (action is Action.DELETE),
                    "action": Action.RESTORE
                    if came_back
                    else (Action.UNMERGE if merging[1] is None else Action.MERGE)
                    if merging
                    else action,
                    "changed_at": session.changed_at,
                    "actor_id": session.change.actor_id,
                    "actor_role": session.change.actor_role,
                    "via": session.change.via,
                    "edit_summary": session.change.summary,
                    "proposal_id": session.change.proposal_id,
                    "changes": changes,
                }
            )
    if rows:
        session.execute(insert(Revision), rows)


@event.listens_for(Session, "do_orm_execute")
def _refuse_unrecorded_changes(state: ORMExecuteState) -> None:
    if (
        (state.is_update or state.is_delete)
        and state.bind_mapper
        and issubclass(state.bind_mapper.class_, Record)
    ):
        raise UnrecordedChange(
            "Change records one by one through a session, so that each change is recorded."
        )
