"""The small chart of the balance of evidence: marks above, below and on a line, one for each independent group.

Each direction is one dashed line, whose colour, width and dashes come from the style sheet, so that the drawing of a
claim is as short with twenty groups as with one.
"""

from dataclasses import dataclass
from functools import lru_cache

from claims_app.rules.counting import Balance

MOST_MARKS = 44
"""Beyond this number of groups, the marks of a direction are drawn as one bar."""

_UNIT = 6
_WIDEST = MOST_MARKS * _UNIT

_PARTS = (
    ("group_supports", (("s", "4"),)),
    ("group_contradicts", (("c", "13"),)),
    # The second line makes the marks of the first one hollow.
    ("group_null", (("n", "8.5"), ("h", "8.5"))),
    ("group_inconclusive", (("i", "8.5"),)),
    ("group_divided", (("s", "4"), ("c", "13"))),
)
"""For each field of the balance its lines: the class (the first letter of the direction) and the y position."""


@dataclass(frozen=True)
class BalanceBar:
    """The chart: its width, whether it has a mark for each group, and its lines as class and path."""

    width: str
    has_marks: bool
    lines: tuple[tuple[str, str], ...]


@lru_cache(maxsize=4096)
def balance_bar(counts: Balance) -> BalanceBar:
    """Return the chart of `counts`."""
    parts = [(getattr(counts, name), lines) for name, lines in _PARTS]
    total = sum(count for count, _ in parts)
    has_marks = total <= MOST_MARKS
    unit = _UNIT if has_marks else _WIDEST / total
    drawn = []
    at = 0.0
    for count, lines in parts:
        if count:
            drawn += [(name, f"M{at:.5g} {y}h{count * unit:.5g}") for name, y in lines]
            at += count * unit
    return BalanceBar(f"{at:.5g}", has_marks, tuple(drawn))
