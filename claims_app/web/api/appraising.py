"""Appraising through the API: what the form of an appraisal shows, drafts, and rounds of two independent appraisals.

A draft is visible to its author only, also after it was submitted in a round.
"""

from collections.abc import Callable
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.formats.delimited import Kind
from claims_app.models import AppraisalDraft, AppraisalRound, Claim
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.appraisal.advice import Advice
from claims_app.rules.appraisal.body import Finding, to_json
from claims_app.rules.appraisal.domains import DomainRule
from claims_app.rules.identifiers import public_id
from claims_app.services.accounts import activity
from claims_app.services.appraisal import appraisals, desks, rounds
from claims_app.services.core import records
from claims_app.services.core.paging import Page
from claims_app.vocabulary import CertaintyDomain, Conclusion, EvidenceLevel, RecordType, TokenScope
from claims_app.web import access
from claims_app.web.access import requires
from claims_app.web.api import answers
from claims_app.web.api.bodies import NOTHING, Body, Sent
from claims_app.web.api.operations import Answer, Operations, user_id
from claims_app.web.api.saving import saved
from claims_app.web.api.shapes import Shape, column, list_of, one_of
from claims_app.web.session import reading

operations = Operations("appraisals")

DRAFT = Shape.of(
    "AppraisalDraft",
    column("claim_id", Kind.TERM, "The claim that is appraised."),
    column("saved_at", Kind.DATETIME, "When it was saved last (UTC)."),
    column("submitted_at", Kind.DATETIME, "When it was submitted in a round; null if it was not."),
    answers={
        "type": "object",
        "description": "The answers so far, as they were typed, by the fields of an appraisal.",
        "additionalProperties": {"type": "string"},
    },
)
ROUND = Shape.of(
    "AppraisalRound",
    column("claim_id", Kind.TERM, "The claim that is appraised twice."),
    column("opened_at", Kind.DATETIME, "When the two appraisals were requested (UTC)."),
    column("n_submitted", Kind.INTEGER, "How many are submitted and still hidden."),
    column(
        "appraisals",
        Kind.LIST,
        "The two independent appraisals, once both are submitted. The next appraisal of the claim settles the round.",
    ),
)
DOMAIN = Shape.of(
    "AppraisalDomain",
    column("domain", Kind.TERM, "The domain of GRADE; the field of its answer.", CertaintyDomain),
    column("question", Kind.TEXT, "The question to answer."),
    column("source", Kind.TEXT, "The source of the rule."),
    column("advice", Kind.INTEGER, "The advised answer. Another one needs a reason."),
    column("reasons", Kind.LIST, "The reasons for the advice, in sentences."),
    column("evidence", Kind.LIST, "The evidence items that the advice is based on."),
    column("limitations", Kind.LIST, "The limitations that the advice is based on."),
    choices={
        "type": "array",
        "description": "The possible answers.",
        "items": {
            "type": "object",
            "required": ["value", "label"],
            "properties": {"value": {"type": "integer"}, "label": {"type": "string"}},
        },
    },
)
FORM = Shape.of(
    "AppraisalForm",
    column("claim_id", Kind.TERM, "The claim."),
    column(
        "evidence_digest",
        Kind.TERM,
        "Identifies the evidence shown. Send it with the appraisal, which is refused if the evidence has changed.",
    ),
    column("start_level", Kind.TERM, "The level that the appraisal starts at.", EvidenceLevel),
    column("start_reason", Kind.TEXT, "Why it starts at this level."),
    column("may_rate_up", Kind.INTEGER, "1 if the evidence can be rated up, else 0."),
    column("proposed_conclusion", Kind.TERM, "The conclusion that the evidence suggests.", Conclusion),
    column("conclusion_reasons", Kind.LIST, "What this is based on, in sentences."),
    column("computed_level", Kind.TERM, "The level that follows from the answers so far.", EvidenceLevel),
    column("unanswered", Kind.LIST, "The fields that need an answer. Without all of them there is no level."),
    column("last_appraisal", Kind.TERM, "The current appraisal of the claim."),
    column("changed", Kind.LIST, "What has changed in the evidence since that appraisal."),
    answers=DRAFT.more["answers"],
    refused={
        "type": "object",
        "description": "What is wrong with the answers so far: sentences for each field.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    },
    findings={
        "type": "array",
        "description": "The evidence that is counted, with what an appraisal keeps of it.",
        "items": {"type": "object"},
    },
    domains=list_of("The questions, with advice on each.", DOMAIN),
    draft=one_of("Your draft.", DRAFT),
    round=one_of("The open round of two independent appraisals.", ROUND),
    parts=(DOMAIN, DRAFT, ROUND),
)

_NUMBERS = {
    "evidence_id": RecordType.EVIDENCE,
    "study_id": RecordType.STUDY,
    "version_of_id": RecordType.STUDY,
    "group_id": RecordType.STUDY_GROUP,
    "limitation_id": RecordType.LIMITATION,
}
"""The numbers of records within a finding."""

_DRAFT_FIELDS = Body(
    "AppraisalAnswers", schemas.APPRAISAL, partial=True, example={"risk_of_bias": -1, "imprecision": 0}
)


@operations.add(
    "show_appraisal_form",
    "GET",
    "/claims/{identifier}/appraisal-form",
    "What an appraiser of a claim needs to know",
    description="The evidence that counts, the starting level, the advice on each domain, the proposed conclusion, "
    "your draft, and what follows from its answers.",
    of=RecordType.CLAIM,
    answers={200: Answer("The form.", FORM)},
    scope=TokenScope.READ,
)
@requires(Permission.APPRAISE)
def show_form(identifier: str) -> ResponseReturnValue:
    """Send what the form of an appraisal shows."""
    claim = records.find(reading(), Claim, identifier)
    access.require(Permission.APPRAISE, claim)
    return answers.send(form_object(reading(), claim))


@operations.add(
    "list_appraisal_drafts",
    "GET",
    "/appraisal-drafts",
    "Your appraisal drafts",
    answers={200: Answer("All of them, latest first.", DRAFT, listed=True, whole=True)},
    scope=TokenScope.READ,
)
def list_drafts() -> ResponseReturnValue:
    """Send the appraisal drafts of the account."""
    found = [draft_object(draft) for draft, _ in activity.appraisal_drafts(reading(), user_id())]
    return answers.page(Page(found, len(found), None, None))


@operations.add(
    "save_appraisal_draft",
    "PUT",
    "/claims/{identifier}/appraisal-draft",
    "Save your draft of an appraisal",
    description="It replaces your earlier draft for this claim, and may be incomplete. Only you can see it. The answer "
    "has the level that follows so far.",
    of=RecordType.CLAIM,
    takes=_DRAFT_FIELDS,
    answers={200: Answer("The form with the draft.", FORM)},
    scope=TokenScope.WRITE,
)
@requires(Permission.APPRAISE)
def save_draft(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Save the draft of the account for a claim."""

    def work(session: WriteSession, claim: Claim) -> None:
        appraisals.save_draft(session, claim, user_id(), sent.fields)

    return _save(identifier, sent, work)


@operations.add(
    "take_over_appraisal",
    "POST",
    "/claims/{identifier}/appraisal-draft/take-over",
    "Start your draft from the answers of the last appraisal",
    description="They replace your earlier draft. Review each answer before you save: the appraisal will be yours. In "
    "a round, both appraisers judge independently of earlier answers.",
    of=RecordType.CLAIM,
    takes=NOTHING,
    answers={200: Answer("The form with the draft.", FORM)},
    scope=TokenScope.WRITE,
)
@requires(Permission.APPRAISE)
def take_over(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Make a draft of the answers of the last appraisal."""

    def work(session: WriteSession, claim: Claim) -> None:
        desks.take_over(session, claim, user_id())

    return _save(identifier, sent, work)


@operations.add(
    "discard_appraisal_draft",
    "DELETE",
    "/claims/{identifier}/appraisal-draft",
    "Discard your draft of an appraisal",
    description="One that was submitted in a round stays.",
    of=RecordType.CLAIM,
    takes=NOTHING,
    answers={204: Answer("Discarded, or there was none.")},
    scope=TokenScope.WRITE,
)
@requires(Permission.APPRAISE)
def discard_draft(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Discard the draft of the account for a claim."""

    def save(session: WriteSession) -> Response:
        appraisals.discard_draft(session, records.find(session, Claim, identifier).id, user_id())
        return answers.nothing()

    return saved(sent, save)


@operations.add(
    "open_appraisal_round",
    "POST",
    "/claims/{identifier}/appraisal-round",
    "Request two independent appraisals of a claim",
    description="Until both are submitted, each appraisal of the claim is answered with 202 and stays hidden. The one "
    "after them settles the round and sets the level.",
    of=RecordType.CLAIM,
    takes=NOTHING,
    answers={201: Answer("The round.", ROUND)},
    scope=TokenScope.WRITE,
    makes=True,
)
@requires(Permission.APPRAISE)
def open_round(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Request two independent appraisals."""

    def save(session: WriteSession) -> Response:
        claim = records.find(session, Claim, identifier)
        return answers.send(round_object(session, rounds.open_round(session, claim, user_id())), 201)

    return saved(sent, save)


@operations.add(
    "cancel_appraisal_round",
    "DELETE",
    "/claims/{identifier}/appraisal-round",
    "Cancel the two independent appraisals of a claim",
    description="An appraisal that was submitted goes back to its author as a draft.",
    of=RecordType.CLAIM,
    takes=NOTHING,
    answers={204: Answer("Cancelled.")},
    scope=TokenScope.WRITE,
)
@requires(Permission.APPRAISE)
def cancel_round(identifier: str, sent: Sent) -> ResponseReturnValue:
    """Cancel the open round of a claim."""

    def save(session: WriteSession) -> Response:
        rounds.call_off(session, records.find(session, Claim, identifier))
        return answers.nothing()

    return saved(sent, save)


def form_object(session: Session, claim: Claim) -> dict[str, Any]:
    """Return what the form of an appraisal shows to the account."""
    desk = desks.desk_of(session, claim, user_id())
    begun = desks.begun(desk)
    chosen = desk.chosen(begun)
    judgement = chosen.judgement
    return {
        "claim_id": claim.public_id,
        "evidence_digest": desk.body.digest(),
        "start_level": judgement.start.level,
        "start_reason": judgement.start.reason,
        "may_rate_up": int(judgement.start.may_rate_up),
        "proposed_conclusion": chosen.proposal.conclusion,
        "conclusion_reasons": list(chosen.proposal.sentences),
        "computed_level": None if judgement.unanswered else judgement.computed,
        "unanswered": list(judgement.unanswered),
        "last_appraisal": desk.last.appraisal.public_id if desk.last else None,
        "changed": list(desk.changed),
        "answers": dict(begun),
        "refused": dict(judgement.refused),
        "findings": [_finding_object(finding) for finding in desk.body.findings],
        "domains": [_domain_object(rule, advice) for rule, advice, _ in chosen.domains],
        "draft": draft_object(desk.draft) if desk.draft else None,
        "round": round_object(session, desk.round) if desk.round else None,
    }


def draft_object(draft: AppraisalDraft) -> dict[str, Any]:
    """Return the draft of an appraisal, for its author."""
    return {
        "claim_id": public_id(RecordType.CLAIM, draft.claim_id),
        "saved_at": draft.saved_at,
        "submitted_at": draft.handed_in_at,
        "answers": draft.content,
    }


def round_object(session: Session, round_: AppraisalRound) -> dict[str, Any]:
    """Return a round; of hidden appraisals it has only the number."""
    return {
        "claim_id": public_id(RecordType.CLAIM, round_.claim_id),
        "opened_at": round_.opened_at,
        "n_submitted": len(rounds.handed_in(session, round_.claim_id)),
        "appraisals": [one.public_id for one in round_.appraisals],
    }


def _finding_object(finding: Finding) -> dict[str, Any]:
    found = _named(to_json(finding))
    return (
        {**found, "weaknesses": [_named(one) for one in found["weaknesses"]]}
        if "weaknesses" in found
        else found
    )


def _named(kept: dict[str, Any]) -> dict[str, Any]:
    """Return what an appraisal keeps, with identifiers in place of numbers."""
    return {
        name: public_id(_NUMBERS[name], part) if name in _NUMBERS and part is not None else part
        for name, part in kept.items()
    }


def _domain_object(rule: DomainRule, advice: Advice) -> dict[str, Any]:
    return {
        "domain": rule.domain,
        "question": rule.question,
        "source": rule.source,
        "advice": advice.move,
        "reasons": list(advice.sentences),
        "evidence": [public_id(RecordType.EVIDENCE, number) for number in advice.evidence_ids],
        "limitations": [public_id(RecordType.LIMITATION, number) for number in advice.limitation_ids],
        "choices": [{"value": step.move, "label": step.label} for step in rule.steps],
    }


def _save(identifier: str, sent: Sent, work: Callable[[WriteSession, Claim], None]) -> Response:
    def save(session: WriteSession) -> Response:
        claim = records.find(session, Claim, identifier)
        work(session, claim)
        return answers.send(form_object(session, claim))

    return saved(sent, save)
