"""The arithmetic of GRADE: from a starting level and the changes of the domains to the evidence level.

The database enforces the same rules with constraints (`models.appraisal`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import RULES
from claims_app.vocabulary import CertaintyDomain, EvidenceLevel, RiskOfBiasTool, Scheme

SCHEME = Scheme.GRADE
SCHEME_VERSION = "1"
"""Incremented when a change of the rules in this folder changes the level of a body of evidence."""

LEVELS = (EvidenceLevel.VERY_LOW, EvidenceLevel.LOW, EvidenceLevel.MODERATE, EvidenceLevel.HIGH)


@dataclass(frozen=True)
class Vector:
    """Everything that the level is computed from.

    `moves` are numbers of levels, negative for down; a domain that is missing does not change the level.
    `may_rate_up` is true for non-randomised evidence. `rate_up_reason` explains why the evidence is rated
    up despite downgrades. `translated` is true if animal experiments are evidence about people.
    """

    start: EvidenceLevel
    moves: Mapping[CertaintyDomain, int]
    may_rate_up: bool
    tool: RiskOfBiasTool | None = None
    rate_up_reason: str | None = None
    translated: bool = False

    @property
    def rated_up(self) -> list[CertaintyDomain]:
        """The domains that raise the certainty."""
        return [domain for domain, move in self.moves.items() if move > 0]

    @property
    def rated_down(self) -> list[CertaintyDomain]:
        """The domains that lower the certainty."""
        return [domain for domain, move in self.moves.items() if move < 0]


def level_of(start: EvidenceLevel, total: int) -> EvidenceLevel:
    """Return the level `total` steps from `start`, limited to very low and high (GRADE 3)."""
    return LEVELS[min(max(start.rank - 1 + total, 0), len(LEVELS) - 1)]


def computed_level(vector: Vector) -> EvidenceLevel:
    """Return the level of the vector. Raises ValueError if the rules do not permit the vector."""
    if refused := refusals(vector):
        raise ValueError(" ".join(sentence for sentences in refused.values() for sentence in sentences))
    return level_of(vector.start, sum(vector.moves.values()))


def refusals(vector: Vector) -> dict[str, list[str]]:
    """Return the violated rules as sentences by field; empty if the vector is permitted."""
    refused: dict[str, list[str]] = {}
    if vector.start not in LEVELS:
        refused["start_level"] = ["An appraisal must start at one of the four levels."]
    for domain, move in vector.moves.items():
        permitted = [step.move for step in RULES[domain].steps]
        if move not in permitted:
            choices = ", ".join(str(step) for step in permitted)
            refused.setdefault(domain.value, []).append(
                f"Choose one of these changes for {domain.label.lower()}: {choices}."
            )
    own_tool = vector.tool is not None and vector.tool.judges_confounding
    if vector.moves.get(CertaintyDomain.RISK_OF_BIAS) == -3 and not own_tool:
        refused.setdefault(CertaintyDomain.RISK_OF_BIAS.value, []).append(
            "Three levels for risk of bias require ROBINS-I or ROBINS-E, which also judge confounding."
        )
    if vector.translated and not vector.moves.get(CertaintyDomain.INDIRECTNESS, 0):
        refused.setdefault(CertaintyDomain.INDIRECTNESS.value, []).append(
            "Animal experiments are used as evidence about people here. Rate down for indirectness."
        )
    for domain in vector.rated_up:
        if not vector.may_rate_up:
            refused.setdefault(domain.value, []).append(
                "Only non-randomised evidence can be rated up (GRADE guidelines 9)."
            )
        elif vector.rated_down and not (vector.rate_up_reason or "").strip():
            refused.setdefault("rate_up_reason", []).append(
                "The evidence is rated down as well. Explain why it is rated up regardless (GRADE guidelines 9)."
            )
            break
    return refused
