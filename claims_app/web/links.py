"""Where each record stands on the site."""

from flask import url_for

from claims_app.models import Appraisal, Claim, EvidenceItem, Limitation, Record, Study, StudyText
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import RecordType


def address_of(record: Record) -> str:
    """Return the address where `record` is shown; a part of a page has an anchor there."""
    match record:
        case Claim():
            return url_for("claims.show", identifier=record.public_id)
        case Study():
            return url_for("studies.show", identifier=record.public_id)
        case StudyText():
            study = public_id(RecordType.STUDY, record.study_id)
            return url_for("studies.show", identifier=study, _anchor="texts")
        case EvidenceItem():
            claim = public_id(RecordType.CLAIM, record.claim_id)
            return url_for("claims.show", identifier=claim, _anchor=record.public_id)
        case Appraisal():
            return url_for("appraisals.show", identifier=record.public_id)
        case Limitation(claim_id=int(number)):
            return url_for(
                "claims.show", identifier=public_id(RecordType.CLAIM, number), _anchor=record.public_id
            )
        case Limitation(evidence_id=int(number)):
            return url_for("evidence.show", identifier=public_id(RecordType.EVIDENCE, number))
    raise TypeError(f"{record!r} has no page")
