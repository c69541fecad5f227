"""Revisions: who changed a record, when, through which interface and why, and to which version.

The fields of a record at each version are in the version tables (`models.versions`), where
`services.core.record_states` reads them. A change that bypasses the unit of work would leave no revision, so it is
refused.
"""

import dataclasses
import datetime
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ForeignKey, Index, UniqueConstraint, insert, inspect, select
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, relationship

from claims_app.database import Base, Change, WriteSession
from claims_app.models.account import User
from claims_app.models.record import Record, model_of_table, target_table_of
from claims_app.models.types import checks, short_repr, term_check, utc_now
from claims_app.rules import schemas
from claims_app.vocabulary import Action, RecordType, Role, Via

FieldChanges = Mapping[str, list[Any]]
"""Each field that changed, with its value before and after: [before, after]."""


class Revision(Base):
    """One saved change of one record: who, in which role, when, through which interface, why, and its version."""

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("record_type", "record_id", "version"),
        *checks(schemas.REVISION),
        term_check("action", Action),
        term_check("via", Via),
        term_check("actor_role", Role),
        Index(None, "changed_at"),
        Index(None, "actor_id", "id"),
        Index(None, "claim_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    record_id: Mapped[int]
    claim_id: Mapped[int | None] = mapped_column(
        doc="The claim that the record is or belongs to. No foreign key: it may be deleted."
    )
    version: Mapped[int] = mapped_column(doc="The version after the change; a deletion is a version too.")
    action: Mapped[Action]
    changed_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    actor_role: Mapped[Role | None]
    via: Mapped[Via]
    edit_summary: Mapped[str | None]
    proposal_id: Mapped[int | None] = mapped_column(
        ForeignKey("proposals.id", ondelete="RESTRICT"),
        doc="The accepted proposal that this change carried out.",
    )

    actor: Mapped[User | None] = relationship()

    @property
    def changes(self) -> FieldChanges:
        """Each field before and after.

        Raises RuntimeError unless `services.core.record_states.read_changes` was called for this revision.
        """
        if "_changes" not in self.__dict__:
            raise RuntimeError("Call read_changes for these revisions first.")
        return cast(FieldChanges, self.__dict__["_changes"])

    @changes.setter
    def changes(self, found: FieldChanges) -> None:
        self.__dict__["_changes"] = found

    @property
    def day(self) -> datetime.date:
        """The day of the change, in UTC."""
        return self.changed_at.date()

    def __repr__(self) -> str:
        return short_repr(self, "id", "record_type", "record_id", "version", "action")


class UnrecordedChange(RuntimeError):
    """A program tried to change records in a way that would leave no revision."""


@dataclass(frozen=True)
class PendingRevision:
    """What a transaction has done to one record so far; the commit turns it into one revision."""

    change: Change
    action: Action
    claim_id: int | None
    version: int
    is_new: bool
    """Whether the transaction created the record."""


def note_changes(session: WriteSession) -> None:
    """Note what a flush did to each record, for `write_revisions`.

    All flushes of a transaction count as one change of the record.
    """
    for record in session.new:
        if isinstance(record, Record):
            # A restored record continues with the version after its deletion.
            action = Action.RESTORE if record.version > 1 else Action.CREATE
            _note(session, record, action)
    for record in session.dirty:
        if isinstance(record, Record) and session.is_modified(record):
            _note(session, record, _kind_of_update(record))
    for record in session.deleted:
        if isinstance(record, Record):
            _note(session, record, Action.DELETE)


def _note(session: WriteSession, record: Record, action: Action) -> None:
    """Add an action on a record to its pending revision, or start one."""
    key = (record.record_type, record.id)
    before: PendingRevision | None = session.pending.get(key)
    if before is None:
        deleted = action is Action.DELETE
        session.pending[key] = PendingRevision(
            session.change,
            action,
            claim_of(session, record),
            record.version + deleted,
            is_new=action is Action.CREATE,
        )
    elif before.is_new and action is Action.DELETE:
        session.pending[key] = None  # created and deleted in one transaction: leaves no revision
    else:
        session.pending[key] = dataclasses.replace(
            before,
            action=before.action if action is Action.UPDATE else action,
            claim_id=claim_of(session, record),
            version=max(before.version, record.version),
        )


def _kind_of_update(record: Record) -> Action:
    """Return the action of an update: a merge, an undone merge, or a change of fields."""
    if "merged_into_id" not in inspect(record).attrs:
        return Action.UPDATE
    history = inspect(record).attrs["merged_into_id"].history
    if not history.has_changes():
        return Action.UPDATE
    return Action.UNMERGE if history.added[0] is None else Action.MERGE


def write_revisions(session: WriteSession) -> None:
    """Write a revision for each record that the transaction has changed."""
    rows = [
        {
            "record_type": record_type,
            "record_id": number,
            "claim_id": pending.claim_id,
            "version": pending.version,
            "action": pending.action,
            "changed_at": session.changed_at,
            "actor_id": pending.change.actor_id,
            "actor_role": pending.change.actor_role,
            "via": pending.change.via,
            "edit_summary": pending.change.summary,
            "proposal_id": pending.change.proposal_id,
        }
        for (record_type, number), pending in session.pending.items()
        if pending is not None
    ]
    session.pending.clear()
    if rows:
        # The table is written without the cost of the ORM.
        session.execute(insert(Base.metadata.tables["revisions"]), rows)


def claim_of(session: Session, record: Record) -> int | None:
    """Return the number of the claim that `record` is or belongs to, or None. A proposal has that of its record."""
    return _linked(session, record, "claims")


def study_of(session: Session, record: Record) -> int | None:
    """Return the number of the study that `record` is or belongs to, or None."""
    return _linked(session, record, "studies")


def _linked(session: Session, record: Record, table: str) -> int | None:
    """Return the number of the row in `table` that `record` is, or is part of directly or through its parent."""
    if record.__tablename__ == table:
        return record.id
    for column, target in _parents(type(record)).items():  # type: ignore[arg-type]  # mypy takes the hash of an instance
        number = getattr(record, column)
        if number is None:
            continue
        if target == table:
            return int(number)
        parent = model_of_table(target)
        for of_parent, above in _parents(parent).items():  # type: ignore[arg-type]
            if above == table:
                loaded = session.identity_map.get(session.identity_key(parent, number))
                if loaded is not None and of_parent in loaded.__dict__:
                    return cast(int | None, getattr(loaded, of_parent))
                rows = parent.__table__.c
                return session.scalar(select(rows[of_parent]).where(rows.id == number))
    return getattr(record, "claim_id", None) if table == "claims" else None


@functools.cache
def _parents(model: type[Record]) -> dict[str, str]:
    """Return the columns that link a record type to its parents, each with the table that it points to."""
    return {link.column: target_table_of(model, link.column) for link in model.links if link.is_part}


def count_versions(session: WriteSession) -> None:
    """Increment the version of each record that is about to be changed, once for each transaction.

    All changes of a transaction have the same time. It is later than the last change of each record, even if the
    clock went back or another transaction was faster, so that no version is lost. A change of a list alone
    (topics, species) changes no column of the record, so the version shows it.
    """
    changed = [r for r in session.dirty if isinstance(r, Record) and session.is_modified(r)]
    deleted = [r for r in session.deleted if isinstance(r, Record)]
    begun = [r for r in (*changed, *deleted) if (r.record_type, r.id) not in session.pending]
    latest = max((record.updated_at for record in begun), default=None)
    if latest is not None:
        session.move_past(latest)
    for record in session.new:
        if isinstance(record, Record):
            record.version = record.version or 1
            record.created_at = record.created_at or session.changed_at
            record.updated_at = record.updated_at or session.changed_at
    for record in changed:
        if (record.record_type, record.id) not in session.pending:
            record.version += 1
        record.updated_at = session.changed_at


def refuse_unrecorded_changes(state: ORMExecuteState) -> None:
    """Raise UnrecordedChange for a bulk UPDATE or DELETE of records, which would leave no revisions."""
    if (
        (state.is_update or state.is_delete)
        and state.bind_mapper
        and issubclass(state.bind_mapper.class_, Record)
    ):
        raise UnrecordedChange(
            "Change records one by one through a session, so that each change is recorded."
        )
