"""The chart of evidence by year and direction: a lane for each direction, with a column for each span of years."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claims_app.vocabulary import Direction
from claims_app.web.charts import WIDTH, Tick

MOST_COLUMNS = 32
LANE = 3.0
"""The height of a lane in em; also in `charts.css`."""

_TALLEST = 2.4
_SHORTEST = 0.2
_GAP = 0.15
_SPANS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Column:
    """A column: its place and size, the years that it is about, and how many claims."""

    x: float
    y: float
    width: float
    height: float
    years: str
    n: int


@dataclass(frozen=True)
class Lane:
    """The columns of a direction, above the line at height `base`."""

    direction: Direction
    base: float
    columns: Sequence[Column]


@dataclass(frozen=True)
class Row:
    """A row of the table: some years, and how many claims by direction."""

    years: str
    first: int
    last: int
    counts: Sequence[tuple[Direction, int]]


@dataclass(frozen=True)
class YearsChart:
    """The chart, with a summary in words and the rows of its table, the newest first."""

    lanes: Sequence[Lane]
    ticks: Sequence[Tick]
    height: float
    summary: str
    rows: Sequence[Row]


def years_chart(findings: Mapping[tuple[int, str], int]) -> YearsChart | None:
    """Return the chart of how many claims have evidence of each year and direction; None without any.

    In a column of several years, a claim with evidence of two of them counts twice.
    """
    years = {year for year, _ in findings}
    if not years:
        return None
    first, last = min(years), max(years)
    span = next(span for span in _SPANS if last // span - first // span < MOST_COLUMNS or span == _SPANS[-1])
    start = first // span
    n_columns = last // span - start + 1
    counted: dict[tuple[int, Direction], int] = defaultdict(int)
    for (year, direction), n in findings.items():
        counted[year // span - start, Direction.of(direction)] += n
    most = max(counted.values())
    pitch = WIDTH / n_columns
    # A few columns are not drawn wider than a label.
    width = min(pitch, 8.0) * (1 - _GAP)

    def middle(column: int) -> float:
        return (column + 0.5) * pitch

    def called(column: int) -> str:
        from_year = (start + column) * span
        return (
            str(from_year) if span == 1 else f"{max(from_year, first)} to {min(from_year + span - 1, last)}"
        )

    def drawn(column: int, n: int, base: float) -> Column:
        height = max(_SHORTEST, n / most * _TALLEST)
        return Column(middle(column) - width / 2, base - height, width, height, called(column), n)

    lanes = []
    for place, direction in enumerate(Direction):
        base = (place + 1) * LANE
        columns = [
            drawn(column, n, base)
            for column in range(n_columns)
            if (n := counted.get((column, direction), 0))
        ]
        lanes.append(Lane(direction, base, columns))
    rows = [
        Row(
            called(column),
            max((start + column) * span, first),
            min((start + column + 1) * span - 1, last),
            [(direction, counted.get((column, direction), 0)) for direction in Direction],
        )
        for column in reversed(range(n_columns))
        if any((column, direction) in counted for direction in Direction)
    ]
    labelled = {0, n_columns - 1} | ({n_columns // 2} if n_columns >= 5 else set())
    ticks = [Tick(middle(at), str(max((start + at) * span, first))) for at in sorted(labelled)]
    return YearsChart(lanes, ticks, len(lanes) * LANE, _summary(counted, first, last), rows)


def _summary(counted: Mapping[tuple[int, Direction], int], first: int, last: int) -> str:
    totals = [
        f"{sum(n for (_, found), n in counted.items() if found is direction):,} {direction.label.lower()}"
        for direction in Direction
    ]
    years = str(first) if first == last else f"{first} to {last}"
    return f"Claims with evidence published in {years}, by finding: {', '.join(totals)}."
