"""The columns of all records: an identifier, a version for optimistic locking, and times."""

import datetime
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import FromClause
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from claims_app.models.types import utc_now
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import RecordType


@dataclass(frozen=True)
class ListField:
    """A list of a record that is stored in its own table, such as the topics of a claim."""

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
    """If the value is a foreign key: the table that it points to, and the column with the name there."""


@dataclass(frozen=True)
class Link:
    """A foreign key to another record. Linked records move when that one is merged, and prevent its deletion."""

    column: str
    called: str
    """The name of the linked records for a reader, such as “earlier versions” of a study."""

    is_part: bool = True
    """Whether the record is part of the other one, and so can be accepted only after it."""

    may_stay: bool = False
    """Whether it may remain linked to a merged record."""


class Record:
    """A record with a history: all its earlier states, and who changed it, when and why.

    `version` counts the transactions that changed the record. SQLAlchemy compares it in every UPDATE and
    DELETE, so the second of two simultaneous changes is refused.
    """

    __tablename__: str
    __table__: ClassVar[FromClause]

    record_type: ClassVar[RecordType]
    lists: ClassVar[tuple[ListField, ...]] = ()
    """The lists of the record; they are part of its history."""

    unrecorded: ClassVar[tuple[str, ...]] = ()
    """Columns left out of the history, because somebody else owns the text."""

    derived: ClassVar[tuple[str, ...]] = ()
    """Columns derived from other records. Changing them does not change the version."""

    links: ClassVar[tuple[Link, ...]] = ()
    """Its links to other records."""

    immutable: ClassVar[bool] = False
    """Whether it never changes, so that its row is its whole history."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(sort_order=1)
    created_at: Mapped[datetime.datetime] = mapped_column(default=utc_now, sort_order=1)
    updated_at: Mapped[datetime.datetime] = mapped_column(default=utc_now, sort_order=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # a class-level declaration
        # The unit of work increments the version once for each transaction, however often that flushes.
        return {"version_id_col": cls.version, "version_id_generator": False}

    @property
    def public_id(self) -> str:
        """The identifier that people use, such as CLM-1. It is never reused."""
        return public_id(self.record_type, self.id)

    @property
    def in_short(self) -> str:
        """The record in one line."""
        return self.public_id


def model_of_table(table: str) -> type[Record]:
    """Return the model of the records in a table. Raises StopIteration for a table without records."""
    return next(model for model in Record.__subclasses__() if model.__tablename__ == table)


def target_table_of(model: type[Record], column: str) -> str:
    """Return the name of the table that the foreign key of `column` points to."""
    [key] = model.__table__.c[column].foreign_keys
    return key.column.table.name
