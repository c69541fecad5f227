"""Factories for records: each creates a valid record, with the values that a test needs."""

import itertools
from typing import Any

from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Appraisal, Claim, EvidenceItem, Limitation, Study, Watch, Webhook
from claims_app.rules.appraisal.conclusion import propose
from claims_app.services.appraisal import appraisals
from claims_app.services.hooks import webhooks
from claims_app.services.hooks.webhooks import Wanted
from claims_app.services.records import claims, evidence, studies, watches
from claims_app.vocabulary import CertaintyDomain, HookEvent

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
    "summary": "Autoantibodies were higher in patients than in controls.",
}
ANSWERS: dict[str, object] = {
    **{domain.value: "0" for domain in CertaintyDomain},
    # The advice on a claim of a test is often another one.
    **{f"{domain.value}_reason": "Judged so in this test." for domain in CertaintyDomain},
    "conclusion": "supported",
    "conclusion_reason": "Judged so in this test.",
}
"""An appraisal of supporting evidence in which every question is answered, and no domain changes the level."""

LIMITATION: dict[str, object] = {"kind": "small_sample", "text": "The sample is small."}


def make_claim(session: Session, **values: Any) -> Claim:
    """Create a claim."""
    return claims.create_claim(session, {**CLAIM, **values}, duplicate_is_meant=True)


def make_study(session: Session, **values: Any) -> Study:
    """Create a study with a unique title."""
    title = f"{STUDY['title']}, part {next(_numbers)}"
    return studies.create_study(session, {**STUDY, "title": title, **values}, duplicate_is_meant=True)


def make_evidence(
    session: Session, claim: Claim | None = None, study: Study | None = None, **values: Any
) -> EvidenceItem:
    """Create an evidence item, with a new claim and a new study unless they are given.

    A null finding gets a number of animals, because it needs one.
    """
    if values.get("direction") == "null":
        values = {"n_animals": 40, **values}
    claim = claim or make_claim(session)
    study = study or make_study(session)
    return evidence.create_evidence(
        session, claim, {**EVIDENCE, "study_id": study.id, **values}, duplicate_is_meant=True
    )


def make_limitation(
    session: Session, parent: Claim | EvidenceItem | None = None, **values: Any
) -> Limitation:
    """Create a limitation, of a new claim unless a parent is given."""
    return evidence.create_limitation(session, parent or make_claim(session), {**LIMITATION, **values})


def make_appraisal(session: Session, claim: Claim | None = None, **values: Any) -> Appraisal:
    """Create an appraisal, of a new claim with one supporting case–control study unless a claim is given.

    Every question is answered with “no change”, and the conclusion is the proposed one.
    """
    if claim is None:
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="case_control"))
    proposed = propose(appraisals.body_of(session, claim).balance)
    return appraisals.appraise_by_program(session, claim, {**ANSWERS, "conclusion": proposed, **values})


def make_watch(session: Session, claim: Claim | None = None, **values: Any) -> Watch:
    """Create a watch, for a new claim unless a claim is given or `values` has a `claim_id`."""
    if claim is not None:
        values = {"claim_id": claim.id, **values}
    elif "claim_id" not in values:
        values["claim_id"] = make_claim(session).id
    return watches.create_watch(
        session, {"service": "pubmed", "query": "fibromyalgia AND IgG", "state": "active", **values}
    )


def make_webhook(session: WriteSession, *events: HookEvent, address: str = "https://example.org/") -> Webhook:
    """Create a webhook for these events, or for all."""
    chosen = events or [event for event in HookEvent if event.is_optional]
    return webhooks.add(session, Wanted(address, chosen), "k" * 32, private_allowed=True)[0]
