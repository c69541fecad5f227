"""The two ways back: making a record what it was at a version, and bringing a deleted one back.

Both go through the services that the forms call, so the rules of today hold.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Limitation, Record, Study, StudyGroup
from claims_app.models.mixins import beginning_at
from claims_app.rules import records as schemas
from claims_app.rules.fields import Name, Schema
from claims_app.rules.identifiers import public_id
from claims_app.services import claims, evidence, records, studies
from claims_app.services.errors import Invalid, Refused
from claims_app.services.history import (
    COME_BACK,
    MODELS,
    State,
    all_revisions,
    number_of,
    one_revision,
    replayed,
    state_at,
)
from claims_app.vocabulary import Action, RecordType


def revert(session: Session, record: Record, version: int, to_version: int) -> Record:
    """Make `record`, which was read at `version`, what it was at `to_version`: a new revision, by the usual rules.

    Raises StaleVersion, NotFound for a version that never was, and Refused with the reason where the
    values of back then will not do any more.
    """
    one_revision(session, record.record_type, record.id, to_version)
    door = _DOORS[record.record_type]
    raw = _raw(session, door.schema, state_at(session, record.record_type, record.id, to_version))
    with _explained(record.public_id):
        door.update(session, record, version, raw)
    return record


def restore(session: Session, record_type: RecordType, identifier: str) -> Record:
    """Bring a deleted record back, with its identifier and as it was when it was deleted.

    Raises NotFound, and Refused with the reason where that cannot be done: it is there, it is of a sort
    that does not come back, or what it belongs to is gone.
    """
    number = number_of(session, record_type, identifier)
    name = public_id(record_type, number)
    if session.get(MODELS[record_type], number) is not None:
        raise Refused(f"{name} is not deleted.")
    if record_type not in COME_BACK:
        raise Refused(f"{record_type.label} {name} cannot be restored.")
    door = _DOORS[record_type]
    revisions = all_revisions(session, record_type, number)
    state = replayed(revision for revision in revisions if revision.action is not Action.DELETE)
    empty = door.model(id=number, created_at=revisions[0].changed_at)
    with _explained(name), beginning_at(revisions[-1].version + 1):
        return door.create(session, state, _raw(session, door.schema, state), empty)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn what the usual rules refuse into one sentence about the record called `name`."""
    try:
        yield
    except Invalid as error:
        sentences = " ".join(sentence for listed in error.errors.values() for sentence in listed)
        raise Refused(f"{name} cannot be what it was: {sentences}") from error


@dataclass(frozen=True)
class _Door:
    """How a sort of record is written: by the same services that the forms call."""

    model: Callable[..., Record]
    schema: Schema
    create: Callable[[Session, State, Mapping[str, object], Any], Record]
    update: Callable[[Session, Any, int, Mapping[str, object]], Record]


def _create_claim(session: Session, _state: State, raw: Mapping[str, object], empty: Claim) -> Record:
    return claims.create_claim(session, raw, empty)


def _create_study(session: Session, _state: State, raw: Mapping[str, object], empty: Study) -> Record:
    return studies.create_study(session, raw, empty)


def _create_evidence(
    session: Session, state: State, raw: Mapping[str, object], empty: EvidenceItem
) -> Record:
    claim = _parent(session, Claim, state["claim_id"])
    return evidence.create_evidence(session, claim, raw, empty, duplicate_is_meant=True)


def _update_evidence(session: Session, item: EvidenceItem, version: int, raw: Mapping[str, object]) -> Record:
    return evidence.update_evidence(session, item, version, raw, duplicate_is_meant=True)


def _create_limitation(
    session: Session, state: State, raw: Mapping[str, object], empty: Limitation
) -> Record:
    parent: Claim | EvidenceItem = (
        _parent(session, Claim, state["claim_id"])
        if "claim_id" in state
        else _parent(session, EvidenceItem, state["evidence_id"])
    )
    return evidence.create_limitation(session, parent, raw, empty)


_DOORS: dict[RecordType, _Door] = {
    RecordType.CLAIM: _Door(Claim, schemas.CLAIM, _create_claim, claims.update_claim),
    RecordType.STUDY: _Door(Study, schemas.STUDY, _create_study, studies.update_study),
    RecordType.EVIDENCE: _Door(EvidenceItem, schemas.EVIDENCE, _create_evidence, _update_evidence),
    RecordType.LIMITATION: _Door(
        Limitation, schemas.LIMITATION, _create_limitation, evidence.update_limitation
    ),
}


def _parent(session: Session, model: type[records.R], number: int) -> records.R:
    record = session.get(model, number)
    if record is None:
        raise Refused(f"Restore {public_id(model.record_type, number)} first: it belongs to that.")
    return record


def _raw(session: Session, schema: Schema, state: State) -> dict[str, object]:
    """Return `state` as one would type it into the form of `schema`."""
    raw: dict[str, object] = {}
    for field in schema.fields:
        if isinstance(field, Name):
            number = state.get(f"{field.name}_id")
            group = session.get(StudyGroup, number) if number is not None else None
            raw[field.name] = group.name if group else None
        else:
            raw[field.name] = state.get(field.name)
    return raw
