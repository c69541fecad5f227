"""The arithmetic of GRADE: from a starting level and the moves of the domains to the evidence level.

The same rules stand in the database as constraints (`models.appraisal`), made from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from claims_app.rules.appraisal.domains import RULES
from claims_app.vocabulary import CertaintyDomain, EvidenceLevel, RiskOfBiasTool, Scheme

SCHEME = Scheme.GRADE
SCHEME_VERSION = "1"
"""Counted up when a rule in this folder changes what a body of evidence comes to."""

LEVELS = (EvidenceLevel.VERY_LOW, EvidenceLevel.LOW, EvidenceLevel.MODERATE, EvidenceLevel.HIGH)


@dataclass(frozen=True)
class Vector:
    """All that the level is computed from.

    `moves` are whole numbers of levels, negative down; a domain that is not named does not move.
    `may_rate_up` is whether the evidence is non-randomised. `rate_up_reason` is why it is rated up
    although something was rated down. `translated` says that animals have to stand for people.
    """

    start: EvidenceLevel
    moves: Mapping[CertaintyDomain, int]
    may_rate_up: bool
    tool: RiskOfBiasTool | None = None
    rate_up_reason: str | None = None
    translated: bool = False

    @property
    def rated_up(self) -> list[CertaintyDomain]:
        """The domains that move the certainty up."""
        return [domain for domain, move in self.moves.items() if move > 0]

    @property
    def rated_down(self) -> list[CertaintyDomain]:
        """The domains that move the certainty down."""
        return [domain for domain, move in self.moves.items() if move < 0]


def level_of(start: EvidenceLevel, total: int) -> EvidenceLevel:
    """Return the level that is `total` steps from `start`, never below very low and never above high (GRADE 3)."""
    return LEVELS[min(max(start.rank - 1 + total, 0), len(LEVELS) - 1)]


def computed_level(vector: Vector) -> EvidenceLevel:
    """Return the level that the vector comes to. Raises ValueError if the rules do not permit the vector."""
    if refused := refusals(vector):
        raise ValueError(" ".join(sentence for sentences in refused.values() for sentence in sentences))
    return level_of(vector.start, sum(vector.moves.values()))


def refusals(vector: Vector) -> dict[str, list[str]]:
    """Return why the rules do not permit the vector: sentences by field; nothing when they permit it."""
    refused: dict[str, list[str]] = {}
    if vector.start not in LEVELS:
        refused["start_level"] = ["An appraisal begins at one of the four levels."]
    for domain, move in vector.moves.items():
        permitted = [step.move for step in RULES[domain].steps]
        if move not in permitted:
            choices = ", ".join(str(step) for step in permitted)
            refused.setdefault(domain.value, []).append(f"{domain.label} moves by one of: {choices}.")
    own_tool = vector.tool is not None and vector.tool.judges_confounding
    if vector.moves.get(CertaintyDomain.RISK_OF_BIAS) == -3 and not own_tool:
        refused.setdefault(CertaintyDomain.RISK_OF_BIAS.value, []).append(
            "Three levels for risk of bias need ROBINS-I or ROBINS-E, which judge confounding as well."
        )
    if vector.translated and not vector.moves.get(CertaintyDomain.INDIRECTNESS, 0):
        refused.setdefault(CertaintyDomain.INDIRECTNESS.value, []).append(
            "Experiments with animals stand for people here: rate indirectness down."
        )
    for domain in vector.rated_up:
        if not vector.may_rate_up:
            refused.setdefault(domain.value, []).append(
                "Only non-randomised evidence is rated up (GRADE guidelines 9)."
            )
        elif vector.rated_down and not (vector.rate_up_reason or "").strip():
            refused.setdefault("rate_up_reason", []).append(
                "Something is rated down, so say why the evidence is rated up all the same (GRADE guidelines 9)."
            )
            break
    return refused
