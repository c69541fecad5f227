"""The two groups of a study: what they are called, and whether their numbers agree with the effect estimate.

`n_cases` and `n_controls` are the numbers of both groups in every design: people with and without the condition in a
case–control study, the intervention and the control group of a trial, the exposed and the unexposed of a cohort.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from claims_app.vocabulary import EffectMeasure, StudyDesign

FIRST = ("n_cases", "events_cases", "mean_cases", "sd_cases")
SECOND = ("n_controls", "events_controls", "mean_controls", "sd_controls")
"""The fields of each group: its size, its events, and the mean and standard deviation of its outcome."""

NUMBERS = ("effect_measure", "effect_value", *FIRST, *SECOND)
"""The fields that `disagreement` reads."""

WITHIN = 0.1
"""How far, as a share, an estimate may be from that of its groups: rounding, and small adjustments."""


@dataclass(frozen=True)
class Arm:
    """One of the two groups: its label, its name beside a number, and who is in it."""

    label: str
    short: str
    people: str


@dataclass(frozen=True)
class Arms:
    """The two groups of a study design."""

    first: Arm
    second: Arm


_OF_CONDITION = Arms(
    Arm("Cases", "cases", "People with the condition."),
    Arm("Controls", "controls", "People without the condition."),
)
_OF_TRIAL = Arms(
    Arm("Intervention group", "intervention", "People who were assigned to the intervention."),
    Arm("Control group", "control", "People who were assigned to the comparator."),
)
_OF_EXPOSURE = Arms(
    Arm("Exposed group", "exposed", "People who were exposed."),
    Arm("Unexposed group", "unexposed", "People who were not exposed."),
)
_BY_DESIGN = {
    StudyDesign.RANDOMISED_TRIAL: _OF_TRIAL,
    StudyDesign.NON_RANDOMISED_TRIAL: _OF_TRIAL,
    StudyDesign.COHORT: _OF_EXPOSURE,
}


def arms_of(design: StudyDesign | None) -> Arms:
    """Return the two groups of studies of this `design`."""
    return _BY_DESIGN.get(design, _OF_CONDITION) if design else _OF_CONDITION


def disagreement(values: Mapping[str, object]) -> str | None:
    """Return a sentence if the estimate in `values` differs from the one that its groups give, else None.

    The estimate of the groups is unadjusted, so a difference is worth a look, but not an error. Odds ratio, risk ratio,
    mean difference and standardised mean difference (with the pooled standard deviation, Cochrane Handbook 6.5.1) can
    be computed; for other measures the answer is None.
    """
    measure, estimate = values.get("effect_measure"), values.get("effect_value")
    if not isinstance(measure, EffectMeasure) or not isinstance(estimate, int | float):
        return None
    computed = _computed(measure, [_number(values.get(name)) for name in (*FIRST, *SECOND)])
    if computed is None or _close(estimate, computed, measure):
        return None
    sentence = (
        f"The numbers of the groups give {measure.value} {_rounded(computed)}, not {_rounded(estimate)}."
    )
    inverse = _inverse(computed, measure)
    if inverse is not None and _close(estimate, inverse, measure):
        return f"{sentence} The groups may be the other way round."
    return f"{sentence} This is right if the estimate is adjusted; otherwise check the numbers."


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _computed(measure: EffectMeasure, numbers: list[float | None]) -> float | None:
    n, events, mean, sd, n_2, events_2, mean_2, sd_2 = numbers
    if measure in (EffectMeasure.OR, EffectMeasure.RR):
        if n is None or events is None or n_2 is None or events_2 is None:
            return None
        if measure is EffectMeasure.RR:
            return _quotient(events * n_2, events_2 * n)
        return _quotient(events * (n_2 - events_2), events_2 * (n - events))
    if mean is None or mean_2 is None:
        return None
    if measure is EffectMeasure.MD:
        return mean - mean_2
    if measure is not EffectMeasure.SMD or n is None or n_2 is None or sd is None or sd_2 is None:
        return None
    if n + n_2 <= 2:
        return None
    pooled = math.sqrt(((n - 1) * sd**2 + (n_2 - 1) * sd_2**2) / (n + n_2 - 2)) if min(n, n_2) >= 1 else 0.0
    return _quotient(mean - mean_2, pooled)


def _quotient(above: float, below: float) -> float | None:
    """Return the quotient; None if it is not finite, or a ratio of nought, which has no logarithm."""
    return above / below if above and below else None


def _close(one: float, other: float, measure: EffectMeasure) -> bool:
    if measure in (EffectMeasure.OR, EffectMeasure.RR):
        return one > 0 and other > 0 and abs(math.log(one / other)) <= math.log(1 + WITHIN) + 0.005 / other
    return abs(one - other) <= WITHIN * abs(other) + 0.05


def _inverse(computed: float, measure: EffectMeasure) -> float | None:
    if measure in (EffectMeasure.OR, EffectMeasure.RR):
        return 1 / computed if computed else None
    return -computed


def _rounded(value: float) -> str:
    return f"{value:.3g}".replace("-", "\N{MINUS SIGN}")
