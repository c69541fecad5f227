"""From an appraiser's answers to the starting level, the computed level, and the errors in the answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claims_app.rules.appraisal.advice import Advice, advise
from claims_app.rules.appraisal.body import Body
from claims_app.rules.appraisal.conclusion import propose
from claims_app.rules.appraisal.domains import DOMAINS, RULES
from claims_app.rules.appraisal.level import Vector, level_of, refusals
from claims_app.rules.appraisal.phrasing import signed
from claims_app.rules.appraisal.starting import BodyStart, starting_point_of_body
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import CertaintyDomain, Conclusion, EvidenceLevel, RiskOfBiasTool


@dataclass(frozen=True)
class Judgement:
    """What follows from an appraiser's answers for one body of evidence."""

    start: BodyStart
    vector: Vector
    computed: EvidenceLevel
    level: EvidenceLevel
    advice: Mapping[CertaintyDomain, Advice]
    conclusion: Conclusion | None
    proposed: Conclusion
    unanswered: tuple[str, ...]
    """The fields of the questions that have no answer. Without all answers there is no level."""

    refused: Mapping[str, list[str]]
    """The other errors, as sentences by field; empty if the answers so far are valid."""

    @property
    def verdict(self) -> Verdict | None:
        """The conclusion and the level; None as long as a question has no answer."""
        return None if self.unanswered else Verdict(self.conclusion, self.level)

    @property
    def overridden(self) -> bool:
        """Whether the appraiser set another level than the computed one."""
        return self.level is not self.computed


def judge(body: Body, values: Mapping[str, Any]) -> Judgement:
    """Return what follows from the cleaned `values` of an appraisal (see `rules.schemas.appraisal`).

    Errors are listed in the result and not raised, so the level can be shown while the form is being filled in.
    """
    tool: RiskOfBiasTool | None = values.get("risk_of_bias_tool")
    start = starting_point_of_body(body.kind, body.designs, tool)
    moves = {rule.domain: int(values.get(rule.domain.value) or 0) for rule in DOMAINS}
    vector = Vector(
        start.level,
        moves,
        start.may_rate_up,
        # A tool for another kind of question does not judge confounding for this one.
        tool if tool in start.point.tools else None,
        values.get("rate_up_reason"),
        start.point.translated,
    )
    advice = advise(body, start)
    questions = [domain.value for domain in _questions(start)]
    unanswered = tuple(name for name in (*questions, "conclusion") if values.get(name) is None)
    refused = {
        name: list(sentences) for name, sentences in refusals(vector).items() if name not in unanswered
    }
    computed = level_of(start.level, sum(moves.values()))
    level: EvidenceLevel = values.get("level") or computed
    if not body.findings:
        refused["evidence"] = ["No evidence is counted for this claim. Link a study before you appraise it."]
    for domain, advised in advice.items():
        unmoved = values.get(domain.value) == 0
        # An answer that changes the level needs its reason anyway.
        if unmoved and advised.move and values.get(f"{domain.value}_reason") is None:
            label = RULES[domain].label_of(advised.move)
            refused[f"{domain.value}_reason"] = [
                f"The advice is {signed(advised.move)} ({label}). Enter a reason for not following it."
            ]
    if level is not computed and values.get("override_reason") is None:
        refused["override_reason"] = [
            f"{level.label} overrides the computed {computed.label.lower()}. Enter a reason."
        ]
    if level is computed and values.get("override_reason") is not None:
        refused["override_reason"] = [
            "The level is the computed one, so it needs no reason for an override. Choose another level or remove "
            "the reason."
        ]
    conclusion: Conclusion | None = values.get("conclusion")
    proposed = propose(body.balance)
    if conclusion not in (None, proposed) and values.get("conclusion_reason") is None:
        refused["conclusion_reason"] = [
            f"The proposed conclusion is “{proposed.label.lower()}”. Enter a reason for another one."
        ]
    return Judgement(start, vector, computed, level, advice, conclusion, proposed, unanswered, refused)


def _questions(start: BodyStart) -> list[CertaintyDomain]:
    """Return the domains that need an answer: rating up is no question where the rules exclude it."""
    return [rule.domain for rule in DOMAINS if start.may_rate_up or not rule.domain.rates_up]


def recomputed_level(
    body: Body, moves: Mapping[CertaintyDomain, int], tool: RiskOfBiasTool | None
) -> EvidenceLevel:
    """Return the computed level of a past appraisal, from its stored choices."""
    start = starting_point_of_body(body.kind, body.designs, tool)
    return level_of(start.level, sum(moves.values()))
