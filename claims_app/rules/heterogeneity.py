"""How far the effect estimates of studies agree: Cochran's Q, I², intervals that do not overlap, and wide intervals.

The numbers inform a judgement (GRADE guidelines 6 and 7). They never decide a level on their own.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

from claims_app.vocabulary import CORRELATION_MEASURES, RATIO_MEASURES, EffectMeasure

BANDS = (
    (0, 40, "might not be important"),
    (30, 60, "may represent moderate heterogeneity"),
    (50, 90, "may represent substantial heterogeneity"),
    (75, 100, "considerable heterogeneity"),
)
"""How to read I², in per cent from and to: Cochrane Handbook for Systematic Reviews, section 10.10.2."""

NO_EFFECT = {
    **dict.fromkeys(RATIO_MEASURES, 1.0),
    EffectMeasure.MD: 0.0,
    EffectMeasure.SMD: 0.0,
    **dict.fromkeys(CORRELATION_MEASURES, 0.0),
    EffectMeasure.AUC: 0.5,
}
"""The value that means no effect. For `percent` it depends on what is measured; for `other` it is unknown."""

APPRECIABLE = {
    # “We suggest an RR of under 0.75 or over 1.25 as a rough guide”: GRADE guidelines 6. OR and HR: by analogy.
    **dict.fromkeys(RATIO_MEASURES, (0.75, 1.25)),
    # GRADE gives no number for these. We use the medium effects of Cohen, Statistical Power Analysis, 1988, and
    # acceptable discrimination as defined by Hosmer and Lemeshow, Applied Logistic Regression, 2000.
    EffectMeasure.SMD: (-0.5, 0.5),
    **dict.fromkeys(CORRELATION_MEASURES, (-0.3, 0.3)),
    EffectMeasure.AUC: (0.3, 0.7),
}
"""The values beyond which an effect is appreciable. For a mean difference they depend on its unit."""

_EXTREME = 1e50
# Larger effects, and standard errors above this or below its inverse, would overflow or underflow when they are
# squared twice. No measured value is that extreme.

_LARGEST_LOG = math.log(1e308)


@dataclass(frozen=True)
class Estimate:
    """An effect estimate as printed: value and limits on the scale of the measure, the level in per cent.

    `label` identifies it for readers, such as “EVD-3”.
    """

    label: str
    measure: EffectMeasure
    value: float
    ci_low: float
    ci_high: float
    ci_level: float


@dataclass(frozen=True)
class Heterogeneity:
    """How far estimates of one measure agree.

    `n` is the number of estimates, `q` is Cochran's Q, `p` is its p value (0 to 1), and `i2` is I² in per cent
    (0 to 100). `pooled` is the random-effects mean with its 95% interval, on the scale of the measure. It is a
    guide, not a result. `apart` lists the pairs whose intervals do not overlap, by their labels.
    """

    n: int
    q: float
    p: float
    i2: float
    pooled: float
    pooled_low: float
    pooled_high: float
    apart: tuple[tuple[str, str], ...]

    @property
    def df(self) -> int:
        """The degrees of freedom of Q."""
        return self.n - 1

    @property
    def all_overlap(self) -> bool:
        """Whether all intervals have a value in common."""
        # Intervals on a line have a common point if each pair of them has one (Helly's theorem).
        return not self.apart

    @property
    def words(self) -> str:
        """What I² may mean.

        The bands of the Handbook overlap on purpose, because the meaning of I² depends on the size and direction
        of the effects and on the strength of the evidence. If I² is in two bands, the text names both.
        """
        shown = round(self.i2)  # the number that the pages show
        return ", or ".join(words for low, high, words in BANDS if low <= shown <= high)


@dataclass(frozen=True)
class Width:
    """Whether a 95% interval includes no effect, and whether it includes a value of `APPRECIABLE`.

    Each is False if no such value is known for the measure. If both are True, the estimate is imprecise
    (GRADE guidelines 6).
    """

    crosses_no_effect: bool
    crosses_appreciable: bool


@dataclass(frozen=True)
class _Scale:
    """A scale on which estimates are nearly normal: the functions to and from it, and its open range."""

    there: Callable[[float], float]
    back: Callable[[float], float]
    above: float = -math.inf
    below: float = math.inf


def _exp(number: float) -> float:
    return math.exp(number) if number < _LARGEST_LOG else math.inf


def _logit(share: float) -> float:
    return math.log(share) - math.log1p(-share)


def _from_logit(number: float) -> float:
    return (1 + math.tanh(number / 2)) / 2  # 1 / (1 + exp(-number)), which would overflow


_IDENTITY = _Scale(float, float)
_LOG = _Scale(math.log, _exp, above=0)
_FISHER = _Scale(math.atanh, math.tanh, above=-1, below=1)
_LOGIT = _Scale(_logit, _from_logit, above=0, below=1)

_SCALES = {
    **dict.fromkeys(RATIO_MEASURES, _LOG),
    EffectMeasure.MD: _IDENTITY,
    EffectMeasure.SMD: _IDENTITY,
    EffectMeasure.PERCENT: _IDENTITY,
    **dict.fromkeys(CORRELATION_MEASURES, _FISHER),
    EffectMeasure.AUC: _LOGIT,
}


def on_scale(estimate: Estimate) -> tuple[float, float]:
    """Return the effect and its standard error on the scale of analysis of its measure.

    That scale is the natural log for ratios, Fisher's z for correlations, and the printed scale for mean
    differences and per cent (Cochrane Handbook, chapters 6 and 10). It is the logit for an area under the curve,
    which is closer to normal between studies on it (Snell et al., Stat Methods Med Res 2018;27:3505–22).

    The standard error is the width of the interval on that scale, divided by twice the normal quantile of its
    level (Cochrane Handbook, sections 6.3.1 and 6.3.2). The limits need not be symmetrical about the value,
    because printed numbers are rounded.

    Raises ValueError if the measure has no scale of analysis, if a number is outside it (a ratio of 0, a
    correlation of 1), if the interval is empty or does not contain the value, or if its level is not between
    0 and 100.
    """
    scale = _SCALES.get(estimate.measure)
    if scale is None:
        raise ValueError(
            f"{estimate.label}: “{estimate.measure.label}” has no scale to compare estimates on."
        )
    numbers = (estimate.ci_low, estimate.value, estimate.ci_high)
    if not all(scale.above < number < scale.below for number in numbers):
        raise ValueError(f"{estimate.label}: {numbers} are not all within the range of the measure.")
    if not estimate.ci_low <= estimate.value <= estimate.ci_high:
        raise ValueError(f"{estimate.label}: the interval does not contain the value.")
    low, effect, high = map(scale.there, numbers)
    error = (high - low) / (2 * _quantile(estimate))
    if not (1 / _EXTREME < error < _EXTREME and abs(effect) < _EXTREME):
        raise ValueError(f"{estimate.label}: no standard error follows from the interval.")
    return effect, error


def comparable(estimates: Iterable[Estimate]) -> dict[EffectMeasure, list[Estimate]]:
    """Return the estimates that can be compared, by measure and in their order: two or more of each.

    Estimates that `on_scale` refuses are left out, and so are those of `other`. The caller has to make sure that
    mean differences have the same unit, and that each study gives one estimate.
    """
    by_measure: dict[EffectMeasure, list[Estimate]] = defaultdict(list)
    for estimate in estimates:
        if _is_on_scale(estimate):
            by_measure[estimate.measure].append(estimate)
    return {measure: found for measure, found in by_measure.items() if len(found) > 1}


def heterogeneity(estimates: Sequence[Estimate]) -> Heterogeneity:
    """Return how far two or more estimates of one measure agree.

    Q is the weighted sum of squares about the fixed-effect mean (Cochran, Biometrics 1954;10:101–29). I² is
    (Q - df) / Q, or 0 if that is negative (Higgins and Thompson, Stat Med 2002;21:1539–58; Higgins et al., BMJ
    2003;327:557–60). The pooled mean has inverse-variance weights and random effects, because studies of
    different people and methods do not share one effect. The variance between studies is the moment estimate of
    DerSimonian and Laird (Control Clin Trials 1986;7:177–88), or 0 if that is negative, which makes it the
    fixed-effect mean. Overlap is judged by 95% intervals; limits that touch overlap.

    Raises ValueError for fewer than two estimates, for different measures, and for what `on_scale` refuses.
    """
    if len(estimates) < 2:
        raise ValueError("Heterogeneity needs two estimates or more.")
    if len({estimate.measure for estimate in estimates}) > 1:
        raise ValueError("Estimates of different measures cannot be compared.")
    points = [on_scale(estimate) for estimate in estimates]

    # Moving all effects by the same amount changes nothing. With the most precise effect at 0, estimates that are
    # far from 0 and close together keep their digits.
    origin, _ = min(points, key=lambda point: point[1])
    effects = [effect - origin for effect, _ in points]
    variances = [error**2 for _, error in points]

    df = len(estimates) - 1
    mean, error = _pool(effects, variances)
    q = math.fsum(
        (effect - mean) ** 2 / variance for effect, variance in zip(effects, variances, strict=True)
    )
    if q > df:
        between = _variance_between(q, variances)
        mean, error = _pool(effects, [variance + between for variance in variances])
    reach = NormalDist().inv_cdf(0.975) * error
    back = _SCALES[estimates[0].measure].back
    return Heterogeneity(
        n=len(estimates),
        q=q,
        p=chi_square_tail(q, df),
        i2=100 * (q - df) / q if q > df else 0.0,
        pooled=back(origin + mean),
        pooled_low=back(origin + (mean - reach)),
        pooled_high=back(origin + (mean + reach)),
        apart=_apart(estimates),
    )


def chi_square_tail(statistic: float, df: int) -> float:
    """Return the probability that a chi-square variable with `df` degrees of freedom exceeds `statistic`.

    For whole degrees of freedom this is a finite sum of positive terms (Abramowitz and Stegun, Handbook of
    Mathematical Functions, 1964, 26.4.4 for odd and 26.4.5 for even ones). The terms are computed as logarithms,
    because the factors overflow and underflow long before their product does.
    """
    half = statistic / 2
    if half <= 0:
        return 1.0
    odd = df % 2
    powers = [index + odd / 2 for index in range(df // 2)]
    terms = [math.exp(power * math.log(half) - half - math.lgamma(power + 1)) for power in powers]
    return min(1.0, math.fsum(terms) + (math.erfc(math.sqrt(half)) if odd else 0.0))


def wide(estimate: Estimate) -> Width:
    """Return which values the 95% interval includes (GRADE guidelines 6; see `NO_EFFECT` and `APPRECIABLE`).

    An interval includes its limits. Intervals of another level are converted to 95%, unless `on_scale` refuses
    the estimate; then the interval is used as printed.
    """
    low, high = _limits(estimate) if _is_on_scale(estimate) else (estimate.ci_low, estimate.ci_high)
    no_effect = NO_EFFECT.get(estimate.measure)
    return Width(
        crosses_no_effect=no_effect is not None and low <= no_effect <= high,
        crosses_appreciable=any(low <= value <= high for value in APPRECIABLE.get(estimate.measure, ())),
    )


def _is_on_scale(estimate: Estimate) -> bool:
    try:
        on_scale(estimate)
    except ValueError:
        return False
    return True


def _quantile(estimate: Estimate) -> float:
    """Return the distance of a limit of a normal interval of that level from its middle, in standard errors."""
    below = 0.5 + estimate.ci_level / 200
    if not 0.5 < below < 1:
        raise ValueError(f"{estimate.label}: the level of an interval is between 0 and 100 per cent.")
    return NormalDist().inv_cdf(below)


def _limits(estimate: Estimate) -> tuple[float, float]:
    """Return the limits of the 95% interval, on the scale of the measure."""
    if estimate.ci_level == 95:
        return estimate.ci_low, estimate.ci_high
    # Each side is scaled separately, so that an asymmetrical interval stays asymmetrical.
    scale = _SCALES[estimate.measure]
    stretch = NormalDist().inv_cdf(0.975) / _quantile(estimate)
    effect = scale.there(estimate.value)
    low, high = (
        scale.back(effect + (scale.there(limit) - effect) * stretch)
        for limit in (estimate.ci_low, estimate.ci_high)
    )
    return low, high


def _apart(estimates: Sequence[Estimate]) -> tuple[tuple[str, str], ...]:
    intervals = [(estimate.label, *_limits(estimate)) for estimate in estimates]
    return tuple(
        (one, other)
        for (one, low, high), (other, other_low, other_high) in combinations(intervals, 2)
        if high < other_low or other_high < low
    )


def _pool(effects: Sequence[float], variances: Sequence[float]) -> tuple[float, float]:
    """Return the inverse-variance weighted mean of `effects`, and its standard error."""
    weights = [1 / variance for variance in variances]
    total = math.fsum(weights)
    mean = math.fsum(weight * effect for weight, effect in zip(weights, effects, strict=True)) / total
    return mean, 1 / math.sqrt(total)


def _variance_between(q: float, variances: Sequence[float]) -> float:
    """Return DerSimonian and Laird's variance between studies, of a Q above its degrees of freedom.

    Its divisor is Σw - Σw² / Σw. This is 2 Σ wᵢwⱼ / Σw over all pairs, where nothing is subtracted, so that it
    keeps its digits if one weight is much larger than the others.
    """
    pairs = total = 0.0
    for variance in variances:
        pairs += total / variance
        total += 1 / variance
    return (q - (len(variances) - 1)) * total / (2 * pairs)
