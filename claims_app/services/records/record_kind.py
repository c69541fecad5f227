"""The descriptor of a record type. Each module that writes records defines one for its type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Mergeable, Record, Reviewed
from claims_app.rules.fields import Schema
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.core.record_states import State
from claims_app.vocabulary import RecordType

Restore = Callable[[WriteSession, State, Mapping[str, object], Any], Record]
"""Restores a deleted record. Arguments: session, last state, its form values, empty record."""

Update = Callable[[WriteSession, Any, int, Mapping[str, object]], Record]
"""Updates a record. Arguments: session, record, the version it was read at, form values."""

Delete = Callable[[WriteSession, Any, int], None]
"""Deletes a record. Arguments: session, record, the version it was read at."""


@dataclass(frozen=True)
class Writing:
    """The functions that restore, update and delete records of a type."""

    restore: Restore
    update: Update
    delete: Delete


@dataclass(frozen=True)
class RecordKind:
    """A record type: its model, the schema of its fields, and the functions that write it.

    Types without `writing` have their own services, and cannot be reverted, restored or proposed.
    """

    model: type[Record]
    schema: Schema
    writing: Writing | None = None

    @property
    def record_type(self) -> RecordType:
        """Its term in the vocabulary."""
        return self.model.record_type

    @property
    def is_reviewed(self) -> bool:
        """Whether new records wait for review if review is required."""
        return issubclass(self.model, Reviewed)

    @property
    def is_mergeable(self) -> bool:
        """Whether two records of this type can be merged."""
        return issubclass(self.model, Mergeable)


def parent_of(session: Session, model: type[records.R], number: int) -> records.R:
    """Return the parent of a record that is being restored. Raises Refused if the parent was deleted."""
    record = records.look_up(session, model, number)
    if record is None:
        raise Refused(f"Restore {public_id(model.record_type, number)} first. This record belongs to it.")
    return record
