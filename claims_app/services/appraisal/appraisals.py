"""Making appraisals. An appraisal is the only way in which a claim gets its level."""

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import (
    Appraisal,
    AppraisalDraft,
    AppraisalEvidence,
    AppraisalRound,
    Claim,
    Proposal,
    bodies_of,
)
from claims_app.models.levels import mark_stale
from claims_app.models.types import utc_now
from claims_app.permissions import Permission
from claims_app.rules import schemas
from claims_app.rules.appraisal.body import (
    Body,
    changes,
    finding_from_json,
    to_json,
    weakness_from_json,
)
from claims_app.rules.appraisal.judgement import Judgement, judge, recomputed_level
from claims_app.rules.appraisal.level import SCHEME, SCHEME_VERSION
from claims_app.services.appraisal import rounds
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import EvidenceChanged, Invalid
from claims_app.services.records import proposals
from claims_app.vocabulary import AppraisalStage, Effect, EvidenceLevel

_LONGEST_DRAFT = 50_000


@dataclass(frozen=True)
class HandedIn:
    """An independent appraisal was submitted; the claim gets no level from it before the other one is in."""

    draft: AppraisalDraft


def body_of(session: Session, claim: Claim) -> Body:
    """Return the current body of evidence of `claim`."""
    return bodies_of(session, [claim.id])[claim.id]


def appraise(
    session: WriteSession,
    claim: Claim,
    raw: Mapping[str, object],
    *,
    appraiser_id: int,
    seen_digest: str | None = None,
) -> Appraisal | HandedIn | Proposal:
    """Appraise `claim` with the form values in `raw`, and set its level.

    `seen_digest` is the digest of the evidence that the appraiser was shown. Returns the appraisal; a proposal if
    review is required; or HandedIn in a round of two independent appraisals, where the first is kept hidden and
    both are made when the second is submitted.

    Raises NotAllowed, Invalid, Gone or Merged if the claim was deleted or merged meanwhile, and EvidenceChanged if
    the evidence is no longer what the appraiser was shown.
    """
    effect = authorization.require(session, Permission.APPRAISE, claim)
    records.lock(session, claim)
    body = body_of(session, claim)
    if seen_digest is not None and seen_digest != body.digest():
        raise EvidenceChanged(_changes_since(session, claim, body))
    round_ = rounds.open_round_of(session, claim.id)
    if round_ is not None and not rounds.is_to_settle(round_):
        _judged(body, raw)
        return _hand_in(session, claim, body, raw, round_, appraiser_id)
    if effect is Effect.REVIEW:
        _judged(body, raw)
        discard_draft(session, claim.id, appraiser_id)
        return proposals.appraisal(session, claim, raw, body.digest())
    appraisal = _make(session, claim, body, raw, round_, appraiser_id)
    if round_ is not None:
        round_.closed_at = utc_now()
    discard_draft(session, claim.id, appraiser_id)
    return appraisal


def appraise_as_proposed(
    session: WriteSession, claim: Claim, raw: Mapping[str, object], digest: str, appraiser_id: int | None
) -> Appraisal:
    """Make the proposed appraisal of `claim`; `digest` is that of the evidence it was proposed on.

    Raises Invalid, and EvidenceChanged if the evidence has changed since.
    """
    records.lock(session, claim)
    body = body_of(session, claim)
    if digest != body.digest():
        raise EvidenceChanged(_changes_since(session, claim, body))
    round_ = rounds.open_round_of(session, claim.id)
    if round_ is not None and not rounds.is_to_settle(round_):
        round_ = None
    appraisal = _make(session, claim, body, raw, round_, appraiser_id)
    if round_ is not None:
        round_.closed_at = utc_now()
    return appraisal


def appraise_by_program(session: WriteSession, claim: Claim, raw: Mapping[str, object]) -> Appraisal:
    """Make an appraisal of `claim` without a user account, as the seed does. Raises Invalid, Gone and Merged."""
    records.lock(session, claim)
    return _make(session, claim, body_of(session, claim), raw, None, None)


def provisional(body: Body, raw: Mapping[str, object]) -> Judgement:
    """Return the judgement that the answers in `raw` lead to so far. Invalid fields count as not answered yet."""
    _, judgement, refused = _weighed(body, raw)
    return dataclasses.replace(judgement, refused=refused)


def save_draft(
    session: WriteSession, claim: Claim, author_id: int, raw: Mapping[str, object]
) -> AppraisalDraft:
    """Save an appraisal form as a draft, which may be incomplete and is visible to its author only.

    Raises NotAllowed, and Invalid if it is too long or the author's appraisal has been submitted.
    """
    authorization.require(session, Permission.APPRAISE, claim)
    content = {
        field.name: str(value)
        for field in schemas.APPRAISAL.fields
        if (value := raw.get(field.name)) not in (None, "")
    }
    if sum(map(len, content.values())) > _LONGEST_DRAFT:
        raise Invalid({"rationale": ["This is too long to save as a draft."]})
    draft = draft_of(session, claim.id, author_id)
    if draft is None:
        draft = AppraisalDraft(claim_id=claim.id, author_id=author_id)
        session.add(draft)
    elif draft.handed_in_at is not None:
        raise Invalid(
            {"evidence": ["You have submitted your appraisal. It is waiting for the second appraiser."]}
        )
    draft.content, draft.saved_at = content, utc_now()
    records.save(session)
    return draft


def draft_of(session: Session, claim_id: int, author_id: int) -> AppraisalDraft | None:
    """Return the draft of this author for this claim, or None."""
    return session.scalar(
        select(AppraisalDraft).where(
            AppraisalDraft.claim_id == claim_id, AppraisalDraft.author_id == author_id
        )
    )


def discard_draft(session: Session, claim_id: int, author_id: int) -> None:
    """Discard this author's draft for this claim, unless it has been submitted."""
    session.execute(
        delete(AppraisalDraft).where(
            AppraisalDraft.claim_id == claim_id,
            AppraisalDraft.author_id == author_id,
            AppraisalDraft.handed_in_at.is_(None),
        )
    )


def body_seen(appraisal: Appraisal) -> Body:
    """Return the body of evidence that `appraisal` is based on, as it was then."""
    return Body(
        appraisal.claim_kind,
        tuple(finding_from_json(row.finding) for row in appraisal.seen),
        tuple(weakness_from_json(weakness) for weakness in appraisal.weaknesses),
    )


def recomputed(appraisal: Appraisal) -> EvidenceLevel:
    """Return the level of `appraisal`, recomputed from its stored evidence and judgements."""
    return recomputed_level(body_seen(appraisal), appraisal.moves, appraisal.risk_of_bias_tool)


def _hand_in(
    session: WriteSession,
    claim: Claim,
    body: Body,
    raw: Mapping[str, object],
    round_: AppraisalRound,
    appraiser_id: int,
) -> HandedIn:
    """Keep an independent appraisal hidden; when it is the second, make both."""
    draft = save_draft(session, claim, appraiser_id, raw)
    draft.handed_in_at, draft.evidence_digest = utc_now(), body.digest()
    records.save(session)
    rounds.return_outdated(session, claim.id, body.digest(), lambda other: _is_complete(body, other.content))
    drafts = rounds.handed_in(session, claim.id)
    if len(drafts) == rounds.APPRAISERS:
        for other in drafts:
            # The history must name the appraiser, not the one whose submission completed the round.
            with authorization.as_author(session, other.author):
                _make(
                    session,
                    claim,
                    body,
                    other.content,
                    round_,
                    other.author_id,
                    other.handed_in_at,
                    blind=True,
                )
            session.delete(other)
        records.save(session)
        session.expire(round_, ["appraisals"])
    return HandedIn(draft)


def _is_complete(body: Body, raw: Mapping[str, object]) -> bool:
    """Return whether an appraisal can be made of a draft: one from before a rule may lack what the rule asks for."""
    _, judgement, refused = _weighed(body, raw)
    return not refused and not judgement.unanswered


def _judged(body: Body, raw: Mapping[str, object]) -> tuple[dict[str, Any], Judgement]:
    """Return the cleaned values and the judgement they lead to. Raises Invalid with all errors."""
    values, judgement, refused = _weighed(body, raw)
    for name in judgement.unanswered:
        # An answer that could not be read has its own error.
        refused.setdefault(name, ["Choose an answer."])
    if refused:
        raise Invalid(refused)
    return values, judgement


def _weighed(body: Body, raw: Mapping[str, object]) -> tuple[dict[str, Any], Judgement, dict[str, list[str]]]:
    """Return the cleaned values, the judgement they lead to, and the errors by field, without unanswered questions."""
    values, refused = schemas.APPRAISAL.clean(raw)
    judgement = judge(body, values)
    for name, sentences in judgement.refused.items():
        errors = refused.setdefault(name, [])
        errors += [sentence for sentence in sentences if sentence not in errors]
    return values, judgement, refused


def _make(
    session: WriteSession,
    claim: Claim,
    body: Body,
    raw: Mapping[str, object],
    round_: AppraisalRound | None,
    appraiser_id: int | None,
    appraised_at: datetime.datetime | None = None,
    *,
    blind: bool = False,
) -> Appraisal:
    """Create and save an appraisal; `blind` makes it one of two independent ones. Raises Invalid."""
    values, judgement = _judged(body, raw)
    stage = AppraisalStage.SETTLED if round_ else AppraisalStage.SINGLE
    appraisal = Appraisal(
        claim_id=claim.id,
        stage=AppraisalStage.INDEPENDENT if blind else stage,
        round_id=round_.id if round_ else None,
        scheme=SCHEME,
        scheme_version=SCHEME_VERSION,
        claim_kind=body.kind,
        start_level=judgement.start.level,
        start_reason=judgement.start.reason,
        may_rate_up=judgement.start.may_rate_up,
        translated=judgement.start.point.translated,
        computed_level=judgement.computed,
        proposed_conclusion=judgement.proposed,
        conclusion_derived=False,
        evidence_digest=body.digest(),
        weaknesses=[to_json(weakness) for weakness in body.weaknesses],
        lead_evidence_id=body.findings[-1].evidence_id,
        appraised_by_id=appraiser_id,
        appraised_at=appraised_at or session.changed_at,
    )
    answers = {domain.value: move for domain, move in judgement.vector.moves.items()}
    records.assign(appraisal, {**values, **answers, "level": judgement.level})
    for domain, advice in judgement.advice.items():
        setattr(appraisal, f"{domain.value}_advice", advice.move)
    appraisal.seen = [
        AppraisalEvidence(
            evidence_id=finding.evidence_id,
            evidence_version=finding.evidence_version,
            study_id=finding.study_id,
            study_version=finding.study_version,
            finding=to_json(finding),
        )
        for finding in body.findings
    ]
    session.add(appraisal)
    records.save(session, schemas.APPRAISAL)
    mark_stale(session)  # from here on the claim has its level
    return appraisal


def _changes_since(session: Session, claim: Claim, body: Body) -> list[str]:
    """Return the changes of the evidence since the claim's last appraisal.

    The appraiser may have seen some of them: what the evidence was when the form was shown is known by digest only.
    """
    newest = session.get(Appraisal, claim.appraisal_id) if claim.appraisal_id else None
    return changes(body_seen(newest), body) if newest else []
