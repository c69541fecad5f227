"""The registry of record types, with the functions that write each of them.

Code that handles records of several types (history, review, merging, files, the API) uses this registry, so a new
type has to be added only here.
"""

from sqlalchemy.orm import Session

from claims_app.models import Appraisal, Proposal, Record, StudyGroup, StudyText, Topic
from claims_app.rules import schemas
from claims_app.rules.fields import Name, Schema
from claims_app.services.core.record_states import State, state_of
from claims_app.services.records import claims, evidence, studies, watches
from claims_app.services.records.record_kind import RecordKind, Writing
from claims_app.vocabulary import RecordType

KINDS: dict[RecordType, RecordKind] = {
    kind.record_type: kind
    for kind in (
        claims.KIND,
        studies.KIND,
        evidence.EVIDENCE_KIND,
        evidence.LIMITATION_KIND,
        watches.KIND,
        RecordKind(Appraisal, schemas.APPRAISAL),
        RecordKind(StudyText, schemas.STUDY_TEXT),
        RecordKind(Topic, schemas.TOPIC),
        RecordKind(StudyGroup, schemas.STUDY_GROUP),
        RecordKind(Proposal, schemas.PROPOSAL),
    )
}


def writing_of(record_type: RecordType) -> Writing:
    """Return the functions that write records of a type. Raises KeyError if it has none."""
    writing = KINDS[record_type].writing
    if writing is None:
        raise KeyError(record_type)
    return writing


def form_values_at(session: Session, schema: Schema, state: State) -> dict[str, object]:
    """Return `state`, the fields of a record at a version, as values of its form."""
    raw: dict[str, object] = {}
    for field in schema.fields:
        if isinstance(field, Name):
            number = state.get(f"{field.name}_id")
            group = session.get(StudyGroup, number) if number is not None else None
            raw[field.name] = group.name if group else None
        else:
            raw[field.name] = state.get(field.name)
    return raw


def form_values(session: Session, record: Record) -> dict[str, object]:
    """Return the current fields of `record` as values of its form."""
    return form_values_at(session, KINDS[record.record_type].schema, state_of(record))
