"""What all records have: an identifier, a version for optimistic locking, and times."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from claims_app.models.types import UtcDateTime, utc_now
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import RecordType

_first_version = ContextVar("first_version", default=1)


@contextmanager
def beginning_at(version: int) -> Iterator[None]:
    """Let the records that are made in this block begin at `version`: they were there before, and deleted."""
    token = _first_version.set(version)
    try:
        yield
    finally:
        _first_version.reset(token)


def _next_version(version: int | None) -> int:
    return _first_version.get() if version is None else version + 1


class Record:
    """A record that is kept with its history; see `models.revision`.

    `version` is counted up by each change of the record. SQLAlchemy compares it in every UPDATE and
    DELETE, so that the second of two people who change the same record at once is told.
    """

    record_type: ClassVar[RecordType]
    relations: ClassVar[tuple[str, ...]] = ()
    """Names of list attributes that belong to the record's history although they are in other tables."""
    unrecorded: ClassVar[tuple[str, ...]] = ()
    """Columns whose values are left out of the history, because they are somebody else's text."""

    derived: ClassVar[tuple[str, ...]] = ()
    """Columns that follow from other records. The history has those, and they count up no version."""

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-1)
    version: Mapped[int] = mapped_column(sort_order=1)
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)
    updated_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now, sort_order=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # a class-level declaration
        return {"version_id_col": cls.version, "version_id_generator": _next_version}

    @property
    def public_id(self) -> str:
        """The identifier that people use, such as CLM-1. It is never given to another record."""
        return public_id(self.record_type, self.id)
