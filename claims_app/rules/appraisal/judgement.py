"""From what an appraiser chose to what follows: the starting level, the computed level, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from claims_app.rules.appraisal.body import Body
from claims_app.rules.appraisal.domains import DOMAINS
from claims_app.rules.appraisal.level import Vector, level_of, refusals
from claims_app.rules.appraisal.starting import BodyStart, starting_point_of_body
from claims_app.vocabulary import CertaintyDomain, EvidenceLevel, RiskOfBiasTool


@dataclass(frozen=True)
class Judgement:
    """What follows from an appraiser's choices for one body of evidence."""

    start: BodyStart
    vector: Vector
    computed: EvidenceLevel
    level: EvidenceLevel
    refused: Mapping[str, list[str]]
    """Why it cannot stand: sentences by field; nothing when it can."""

    @property
    def overridden(self) -> bool:
        """Whether the appraiser set another level than the computed one."""
        return self.level is not self.computed


def judge(body: Body, values: Mapping[str, Any]) -> Judgement:
    """Return what follows from the cleaned `values` of an appraisal (see `rules.records.appraisal`).

    What is refused is listed in the result, so that a level can be shown while somebody still chooses.
    """
    tool: RiskOfBiasTool | None = values.get("risk_of_bias_tool")
    start = starting_point_of_body(body.kind, body.designs, tool)
    moves = {rule.domain: int(values.get(rule.domain.value) or 0) for rule in DOMAINS}
    vector = Vector(
        start.level,
        moves,
        start.may_rate_up,
        # A tool for another question does not judge the confounding of this one.
        tool if tool in start.point.tools else None,
        values.get("rate_up_reason"),
        start.point.translated,
    )
    refused = {name: list(sentences) for name, sentences in refusals(vector).items()}
    computed = level_of(start.level, sum(moves.values()))
    level: EvidenceLevel = values.get("level") or computed
    if not body.findings:
        refused["evidence"] = [
            "There is no counted evidence, so there is nothing to appraise: link a study to the claim first."
        ]
    if level is not computed and values.get("override_reason") is None:
        refused["override_reason"] = [
            f"{level.label} overrides the computed {computed.label.lower()}: say why."
        ]
    if level is computed and values.get("override_reason") is not None:
        refused["override_reason"] = [
            "This is a reason for an override, and the level is the computed one: choose another level, "
            "or take the reason away."
        ]
    return Judgement(start, vector, computed, level, refused)


def recomputed_level(
    body: Body, moves: Mapping[CertaintyDomain, int], tool: RiskOfBiasTool | None
) -> EvidenceLevel:
    """Return the level that a past appraisal comes to, from what it stored."""
    start = starting_point_of_body(body.kind, body.designs, tool)
    return level_of(start.level, sum(moves.values()))
