"""Reverts records to earlier versions, and restores deleted records.

Both use the services that the forms call, so the current rules apply.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from claims_app.database import WriteSession
from claims_app.models import RECORD_MODELS, Proposal, Record
from claims_app.permissions import Permission
from claims_app.rules.identifiers import public_id
from claims_app.services.core import authorization
from claims_app.services.core.errors import Invalid, Refused
from claims_app.services.core.record_states import state_at
from claims_app.services.history.record_history import all_revisions, number_of, one_revision
from claims_app.services.records import proposals
from claims_app.services.records.kinds import KINDS, form_values_at
from claims_app.vocabulary import RecordType


def revert(session: WriteSession, record: Record, version: int, to_version: int) -> Record | Proposal:
    """Revert `record`, which was read at `version`, to its values at `to_version`, as a new revision.

    Returns the record, or a proposal if the change needs review. Raises StaleVersion, NotFound if there is no
    `to_version`, and Refused if the old values are no longer valid or records of this type never change.
    """
    one_revision(session, record.record_type, record.id, to_version)
    if KINDS[record.record_type].writing is None:
        raise Refused(
            f"{record.record_type.label} {record.public_id} never changes, so it cannot be reverted."
        )
    raw = form_values_at(
        session,
        KINDS[record.record_type].schema,
        state_at(session, record.record_type, record.id, to_version),
    )
    with _explained(record.public_id):
        return proposals.change(session, record, version, raw)


def restore(session: WriteSession, record_type: RecordType, identifier: str) -> Record:
    """Restore a deleted record with its identifier and its last values.

    Raises NotAllowed, NotFound if it never existed, and Refused if it is not deleted, if records of this type cannot
    be restored, or if a record that it belongs to is deleted.
    """
    authorization.require(session, Permission.RESTORE)
    number = number_of(session, record_type, identifier)
    name = public_id(record_type, number)
    if session.get(RECORD_MODELS[record_type], number) is not None:
        raise Refused(f"{name} is not deleted.")
    kind = KINDS[record_type]
    if kind.writing is None:
        raise Refused(f"{record_type.label} {name} cannot be restored.")
    revisions = all_revisions(session, record_type, number)
    state = state_at(session, record_type, number, revisions[-2].version)
    empty = kind.model()
    empty.id, empty.created_at = number, revisions[0].changed_at
    empty.version = revisions[-1].version + 1
    with _explained(name):
        return kind.writing.restore(session, state, form_values_at(session, kind.schema, state), empty)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn Invalid into Refused, with one sentence about the record called `name`."""
    try:
        yield
    except Invalid as error:
        sentences = " ".join(sentence for listed in error.errors.values() for sentence in listed)
        raise Refused(f"{name} cannot get its earlier values back: {sentences}") from error
