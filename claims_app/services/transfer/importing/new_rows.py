"""Checks the new records of exported CSV files without creating them, those of a batch together.

PostgreSQL does not reuse the number of a row that is rolled back, so new records are not tried out.
"""

from collections.abc import Mapping, Sequence

from claims_app.database import WriteSession
from claims_app.models import EvidenceItem, Record, Study
from claims_app.permissions import Permission
from claims_app.rules.identifiers import public_id
from claims_app.rules.schemas import OWN_QUOTE
from claims_app.services.core import authorization, quotes, records
from claims_app.services.core.errors import DuplicateEvidence, Invalid, NotAllowed
from claims_app.services.records.evidence import same_link
from claims_app.services.records.kinds import KINDS
from claims_app.services.records.studies import OF_ONE_REPORT, known_study
from claims_app.services.transfer.importing import applying, together
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.vocabulary import RecordType


def valid(session: WriteSession, planned: Sequence[PlannedRow]) -> set[int]:
    """Return the lines of those new records of one type that nothing speaks against; `check` says what does."""
    if not planned:
        return set()
    try:
        authorization.require(session, Permission.CREATE)
    except NotAllowed:
        return set()
    prepared = together.prepare(session, planned)
    return {
        row.line
        for row, values in zip(planned, prepared, strict=True)
        if values is not None and not _is_registered_only(row)
    }


def _is_registered_only(row: PlannedRow) -> bool:
    """Return whether a study has no other identifier than a registry number, which may be that of another study."""
    return bool(row.values.get("registry_id")) and not any(map(row.values.get, OF_ONE_REPORT))


def check(session: WriteSession, planned: PlannedRow, raw: Mapping[str, object]) -> None:
    """Check a new record without creating it, since PostgreSQL does not reuse the id of a row that is rolled back.

    Raises NotAllowed, Invalid, DuplicateEvidence, NotFound, Gone and Merged.
    """
    authorization.require(session, Permission.CREATE)
    values = records.clean(KINDS[planned.record_type].schema, raw)
    if planned.record_type is RecordType.STUDY and (known := known_study(session, raw)) is not None:
        raise Invalid(
            {
                "study_id": [
                    f"{known.public_id} already has this identifier. Enter {known.public_id} here to change it."
                ]
            }
        )
    if planned.parent is not None:
        parent = applying.find_parent(session, planned)
        if planned.record_type is RecordType.EVIDENCE:
            study = records.look_up(session, Study, values["study_id"])
            if study is None:
                raise Invalid({"study_id": ["This study does not exist."]})
            if existing := same_link(session, parent.id, study.id):
                raise DuplicateEvidence(existing)
            quotes.check_quote(session, study.id, values, OWN_QUOTE)


def keys_of(planned: PlannedRow, record: Record | None) -> set[str]:
    """Return what a row of an exported file changes, and what its plan depends on."""
    keys = {planned.target} if planned.target else set()
    values = planned.values
    match planned.record_type:
        case RecordType.EVIDENCE:
            claim, linked = planned.parent, [_study_name(values.get("study_id"))]
            if isinstance(record, EvidenceItem):
                claim = public_id(RecordType.CLAIM, record.claim_id)
                linked.append(public_id(RecordType.STUDY, record.study_id))
            if "study_id" in values:
                keys |= {f"{claim}:{study}" for study in linked if study}
        case RecordType.STUDY:
            keys |= _keys_of_study(planned, record)
    return keys


def _keys_of_study(planned: PlannedRow, record: Record | None) -> set[str]:
    """Return the identifiers that a study gets or gives up, and the studies whose versions may be linked."""
    keys: set[str] = set()
    for name in (*OF_ONE_REPORT, "registry_id"):
        if name in planned.values:
            keys |= {
                f"{name}:{_cleaned(name, planned.values[name])}",
                f"{name}:{getattr(record, name, None)}",
            }
    published = {_study_name(planned.values.get("version_of_id"))}
    if isinstance(record, Study) and record.version_of_id is not None:
        published.add(public_id(RecordType.STUDY, record.version_of_id))
    return (keys | {name for name in published if name}) - {
        f"{name}:None" for name in (*OF_ONE_REPORT, "registry_id")
    }


def _study_name(value: object) -> str | None:
    number = _cleaned("version_of_id", value)
    return public_id(RecordType.STUDY, number) if isinstance(number, int) else None


def _cleaned(name: str, value: object) -> object:
    try:
        return KINDS[RecordType.STUDY].schema.field(name).clean(value)
    except ValueError:
        return None
