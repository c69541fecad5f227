"""The axis of a forest plot: its range, and the round numbers on it."""

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
    """The axis from `low` to `high`, which are logarithms on a logarithmic axis."""

    low: float
    high: float
    logarithmic: bool

    def at(self, value: float) -> float:
        """Return the x position of `value`, limited to the axis."""
        return self.place(_transformed(value, self.logarithmic))

    def side(self, value: float) -> str:
        """Return “low” or “high” if `value` is beyond the axis, else an empty string."""
        transformed = _transformed(value, self.logarithmic)
        if transformed < self.low or (self.logarithmic and value <= 0):
            return "low"
        return "high" if transformed > self.high else ""

    def place(self, transformed: float) -> float:
        """Return the x position of a transformed value (on a logarithmic axis, a logarithm)."""
        inside = min(max(transformed, self.low), self.high)
        return (inside - self.low) / (self.high - self.low) * WIDTH


def _transformed(value: float, logarithmic: bool) -> float:
    """Return `value` on the scale of the axis, limited to the range of safe floats."""
    if not logarithmic:
        return min(max(value, -_LARGEST_DRAWN), _LARGEST_DRAWN)
    exponent = math.log10(value) if value > 0 else -math.inf
    return min(max(exponent, -_LARGEST_EXPONENT), _LARGEST_EXPONENT)


def scale_of(
    measure: EffectMeasure, values: Sequence[float], intervals: Sequence[tuple[float, float]]
) -> Scale:
    """Return an axis that suits most rows.

    The core contains no effect, the estimates and the limits of the intervals, without the furthest fifth
    on each side (at least one). An estimate is beyond the axis only if its distance from the core is more
    than ten times the width of the core. Intervals are cut off sooner, but never close to the estimates.
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
    # One decade always fits a logarithmic axis; a core without width needs no limit at all.
    least = 1.0 if logarithmic else (0.0 if width else math.inf)
    reach = max(10 * width, 3 * least)
    shown = [value for value in estimates if low - reach <= value <= high + reach]
    low, high = min(low, *shown), max(high, *shown)
    reach = max((1 if logarithmic else 3) * (high - low), least)
    first = min(low, *(end for end in lows if end >= low - reach))
    last = max(high, *(end for end in highs if end <= high + reach))
    return Scale(*_roomy(first, last, measure), logarithmic)


def _roomy(low: float, high: float, measure: EffectMeasure) -> tuple[float, float]:
    """Return `low` and `high` with a margin, never equal, and within the bounds of the measure."""
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
    """Return the densest ticks whose labels do not overlap."""
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
    """Yield sets of round numbers on the axis, densest first."""
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
    """Return the logarithm of `number`, even if it does not fit a float."""
    return number.adjusted() + math.log10(float(number.scaleb(-number.adjusted())))


def _round_numbers(low: float, high: float, most: int) -> list[Decimal]:
    """Return at most `most` multiples of 1, 2 or 5 times a power of ten from `low` to `high`."""
    exponent = math.floor(math.log10((high - low) / most))
    for step in (Decimal(digit).scaleb(exponent) for digit in (1, 2, 5, 10, 20)):
        first, last = math.ceil(low / float(step)), math.floor(high / float(step))
        if last - first < most:
            return [number * step for number in range(first, last + 1)]
    return []
