"""The desk of an appraiser: everything that the appraisal form shows, and what it starts with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Appraisal, AppraisalDraft, AppraisalRound, Claim
from claims_app.rules.appraisal.advice import Advice
from claims_app.rules.appraisal.body import Body, Finding, changes
from claims_app.rules.appraisal.conclusion import Proposal, proposal
from claims_app.rules.appraisal.domains import DOMAINS, DomainRule
from claims_app.rules.appraisal.judgement import Judgement
from claims_app.services.appraisal import appraisals, rounds
from claims_app.services.appraisal.levels import (
    AppraisalComparison,
    AppraisalView,
    FindingRow,
    rows_of_body,
)
from claims_app.services.appraisal.overlaps import Overlap, overlaps
from claims_app.services.core.errors import NotFound
from claims_app.vocabulary import CertaintyDomain

_TEXTS = ("rate_up_reason", "rationale")
"""The texts of an appraisal that belong to no single question, and to no override."""


@dataclass(frozen=True)
class Desk:
    """Everything that the appraisal form shows."""

    claim: Claim
    body: Body
    draft: AppraisalDraft | None
    round: AppraisalRound | None
    n_handed_in: int
    settling: "AppraisalComparison | None"
    """The two independent appraisals, if they are ready to be settled."""

    overlaps: Sequence[Overlap]
    changed: Sequence[str]
    """Changes of the evidence since the claim's current appraisal."""

    last: AppraisalView | None
    """The claim's current appraisal."""

    @property
    def findings(self) -> list[FindingRow]:
        """The evidence, as rows of a summary of findings."""
        return rows_of_body(self.body)

    def chosen(self, raw: Mapping[str, object]) -> "ProvisionalAppraisal":
        """Return the judgement that the choices in `raw` lead to, with advice for each domain."""
        judgement = appraisals.provisional(self.body, raw)
        by_id = {finding.evidence_id: finding for finding in self.body.findings}
        advice = judgement.advice
        return ProvisionalAppraisal(
            judgement,
            [
                (
                    rule,
                    advice[rule.domain],
                    [by_id[number] for number in advice[rule.domain].evidence_ids if number in by_id],
                )
                for rule in DOMAINS
            ],
            proposal(self.body.balance),
        )


@dataclass(frozen=True)
class ProvisionalAppraisal:
    """The judgement so far, each domain with its advice and its findings, and the proposed conclusion."""

    judgement: Judgement
    domains: Sequence[tuple[DomainRule, Advice, Sequence[Finding]]]
    proposal: Proposal


def desk_of(session: Session, claim: Claim, author_id: int) -> Desk:
    """Return everything that the appraisal form of `claim` shows to this author."""
    body = appraisals.body_of(session, claim)
    round_ = rounds.open_round_of(session, claim.id)
    newest = session.get(Appraisal, claim.appraisal_id) if claim.appraisal_id else None
    return Desk(
        claim,
        body,
        appraisals.draft_of(session, claim.id, author_id),
        round_,
        len(rounds.handed_in(session, claim.id)) if round_ else 0,
        AppraisalComparison(*map(AppraisalView, round_.appraisals[: rounds.APPRAISERS]))
        if round_ and rounds.is_to_settle(round_)
        else None,
        overlaps(session, claim_id=claim.id),
        changes(appraisals.body_seen(newest), body) if newest else (),
        AppraisalView(newest) if newest else None,
    )


def begun(desk: Desk) -> dict[str, str]:
    """Return the initial values of an appraisal form, by field name. No answer is preset.

    These are, in this order: the author's draft; when settling a round, what both independent appraisals agree on;
    otherwise the plain-language summary of the last appraisal. In an open round nothing is copied, so that both
    appraisers judge independently.
    """
    if desk.draft is not None:
        return desk.draft.content
    if desk.settling is not None:
        return _agreed(desk.settling.first.appraisal, desk.settling.second.appraisal)
    if desk.last is None or desk.round is not None:
        return {}
    summary = desk.last.appraisal.rationale
    return {"rationale": summary} if summary else {}


def take_over(session: WriteSession, claim: Claim, author_id: int) -> Appraisal:
    """Make this author's draft of the answers of the claim's last appraisal, in place of any draft; return that one.

    Raises NotAllowed, Invalid if the author's appraisal has been submitted, and NotFound without an earlier appraisal
    or in a round, in which both judge independently of earlier answers.
    """
    number = claim.appraisal_id
    if number is None or rounds.open_round_of(session, claim.id) is not None:
        raise NotFound(f"{claim.public_id} has no appraisal to start from.")
    last = session.get_one(Appraisal, number)
    appraisals.save_draft(session, claim, author_id, answers_of(last))
    return last


def answers_of(appraisal: Appraisal) -> dict[str, str]:
    """Return the answers, reasons and texts of an appraisal as form values, for someone who starts from them."""
    return _agreed(appraisal, appraisal)


def _agreed(first: Appraisal, second: Appraisal) -> dict[str, str]:
    """Return the answers on which both appraisals agree, with the reasons of both, by field name.

    A conclusion that was derived is no answer of a person, so it is not among them.
    """
    content: dict[str, str] = {}
    if first.risk_of_bias_tool is not None and first.risk_of_bias_tool is second.risk_of_bias_tool:
        content["risk_of_bias_tool"] = first.risk_of_bias_tool.value
    for domain in CertaintyDomain:
        if first.moves[domain] == second.moves[domain]:
            content[domain.value] = str(first.moves[domain])
            content[f"{domain.value}_reason"] = _joined(first.reasons[domain], second.reasons[domain])
    if first.conclusion is second.conclusion and not (first.conclusion_derived or second.conclusion_derived):
        content["conclusion"] = first.conclusion.value
        content["conclusion_reason"] = _joined(first.conclusion_reason, second.conclusion_reason)
    for name in _TEXTS:
        content[name] = _joined(getattr(first, name), getattr(second, name))
    return content


def _joined(*texts: str | None) -> str:
    """Return different texts one below the other."""
    return "\n\n".join(dict.fromkeys(text for text in texts if text))
