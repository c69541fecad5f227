"""Merges of duplicate records, with what is needed to undo them.

The merged record keeps its row, its appraisals and its identifiers, and points to the record that was kept;
records linked to it move there. Triggers (`claims_app.triggers`) refuse any change to a merge except undoing it.
"""

import datetime
import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Table, inspect, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import StaleDataError

from claims_app.database import Base, WriteSession
from claims_app.models.account import User
from claims_app.models.record import Record
from claims_app.models.types import short_repr, utc_now
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import RecordType

_NOT_UNDONE = text("undone_at IS NULL")


class Merge(Base):
    """A merge of one record into another: when, by whom, why, and what moved."""

    __tablename__ = "merges"
    __table_args__ = (
        CheckConstraint("record_type IN ('claim', 'study')", name="record_type_term"),
        CheckConstraint("kept_id <> merged_id", name="of_two_records"),
        CheckConstraint("length(trim(reason)) >= 1 AND length(reason) <= 500", name="reason_length"),
        CheckConstraint("undone_by_id IS NULL OR undone_at IS NOT NULL", name="undone_at_some_time"),
        # A record is merged into at most one other record at a time.
        Index(
            "uq_merges_present_record_type_merged_id",
            "record_type",
            "merged_id",
            unique=True,
            sqlite_where=_NOT_UNDONE,
            postgresql_where=_NOT_UNDONE,
        ),
        Index(None, "record_type", "merged_id"),
        Index(None, "record_type", "kept_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    kept_id: Mapped[int] = mapped_column(doc="The record that was kept.")
    merged_id: Mapped[int] = mapped_column(doc="The record that was merged into the kept one.")
    reason: Mapped[str]
    merged_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    effects: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="What moved; see services.deduplication.merging."
    )
    undone_at: Mapped[datetime.datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    merged_by: Mapped[User | None] = relationship(foreign_keys=merged_by_id)
    undone_by: Mapped[User | None] = relationship(foreign_keys=undone_by_id)

    @property
    def kept_name(self) -> str:
        """The public identifier of the kept record."""
        return public_id(self.record_type, self.kept_id)

    @property
    def merged_name(self) -> str:
        """The public identifier of the merged record."""
        return public_id(self.record_type, self.merged_id)

    def __repr__(self) -> str:
        return short_repr(self, "id", "record_type", "merged_id", "kept_id", "undone_at")


class LinkedToMerged(StaleDataError):
    """A record was linked to one that has been merged into another, perhaps by a simultaneous transaction."""


def refuse_links_to_merged(session: WriteSession) -> None:
    """Raise LinkedToMerged if a new link points to a record that was merged into another."""
    # Linking and merging lock the same row, so this sees any merge that was faster.
    linked: dict[Table, set[int]] = defaultdict(set)
    for table, number in _new_links((*session.new, *session.dirty)):
        linked[table].add(number)
    for table, numbers in linked.items():
        merged = select(table.c.id).where(table.c.id.in_(numbers), table.c.merged_into_id.is_not(None))
        found = session.scalar(merged.limit(1))
        if found is not None:
            raise LinkedToMerged(f"Row {found} of {table.name} was merged into another record.")


def _new_links(records: Iterable[object]) -> Iterator[tuple[Table, int]]:
    """Yield the table and number of each new link from `records` to a table whose records can be merged."""
    for record in records:
        if not isinstance(record, Record):
            continue
        links = _links_to_mergeable(type(record))  # type: ignore[arg-type]  # mypy takes the hash of an instance
        state = inspect(record)
        for name, table in links:
            # Most new records have few links: a value that was never set has no history.
            if record.__dict__.get(name) is None:
                continue
            added = state.attrs[name].history.added
            if added and added[0] is not None:
                yield table, added[0]


@functools.cache
def _links_to_mergeable(model: type[Record]) -> tuple[tuple[str, Table], ...]:
    """Return the columns that link to records that can be merged, each with the table that it points to."""
    return tuple(
        (column.key, key.column.table)
        for column in inspect(model).column_attrs
        for key in column.columns[0].foreign_keys
        if "merged_into_id" in key.column.table.c
    )
