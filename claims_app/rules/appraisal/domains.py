"""The domains of GRADE: how far each can move the certainty, what each step is called, and what to ask."""

from dataclasses import dataclass

from claims_app.rules.appraisal import sources
from claims_app.vocabulary import CertaintyDomain


@dataclass(frozen=True)
class Step:
    """One choice of a domain: by how many levels it moves the certainty, and what it is called."""

    move: int
    label: str


@dataclass(frozen=True)
class DomainRule:
    """One domain: what an appraiser asks, the steps in their order, and the source."""

    domain: CertaintyDomain
    question: str
    steps: tuple[Step, ...]
    source: str

    @property
    def lowest(self) -> int:
        """The furthest move down."""
        return min(step.move for step in self.steps)

    @property
    def highest(self) -> int:
        """The furthest move up."""
        return max(step.move for step in self.steps)

    def label_of(self, move: int) -> str:
        """Return what `move` is called, such as “serious”."""
        return next(step.label for step in self.steps if step.move == move)


_SERIOUS = (Step(0, "not serious"), Step(-1, "serious"), Step(-2, "very serious"))
_EXTREME = (*_SERIOUS, Step(-3, "extremely serious"))

DOMAINS: tuple[DomainRule, ...] = (
    DomainRule(
        CertaintyDomain.RISK_OF_BIAS,
        "Are the studies made so that their results may be distorted?",
        _EXTREME,
        sources.GRADE_4,
    ),
    DomainRule(
        CertaintyDomain.INCONSISTENCY,
        "Do the studies differ in what they find, and nobody can say why?",
        _SERIOUS,
        sources.GRADE_7,
    ),
    DomainRule(
        CertaintyDomain.INDIRECTNESS,
        "Are population, exposure, comparator and outcome those of the claim?",
        _SERIOUS,
        sources.GRADE_8,
    ),
    DomainRule(
        CertaintyDomain.IMPRECISION,
        "Are there few participants or events, or do the intervals leave room for another answer?",
        _EXTREME,
        sources.GRADE_34,
    ),
    DomainRule(
        CertaintyDomain.PUBLICATION_BIAS,
        "Are studies likely to be missing because of what they found?",
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
        "Does more of the exposure go with more of the effect?",
        (Step(0, "no"), Step(1, "yes")),
        sources.GRADE_9,
    ),
    DomainRule(
        CertaintyDomain.OPPOSING_CONFOUNDING,
        "Would all plausible confounding have made the effect smaller, or feigned one where none was seen?",
        (Step(0, "no"), Step(1, "yes")),
        sources.GRADE_9,
    ),
)
"""The domains in the order of GRADE."""

RULES: dict[CertaintyDomain, DomainRule] = {rule.domain: rule for rule in DOMAINS}
