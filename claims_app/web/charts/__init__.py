"""The geometry of the charts, as pure functions; `_macros/charts.html` draws them.

A chart fills the width of its container, so horizontal lengths are in per cent of its width and
vertical lengths in em. Shapes such as marks are drawn in pixels around a point.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDTH = 100.0
"""Per cent; every x is between 0 and this."""

CHARACTER = 2.3
"""The width of a character on an axis, in per cent of the narrowest chart (on a phone)."""

_BEYOND = 2.0


@dataclass(frozen=True)
class Tick:
    """A mark on the axis and its label."""

    x: float
    text: str

    @property
    def anchor(self) -> str:
        """The text anchor that keeps the label inside the chart."""
        half = len(self.text) * CHARACTER / 2
        if self.x - half < -_BEYOND:
            return "start"
        return "end" if self.x + half > WIDTH + _BEYOND else "middle"

    @property
    def reach(self) -> tuple[float, float]:
        """The left and right end of the label."""
        width = len(self.text) * CHARACTER
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, left + width


def legible(ticks: Sequence[Tick]) -> bool:
    """Return whether the labels of `ticks`, which are in order, do not overlap."""
    return all(first.reach[1] + CHARACTER <= second.reach[0] for first, second in pairwise(ticks))
