"""The geometry of the charts, as pure functions; `_macros/charts.html` draws them.

A chart is as wide as its place on the page, so lengths across are in per cent of its width and
lengths down in em. What has a shape of its own, such as a mark, is drawn in pixels around a point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 100.0
"""Per cent; every x lies within 0 and this."""

CHARACTER = 2.3
"""How wide a character of an axis may be, in per cent of the narrowest chart, on a phone."""

_BEYOND = 2.0


@dataclass(frozen=True)
class Tick:
    """A mark on the axis and what is written beneath it."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        """Which part of the text stands at the mark, so that next to nothing of it leaves the chart."""
        half = len(self.text) * CHARACTER / 2
        if self.x - half < -_BEYOND:
            return "start"
        return "end" if self.x + half > WIDTH + _BEYOND else "middle"

    @property
    def reach(self) -> tuple[float, float]:
        """From where to where the text goes."""
        width = len(self.text) * CHARACTER
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, left + width


def legible(ticks: Sequence[Tick]) -> bool:
    """Whether the texts of `ticks`, which are in order, keep clear of each other."""
    return all(first.reach[1] + CHARACTER <= second.reach[0] for first, second in pairwise(ticks))
