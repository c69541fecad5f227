"""Saves planned rows through the service of each record type, or puts them into the inbox."""

from dataclasses import replace

from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Proposal, Record, Reviewed, Study
from claims_app.rules.reference import Reference
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid, ServiceError, StaleVersion
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.services.intake.study_intake import add_study
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.records.kinds import KINDS, form_values
from claims_app.services.transfer.importing import citations
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.vocabulary import PutOutcome, RecordType, RowOutcome, RowState


class Done:
    """The result of a row: the identifier of the record or proposal, or the reason why nothing was saved."""

    def __init__(self, outcome: RowOutcome, record: str | None = None, reason: str | None = None) -> None:
        self.outcome, self.record, self.reason = outcome, record, reason


def apply(session: WriteSession, row: PlannedRow) -> Done:
    """Save `row` and return the result. A savepoint keeps a rejected row from affecting the others."""
    session.flush()
    savepoint = session.begin_nested()
    try:
        if row.chosen is not None:
            row = citations.fill_in(session, records.find(session, Study, row.chosen), row)
        if row.state is RowState.SAME:
            savepoint.commit()
            return Done(RowOutcome.SKIPPED, row.target)
        record = write(session, row)
        savepoint.commit()
    except StaleVersion:
        savepoint.rollback()
        return Done(
            RowOutcome.REFUSED, row.target, "The record has been changed meanwhile. Upload the file again."
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


def write(session: WriteSession, row: PlannedRow) -> Record:
    """Save `row` and return the record, or the proposal if review is required.

    Raises what the service of the record raises, such as NotAllowed, Invalid, StaleVersion, NotFound and Gone.
    """
    if row.target is None:
        return _create(session, row)
    record = find(session, row)
    taken = {one.name for one in row.differences if one.take}
    if isinstance(record, Study) and studies.ABSTRACT in taken:
        studies.keep_abstract(session, record, row.abstract)
    values = {name: value for name, value in row.values.items() if name in taken}
    if not values:
        return record
    version = row.version if row.version is not None else record.version
    return proposals.change(session, record, version, {**form_values(session, record), **values})


def to_inbox(session: WriteSession, row: PlannedRow, origin: Origin) -> Done:
    """Put a citation into the inbox and return the result. Existing studies and irrelevant papers are skipped."""
    if row.state not in (RowState.NEW, RowState.UNSURE):
        return Done(RowOutcome.SKIPPED, row.target)
    reference = Reference(
        values=citations.own_values(row), abstract=row.abstract, line=row.line, warnings=tuple(row.warnings)
    )
    try:
        with session.begin_nested():
            put = inbox.put(session, reference, replace(origin, line=row.line))
    except Invalid as refused:
        return Done(RowOutcome.REFUSED, reason=" ".join(s for each in refused.errors.values() for s in each))
    if put.outcome in (PutOutcome.NEW, PutOutcome.WAITING):
        return Done(RowOutcome.INBOX)
    return Done(RowOutcome.SKIPPED, put.study.public_id if put.study else None, put.sentence)


def find(session: Session, row: PlannedRow) -> Record:
    """Return the record that `row` changes. Raises NotFound, Gone or Merged."""
    model = KINDS[row.record_type].model
    assert isinstance(model, type)
    record: Record = records.find(session, model, row.target or "")
    return record


def find_parent(session: Session, row: PlannedRow) -> Claim | EvidenceItem:
    """Return the claim or evidence item that the new record of `row` belongs to. Raises NotFound, Gone or Merged."""
    name = row.parent or ""
    if name.startswith("EVD-"):
        return records.find(session, EvidenceItem, name)
    return records.find(session, Claim, name)


def _create(session: WriteSession, row: PlannedRow) -> Record:
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
