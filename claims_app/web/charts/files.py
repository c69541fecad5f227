"""The charts of a claim as pictures that stand alone: with the claim, a legend, and where they are from."""

from collections.abc import Sequence
from dataclasses import dataclass

from claims_app.rules.counting import Balance
from claims_app.vocabulary import Direction
from claims_app.web.charts.forest import Forest, PlottedRow
from claims_app.web.charts.picture import Picture, wrapped
from claims_app.web.charts.timeline import Timeline

_WIDTH = 960
_EDGE = 24
_ROW = 26
_LETTER = 7.2
"""The width of a letter of 14 pixels, about."""

_LONGEST_NUMBERS = 48


@dataclass(frozen=True)
class Origin:
    """What a picture says of itself: the statement of the claim, and where and when it was made."""

    statement: str
    source: str


def forest_picture(forest: Forest, origin: Origin) -> Picture:
    """Return a forest plot: a row for each estimate, with its interval and its numbers."""
    numbers = [wrapped(_numbers(plotted), _LONGEST_NUMBERS, 1)[0] for plotted in forest.rows]
    left, right = 330.0, _WIDTH - _EDGE - 24 - _LETTER * max(map(len, numbers))
    picture = _picture(forest.title, forest.summary, origin, 70 + _ROW * len(forest.rows))
    top = _head(picture, forest.title, origin)
    bottom = top + _ROW * len(forest.rows)

    def at(percent: float) -> float:
        return left + (right - left) * percent / 100

    for tick in forest.ticks:
        x = at(tick.x)
        picture.path(f"M{x:.2f} {top}V{bottom}", stroke="rule")
        picture.path(f"M{x:.2f} {bottom}v5", stroke="edge")
        picture.text(x, bottom + 19, tick.text, size=12, anchor="middle", fill="muted")
    if forest.no_effect_x is not None:
        picture.path(f"M{at(forest.no_effect_x):.2f} {top}V{bottom}", stroke="ink")
        picture.text(
            at(forest.no_effect_x), bottom + 36, forest.no_effect, size=12, anchor="middle", fill="muted"
        )
    picture.path(f"M{left} {bottom}H{right}", stroke="edge")
    for number, plotted in enumerate(forest.rows):
        y = top + _ROW * (number + 0.5)
        name = wrapped(plotted.row.citation, 40, 1)[0]
        fill = "ink" if plotted.row.counts else "muted"
        picture.text(_EDGE, y + 5, name, fill=fill)
        picture.text(_WIDTH - _EDGE, y + 5, numbers[number], size=13, anchor="end", fill=fill)
        _estimate(picture, plotted, at(plotted.x), y, left, right)
    _legend(picture, forest.directions, bottom + 60)
    _foot(picture, origin)
    return picture


def _numbers(plotted: PlottedRow) -> str:
    return plotted.numbers if plotted.row.counts else f"{plotted.numbers}, not counted"


def _estimate(picture: Picture, plotted: PlottedRow, x: float, y: float, left: float, right: float) -> None:
    struck = not plotted.row.counts
    line = "muted" if struck else "ink"
    if plotted.interval:
        x1 = left + (right - left) * plotted.interval.x1 / 100
        x2 = left + (right - left) * plotted.interval.x2 / 100
        picture.path(
            f"M{x1:.2f} {y}H{x2:.2f}", stroke=line, width=1 if struck else 1.5, dash="3 3" if struck else ""
        )
        if plotted.interval.cut_low:
            picture.path(f"M{x1:.2f} {y}l7 -4v8z", fill=line)
        if plotted.interval.cut_high:
            picture.path(f"M{x2:.2f} {y}l-7 -4v8z", fill=line)
    if plotted.off:
        sign = 1 if plotted.off == "low" else -1
        picture.path(f"M{x:.2f} {y}l{8 * sign} -5v10z", fill=line)
    else:
        size = min(plotted.size, 12.0)
        _mark(picture, plotted.row.direction, x, y, size, struck=struck)


def _mark(
    picture: Picture, term: Direction, x: float, y: float, size: float, *, struck: bool = False
) -> None:
    """Draw the sign of a direction on a line: above, below, hollow or flat, so that it differs without colour."""
    half = size / 2
    match term:
        case Direction.SUPPORTS:
            d = f"M{x - half:.2f} {y - size:.2f}h{size:.2f}v{size:.2f}h-{size:.2f}z"
        case Direction.CONTRADICTS:
            d = f"M{x - half:.2f} {y:.2f}h{size:.2f}v{size:.2f}h-{size:.2f}z"
        case Direction.NULL:
            d = f"M{x - half:.2f} {y - half:.2f}h{size:.2f}v{size:.2f}h-{size:.2f}z"
        case _:
            wide, high = size * 1.5, size / 1.5
            d = f"M{x - wide / 2:.2f} {y - high / 2:.2f}h{wide:.2f}v{high:.2f}h-{wide:.2f}z"
    hollow = struck or term is Direction.NULL
    picture.path(d, fill="paper" if hollow else term.value, stroke="muted" if struck else term.value, width=1)


def balance_picture(balance: Balance, origin: Origin) -> Picture:
    """Return how many independent groups of studies are for and against a claim."""
    counts = [(term, getattr(balance, f"group_{term.value}")) for term in Direction]
    words = ", ".join(f"{count} {term.label.lower()}" for term, count in counts)
    title = "Independent groups of studies, by what they found"
    divided = f"; {balance.group_divided} with mixed results" if balance.group_divided else ""
    picture = _picture(title, f"{words}{divided}.", origin, 40 * len(counts) + 34)
    top = _head(picture, title, origin)
    most = max(1, *(count for _, count in counts))
    unit = min(26.0, (_WIDTH - 2 * _EDGE - 220) / most)
    for number, (term, count) in enumerate(counts):
        y = top + 40 * number + 22
        picture.text(_EDGE, y + 5, term.label)
        picture.text(_EDGE + 150, y + 5, f"{count:,}", anchor="end")
        picture.path(f"M{_EDGE + 170} {y}H{_WIDTH - _EDGE}", stroke="rule")
        for place in range(count if unit >= 4 else 0):
            _mark(picture, term, _EDGE + 170 + unit * (place + 0.5), y, min(14, unit * 0.6))
        if unit < 4:
            wide = unit * count
            picture.path(f"M{_EDGE + 170} {y - 8}h{wide:.2f}v16h-{wide:.2f}z", fill=term.value)
    if divided:
        picture.text(_EDGE, top + 40 * len(counts) + 18, f"And {divided[2:]}.", fill="muted")
    _foot(picture, origin)
    return picture


def level_picture(timeline: Timeline, origin: Origin) -> Picture:
    """Return the evidence level over time."""
    left, right, row = 150.0, float(_WIDTH - _EDGE), 34
    picture = _picture(timeline.title, timeline.summary, origin, row * len(timeline.rungs) + 34)
    top = _head(picture, timeline.title, origin)
    heights = {rung.y: top + row * (number + 0.5) for number, rung in enumerate(timeline.rungs)}
    bottom = top + row * len(timeline.rungs)

    def at(percent: float) -> float:
        return left + (right - left) * percent / 100

    for rung in timeline.rungs:
        picture.text(_EDGE, heights[rung.y] + 5, rung.label)
        picture.path(f"M{left} {heights[rung.y]}H{right}", stroke="rule")
    picture.path(f"M{left} {bottom}H{right}", stroke="edge")
    for tick in timeline.ticks:
        picture.path(f"M{at(tick.x):.2f} {bottom}v5", stroke="edge")
        picture.text(at(tick.x), bottom + 20, tick.text, size=12, anchor=tick.anchor, fill="muted")
    for piece in timeline.stretches:
        picture.path(
            f"M{at(piece.x1):.2f} {heights[piece.y1]}L{at(piece.x2):.2f} {heights[piece.y2]}",
            stroke="warning" if piece.stale else "accent",
            width=2,
            dash="4 4" if piece.stale else "",
        )
    for mark in timeline.marks:
        x, y = at(mark.x), heights[mark.y]
        picture.path(
            f"M{x - 5:.2f} {y}a5 5 0 1 0 10 0a5 5 0 1 0 -10 0z",
            fill="paper" if mark.point.overridden else "accent",
            stroke="accent",
            width=1.5,
        )
        if mark.label:
            beside, anchor = (x + 8, "start") if mark.label == "right" else (x - 8, "end")
            picture.text(beside, y - 7, mark.point.identifier, size=12, anchor=anchor, fill="muted")
    _foot(picture, origin)
    return picture


def _picture(title: str, description: str, origin: Origin, inside: float) -> Picture:
    height = 2 * _EDGE + 62 + 18 * len(_statement(origin)) + inside + 28
    return Picture(_WIDTH, round(height), title, f"{origin.statement} {description}")


def _statement(origin: Origin) -> Sequence[str]:
    return wrapped(origin.statement, round((_WIDTH - 2 * _EDGE) / _LETTER))


def _head(picture: Picture, title: str, origin: Origin) -> float:
    """Write the title and the statement, and return where the chart begins."""
    picture.text(_EDGE, _EDGE + 18, title, size=20)
    for number, line in enumerate(_statement(origin)):
        picture.text(_EDGE, _EDGE + 42 + 18 * number, line, fill="muted")
    return _EDGE + 52 + 18 * len(_statement(origin))


def _legend(picture: Picture, directions: Sequence[Direction], y: float) -> None:
    x = float(_EDGE)
    for term in directions:
        picture.path(f"M{x} {y - 4}h16", stroke="edge")
        _mark(picture, term, x + 8, y - 4, 8)
        picture.text(x + 24, y, term.label, size=12, fill="muted")
        x += 40 + _LETTER * len(term.label)


def _foot(picture: Picture, origin: Origin) -> None:
    picture.text(_EDGE, picture.height - _EDGE + 4, origin.source, size=12, fill="muted")
