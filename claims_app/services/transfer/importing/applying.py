"""Saves planned rows through the service of each record type, or puts them into the inbox."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Proposal, Record, Reviewed, Study
from claims_app.models.levels import lock_claims_of
from claims_app.rules.identifiers import parse_public_id
from claims_app.rules.reference import Reference
from claims_app.services.core import records
from claims_app.services.core.errors import (
    Gone,
    Invalid,
    Merged,
    NotAllowed,
    NotFound,
    ServiceError,
    StaleVersion,
)
from claims_app.services.core.many import one_of
from claims_app.services.deduplication import study_matching
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.services.intake.study_intake import add_study
from claims_app.services.records import claims, evidence, proposals, studies
from claims_app.services.records.kinds import KINDS, form_values
from claims_app.services.transfer.importing import citations, decisions
from claims_app.services.transfer.importing.model import ASKED, PlannedRow
from claims_app.vocabulary import PutOutcome, RecordType, ReferenceDecision, RowOutcome, RowState

TO_INBOX = (RowState.NEW, RowState.UNSURE, RowState.DECIDED, RowState.INCOMPLETE)
"""States in which a citation can be put into the inbox."""


class Done:
    """The result of a row: the identifier of the record or proposal, or the reason why nothing was saved."""

    def __init__(self, outcome: RowOutcome, record: str | None = None, reason: str | None = None) -> None:
        self.outcome, self.record, self.reason = outcome, record, reason


def apply(session: WriteSession, row: PlannedRow) -> Done:
    """Save `row` and return the result. A savepoint keeps a rejected row from affecting the others."""
    if row.state is RowState.INCOMPLETE:
        return Done(RowOutcome.REFUSED, reason=" ".join(row.reasons))
    given_up = ""
    session.flush()
    savepoint = session.begin_nested()
    try:
        if row.chosen is not None:
            row = citations.fill_in(session, records.find(session, Study, row.chosen), row)
        elif row.state in ASKED:
            row, given_up = citations.without_known_identifiers(session, row)
        if row.state is RowState.SAME:
            _remember(session, row, records.find(session, Study, row.target or ""))
            savepoint.commit()
            return Done(RowOutcome.SKIPPED, row.target)
        record = write(session, row)
        _remember(session, row, record)
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
    return created(record, given_up or None)


def created(record: Record, reason: str | None = None) -> Done:
    """Return the result of a row that added `record`."""
    waits = isinstance(record, Reviewed) and not record.is_accepted
    return Done(RowOutcome.SUBMITTED if waits else RowOutcome.CREATED, record.public_id, reason)


def lock_claims(session: WriteSession, rows: Sequence[PlannedRow]) -> None:
    """Lock the claims that `rows` bear on before the first of them is saved (see `models.levels`)."""
    found: list[Record] = []
    names = {name for row in rows for name in (row.target, row.parent, row.chosen) if name}
    for model in (Claim, EvidenceItem, Limitation, Study):
        numbers = {number for name in names if (number := parse_public_id(model.record_type, name))}
        if numbers:
            found += session.scalars(select(model).where(one_of(session, model.id, numbers)))
    lock_claims_of(session, *found)


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
    if row.state not in TO_INBOX:
        return Done(RowOutcome.SKIPPED, row.target)
    reference = Reference(
        values=citations.own_values(row), abstract=row.abstract, line=row.line, warnings=tuple(row.warnings)
    )
    try:
        with session.begin_nested():
            put = inbox.put(session, reference, replace(origin, line=row.line))
    except Invalid as refused:
        return Done(RowOutcome.REFUSED, reason=" ".join(s for each in refused.errors.values() for s in each))
    if put.outcome is PutOutcome.NEW:
        return Done(RowOutcome.INBOX, reason=put.note)
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


def _remember(session: WriteSession, row: PlannedRow, record: Record) -> None:
    """Remember which study a record of a file of references is."""
    if not row.digest:
        return
    if row.target is not None:
        study = records.find(session, Study, row.target)
        decisions.remember(session, row.digest, ReferenceDecision.MATCHED, study)
    elif isinstance(record, Study):
        decisions.remember(session, row.digest, ReferenceDecision.ADDED, record)
        for name in row.choices:
            _keep_apart(session, record, name)


def _keep_apart(session: WriteSession, study: Study, name: str) -> None:
    """Record that a person added `study` although it looks like the study called `name`."""
    try:
        other = records.find(session, Study, name)
        reason = "Added as a different study when a file was imported."
        study_matching.mark_distinct(session, study, other, reason)
    except (NotAllowed, NotFound, Gone, Merged):
        return  # The two may be suggested as duplicates, as any others.


def _create(session: WriteSession, row: PlannedRow) -> Record:
    match row.record_type:
        case RecordType.CLAIM:
            return claims.create_claim(session, row.values, duplicate_is_meant=True)
        case RecordType.STUDY:
            return add_study(session, Reference(values=row.values, abstract=row.abstract))
        case RecordType.EVIDENCE:
            claim = find_parent(session, row)
            assert isinstance(claim, Claim)
            return evidence.create_evidence(session, claim, row.values)
        case RecordType.LIMITATION:
            return evidence.create_limitation(session, find_parent(session, row), row.values)
    raise AssertionError(row.record_type)
