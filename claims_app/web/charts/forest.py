"""A forest plot: the estimates of one measure with their confidence intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from claims_app.rules.heterogeneity import NO_EFFECT
from claims_app.vocabulary import RATIO_MEASURES, Direction, EffectMeasure
from claims_app.web.charts import WIDTH, Tick
from claims_app.web.charts.numbers import printed
from claims_app.web.charts.scale import Scale, scale_of, ticks_of

PITCH = 3.0
"""The height of a labelled row in em; also in `charts.css`."""

MOST_LABELLED = 40
"""With more rows, the plot is denser and has no labels; they are in the table."""

_PITCH_UNLABELLED = 1.0
_TALLEST_UNLABELLED = 80.0
_AXIS = 2.0
_MARK = (7.0, 14.0)
_MARK_UNLABELLED = (3.0, 6.0)
_PHRASES = {
    EffectMeasure.R: "of Pearson’s r",
    EffectMeasure.RHO: "of Spearman’s rho",
    EffectMeasure.PERCENT: "in per cent",
}


@dataclass(frozen=True)
class ForestRow:
    """One estimate. `weight` is the number of participants; uncounted estimates are struck through."""

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
    """The line of an interval, and the ends that extend beyond the axis."""

    x1: float
    x2: float
    cut_low: bool
    cut_high: bool


@dataclass(frozen=True)
class PlottedRow:
    """A row with its position: the mark is at `x`, `y` with sides of about `size` pixels.

    `off` is “low” or “high” if the estimate itself is beyond the axis, else empty. The texts are the
    formatted numbers, empty if unknown.
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
        """The title of the plot."""
        return f"{self.measure.label}: {_plural(len(self.rows), 'estimate')}"

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions in the plot, in the order of the vocabulary."""
        return tuple(
            term for term in Direction if any(plotted.row.direction is term for plotted in self.rows)
        )

    @property
    def cut(self) -> bool:
        """Whether any estimate or interval extends beyond the axis."""
        return any(
            plotted.off or (plotted.interval and (plotted.interval.cut_low or plotted.interval.cut_high))
            for plotted in self.rows
        )

    @property
    def weighted(self) -> bool:
        """Whether the marks differ in size."""
        return len({plotted.size for plotted in self.rows}) > 1

    @property
    def struck(self) -> bool:
        """Whether any row is not counted."""
        return not all(plotted.row.counts for plotted in self.rows)


def forest(measure: EffectMeasure, rows: Sequence[ForestRow]) -> Forest | None:
    """Return the forest plot of `rows`, in their order.

    Return None with fewer than two intervals, or for `other`, which has no common scale. Estimates that
    the scale does not allow, such as a ratio of 0, are left out.
    """
    logarithmic = measure in RATIO_MEASURES
    drawn = [row for row in rows if math.isfinite(row.value) and (row.value > 0 or not logarithmic)]
    intervals = [_interval(row, logarithmic) for row in drawn]
    if measure is EffectMeasure.OTHER or sum(interval is not None for interval in intervals) < 2:
        return None
    scale = scale_of(measure, [row.value for row in drawn], [known for known in intervals if known])
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
        ticks=ticks_of(scale),
        no_effect_x=None if no_effect is None else scale.at(no_effect),
        no_effect=_no_effect(measure),
        axis_y=axis_y,
        height=axis_y + _AXIS,
        labelled=labelled,
        logarithmic=logarithmic,
        level=level,
        summary=_summary(measure, drawn, intervals),
    )


def _interval(row: ForestRow, logarithmic: bool) -> tuple[float, float] | None:
    """Return the interval of `row` if it has both limits and the scale allows it."""
    if row.ci_low is None or row.ci_high is None:
        return None
    low, high = sorted((row.ci_low, row.ci_high))
    known = math.isfinite(low) and math.isfinite(high) and (high > 0 or not logarithmic)
    return (low, high) if known else None


def _plot(
    row: ForestRow,
    interval: tuple[float, float] | None,
    scale: Scale,
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
            cut_low=scale.side(interval[0]) == "low",
            cut_high=scale.side(interval[1]) == "high",
        )
    return PlottedRow(
        row=row,
        x=scale.at(row.value),
        y=y,
        size=size,
        off=scale.side(row.value),
        interval=line,
        numbers=numbers,
        value=value,
        low=low,
        high=high,
        level=_level(row.ci_level) if interval else "",
        weight="" if row.weight is None else f"{row.weight:,}",
    )


def _size(weight: int | None, heaviest: int, sizes: tuple[float, float]) -> float:
    """Return the side of a mark: its area is proportional to the weight, within bounds; unknown weights are 0."""
    smallest, largest = sizes
    if heaviest <= 0:
        return (smallest + largest) / 2
    return max(smallest, largest * math.sqrt(max(weight or 0, 0) / heaviest))


def _level(level: float | None) -> str:
    return "" if level is None else f"{printed(level)}%"


def _no_effect(measure: EffectMeasure) -> str:
    if measure not in NO_EFFECT:
        return ""
    return f"{'chance' if measure is EffectMeasure.AUC else 'no effect'} ({printed(NO_EFFECT[measure])})"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _summary(
    measure: EffectMeasure, rows: Sequence[ForestRow], intervals: Sequence[tuple[float, float] | None]
) -> str:
    """Return a summary of the plot in words. Of uncounted rows, only the number is given."""
    described = [pair for pair in zip(rows, intervals, strict=True) if pair[0].counts]
    struck = len(rows) - len(described)
    if not described:
        described = list(zip(rows, intervals, strict=True))
    values = [row.value for row, _ in described]
    known = [interval for _, interval in described if interval]
    lowest, highest = printed(min(values)), printed(max(values))
    phrase = _PHRASES.get(measure, f"of the {measure.label[0].lower()}{measure.label[1:]}")
    parts = [
        f"{_plural(len(described), 'estimate')} {phrase}: "
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
    if len(known) < len(described):
        parts.append(f"{len(described) - len(known)} without an interval")
    sentence = "; ".join(parts) + "."
    if not struck:
        return sentence
    if struck == len(rows):
        return f"{sentence} None of them is counted."
    return f"{sentence} {struck} more {'is' if struck == 1 else 'are'} not counted and struck through."


def _including(including: int, known: int, no_effect: str) -> str:
    if known == 1:
        return f"its interval {'includes' if including else 'does not include'} {no_effect}"
    if including in (0, known):
        return f"{'all include' if including else 'none includes'} {no_effect}"
    return f"{including} {'includes' if including == 1 else 'include'} {no_effect}"
