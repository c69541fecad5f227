"""Records for tests: each factory makes a valid one, and takes the values that a test is about."""

import itertools
from typing import Any

from sqlalchemy.orm import Session

from claims_app.models import Appraisal, Claim, EvidenceItem, Limitation, Study, Watch
from claims_app.services.appraisal import appraisals
from claims_app.services.records import claims, evidence, studies, watches

_numbers = itertools.count(1)

CLAIM: dict[str, object] = {
    "statement": "Autoantibodies are elevated in people with fibromyalgia.",
    "kind": "association",
    "status": "active",
}
STUDY: dict[str, object] = {
    "title": "Passive transfer of fibromyalgia symptoms from patients to mice",
    "publication_state": "published",
    "standing": "current",
}
EVIDENCE: dict[str, object] = {
    "direction": "supports",
    "directness": "direct",
    "risk_of_bias": "not_assessed",
}
LIMITATION: dict[str, object] = {"kind": "small_sample", "text": "The sample is small."}


def make_claim(session: Session, **values: Any) -> Claim:
    """Make a claim."""
    return claims.create_claim(session, {**CLAIM, **values})


def make_study(session: Session, **values: Any) -> Study:
    """Make a study; its title is its own."""
    title = f"{STUDY['title']}, part {next(_numbers)}"
    return studies.create_study(session, {**STUDY, "title": title, **values})


def make_evidence(
    session: Session, claim: Claim | None = None, study: Study | None = None, **values: Any
) -> EvidenceItem:
    """Make an evidence item, with a claim and a study of its own unless they are given."""
    claim = claim or make_claim(session)
    study = study or make_study(session)
    return evidence.create_evidence(
        session, claim, {**EVIDENCE, "study_id": study.id, **values}, duplicate_is_meant=True
    )


def make_limitation(
    session: Session, parent: Claim | EvidenceItem | None = None, **values: Any
) -> Limitation:
    """Make a limitation, of a claim of its own unless a parent is given."""
    return evidence.create_limitation(session, parent or make_claim(session), {**LIMITATION, **values})


def make_appraisal(session: Session, claim: Claim | None = None, **values: Any) -> Appraisal:
    """Make an appraisal, of a claim with one supporting case–control study unless a claim is given."""
    if claim is None:
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="case_control"))
    return appraisals.appraise_by_program(session, claim, values)


def make_watch(session: Session, claim: Claim | None = None, **values: Any) -> Watch:
    """Make a watch, of a claim of its own unless one is given, or the values name what it is for."""
    if claim is not None:
        values = {"claim_id": claim.id, **values}
    elif "claim_id" not in values:
        values["claim_id"] = make_claim(session).id
    return watches.create_watch(
        session, {"service": "pubmed", "query": "fibromyalgia AND IgG", "state": "active", **values}
    )
