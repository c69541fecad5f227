"""The door of each sort of record: the services through which it is made, changed and deleted.

Whatever writes records of several sorts (reverting, review, files) goes through these, so that one set
of rules holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Limitation, Record, Study, StudyGroup, Watch
from claims_app.rules import records as schemas
from claims_app.rules.fields import Name, Schema
from claims_app.rules.identifiers import public_id
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.core.record_states import State, state_of
from claims_app.services.records import claims, evidence, studies, watches
from claims_app.vocabulary import RecordType


@dataclass(frozen=True)
class Door:
    """How records of one sort are written."""

    model: Callable[..., Record]
    schema: Schema
    create: Callable[[Session, State, Mapping[str, object], Any], Record]
    update: Callable[[Session, Any, int, Mapping[str, object]], Record]
    delete: Callable[[Session, Any, int], None]


def typed(session: Session, schema: Schema, state: State) -> dict[str, object]:
    """Return `state`, the fields of a record as its history has them, as one types it into a form."""
    raw: dict[str, object] = {}
    for field in schema.fields:
        if isinstance(field, Name):
            number = state.get(f"{field.name}_id")
            group = session.get(StudyGroup, number) if number is not None else None
            raw[field.name] = group.name if group else None
        else:
            raw[field.name] = state.get(field.name)
    return raw


def typed_now(session: Session, record: Record) -> dict[str, object]:
    """Return the fields of `record` as one would type them into its form."""
    return typed(session, DOORS[record.record_type].schema, state_of(record))


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


def _create_watch(session: Session, _state: State, raw: Mapping[str, object], empty: Watch) -> Record:
    return watches.create_watch(session, raw, empty)


DOORS: dict[RecordType, Door] = {
    RecordType.CLAIM: Door(Claim, schemas.CLAIM, _create_claim, claims.update_claim, claims.delete_claim),
    RecordType.STUDY: Door(Study, schemas.STUDY, _create_study, studies.update_study, studies.delete_study),
    RecordType.EVIDENCE: Door(
        EvidenceItem, schemas.EVIDENCE, _create_evidence, _update_evidence, evidence.delete_evidence
    ),
    RecordType.LIMITATION: Door(
        Limitation,
        schemas.LIMITATION,
        _create_limitation,
        evidence.update_limitation,
        evidence.delete_limitation,
    ),
    RecordType.WATCH: Door(Watch, schemas.WATCH, _create_watch, watches.update_watch, watches.delete_watch),
}


def _parent(session: Session, model: type[records.R], number: int) -> records.R:
    record = records.look_up(session, model, number)
    if record is None:
        raise Refused(f"Restore {public_id(model.record_type, number)} first: it belongs to that.")
    return record
