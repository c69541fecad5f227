"""The domains of GRADE: the question of each, its choices, and by how many levels they change the certainty."""

from dataclasses import dataclass

from claims_app.rules.appraisal import sources
from claims_app.vocabulary import CertaintyDomain


@dataclass(frozen=True)
class Step:
    """One choice of a domain: by how many levels it changes the certainty, and its name."""

    move: int
    label: str


@dataclass(frozen=True)
class DomainRule:
    """One domain: the question for the appraiser, the choices in their order, and the source."""

    domain: CertaintyDomain
    question: str
    steps: tuple[Step, ...]
    source: str

    @property
    def lowest(self) -> int:
        """The largest downgrade."""
        return min(step.move for step in self.steps)

    @property
    def highest(self) -> int:
        """The largest upgrade."""
        return max(step.move for step in self.steps)

    def label_of(self, move: int) -> str:
        """Return the name of `move`, such as “serious”."""
        return next(step.label for step in self.steps if step.move == move)


_SERIOUS = (Step(0, "not serious"), Step(-1, "serious"), Step(-2, "very serious"))
_EXTREME = (*_SERIOUS, Step(-3, "extremely serious"))

DOMAINS: tuple[DomainRule, ...] = (
    DomainRule(
        CertaintyDomain.RISK_OF_BIAS,
        "Are there limitations in study design or conduct that may have distorted the results?",
        _EXTREME,
        sources.GRADE_4,
    ),
    DomainRule(
        CertaintyDomain.INCONSISTENCY,
        "Are there unexplained differences between results?",
        _SERIOUS,
        sources.GRADE_7,
    ),
    DomainRule(
        CertaintyDomain.INDIRECTNESS,
        "Do population, exposure, comparator or outcome differ from those of the claim?",
        _SERIOUS,
        sources.GRADE_8,
    ),
    DomainRule(
        CertaintyDomain.IMPRECISION,
        "Are there few participants or events, or are the confidence intervals wide?",
        _EXTREME,
        sources.GRADE_34,
    ),
    DomainRule(
        CertaintyDomain.PUBLICATION_BIAS,
        "Are studies likely to be missing because of their results?",
        (Step(0, "not suspected"), Step(-1, "strongly suspected"), Step(-2, "very likely")),
        sources.GRADE_5,
    ),
    DomainRule(
        CertaintyDomain.LARGE_EFFECT,
        "Is the effect too large to be explained by bias alone?",
        (Step(0, "no"), Step(1, "large"), Step(2, "very large")),
        sources.GRADE_9,
    ),
    DomainRule(
        CertaintyDomain.DOSE_RESPONSE_GRADIENT,
        "Is more exposure associated with a larger effect?",
        (Step(0, "no"), Step(1, "yes")),
        sources.GRADE_9,
    ),
    DomainRule(
        CertaintyDomain.OPPOSING_CONFOUNDING,
        "Would all plausible confounding have reduced the effect, or suggested an effect where none was found?",
        (Step(0, "no"), Step(1, "yes")),
        sources.GRADE_9,
    ),
)
"""The domains in the order of GRADE."""

RULES: dict[CertaintyDomain, DomainRule] = {rule.domain: rule for rule in DOMAINS}
