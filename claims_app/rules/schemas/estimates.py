"""The rules for the numbers of an effect estimate."""

import math

from claims_app.rules.fields import Rule, Values
from claims_app.vocabulary import CORRELATION_MEASURES, RATIO_MEASURES, EffectMeasure

_ESTIMATE = ("effect_value", "ci_low", "ci_high")


def _numbers(values: Values, *names: str) -> list[float]:
    return [number for name in names if isinstance(number := values.get(name), int | float)]


def _measure_within(
    name: str,
    measures: tuple[EffectMeasure, ...],
    sentence: str,
    *,
    above: float = -math.inf,
    at_least: float = -math.inf,
    at_most: float = math.inf,
) -> Rule:
    """Return the rule that the estimate and interval of one of `measures` are within the bounds."""
    listed = ", ".join(f"'{measure.value}'" for measure in measures)
    bounds = ((">", above), (">=", at_least), ("<=", at_most))
    comparisons = [f"{sign} {bound:g}" for sign, bound in bounds if math.isfinite(bound)]
    kept = " AND ".join(
        f"({number} IS NULL OR ({' AND '.join(f'{number} {comparison}' for comparison in comparisons)}))"
        for number in _ESTIMATE
    )

    def holds(values: Values) -> bool:
        return values.get("effect_measure") not in measures or all(
            number > above and at_least <= number <= at_most for number in _numbers(values, *_ESTIMATE)
        )

    return Rule(
        name=name,
        field="effect_value",
        sentence=sentence,
        sql=f"effect_measure IS NULL OR effect_measure NOT IN ({listed}) OR ({kept})",
        holds=holds,
    )


def _ordered(values: Values) -> bool:
    numbers = _numbers(values, "ci_low", "effect_value", "ci_high")
    return numbers == sorted(numbers)


ESTIMATE_RULES = (
    Rule(
        name="interval_contains_estimate",
        field="ci_low",
        sentence="The interval must contain the estimate: lower limit ≤ estimate ≤ upper limit.",
        sql="(ci_low IS NULL OR ci_high IS NULL OR ci_low <= ci_high) "
        "AND (ci_low IS NULL OR effect_value IS NULL OR ci_low <= effect_value) "
        "AND (ci_high IS NULL OR effect_value IS NULL OR effect_value <= ci_high)",
        holds=_ordered,
    ),
    _measure_within(
        "ratio_is_positive", RATIO_MEASURES, "A ratio (OR, RR, HR) must be greater than 0.", above=0
    ),
    _measure_within(
        "correlation_within_one",
        CORRELATION_MEASURES,
        "A correlation must be between -1 and 1.",
        at_least=-1,
        at_most=1,
    ),
    _measure_within(
        "auc_within_one",
        (EffectMeasure.AUC,),
        "An area under the curve must be between 0 and 1.",
        at_least=0,
        at_most=1,
    ),
)
"""The rules for every effect estimate."""
