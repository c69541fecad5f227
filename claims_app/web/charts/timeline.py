"""The evidence level of a claim over time: a step line with one mark and one conclusion per appraisal."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import Conclusion, EvidenceLevel
from claims_app.web.charts import CHARACTER, WIDTH, Tick, legible

PITCH = 2.5
"""The distance between levels in em; also in `charts.css`."""

_AXIS = 2.0
_LEFT, _RIGHT = 3.0, 97.0
_APART = 4.3
_CROWDED = 60.0
_SHORTEST_STALE = 4.0
_SHORTEST = datetime.timedelta(minutes=1)
_DAY = datetime.timedelta(days=1)
_MOST_LISTED = 5


@dataclass(frozen=True)
class TimelinePoint:
    """One appraisal: its conclusion and level, the computed level, and the studies added and removed before it."""

    identifier: str
    href: str
    at: datetime.datetime
    verdict: Verdict
    computed: EvidenceLevel
    overridden: bool
    added: tuple[str, ...] | None
    removed: tuple[str, ...] | None
    by: str

    @property
    def level(self) -> EvidenceLevel:
        """Its level, which is its height in the chart."""
        return self.verdict.level


@dataclass(frozen=True)
class Rung:
    """The grid line of one level at height `y`."""

    level: EvidenceLevel
    y: float

    @property
    def label(self) -> str:
        """The short label of the level."""
        return self.level.label.removesuffix(" certainty")


@dataclass(frozen=True)
class Mark:
    """An appraisal with its position. `label` is the side with room for its identifier, or empty."""

    point: TimelinePoint
    x: float
    y: float
    computed_y: float
    radius: float
    label: str
    date: str


@dataclass(frozen=True)
class Stretch:
    """A straight segment of the step line."""

    x1: float
    y1: float
    x2: float
    y2: float
    stale: bool


@dataclass(frozen=True)
class Timeline:
    """A timeline, ready to be drawn: x in per cent of the width, y in em."""

    rungs: tuple[Rung, ...]
    marks: tuple[Mark, ...]
    stretches: tuple[Stretch, ...]
    ticks: tuple[Tick, ...]
    axis_y: float
    height: float
    stale_since: str
    summary: str
    width: float = WIDTH

    @property
    def shows_changes(self) -> bool:
        """Whether it is known for each mark which studies were added and removed."""
        return all(mark.point.added is not None for mark in self.marks)

    @property
    def title(self) -> str:
        """The title of the chart."""
        return "Evidence level over time"

    @property
    def conclusions(self) -> list[Conclusion]:
        """The conclusions at the marks, for the legend."""
        found = {mark.point.verdict.conclusion for mark in self.marks}
        return [conclusion for conclusion in Conclusion if conclusion in found]

    @property
    def overridden(self) -> bool:
        """Whether an appraiser has overridden a computed level."""
        return any(mark.point.overridden for mark in self.marks)


def timeline(
    points: Sequence[TimelinePoint],
    until: datetime.datetime,
    stale_since: datetime.datetime | None,
    *,
    gone: bool = False,
) -> Timeline | None:
    """Return the timeline of `points` up to `until`; None without points. Times without a zone are in UTC.

    With `gone`, the claim has lost its level with its last evidence: no line leads from the last mark to today.

    Marks that would overlap are moved apart: their order is exact, and their position as exact as the
    space allows.
    """
    if not points:
        return None
    ordered = sorted(points, key=lambda point: _utc(point.at))
    times = [_utc(point.at) for point in ordered]
    span = _Span(times[0], max(_utc(until), times[-1], times[0] + _SHORTEST))
    levels = [level for level in EvidenceLevel if level.rank or any(p.level is level for p in ordered)]
    heights = {level: (number + 0.5) * PITCH for number, level in enumerate(levels)}
    stale_at = None if stale_since is None else max(_utc(stale_since), times[-1])
    across = _spread([span.at(time) for time in times], _RIGHT - (_SHORTEST_STALE if stale_at else 0))
    labels = _labels(across, [point.identifier for point in ordered])
    per_day = Counter(time.date() for time in times)
    marks = tuple(
        Mark(
            point=point,
            x=x,
            y=heights[point.level],
            computed_y=heights.get(point.computed, heights[point.level]),
            radius=5.0 if len(ordered) <= 20 else 3.5 if len(ordered) <= 50 else 2.5,
            label=label,
            date=_minute(time) if per_day[time.date()] > 1 else _day(time),
        )
        for point, time, x, label in zip(ordered, times, across, labels, strict=True)
    )
    stale_x = _RIGHT
    if stale_at:
        stale_x = max(marks[-1].x, min(span.at(stale_at), _RIGHT - _SHORTEST_STALE))
    axis_y = PITCH * len(levels)
    stale_text = _day(_utc(stale_since)) if stale_since else ""
    return Timeline(
        rungs=tuple(Rung(level, heights[level]) for level in levels),
        marks=marks,
        stretches=tuple(_stretches(marks, stale_x, gone=gone)),
        ticks=_ticks(span),
        axis_y=axis_y,
        height=axis_y + _AXIS,
        stale_since=stale_text,
        summary=_summary(marks, stale_text, gone=gone),
    )


@dataclass(frozen=True)
class _Span:
    """The time range of the axis."""

    start: datetime.datetime
    end: datetime.datetime

    @property
    def length(self) -> datetime.timedelta:
        return self.end - self.start

    def at(self, time: datetime.datetime) -> float:
        """Return the x position of `time`, limited to the chart."""
        inside = min(max(time, self.start), self.end)
        return _LEFT + (inside - self.start) / self.length * (_RIGHT - _LEFT)


def _utc(time: datetime.datetime) -> datetime.datetime:
    return time.replace(tzinfo=datetime.UTC) if time.tzinfo is None else time.astimezone(datetime.UTC)


def _day(time: datetime.datetime) -> str:
    return f"{time.day} {time:%B} {time.year}"


def _minute(time: datetime.datetime) -> str:
    return f"{_day(time)}, {time:%H:%M} UTC"


def _spread(places: Sequence[float], right: float) -> list[float]:
    """Return `places`, which are in order, moved apart as little as necessary and kept left of `right`."""
    apart = min(_APART, _CROWDED / max(1, len(places) - 1))
    spread: list[float] = []
    for place in places:
        spread.append(max(place, spread[-1] + apart) if spread else place)
    limit = right
    for number in range(len(spread) - 1, -1, -1):
        spread[number] = min(spread[number], limit)
        limit = spread[number] - apart
    return spread


def _labels(across: Sequence[float], texts: Sequence[str]) -> list[str]:
    """Return for each mark the side with room for its label: “right”, “left”, or neither."""
    sides: list[str] = []
    free_from = 0.0
    for number, (x, text) in enumerate(zip(across, texts, strict=True)):
        width = (len(text) + 2) * CHARACTER
        next_x = across[number + 1] if number + 1 < len(across) else WIDTH + _LEFT
        if x + width <= next_x:
            sides.append("right")
            free_from = x + width
        elif x - width >= free_from:
            sides.append("left")
            free_from = x
        else:
            sides.append("")
            free_from = x
    return sides


def _stretches(marks: Sequence[Mark], stale_x: float, *, gone: bool) -> Iterator[Stretch]:
    for mark, after in pairwise(marks):
        yield Stretch(mark.x, mark.y, after.x, mark.y, stale=False)
        if after.y != mark.y:
            yield Stretch(after.x, mark.y, after.x, after.y, stale=False)
    if gone:
        return
    last = marks[-1]
    yield Stretch(last.x, last.y, stale_x, last.y, stale=False)
    if stale_x < _RIGHT:
        yield Stretch(stale_x, last.y, _RIGHT, last.y, stale=True)


def _ticks(span: _Span) -> tuple[Tick, ...]:
    """Return the densest round dates whose labels do not overlap, or else the two ends."""
    for ticks in _candidates(span):
        if 2 <= len(ticks) <= 8 and legible(ticks):
            return ticks
    start, end = span.start, span.end
    texts = (_short(start), _short(end))
    if start.date() == end.date():
        texts = (f"{_short(start)}, {start:%H:%M}", f"{end:%H:%M} UTC")
    elif span.length < 2 * _DAY:
        texts = (f"{start.day} {start:%b}, {start:%H:%M}", f"{_short(end)}, {end:%H:%M}")
    return (Tick(_LEFT, texts[0]), Tick(_RIGHT, texts[1]))


def _candidates(span: _Span) -> Iterator[tuple[Tick, ...]]:
    """Yield sets of dates on the axis: years, months or days, depending on the span."""
    first, last = span.start.year, min(span.end.year + 1, datetime.MAXYEAR)
    if span.length > 800 * _DAY:
        for every in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
            years = [datetime.date(year, 1, 1) for year in range(first, last + 1) if not year % every]
            yield _dated(span, years, lambda day: f"{day.year}")
    elif span.length > 60 * _DAY:
        for every in (1, 2, 3, 4, 6, 12):
            months = [
                datetime.date(year, month, 1)
                for year in range(first, last + 1)
                for month in range(1, 13, every)
            ]
            yield _dated(span, months, lambda day: f"{day:%b} {day.year}")
    elif span.length > 2 * _DAY:
        days = [span.start.date() + number * _DAY for number in range(1, span.length.days + 2)]
        for every in (1, 2, 5, 7, 10, 14, 21):
            ticks = _dated(span, days[::every], lambda day: f"{day.day} {day:%b}")
            yield tuple(
                replace(tick, text=f"{tick.text} {first}") if tick is ticks[0] else tick for tick in ticks
            )


def _dated(
    span: _Span, days: Sequence[datetime.date], text: Callable[[datetime.date], str]
) -> tuple[Tick, ...]:
    """Return ticks for those `days` that are on the axis."""
    times = [datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC) for day in days]
    return tuple(Tick(span.at(time), text(time)) for time in times if span.start <= time <= span.end)


def _short(time: datetime.datetime) -> str:
    return f"{time.day} {time:%b} {time.year}"


def _summary(marks: Sequence[Mark], stale_since: str, *, gone: bool) -> str:
    """Return a summary of the chart in words."""
    first, last = marks[0], marks[-1]
    if len(marks) == 1:
        sentences = [f"One appraisal: {_described(last)}."]
    elif len(marks) <= _MOST_LISTED:
        sentences = [f"{len(marks)} appraisals: {'; '.join(map(_described, marks))}."]
    else:
        ranks = [mark.point.level.rank for mark in marks]
        up = sum(after > before for before, after in pairwise(ranks))
        down = sum(after < before for before, after in pairwise(ranks))
        sentences = [
            f"{len(marks)} appraisals: first {_described(first)}; last {_described(last)}.",
            f"In between, the level went up {_times(up)} and down {_times(down)}.",
        ]
    overridden = sum(mark.point.overridden for mark in marks)
    if overridden:
        subject = "It was" if len(marks) == 1 else f"{overridden} {'was' if overridden == 1 else 'were'}"
        sentences.append(f"{subject} overridden by the appraiser.")
    if gone:
        sentences.append("The claim no longer has accepted evidence, so it has no level now.")
    if stale_since:
        sentences.append(f"The evidence has changed since {stale_since}, so the level is stale.")
    return " ".join(sentences)


def _described(mark: Mark) -> str:
    text = str(mark.point.verdict)
    return f"{text[0].lower()}{text[1:]} ({mark.date})"


def _times(number: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(number, f"{number} times")
