"""From an appraiser's choices to the starting level, the computed level, and the errors in the choices."""

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
    """The errors, as sentences by field; empty if the appraisal is valid."""

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
    refused = {name: list(sentences) for name, sentences in refusals(vector).items()}
    computed = level_of(start.level, sum(moves.values()))
    level: EvidenceLevel = values.get("level") or computed
    if not body.findings:
        refused["evidence"] = ["No evidence is counted for this claim. Link a study before you appraise it."]
    if level is not computed and values.get("override_reason") is None:
        refused["override_reason"] = [
            f"{level.label} overrides the computed {computed.label.lower()}. Enter a reason."
        ]
    if level is computed and values.get("override_reason") is not None:
        refused["override_reason"] = [
            "The level is the computed one, so it needs no reason for an override. Choose another level or remove "
            "the reason."
        ]
    return Judgement(start, vector, computed, level, refused)


def recomputed_level(
    body: Body, moves: Mapping[CertaintyDomain, int], tool: RiskOfBiasTool | None
) -> EvidenceLevel:
    """Return the computed level of a past appraisal, from its stored choices."""
    start = starting_point_of_body(body.kind, body.designs, tool)
    return level_of(start.level, sum(moves.values()))
