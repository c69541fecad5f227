"""What a kind of record is: one descriptor, in the module that writes records of this kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Mergeable, Record, Reviewed
from claims_app.rules.fields import Schema
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.core.record_states import State
from claims_app.vocabulary import RecordType

Create = Callable[[Session, State, Mapping[str, object], Any], Record]
"""Makes a record: of what it was (when it comes back), of what was typed, in the empty record that is given."""

Update = Callable[[Session, Any, int, Mapping[str, object]], Record]
"""Gives a record, which was read at a version, what was typed."""

Delete = Callable[[Session, Any, int], None]
"""Deletes a record, which was read at a version."""


@dataclass(frozen=True)
class Writing:
    """The functions through which records of a kind are made, changed and deleted."""

    create: Create
    update: Update
    delete: Delete


@dataclass(frozen=True)
class RecordKind:
    """A kind of record: its model, the schema of its fields, and how it is written.

    Kinds without `writing` are written in their own ways, and neither reverted, restored nor proposed.
    """

    model: type[Record]
    schema: Schema
    writing: Writing | None = None

    @property
    def record_type(self) -> RecordType:
        """The term for it."""
        return self.model.record_type

    @property
    def is_reviewed(self) -> bool:
        """Whether new records of it wait for review where that is required."""
        return issubclass(self.model, Reviewed)

    @property
    def is_mergeable(self) -> bool:
        """Whether two records of it can be merged."""
        return issubclass(self.model, Mergeable)


def parent_of(session: Session, model: type[records.R], number: int) -> records.R:
    """Return the record that another one belongs to, to bring that one back. Raises Refused if it is gone."""
    record = records.look_up(session, model, number)
    if record is None:
        raise Refused(f"Restore {public_id(model.record_type, number)} first: it belongs to that.")
    return record
