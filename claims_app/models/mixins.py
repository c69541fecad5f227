"""What all records have: an identifier, a version for optimistic locking, and times."""

import datetime
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import FromClause
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from claims_app.models.types import UtcDateTime, utc_now
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import RecordType


@dataclass(frozen=True)
class ListField:
    """A list that belongs to a record although it is in a table of its own, such as the topics of a claim."""

    name: str
    """The attribute of the record."""

    attribute: str
    """The relationship that holds the rows."""

    table: str
    """The table of the rows."""

    owner: str
    """The column of that table that points to the record."""

    value: str
    """The column with the value."""

    named_in: tuple[str, str] | None = None
    """Where the value is a number: the table of what it points to, and the column with its name."""


@dataclass(frozen=True)
class Link:
    """A column by which records belong to another one: they move along when that is merged, and keep it there."""

    column: str
    called: str
    """What these records are called from the other one, such as “earlier versions” of a study."""

    is_part: bool = True
    """Whether the record is part of the other one, so that it is accepted after it."""

    may_stay: bool = False
    """Whether it may stay with a record that was merged into another one."""


class Record:
    """A record that is kept with its history: every state it was in, and who changed it when and why.

    `version` counts the changes of the record, one for each transaction. SQLAlchemy compares it in every
    UPDATE and DELETE, so the second of two people who change the same record at once is refused.
    """

    __tablename__: str
    __table__: ClassVar[FromClause]

    record_type: ClassVar[RecordType]
    lists: ClassVar[tuple[ListField, ...]] = ()
    """Lists that are part of the record's history although they are in other tables."""

    unrecorded: ClassVar[tuple[str, ...]] = ()
    """Columns whose values are left out of the history, because the text belongs to somebody else."""

    derived: ClassVar[tuple[str, ...]] = ()
    """Columns that follow from other records. They do not count up the version."""

    links: ClassVar[tuple[Link, ...]] = ()
    """The columns by which it belongs to other records."""

    immutable: ClassVar[bool] = False
    """Whether it is written once and never changed, so that its row is all of its history."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(sort_order=1)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)
    updated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # a class-level declaration
        # The unit of work counts: once for a transaction, however often it flushes.
        return {"version_id_col": cls.version, "version_id_generator": False}

    @property
    def public_id(self) -> str:
        """The identifier that people use, such as CLM-1. It is never given to another record."""
        return public_id(self.record_type, self.id)

    @property
    def in_short(self) -> str:
        """What it says, in one line."""
        return self.public_id


def target_table_of(model: type[Record], column: str) -> str:
    """Return the name of the table that a column with a foreign key points to."""
    [key] = model.__table__.c[column].foreign_keys
    return key.column.table.name
