"""Writing what was planned, through the door of each record."""

from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Proposal, Record, Reviewed
from claims_app.rules.reference import Reference
from claims_app.services import claims, evidence, proposing, records
from claims_app.services.adding import add_study
from claims_app.services.doors import DOORS, typed_now
from claims_app.services.errors import Invalid, ServiceError, StaleVersion
from claims_app.services.importing.model import PlannedRow
from claims_app.vocabulary import RecordType, RowOutcome


class Done:
    """What became of a row: the record or proposal it led to, or why nothing was written."""

    def __init__(self, outcome: RowOutcome, record: str | None = None, reason: str | None = None) -> None:
        self.outcome, self.record, self.reason = outcome, record, reason


def apply(session: Session, row: PlannedRow) -> Done:
    """Write `row` in a savepoint, so that a row that is refused costs no other."""
    session.flush()
    savepoint = session.begin_nested()
    try:
        record = write(session, row)
        savepoint.commit()
    except StaleVersion:
        savepoint.rollback()
        return Done(
            RowOutcome.REFUSED, row.target, "The record was changed meanwhile. Upload the file again."
        )
    except Invalid as refused:
        savepoint.rollback()
        sentences = (f"{name}: {' '.join(each)}" for name, each in refused.errors.items())
        return Done(RowOutcome.REFUSED, row.target, " ".join(sentences))
    except ServiceError as refused:
        savepoint.rollback()
        return Done(RowOutcome.REFUSED, row.target, str(refused))
    if isinstance(record, Proposal):
        return Done(RowOutcome.PROPOSED, record.public_id)
    if row.target is not None:
        return Done(RowOutcome.UPDATED, record.public_id)
    waits = isinstance(record, Reviewed) and not record.is_accepted
    return Done(RowOutcome.SUBMITTED if waits else RowOutcome.CREATED, record.public_id)


def write(session: Session, row: PlannedRow) -> Record:
    """Write `row`, and return the record, or the proposal that was made of it. Raises what its door raises."""
    if row.target is None:
        return _create(session, row)
    record = find(session, row)
    taken = {one.name for one in row.differences if one.take}
    values = {name: value for name, value in row.values.items() if name in taken}
    version = row.version if row.version is not None else record.version
    return proposing.change(session, record, version, {**typed_now(session, record), **values})


def find(session: Session, row: PlannedRow) -> Record:
    """Return the record that `row` is about. Raises NotFound, Gone or Merged."""
    model = DOORS[row.record_type].model
    assert isinstance(model, type)
    record: Record = records.find(session, model, row.target or "")
    return record


def find_parent(session: Session, row: PlannedRow) -> Claim | EvidenceItem:
    """Return what a new record belongs to. Raises NotFound, Gone or Merged."""
    name = row.parent or ""
    if name.startswith("EVD-"):
        return records.find(session, EvidenceItem, name)
    return records.find(session, Claim, name)


def _create(session: Session, row: PlannedRow) -> Record:
    match row.record_type:
        case RecordType.CLAIM:
            return claims.create_claim(session, row.values)
        case RecordType.STUDY:
            return add_study(session, Reference(values=row.values, abstract=row.abstract))
        case RecordType.EVIDENCE:
            claim = find_parent(session, row)
            assert isinstance(claim, Claim)
            return evidence.create_evidence(session, claim, row.values)
        case RecordType.LIMITATION:
            return evidence.create_limitation(session, find_parent(session, row), row.values)
    raise AssertionError(row.record_type)
