"""The two ways back: making a record what it was at a version, and bringing a deleted one back.

Both go through the services that the forms call, so the rules of today hold.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from claims_app.models import RECORD_MODELS, Proposal, Record
from claims_app.permissions import Permission
from claims_app.rules.identifiers import public_id
from claims_app.services.core import authorization
from claims_app.services.core.errors import Invalid, Refused
from claims_app.services.core.record_states import state_at
from claims_app.services.history.record_history import all_revisions, number_of, one_revision
from claims_app.services.records import proposals
from claims_app.services.records.kinds import KINDS, typed
from claims_app.vocabulary import RecordType


def revert(session: Session, record: Record, version: int, to_version: int) -> Record | Proposal:
    """Make `record`, which was read at `version`, what it was at `to_version`: a new revision, by the usual rules.

    Where a change waits for review, this one does, too.

    Raises StaleVersion, NotFound for a version that never was, and Refused with the reason where the
    values of back then will not do any more, or where the record is of a sort that is never changed.
    """
    one_revision(session, record.record_type, record.id, to_version)
    if KINDS[record.record_type].writing is None:
        raise Refused(
            f"{record.record_type.label} {record.public_id} is kept as it is, so it cannot go back."
        )
    raw = typed(
        session,
        KINDS[record.record_type].schema,
        state_at(session, record.record_type, record.id, to_version),
    )
    with _explained(record.public_id):
        return proposals.change(session, record, version, raw)


def restore(session: Session, record_type: RecordType, identifier: str) -> Record:
    """Bring a deleted record back, with its identifier and as it was when it was deleted.

    Raises NotFound, and Refused with the reason where that cannot be done: it is there, it is of a sort
    that does not come back, or what it belongs to is gone.
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
        return kind.writing.create(session, state, typed(session, kind.schema, state), empty)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what the usual rules refuse into one sentence about the record called `name`."""
    try:
        yield
    except Invalid as error:
        sentences = " ".join(sentence for listed in error.errors.values() for sentence in listed)
        raise Refused(f"{name} cannot be what it was: {sentences}") from error
