"""The axis of a forest plot: which stretch of a measure is shown, and the round numbers on it."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from claims_app.rules.heterogeneity import NO_EFFECT
from claims_app.vocabulary import CORRELATION_MEASURES, RATIO_MEASURES, EffectMeasure
from claims_app.web.charts import WIDTH, Tick, legible
from claims_app.web.charts.numbers import short

_BOUNDS = {**dict.fromkeys(CORRELATION_MEASURES, (-1.0, 1.0)), EffectMeasure.AUC: (0.0, 1.0)}
_LARGEST_DRAWN = 1e100
_LARGEST_EXPONENT = 300.0
_NARROWEST = math.log10(1.2)


@dataclass(frozen=True)
class Scale:
    """The axis: from `low` to `high`, which are logarithms on a logarithmic axis."""

    low: float
    high: float
    logarithmic: bool

    def at(self, value: float) -> float:
        """Return how far across `value` is, kept within the axis."""
        return self.place(_transformed(value, self.logarithmic))

    def side(self, value: float) -> str:
        """Return on which side of the axis `value` lies, “low” or “high”; nothing if it lies on it."""
        transformed = _transformed(value, self.logarithmic)
        if transformed < self.low or (self.logarithmic and value <= 0):
            return "low"
        return "high" if transformed > self.high else ""

    def place(self, transformed: float) -> float:
        """Return how far across a value of this scale is: on a logarithmic axis, a logarithm."""
        inside = min(max(transformed, self.low), self.high)
        return (inside - self.low) / (self.high - self.low) * WIDTH


def _transformed(value: float, logarithmic: bool) -> float:
    """Return `value` on the scale of the axis, kept within what floats can be reckoned with."""
    if not logarithmic:
        return min(max(value, -_LARGEST_DRAWN), _LARGEST_DRAWN)
    exponent = math.log10(value) if value > 0 else -math.inf
    return min(max(exponent, -_LARGEST_EXPONENT), _LARGEST_EXPONENT)


def scale_of(
    measure: EffectMeasure, values: Sequence[float], intervals: Sequence[tuple[float, float]]
) -> Scale:
    """Return an axis that shows what most rows need.

    The core holds no effect, the estimates and the ends of the intervals, but for the furthest fifth
    on each side (at least one). An estimate is off the axis only if it lies further from the core than
    ten times its width. The end of an interval is cut off sooner, but never near to the estimates.
    """
    logarithmic = measure in RATIO_MEASURES
    estimates = sorted(_transformed(value, logarithmic) for value in values)
    lows = sorted(_transformed(low, logarithmic) for low, _ in intervals)
    highs = sorted(_transformed(high, logarithmic) for _, high in intervals)
    no_effect = NO_EFFECT.get(measure)
    always = [] if no_effect is None else [_transformed(no_effect, logarithmic)]
    spare = max(1, len(intervals) // 5)
    middle = estimates[spare:-spare] if len(estimates) > 2 * spare else estimates
    low = min(*always, middle[0], lows[spare])
    high = max(*always, middle[-1], highs[-1 - spare])
    width = high - low
    # A decade is never absurd on a logarithmic axis; and beside a core without width everything would be.
    least = 1.0 if logarithmic else (0.0 if width else math.inf)
    reach = max(10 * width, 3 * least)
    shown = [value for value in estimates if low - reach <= value <= high + reach]
    low, high = min(low, *shown), max(high, *shown)
    reach = max((1 if logarithmic else 3) * (high - low), least)
    first = min(low, *(end for end in lows if end >= low - reach))
    last = max(high, *(end for end in highs if end <= high + reach))
    return Scale(*_roomy(first, last, measure), logarithmic)


def _roomy(low: float, high: float, measure: EffectMeasure) -> tuple[float, float]:
    """Return `low` and `high` moved apart: never the same, with some air, and within what the measure allows."""
    furthest = max(abs(low), abs(high))
    if measure in RATIO_MEASURES:
        least = _NARROWEST
    elif low == high:
        least = furthest * 0.2 or 2.0
    else:
        least = furthest * 1e-6
    air = max((high - low) * 0.05, (least - (high - low)) / 2, 1e-90)
    smallest, largest = _BOUNDS.get(measure, (-math.inf, math.inf))
    return max(low - air, smallest), min(high + air, largest)


def ticks_of(scale: Scale) -> tuple[Tick, ...]:
    """Return the densest ticks whose texts keep clear of each other."""
    fallback: tuple[Tick, ...] = ()
    for numbers in _candidates(scale):
        ticks = tuple(
            Tick(scale.place(_exponent(n) if scale.logarithmic else float(n)), short(n)) for n in numbers
        )
        if 2 <= len(ticks) <= 7 and legible(ticks):
            return ticks
        if len(ticks) == 1:
            fallback = ticks
    return fallback


def _candidates(scale: Scale) -> Iterator[list[Decimal]]:
    """Yield sets of round numbers on the axis, the densest first."""
    if not scale.logarithmic:
        for most in range(7, 0, -1):
            yield _round_numbers(scale.low, scale.high, most)
        return
    if scale.high - scale.low < 0.7:
        for most in range(7, 1, -1):
            yield _round_numbers(10**scale.low, 10**scale.high, most)
    for every, leading in ((1, (1, 2, 5)), (1, (1, 3)), *((every, (1,)) for every in _DECADES)):
        exponents = range(math.floor(scale.low / every) * every, math.ceil(scale.high) + 1, every)
        numbers = (Decimal(digit).scaleb(exponent) for exponent in exponents for digit in leading)
        yield [number for number in numbers if scale.low <= _exponent(number) <= scale.high]


_DECADES = (1, 2, 3, 5, 10, 20, 50, 100, 200)


def _exponent(number: Decimal) -> float:
    """Return the logarithm of `number`, also of one that no float can hold."""
    return number.adjusted() + math.log10(float(number.scaleb(-number.adjusted())))


def _round_numbers(low: float, high: float, most: int) -> list[Decimal]:
    """Return the multiples of 1, 2 or 5 (or of ten, a hundred … times that) from `low` to `high`, at most `most`."""
    exponent = math.floor(math.log10((high - low) / most))
    for step in (Decimal(digit).scaleb(exponent) for digit in (1, 2, 5, 10, 20)):
        first, last = math.ceil(low / float(step)), math.floor(high / float(step))
        if last - first < most:
            return [number * step for number in range(first, last + 1)]
    return []
