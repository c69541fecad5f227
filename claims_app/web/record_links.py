"""Where each record stands on the site."""

from typing import cast

from flask import current_app, url_for
from sqlalchemy.orm import object_session

from claims_app.models import (
    Appraisal,
    Claim,
    EvidenceItem,
    Limitation,
    Proposal,
    Record,
    Study,
    StudyText,
    Watch,
)
from claims_app.rules.identifiers import PREFIXES, public_id
from claims_app.vocabulary import RecordType
from config import Settings

_PAGES = {
    RecordType.CLAIM: "claims.show",
    RecordType.STUDY: "studies.show",
    RecordType.EVIDENCE: "evidence.show",
    RecordType.LIMITATION: "evidence.show_limitation",
    RecordType.PROPOSAL: "review.show",
    RecordType.APPRAISAL: "appraisals.show",
    RecordType.WATCH: "watches.show",
}


def base_url() -> str:
    """Return the address of the site, as the settings have it."""
    return cast(Settings, current_app.extensions["claims_settings"]).base_url


def address_of_name(name: str) -> str:
    """Return the address where the record with the public identifier `name` is shown, or leads on from."""
    record_type = next(term for term, prefix in PREFIXES.items() if name.startswith(f"{prefix}-"))
    return url_for(_PAGES[record_type], identifier=name)


def edit_address(record: Record) -> str:
    """Return the address of the form that changes `record`."""
    match record:
        case Claim():
            endpoint = "claims.edit"
        case Study():
            endpoint = "studies.edit"
        case EvidenceItem():
            endpoint = "evidence.edit"
        case Limitation():
            endpoint = "evidence.edit_limitation"
        case Watch():
            endpoint = "watches.edit"
        case _:
            raise TypeError(f"{record!r} has no form")
    return url_for(endpoint, identifier=record.public_id)


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
        case Proposal():
            return url_for("review.show", identifier=record.public_id)
        case Appraisal():
            return url_for("appraisals.show", identifier=record.public_id)
        case Watch():
            return url_for("watches.show", identifier=record.public_id)
        case Limitation(claim_id=int(number)):
            return url_for(
                "claims.show", identifier=public_id(RecordType.CLAIM, number), _anchor=record.public_id
            )
        case Limitation(evidence_id=int(number)) if object_session(record) is None:
            # What was loaded alone knows no more than its evidence item, whose address leads on.
            return url_for("evidence.show", identifier=public_id(RecordType.EVIDENCE, number))
        case Limitation(evidence=EvidenceItem() as item):
            claim = public_id(RecordType.CLAIM, item.claim_id)
            return url_for("claims.show", identifier=claim, _anchor=record.public_id)
    raise TypeError(f"{record!r} has no page")
