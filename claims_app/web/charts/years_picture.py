"""The picture of evidence by year and direction, of the same chart as on the pages."""

from claims_app.vocabulary import Direction
from claims_app.web.charts import WIDTH
from claims_app.web.charts.by_year import YearsChart
from claims_app.web.charts.picture import Picture, wrapped

_EDGE = 24
_WIDTH = 960
_LEFT = 150
_EM = 16

_LOOKS: dict[Direction, dict[str, str]] = {
    Direction.SUPPORTS: {"fill": "supports"},
    Direction.CONTRADICTS: {"fill": "contradicts"},
    Direction.NULL: {"fill": "paper", "stroke": "null"},
    Direction.INCONCLUSIVE: {"fill": "inconclusive"},
}


def years_picture(chart: YearsChart, about: str, origin: str) -> Picture:
    """Return the picture; `about` says of which claims it is, and `origin` where it is from."""
    lines = wrapped(f"Evidence by year and finding: {about}", 95)
    top = _EDGE + 20 * len(lines)
    bottom = top + chart.height * _EM
    picture = Picture(_WIDTH, round(bottom) + 64, "Evidence by year and finding", chart.summary)
    for number, line in enumerate(lines):
        picture.text(_EDGE, _EDGE + 8 + number * 20, line, size=16)

    def across(percent: float) -> float:
        return _LEFT + (_WIDTH - _EDGE - _LEFT) * percent / WIDTH

    for lane in chart.lanes:
        base = top + lane.base * _EM
        picture.text(_EDGE, base - 4, lane.direction.label)
        for column in lane.columns:
            width, height = across(column.x + column.width) - across(column.x), column.height * _EM
            shape = f"M{across(column.x):.2f} {base:.2f}v{-height:.2f}h{width:.2f}v{height:.2f}z"
            picture.path(shape, **_LOOKS[lane.direction])  # type: ignore[arg-type]
        picture.path(f"M{_LEFT} {base:.2f}H{_WIDTH - _EDGE}", stroke="edge")
    for tick in chart.ticks:
        picture.text(across(tick.x), bottom + 18, tick.text, size=12, anchor=tick.anchor, fill="muted")
    picture.text(_EDGE, bottom + 46, origin, size=12, fill="muted")
    return picture
