"""A forest plot: the estimates of one measure with their intervals, one below the other."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from claims_app.vocabulary import CORRELATION_MEASURES, RATIO_MEASURES, Direction, EffectMeasure
from claims_app.web.charts import WIDTH, Tick, legible

NO_EFFECT = {
    **dict.fromkeys(RATIO_MEASURES, 1.0),
    **dict.fromkeys(CORRELATION_MEASURES, 0.0),
    EffectMeasure.MD: 0.0,
    EffectMeasure.SMD: 0.0,
    EffectMeasure.AUC: 0.5,
}
"""Where a measure says “no difference” or “no better than chance”; a per cent says neither."""

PITCH = 3.0
"""The height of a row with its label, in em; `charts.css` has it too."""

MOST_LABELLED = 40
"""Beyond so many rows they move together and lose their labels; the table has them still."""

_PITCH_UNLABELLED = 1.0
_TALLEST_UNLABELLED = 80.0
_AXIS = 2.0
_MARK = (7.0, 14.0)
_MARK_UNLABELLED = (3.0, 6.0)
_BOUNDS = {**dict.fromkeys(CORRELATION_MEASURES, (-1.0, 1.0)), EffectMeasure.AUC: (0.0, 1.0)}
_PHRASES = {
    EffectMeasure.R: "of Pearson’s r",
    EffectMeasure.RHO: "of Spearman’s rho",
    EffectMeasure.PERCENT: "in per cent",
}
_LARGEST_DRAWN = 1e100
_LARGEST_EXPONENT = 300.0
_NARROWEST = math.log10(1.2)


@dataclass(frozen=True)
class ForestRow:
    """One estimate. `weight` is the number of participants; one that does not count is drawn struck."""

    identifier: str
    citation: str
    href: str
    value: float
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    weight: int | None
    direction: Direction
    counts: bool


@dataclass(frozen=True)
class Interval:
    """The line of an interval, and the ends at which it runs out of the axis."""

    x1: float
    x2: float
    cut_low: bool
    cut_high: bool


@dataclass(frozen=True)
class PlottedRow:
    """A row with its place: the mark is at `x`, `y` with sides of about `size` pixels.

    `off` says on which side of the axis the estimate itself lies, “low” or “high”; nearly always
    neither. The texts are the numbers as they are printed; those that are not known are empty.
    """

    row: ForestRow
    x: float
    y: float
    size: float
    off: str
    interval: Interval | None
    numbers: str
    value: str
    low: str
    high: str
    level: str
    weight: str


@dataclass(frozen=True)
class Forest:
    """A forest plot, ready to be drawn: x in per cent of the width, y in em."""

    measure: EffectMeasure
    rows: tuple[PlottedRow, ...]
    ticks: tuple[Tick, ...]
    no_effect_x: float | None
    no_effect: str
    axis_y: float
    height: float
    labelled: bool
    logarithmic: bool
    level: str
    summary: str
    width: float = WIDTH

    @property
    def title(self) -> str:
        """What the plot is called."""
        return f"{self.measure.label}: {_plural(len(self.rows), 'estimate')}"

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions that occur, in the order of the vocabulary."""
        return tuple(
            term for term in Direction if any(plotted.row.direction is term for plotted in self.rows)
        )

    @property
    def cut(self) -> bool:
        """Whether anything runs out of the axis."""
        return any(
            plotted.off or (plotted.interval and (plotted.interval.cut_low or plotted.interval.cut_high))
            for plotted in self.rows
        )

    @property
    def weighted(self) -> bool:
        """Whether the size of the marks says anything."""
        return len({plotted.size for plotted in self.rows}) > 1

    @property
    def struck(self) -> bool:
        """Whether there is a row that does not count."""
        return not all(plotted.row.counts for plotted in self.rows)


def forest(measure: EffectMeasure, rows: Sequence[ForestRow]) -> Forest | None:
    """Return the forest plot of `rows`, in their order.

    None where a plot would show nothing: with fewer than two intervals, or for `other`, which is no one
    scale. An estimate that its scale cannot have, such as a ratio of 0, is left out.
    """
    logarithmic = measure in RATIO_MEASURES
    drawn = [row for row in rows if math.isfinite(row.value) and (row.value > 0 or not logarithmic)]
    intervals = [_interval(row, logarithmic) for row in drawn]
    if measure is EffectMeasure.OTHER or sum(interval is not None for interval in intervals) < 2:
        return None
    scale = _scale(measure, [row.value for row in drawn], [known for known in intervals if known])
    labelled = len(drawn) <= MOST_LABELLED
    pitch = PITCH if labelled else min(_PITCH_UNLABELLED, _TALLEST_UNLABELLED / len(drawn))
    heaviest = max((row.weight or 0 for row in drawn), default=0)
    levels = {row.ci_level for row, interval in zip(drawn, intervals, strict=True) if interval}
    level = _level(next(iter(levels))) if len(levels) == 1 else ""
    plotted = tuple(
        _plot(
            row,
            interval,
            scale,
            y=(number + 0.5) * pitch,
            size=_size(row.weight, heaviest, _MARK if labelled else _MARK_UNLABELLED),
            common_level=level,
        )
        for number, (row, interval) in enumerate(zip(drawn, intervals, strict=True))
    )
    no_effect = NO_EFFECT.get(measure)
    axis_y = pitch * len(drawn)
    return Forest(
        measure=measure,
        rows=plotted,
        ticks=_ticks(scale),
        no_effect_x=None if no_effect is None else scale.at(no_effect),
        no_effect=_no_effect(measure),
        axis_y=axis_y,
        height=axis_y + _AXIS,
        labelled=labelled,
        logarithmic=logarithmic,
        level=level,
        summary=_summary(measure, drawn, intervals),
    )


def printed(value: float) -> str:
    """Return a number as it was entered, with a true minus sign and without an exponent where that is short."""
    number = Decimal(repr(float(value)))
    exact = format(number, "f")
    if "." in exact:
        exact = exact.rstrip("0").rstrip(".")
    text = exact if len(exact) <= 16 else str(value)
    return ("0" if text == "-0" else text).replace("-", "\N{MINUS SIGN}")


@dataclass(frozen=True)
class _Scale:
    """The axis: from `low` to `high`, which are logarithms on a logarithmic axis."""

    low: float
    high: float
    logarithmic: bool

    def at(self, value: float) -> float:
        """Return how far across `value` is, kept within the axis."""
        return self.place(_transformed(value, self.logarithmic))

    def place(self, transformed: float) -> float:
        inside = min(max(transformed, self.low), self.high)
        return (inside - self.low) / (self.high - self.low) * WIDTH


def _transformed(value: float, logarithmic: bool) -> float:
    if not logarithmic:
        return min(max(value, -_LARGEST_DRAWN), _LARGEST_DRAWN)
    exponent = math.log10(value) if value > 0 else -math.inf
    return min(max(exponent, -_LARGEST_EXPONENT), _LARGEST_EXPONENT)


def _interval(row: ForestRow, logarithmic: bool) -> tuple[float, float] | None:
    """Return the interval of `row` if it has both ends and its scale can have it."""
    if row.ci_low is None or row.ci_high is None:
        return None
    low, high = sorted((row.ci_low, row.ci_high))
    known = math.isfinite(low) and math.isfinite(high) and (high > 0 or not logarithmic)
    return (low, high) if known else None


def _scale(
    measure: EffectMeasure, values: Sequence[float], intervals: Sequence[tuple[float, float]]
) -> _Scale:
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
    return _Scale(*_roomy(first, last, measure), logarithmic)


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


def _plot(
    row: ForestRow,
    interval: tuple[float, float] | None,
    scale: _Scale,
    *,
    y: float,
    size: float,
    common_level: str,
) -> PlottedRow:
    value, low, high = printed(row.value), "", ""
    numbers, line = f"{value} (no interval)", None
    if interval:
        low, high = map(printed, interval)
        level = "" if common_level or row.ci_level is None else f"{_level(row.ci_level)} CI "
        numbers = f"{value} ({level}{low} to {high})"
        line = Interval(
            x1=scale.at(interval[0]),
            x2=scale.at(interval[1]),
            cut_low=_side(interval[0], scale) == "low",
            cut_high=_side(interval[1], scale) == "high",
        )
    return PlottedRow(
        row=row,
        x=scale.at(row.value),
        y=y,
        size=size,
        off=_side(row.value, scale),
        interval=line,
        numbers=numbers,
        value=value,
        low=low,
        high=high,
        level=_level(row.ci_level) if interval else "",
        weight="" if row.weight is None else f"{row.weight:,}",
    )


def _side(value: float, scale: _Scale) -> str:
    """Return on which side of the axis `value` lies; nothing if it lies on it."""
    transformed = _transformed(value, scale.logarithmic)
    if transformed < scale.low or (scale.logarithmic and value <= 0):
        return "low"
    return "high" if transformed > scale.high else ""


def _size(weight: int | None, heaviest: int, sizes: tuple[float, float]) -> float:
    """Return the side of a mark: its area goes with the weight, within bounds; unknown weights are light."""
    smallest, largest = sizes
    if heaviest <= 0:
        return (smallest + largest) / 2
    return max(smallest, largest * math.sqrt(max(weight or 0, 0) / heaviest))


def _level(level: float | None) -> str:
    return "" if level is None else f"{printed(level)}%"


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    """Return the densest ticks whose texts keep clear of each other."""
    fallback: tuple[Tick, ...] = ()
    for numbers in _candidates(scale):
        ticks = tuple(
            Tick(scale.place(_exponent(n) if scale.logarithmic else float(n)), _short(n)) for n in numbers
        )
        if 2 <= len(ticks) <= 7 and legible(ticks):
            return ticks
        if len(ticks) == 1:
            fallback = ticks
    return fallback


def _candidates(scale: _Scale) -> Iterator[list[Decimal]]:
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


def _short(number: Decimal) -> str:
    """Return a round number for the axis, such as 0.25 or 3×10⁶."""
    if not number:
        return "0"
    number = number.normalize()
    if -4 <= number.adjusted() <= 4:
        text = format(number, "f")
    else:
        digits = format(number.scaleb(-number.adjusted()), "f")
        power = "10" + str(number.adjusted()).translate(_RAISED)
        text = power if digits == "1" else f"{digits}×{power}"
    return text.replace("-", "\N{MINUS SIGN}")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _no_effect(measure: EffectMeasure) -> str:
    if measure not in NO_EFFECT:
        return ""
    return f"{'chance' if measure is EffectMeasure.AUC else 'no effect'} ({printed(NO_EFFECT[measure])})"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _summary(
    measure: EffectMeasure, rows: Sequence[ForestRow], intervals: Sequence[tuple[float, float] | None]
) -> str:
    """Return in words what the plot shows. Rows that do not count are only counted."""
    told = [pair for pair in zip(rows, intervals, strict=True) if pair[0].counts]
    struck = len(rows) - len(told)
    if not told:
        told = list(zip(rows, intervals, strict=True))
    values = [row.value for row, _ in told]
    known = [interval for _, interval in told if interval]
    lowest, highest = printed(min(values)), printed(max(values))
    phrase = _PHRASES.get(measure, f"of the {measure.label[0].lower()}{measure.label[1:]}")
    parts = [
        f"{_plural(len(told), 'estimate')} {phrase}: "
        + (f"from {lowest} to {highest}" if lowest != highest else lowest)
    ]
    if len(known) > 1:
        overlap = max(low for low, _ in known) <= min(high for _, high in known)
        if len(known) == 2:
            parts.append(f"the two intervals {'overlap' if overlap else 'do not overlap'}")
        else:
            parts.append("all intervals overlap" if overlap else "the intervals do not all overlap")
    no_effect = NO_EFFECT.get(measure)
    if no_effect is not None and known:
        including = sum(low <= no_effect <= high for low, high in known)
        parts.append(_including(including, len(known), _no_effect(measure)))
    if len(known) < len(told):
        parts.append(f"{len(told) - len(known)} without an interval")
    sentence = "; ".join(parts) + "."
    if not struck:
        return sentence
    if struck == len(rows):
        return f"{sentence} None of them counts."
    verbs = ("does", "is") if struck == 1 else ("do", "are")
    return f"{sentence} {struck} more {verbs[0]} not count and {verbs[1]} struck through."


def _including(including: int, known: int, no_effect: str) -> str:
    if known == 1:
        return f"its interval {'includes' if including else 'does not include'} {no_effect}"
    if including in (0, known):
        return f"{'all include' if including else 'none includes'} {no_effect}"
    return f"{including} {'includes' if including == 1 else 'include'} {no_effect}"
