"""How far the effect estimates of studies agree: Cochran's Q, I², intervals that lie apart, and wide intervals.

The numbers are for orientation beside a judgement (GRADE guidelines 6 and 7); no level follows from them alone.
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
"""What I², in per cent from and to, is read as: Cochrane Handbook for Systematic Reviews, section 10.10.2."""

NO_EFFECT = {
    **dict.fromkeys(RATIO_MEASURES, 1.0),
    EffectMeasure.MD: 0.0,
    EffectMeasure.SMD: 0.0,
    **dict.fromkeys(CORRELATION_MEASURES, 0.0),
    EffectMeasure.AUC: 0.5,
}
"""The value that means no effect. A share and a change in per cent have none in common, `other` has none known."""

APPRECIABLE = {
    # “We suggest an RR of under 0.75 or over 1.25 as a rough guide”: GRADE guidelines 6. OR and HR: by analogy.
    **dict.fromkeys(RATIO_MEASURES, (0.75, 1.25)),
    # Rules of this program, where GRADE gives no number. The medium effects of Cohen, Statistical Power Analysis,
    # 1988; discrimination that is at least acceptable in Hosmer and Lemeshow, Applied Logistic Regression, 2000.
    EffectMeasure.SMD: (-0.5, 0.5),
    **dict.fromkeys(CORRELATION_MEASURES, (-0.3, 0.3)),
    EffectMeasure.AUC: (0.3, 0.7),
}
"""From which value, either way, an effect is appreciable. For a mean difference that depends on its unit."""

_EXTREME = 1e50
# Larger effects, and standard errors larger than this or smaller than its inverse, would overflow or vanish when
# squared twice. Nothing that is measured is there.

_LARGEST_LOG = math.log(1e308)


@dataclass(frozen=True)
class Estimate:
    """An effect estimate as it is printed: value and limits on the scale of the measure, the level in per cent.

    `label` is how a reader finds it again, such as “EVD-3”.
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

    `n` is the number of estimates, `q` is Cochran's Q, `p` its probability under homogeneity from 0 to 1, and
    `i2` is I² in per cent from 0 to 100. `pooled` is the random-effects mean with its 95% interval, on the scale
    of the measure; it is orientation, not a result. `apart` names the pairs whose intervals do not overlap.
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
        """Whether one value lies in all intervals."""
        # On a line, intervals have a point in common as soon as each two of them have one (Helly's theorem).
        return not self.apart

    @property
    def words(self) -> str:
        """What I² may mean.

        The bands of the Handbook overlap on purpose: what I² means depends on the size and direction of the
        effects and on the strength of the evidence. So where two bands hold, both are said.
        """
        shown = round(self.i2)  # as the pages show it: one reader, one number, one band
        return ", or ".join(words for low, high, words in BANDS if low <= shown <= high)


@dataclass(frozen=True)
class Width:
    """What a 95% interval reaches: the value of no effect, and a value from which an effect is appreciable.

    Each is False where no such value is known for the measure. Both True is imprecise in GRADE guidelines 6.
    """

    crosses_no_effect: bool
    crosses_appreciable: bool


@dataclass(frozen=True)
class _Scale:
    """A scale on which estimates are near normal: the way there and back, and the open range it is defined on."""

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
    """Return the effect and its standard error on the scale on which estimates of its measure are compared.

    Ratios go on the natural log scale, correlations on Fisher's z, mean differences and per cent stay as they
    are (Cochrane Handbook, chapters 6 and 10); an area under the curve goes on the logit scale, where it is
    nearer to normal between studies (Snell et al., Stat Methods Med Res 2018;27:3505–22).

    The standard error is the width of the interval on that scale, divided by twice the normal quantile of its
    level (Cochrane Handbook, sections 6.3.1 and 6.3.2). The limits need not lie evenly about the value, since
    printed numbers are rounded.

    Raises ValueError if the measure has no such scale, if a number is not on it (a ratio of 0, a correlation of
    1), or if the interval is empty, does not contain the value, or has no level between 0 and 100.
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

    `other` never compares with anything, and an estimate that `on_scale` refuses is left out. Whether mean
    differences are in one unit, and whether two estimates are of one study, is for the caller to see to.
    """
    by_measure: dict[EffectMeasure, list[Estimate]] = defaultdict(list)
    for estimate in estimates:
        if _is_on_scale(estimate):
            by_measure[estimate.measure].append(estimate)
    return {measure: found for measure, found in by_measure.items() if len(found) > 1}


def heterogeneity(estimates: Sequence[Estimate]) -> Heterogeneity:
    """Return how far two or more estimates of one measure agree.

    Q is Cochran's (Biometrics 1954;10:101–29), and I² = (Q - df) / Q, or 0 if that is negative (Higgins et al.,
    BMJ 2003;327:557–60). They are pooled by inverse variance with random effects, since studies of different
    people and methods are not expected to share one effect (DerSimonian and Laird, Control Clin Trials
    1986;7:177–88); where Q does not exceed its degrees of freedom, that is the fixed-effect mean. Whether
    intervals overlap is told from 95% intervals; limits that touch do.

    Raises ValueError for fewer than two estimates, for different measures, and for what `on_scale` refuses.
    """
    if len(estimates) < 2:
        raise ValueError("Heterogeneity needs two estimates or more.")
    if len({estimate.measure for estimate in estimates}) > 1:
        raise ValueError("Estimates of different measures cannot be compared.")
    points = [on_scale(estimate) for estimate in estimates]

    # Imported here, since it takes about a second and most pages never need it.
    import numpy as np
    from statsmodels.stats.meta_analysis import combine_effects

    # Q does not change when all effects move by the same amount. It is computed as a difference of two sums that,
    # far from 0, are nearly equal, and would lose its digits there; so the most precise effect is moved to 0.
    origin, _ = min(points, key=lambda point: point[1])
    effects = np.array([effect - origin for effect, _ in points])
    variances = np.array([error**2 for _, error in points])
    # Where Q does not exceed its degrees of freedom, the variance between studies comes out at 0 or below, and
    # what follows from it is not a number. It is not used then.
    with np.errstate(all="ignore"):
        combined = combine_effects(effects, variances, method_re="dl")
        fixed, random, *_ = combined.conf_int()
        test = combined.test_homogeneity()

    between = float(combined.tau2)
    varies = 0 < between < math.inf
    low, high = random if varies else fixed
    back = _SCALES[estimates[0].measure].back
    return Heterogeneity(
        n=len(estimates),
        q=float(test.statistic),
        p=float(test.pvalue),
        i2=100 * float(combined.i2) if test.statistic > test.df else 0.0,
        pooled=back(origin + float(combined.mean_effect_re if varies else combined.mean_effect_fe)),
        pooled_low=back(origin + float(low)),
        pooled_high=back(origin + float(high)),
        apart=_apart(estimates),
    )


def wide(estimate: Estimate) -> Width:
    """Return what the 95% interval of the estimate reaches (GRADE guidelines 6; see `NO_EFFECT`, `APPRECIABLE`).

    A limit that touches a value reaches it. An interval of another level is brought to 95%; where `on_scale`
    refuses the estimate, its interval is taken as it is printed.
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
    """Return how many standard errors a limit of a normal interval of that level is from its middle."""
    below = 0.5 + estimate.ci_level / 200
    if not 0.5 < below < 1:
        raise ValueError(f"{estimate.label}: the level of an interval lies between 0 and 100 per cent.")
    return NormalDist().inv_cdf(below)


def _limits(estimate: Estimate) -> tuple[float, float]:
    """Return the limits of the 95% interval, on the scale of the measure."""
    if estimate.ci_level == 95:
        return estimate.ci_low, estimate.ci_high
    # Each side is stretched on its own, so that an interval keeps the shape it was printed with.
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
