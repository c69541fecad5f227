"""The charts: positions, drawing, summaries and tables."""

import dataclasses
import datetime
import math
import re
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

import claims_app
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import RATIO_MEASURES, Conclusion, Direction, EffectMeasure, EvidenceLevel
from claims_app.web.charts import Tick, legible
from claims_app.web.charts import forest as forests
from claims_app.web.charts import timeline as timelines
from claims_app.web.charts.forest import Forest, ForestRow, forest
from claims_app.web.charts.numbers import printed
from claims_app.web.charts.scale import scale_of
from claims_app.web.charts.timeline import Timeline, TimelinePoint, timeline
from claims_app.web.templating import rfc3339

FOLDER = Path(claims_app.__file__).parent
# No trimming of blocks here and no filter of the program but one: the macros stand by themselves.
_ENVIRONMENT = Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True)
_ENVIRONMENT.filters["rfc3339"] = rfc3339
MACROS = _ENVIRONMENT.get_template("_macros/charts.html")
NOW = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
LEVELS = [level for level in EvidenceLevel if level.rank]
NASTY = "<b>&\"'</b>"


def row(value: float, low: float | None = None, high: float | None = None, **values: object) -> ForestRow:
    """Return an estimate."""
    defaults = {
        "identifier": "EVD-1",
        "citation": "Goebel et al. 2021",
        "href": "/evidence/EVD-1",
        "ci_level": None if low is None else 95.0,
        "weight": 100,
        "direction": Direction.SUPPORTS,
        "counts": True,
    }
    return ForestRow(value=value, ci_low=low, ci_high=high, **{**defaults, **values})  # type: ignore[arg-type]


def plot(measure: str, *rows: ForestRow) -> Forest:
    """Return the plot of `rows`, which must not be None."""
    made = forest(EffectMeasure.of(measure), rows)
    assert made is not None
    return made


def point(number: int, at: datetime.datetime, level: str = "low", **values: object) -> TimelinePoint:
    """Return an appraisal."""
    defaults = {
        "identifier": f"APR-{number}",
        "href": f"/appraisals/APR-{number}",
        "computed": EvidenceLevel.of(level),
        "overridden": False,
        "added": (),
        "removed": (),
        "by": "ada",
    }
    conclusion = None if level == "not_assessed" else Conclusion.SUPPORTED
    defaults["verdict"] = Verdict(conclusion, EvidenceLevel.of(level))
    return TimelinePoint(at=at, **{**defaults, **values})  # type: ignore[arg-type]


def line(*points: TimelinePoint, stale_since: datetime.datetime | None = None) -> Timeline:
    """Return the timeline of `points` up to now."""
    made = timeline(points, NOW, stale_since)
    assert made is not None
    return made


def draw_forest(chart: Forest, number: int = 1) -> BeautifulSoup:
    """Return the plot as rendered on a page."""
    return BeautifulSoup(str(MACROS.module.forest_plot(chart, number)), "html.parser")  # type: ignore[attr-defined]


def draw_timeline(chart: Timeline) -> BeautifulSoup:
    """Return the timeline as rendered on a page."""
    return BeautifulSoup(str(MACROS.module.level_timeline(chart)), "html.parser")  # type: ignore[attr-defined]


def cells(html: BeautifulSoup) -> list[list[str]]:
    """Return the table of a chart without its header."""
    return [
        [" ".join(cell.get_text().split()) for cell in line(["th", "td"])] for line in html.select("tbody tr")
    ]


# Forest plot ---------------------------------------------------------------------------------------

POSITIVE = st.one_of(
    st.floats(min_value=1e-12, max_value=1e12),
    st.floats(min_value=0.1, max_value=10),
    st.floats(min_value=5e-324, allow_infinity=False),
)
NUMBERS = {
    EffectMeasure.R: st.floats(min_value=-1, max_value=1),
    EffectMeasure.RHO: st.floats(min_value=-1, max_value=1),
    EffectMeasure.AUC: st.floats(min_value=0, max_value=1),
}
ANY = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(min_value=-100, max_value=100),
    st.sampled_from([0.0, -0.0, 1.0]),
)


@st.composite
def forests_of_any_sort(draw: st.DrawFn) -> tuple[EffectMeasure, list[ForestRow]]:
    measure = draw(st.sampled_from([term for term in EffectMeasure if term is not EffectMeasure.OTHER]))
    numbers = POSITIVE if measure in RATIO_MEASURES else NUMBERS.get(measure, ANY)
    rows = []
    for number in range(draw(st.integers(min_value=2, max_value=12))):
        low, value, high = sorted(draw(st.tuples(numbers, numbers, numbers)))
        if draw(st.booleans()):
            low = high = value
        ends = (low, high) if number < 2 or draw(st.booleans()) else (None, None)
        rows.append(
            row(
                value,
                *ends,
                identifier=f"EVD-{number}",
                weight=draw(st.none() | st.integers(min_value=0, max_value=10**9)),
                direction=draw(st.sampled_from(Direction)),
                counts=draw(st.booleans()),
            )
        )
    return measure, rows


@settings(deadline=None)
@given(forests_of_any_sort())
def test_everything_in_a_forest_plot_is_finite_and_inside(
    case: tuple[EffectMeasure, list[ForestRow]],
) -> None:
    measure, rows = case
    chart = plot(measure.value, *rows)
    across = [tick.x for tick in chart.ticks] + [plotted.x for plotted in chart.rows]
    across += [
        x for plotted in chart.rows if plotted.interval for x in (plotted.interval.x1, plotted.interval.x2)
    ]
    if chart.no_effect_x is not None:
        across.append(chart.no_effect_x)
    assert all(math.isfinite(x) and 0 <= x <= chart.width for x in across)
    assert all(0 < plotted.y < chart.axis_y < chart.height for plotted in chart.rows)
    assert all(plotted.interval.x1 <= plotted.interval.x2 for plotted in chart.rows if plotted.interval)
    assert all(forests._MARK[0] <= plotted.size <= forests._MARK[1] for plotted in chart.rows)
    assert legible(chart.ticks)
    assert not re.search(r"\b(nan|inf)\b", str(draw_forest(chart)))


@settings(deadline=None)
@given(forests_of_any_sort())
def test_a_forest_plot_keeps_the_order_of_numbers_and_of_rows(
    case: tuple[EffectMeasure, list[ForestRow]],
) -> None:
    measure, rows = case
    chart = plot(measure.value, *rows)
    assert [plotted.row for plotted in chart.rows] == rows
    assert all(first.y < second.y for first, second in pairwise(chart.rows))
    assert all(first.x < second.x for first, second in pairwise(chart.ticks))
    for first, second in pairwise(sorted(chart.rows, key=lambda plotted: plotted.row.value)):
        assert first.x <= second.x
    for plotted in chart.rows:
        if plotted.interval:
            assert plotted.interval.x1 <= plotted.x <= plotted.interval.x2


@settings(deadline=None)
@given(st.floats(min_value=1.01, max_value=1e6), st.sampled_from(RATIO_MEASURES))
def test_a_ratio_and_its_inverse_are_equally_far_from_no_effect(ratio: float, measure: EffectMeasure) -> None:
    chart = plot(measure.value, row(ratio, ratio, ratio), row(1 / ratio, 1 / ratio, ratio))
    assert chart.no_effect_x is not None
    right, left = (plotted.x - chart.no_effect_x for plotted in chart.rows)
    assert right == pytest.approx(-left, abs=1e-6)
    assert right > 0


def read(text: str) -> float:
    """Return the number that an axis shows, such as 0.5, 10⁶ or −2×10⁻⁷."""
    plain = text.replace("\N{MINUS SIGN}", "-").replace("×10", "e")
    if match := re.search("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+$", plain):
        exponent = match[0].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
        plain = plain.removesuffix(match[0])
        plain = f"{plain}{exponent}" if plain.endswith("e") else f"{plain.removesuffix('10')}1e{exponent}"
    return float(plain)


@settings(deadline=None)
@given(forests_of_any_sort())
def test_the_ticks_are_at_their_values(case: tuple[EffectMeasure, list[ForestRow]]) -> None:
    measure, rows = case
    chart = plot(measure.value, *rows)
    scale = scale_of(
        measure,
        [r.value for r in rows],
        [ends for r in rows if (ends := forests._interval(r, chart.logarithmic))],
    )
    for tick in chart.ticks:
        assert scale.at(read(tick.text)) == pytest.approx(tick.x, abs=1e-6)


@pytest.mark.parametrize(
    ("measure", "rows"),
    [
        ("OR", []),
        ("OR", [row(2, 1, 4)]),
        ("OR", [row(2, 1, 4), row(3)]),
        ("OR", [row(2, 1, 4), row(3, 1, None)]),
        ("OR", [row(2, 1, 4), row(0, 0, 0)]),
        ("MD", [row(2, 1, 4), row(math.nan, 1, 2), row(1, math.nan, 2), row(1, 0, math.inf)]),
        ("other", [row(2, 1, 4), row(3, 2, 5)]),
    ],
)
def test_there_is_no_plot_with_fewer_than_two_intervals_or_without_a_common_scale(
    measure: str, rows: list[ForestRow]
) -> None:
    assert forest(EffectMeasure.of(measure), rows) is None


@pytest.mark.parametrize(
    ("measure", "low", "high", "no_effect"),
    [("OR", 0.4, 3.0, 1), ("MD", -3.0, 2.0, 0), ("rho", -0.5, 0.4, 0), ("AUC", 0.4, 0.9, 0.5)],
)
def test_the_line_of_no_effect_is_where_the_measure_has_it(
    measure: str, low: float, high: float, no_effect: float
) -> None:
    chart = plot(measure, row(no_effect, low, high), row(high, low, high))
    assert chart.no_effect_x == chart.rows[0].x
    assert f"({printed(no_effect)})" in chart.no_effect
    assert len(draw_forest(chart).select(".forest__plot .forest__no-effect")) == 1


def test_a_percentage_has_no_line_of_no_effect() -> None:
    chart = plot("percent", row(12, 10, 15), row(31, 22, 41))
    assert chart.no_effect_x is None
    assert not chart.cut
    assert not draw_forest(chart).select(".forest__no-effect")
    assert "no effect" not in chart.summary


def test_one_extreme_interval_does_not_compress_the_others() -> None:
    for measure, absurd in (("OR", row(9, 1e-6, 1e9)), ("MD", row(3, -4000, 1e12))):
        chart = plot(measure, row(2, 1.2, 4), row(3, 2, 5), absurd)
        first, _, cut = (plotted.interval for plotted in chart.rows)
        assert first is not None
        assert cut is not None
        assert first.x2 - first.x1 > 10
        assert (first.cut_low, first.cut_high) == (False, False)
        assert (cut.x1, cut.x2, cut.cut_low, cut.cut_high) == (0, chart.width, True, True)
        assert len(draw_forest(chart).select(".forest__plot .forest__arrow")) == 2
        assert "Extends beyond the axis" in draw_forest(chart).get_text()


def test_an_absurd_estimate_is_off_the_axis_and_still_printed() -> None:
    chart = plot("MD", row(1, 0, 2), row(2, 1, 3), row(1e12, 1e11, 1e12), row(1.5, 1, 2))
    assert [plotted.off for plotted in chart.rows] == ["", "", "high", ""]
    assert chart.rows[0].x < chart.rows[1].x < 90
    assert chart.rows[2].numbers == "1000000000000 (100000000000 to 1000000000000)"


def test_a_ratio_whose_interval_begins_at_0_has_an_arrow_there() -> None:
    first = plot("RR", row(1.2, 0, 3), row(2, 1, 4)).rows[0].interval
    assert first is not None
    assert (first.x1, first.cut_low, first.cut_high) == (0, True, False)


def test_axes_stay_within_what_the_measure_can_be() -> None:
    chart = plot("r", row(0.99, 0.9, 1), row(-1, -1, -1))
    assert (chart.rows[1].x, chart.ticks[0].text, chart.ticks[-1].text) == (0, "\N{MINUS SIGN}1", "1")
    assert plot("AUC", row(1, 1, 1), row(0.6, 0.5, 0.7)).rows[0].x == 100


def test_marks_grow_with_the_number_of_participants_within_bounds() -> None:
    chart = plot(
        "OR",
        row(2, 1, 3, weight=10),
        row(2, 1, 3, weight=2500),
        row(2, 1, 3, weight=10000),
        row(2, 1, 3, weight=None),
    )
    small, middle, large, unknown = (plotted.size for plotted in chart.rows)
    assert (small, middle, large, unknown) == (7, 7, 14, 7)
    assert chart.weighted
    assert not plot("OR", row(2, 1, 3, weight=None), row(2, 1, 3, weight=None)).weighted


def test_two_hundred_rows_fit_on_a_few_screens() -> None:
    chart = plot("HR", *(row(1 + number / 100, 0.5, 4, identifier=f"EVD-{number}") for number in range(200)))
    html = draw_forest(chart)
    assert chart.height < 85
    assert not html.select(".forest__rows")
    assert len(html.select(".forest__plot g")) == len(html.select("tbody tr")) == 200
    assert "order as in the table" in html.select_one(".forest__legend").get_text()
    assert plot("HR", *(row(1.5, 1, 2) for _ in range(40))).labelled


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4.52, "4.52"),
        (11.0, "11"),
        (-0.5, "−0.5"),
        (-0.0, "0"),
        (1e-7, "0.0000001"),
        (1e12, "1000000000000"),
        (1e-300, "1e−300"),
        (100.0, "100"),
    ],
)
def test_numbers_are_printed_as_they_were_entered(value: float, text: str) -> None:
    assert printed(value) == text


def test_the_summary_describes_the_plot() -> None:
    three = (row(4.52, 1.86, 11), row(0.9, 0.5, 2), row(1.5, 0.8, 3))
    assert plot("OR", *three).summary == (
        "3 estimates of the odds ratio: from 0.9 to 4.52; all intervals overlap; 2 include no effect (1)."
    )
    assert plot("OR", *three, row(8, 3, 22, counts=False), row(7)).summary == (
        "4 estimates of the odds ratio: from 0.9 to 7; all intervals overlap; 2 include no effect (1); "
        "1 without an interval. 1 more is not counted and struck through."
    )
    assert plot("r", row(0.4, 0.2, 0.5), row(-0.3, -0.5, -0.1)).summary == (
        "2 estimates of Pearson’s r: from −0.3 to 0.4; the two intervals do not overlap; "
        "none includes no effect (0)."
    )
    assert plot("AUC", row(0.6, 0.4, 0.8), row(0.6, 0.5, 0.8)).summary == (
        "2 estimates of the area under the curve: 0.6; the two intervals overlap; all include chance (0.5)."
    )
    assert plot("percent", row(1, 1, 1), row(2, 2, 2), row(3, 2, 3)).summary == (
        "3 estimates in per cent: from 1 to 3; the intervals do not all overlap."
    )
    assert plot("OR", row(2, 1, 3, counts=False), row(3, 2, 4, counts=False)).summary.endswith(
        "None of them is counted."
    )
    assert plot("OR", row(2, 1.5, 3), row(3, 2, 4, counts=False)).summary == (
        "1 estimate of the odds ratio: 2; its interval does not include no effect (1). "
        "1 more is not counted and struck through."
    )


def test_the_interval_level_is_in_the_header_or_else_in_each_row() -> None:
    same = plot("OR", row(2, 1, 3), row(3, 2, 4))
    assert "Odds ratio (95% CI)" in draw_forest(same).select_one(".forest__head").get_text()
    assert same.rows[0].numbers == "2 (1 to 3)"
    mixed = plot("OR", row(2, 1, 3), row(3, 2, 4, ci_level=99.9), row(4))
    assert [plotted.numbers for plotted in mixed.rows] == [
        "2 (95% CI 1 to 3)",
        "3 (99.9% CI 2 to 4)",
        "4 (no interval)",
    ]


def test_the_table_has_every_number_of_the_plot() -> None:
    chart = plot(
        "OR",
        row(4.52, 1.86, 11, identifier="EVD-3", weight=1112),
        row(0.9, 0.4, 2.1, identifier="EVD-4", direction=Direction.NULL, ci_level=90.0),
        row(3, identifier="EVD-5", weight=None, counts=False),
    )
    html = draw_forest(chart)
    assert cells(html) == [
        ["EVD-3", "Goebel et al. 2021", "Supports", "4.52", "1.86", "11", "95%", "1,112", "yes"],
        ["EVD-4", "Goebel et al. 2021", "Null", "0.9", "0.4", "2.1", "90%", "100", "yes"],
        [
            "EVD-5",
            "Goebel et al. 2021",
            "Supports",
            "3",
            "not reported",
            "not reported",
            "not reported",
            "not reported",
            "no",
        ],
    ]
    assert [link["href"] for link in html.select("tbody a")] == ["/evidence/EVD-1"] * 3
    shown = [" ".join(tag.get_text().split()) for tag in html.select(".forest__numbers")]
    assert shown == [
        "4.52 (95% CI 1.86 to 11)",
        "0.9 (90% CI 0.4 to 2.1)",
        "3 (no interval) not counted",
    ]
    assert html.select_one("desc").get_text() == chart.summary


def test_directions_differ_in_shape_and_uncounted_rows_are_struck_through() -> None:
    rows = [row(2, 1, 3, direction=direction) for direction in Direction]
    html = draw_forest(plot("OR", *rows, row(2, 1, 3, counts=False)))
    shapes = [html.select_one(f".forest__plot .mark--{direction.value}")["d"] for direction in Direction]
    assert len(set(shapes)) == len(Direction)
    assert len(html.select(".forest__plot .forest__strike")) == 1
    assert [tag.get_text(strip=True) for tag in html.select(".forest__legend .direction")] == [
        direction.label for direction in Direction
    ]
    assert "not counted" in html.select(".forest__row")[-1].get_text()


def test_mean_differences_may_be_in_different_units() -> None:
    legends = {
        measure: draw_forest(plot(measure, row(2, 1, 3), row(4, 2, 6)))
        .select_one(".forest__legend")
        .get_text()
        for measure in ("MD", "SMD")
    }
    assert "unit of each study" in legends["MD"]
    assert "unit of each study" not in legends["SMD"]


def test_two_plots_on_a_page_do_not_share_an_id() -> None:
    chart = plot("OR", row(2, 1, 3), row(3, 2, 4))
    both = [{tag["id"] for tag in draw_forest(chart, number).select("[id]")} for number in (1, 2)]
    assert len(both[0]) == 4
    assert not both[0] & both[1]


# Timeline ------------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime.datetime(1900, 1, 1), datetime.datetime(2200, 1, 1))
POINTS = st.one_of(
    st.lists(MOMENTS, min_size=1, max_size=100),
    st.lists(
        st.integers(min_value=0, max_value=120).map(
            lambda seconds: NOW + datetime.timedelta(seconds=seconds)
        ),
        min_size=1,
        max_size=100,
    ),
)


@settings(deadline=None)
@given(POINTS, MOMENTS, st.none() | MOMENTS, st.randoms(use_true_random=False))
def test_everything_in_a_timeline_is_inside_and_in_order(
    moments: list[datetime.datetime],
    until: datetime.datetime,
    stale_since: datetime.datetime | None,
    random: Random,
) -> None:
    points = [point(number, at, random.choice(LEVELS).value) for number, at in enumerate(moments)]
    chart = timeline(points, until, stale_since)
    assert chart is not None
    across = [x for piece in chart.stretches for x in (piece.x1, piece.x2)]
    across += [mark.x for mark in chart.marks] + [tick.x for tick in chart.ticks]
    down = [y for piece in chart.stretches for y in (piece.y1, piece.y2)] + [mark.y for mark in chart.marks]
    assert all(math.isfinite(x) and 0 <= x <= chart.width for x in across)
    assert all(0 < y < chart.axis_y < chart.height for y in down)
    assert legible(chart.ticks)
    assert len(chart.ticks) >= 2
    times = [timelines._utc(mark.point.at) for mark in chart.marks]
    assert times == sorted(times)
    assert all(first.x < second.x for first, second in pairwise(chart.marks))
    assert all((first.x2, first.y2) == (second.x1, second.y1) for first, second in pairwise(chart.stretches))
    assert any(piece.stale for piece in chart.stretches) == (stale_since is not None)
    assert all(piece.x1 >= chart.marks[-1].x for piece in chart.stretches if piece.stale)
    for mark in chart.marks:
        left = mark.x - (len(mark.point.identifier) * 2.3 if mark.label == "left" else 0)
        assert left > 0


def test_there_is_no_timeline_without_points() -> None:
    assert timeline([], NOW, None) is None


def test_one_appraisal_is_a_line_up_to_today() -> None:
    chart = line(point(1, datetime.datetime(2024, 3, 4, tzinfo=datetime.UTC)))
    assert [(piece.x1, piece.x2, piece.stale) for piece in chart.stretches] == [(3, 97, False)]
    assert chart.summary == "One appraisal: may be so: low certainty (4 March 2024)."
    assert [tick.text for tick in chart.ticks] == ["2025", "2026"]
    assert [rung.label for rung in chart.rungs] == ["High", "Moderate", "Low", "Very low"]
    assert line(point(1, NOW)).stretches[0].x2 == 97


def test_higher_levels_stand_higher() -> None:
    chart = line(*(point(rank, NOW, level.value) for rank, level in enumerate(LEVELS)))
    assert [mark.y for mark in chart.marks] == sorted(mark.y for mark in chart.marks)
    assert chart.marks[0].point.level is EvidenceLevel.HIGH


def test_two_appraisals_within_a_second_are_drawn_side_by_side() -> None:
    chart = line(
        point(1, NOW),
        point(2, NOW + datetime.timedelta(milliseconds=300), "moderate"),
    )
    first, second = chart.marks
    assert second.x - first.x > 3
    assert first.label == ""
    assert second.label == "right"
    assert first.date == "23 November 2026, 12:00 UTC"
    assert [tick.text for tick in chart.ticks] == ["23 Nov 2026, 12:00", "12:01 UTC"]


def test_a_hundred_appraisals_are_drawn_in_order_and_summarised() -> None:
    start = NOW - datetime.timedelta(days=3000)
    points = [
        point(number, start + datetime.timedelta(days=30 * number), LEVELS[number % 2].value)
        for number in range(100)
    ]
    chart = line(*reversed(points))
    html = draw_timeline(chart)
    assert [cell[0] for cell in cells(html)] == [f"APR-{number}" for number in range(100)]
    assert len(html.select(".timeline__plot .timeline__mark")) == 100
    assert "went up 49 times and down 50 times" in chart.summary
    assert len(chart.summary) < 250
    assert {tick.text for tick in chart.ticks} <= {str(year) for year in range(2018, 2027)}


@pytest.mark.parametrize(
    ("days", "texts"),
    [
        (20000, ["1980", "1990", "2000", "2010", "2020"]),
        (400, ["Jan 2026", "Apr 2026", "Jul 2026", "Oct 2026"]),
        (20, ["4 Nov 2026", "11 Nov", "18 Nov"]),
        (1, ["22 Nov, 12:00", "23 Nov 2026, 12:00"]),
    ],
)
def test_the_dates_on_the_axis_are_round(days: int, texts: list[str]) -> None:
    chart = line(point(1, NOW - datetime.timedelta(days=days)))
    assert [tick.text for tick in chart.ticks] == texts


def test_an_override_is_hollow_and_shows_the_computed_level() -> None:
    chart = line(
        point(1, NOW - datetime.timedelta(days=100)),
        point(2, NOW, "high", computed=EvidenceLevel.LOW, overridden=True),
    )
    html = draw_timeline(chart)
    assert len(html.select(".timeline__plot .timeline__mark--overridden")) == 1
    assert len(html.select(".timeline__plot .timeline__computed")) == 1
    assert "computed: low certainty" in cells(html)[1][2]
    assert "1 was overridden by the appraiser" in chart.summary


def test_a_stale_level_is_dashed_and_explained() -> None:
    start = NOW - datetime.timedelta(days=100)
    chart = line(point(1, start), stale_since=start + datetime.timedelta(days=50))
    solid, dashed = chart.stretches
    assert (solid.stale, dashed.stale) == (False, True)
    assert dashed.x1 == pytest.approx(50)
    assert len(draw_timeline(chart).select(".timeline__plot .timeline__line--stale")) == 1
    assert chart.summary.endswith("changed since 4 October 2026, so the level is stale.")


def test_a_level_that_was_lost_with_its_evidence_is_not_drawn_up_to_today() -> None:
    points = [point(1, NOW - datetime.timedelta(days=9)), point(2, NOW - datetime.timedelta(days=5))]
    chart = timeline(points, NOW, None, gone=True)
    assert chart is not None
    assert max(stretch.x2 for stretch in chart.stretches) == chart.marks[-1].x
    assert "it has no level now" in chart.summary


def test_a_level_that_is_not_assessed_has_its_own_line() -> None:
    chart = line(point(1, NOW, "not_assessed"), point(2, NOW))
    assert [rung.label for rung in chart.rungs][-1] == "Not assessed"
    assert chart.marks[0].y > chart.marks[1].y


def test_the_table_says_when_what_why_and_by_whom() -> None:
    start = datetime.datetime(2025, 3, 4)  # Without a zone it is UTC.
    html = draw_timeline(
        line(
            point(1, start),
            point(2, NOW, "moderate", added=("Goebel 2021", "Krock 2023"), removed=("Taken 2019",), by="bob"),
            point(3, NOW, "moderate"),
        )
    )
    assert cells(html) == [
        ["APR-1", "4 March 2025", "May be so: low certainty", "First appraisal", "ada"],
        [
            "APR-2",
            "23 November 2026, 12:00 UTC",
            "Probably so: moderate certainty",
            "Added: Goebel 2021; Krock 2023 Removed: Taken 2019",
            "bob",
        ],
        [
            "APR-3",
            "23 November 2026, 12:00 UTC",
            "Probably so: moderate certainty",
            "No studies added or removed",
            "ada",
        ],
    ]
    assert [link["href"] for link in html.select("tbody a")] == [f"/appraisals/APR-{n}" for n in (1, 2, 3)]


def test_each_mark_has_the_sign_of_its_conclusion_with_its_words_in_the_legend() -> None:
    low = EvidenceLevel.LOW
    chart = line(
        point(1, NOW - datetime.timedelta(days=9), verdict=Verdict(Conclusion.CONTRADICTED, low)),
        point(2, NOW, verdict=Verdict(Conclusion.MIXED, low, is_derived=True)),
    )
    html = draw_timeline(chart)
    assert [len(sign("path")) - 1 for sign in html.select(".timeline__plot .direction__sign")] == [1, 2]
    assert [item.get_text(strip=True) for item in html.select(".timeline__legend li")] == [
        "Contradicted",
        "Mixed",
    ]
    assert cells(html)[1][2] == "Mixed evidence: low certainty derived, not yet judged"
    assert "may not be so: low certainty" in chart.summary


# Both ----------------------------------------------------------------------------------------------


def all_of_it() -> list[BeautifulSoup]:
    """Return charts with all features, and with texts that contain HTML."""
    nasty = [
        dataclasses.replace(made, identifier=NASTY, citation=NASTY, href=f"/{NASTY}")
        for made in (
            *(row(2, 1, 3, direction=direction) for direction in Direction),
            row(2, 1e-9, 1e9, counts=False),
            row(1e12, 1e12, 1e12),
        )
    ]
    appraisals = [
        point(
            number,
            NOW - datetime.timedelta(days=100 * number),
            overridden=True,
            computed=EvidenceLevel.HIGH,
            identifier=NASTY,
            href=f"/{NASTY}",
            added=(NASTY,),
            removed=(NASTY,),
            by=NASTY,
        )
        for number in range(3)
    ]
    return [
        draw_forest(plot("OR", *nasty, row(3))),
        draw_forest(plot("OR", *nasty * 10)),
        draw_timeline(line(*appraisals, stale_since=NOW)),
    ]


@pytest.mark.parametrize("html", all_of_it())
def test_charts_carry_no_style_and_no_foreign_html(html: BeautifulSoup) -> None:
    assert not html.select("[style], style, script, b")
    assert not [name for tag in html.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert NASTY in html.get_text()
    assert all(
        link["href"] == f"/{NASTY}" or link["href"].startswith("/evidence/") for link in html.select("a")
    )
    assert not [tag for tag in html.select("[class]") if "fill" in tag.attrs or "stroke" in tag.attrs]


@pytest.mark.parametrize("html", all_of_it())
def test_charts_are_pictures_with_a_name_and_a_description(html: BeautifulSoup) -> None:
    (picture,) = html.select('svg[role="img"]')
    named = {tag["id"]: tag for tag in html.select("[id]")}
    assert named[picture["aria-labelledby"]].name == "title"
    assert named[picture["aria-describedby"]].name == "desc"
    for tag in html.select("[aria-labelledby]"):
        assert named[tag["aria-labelledby"]].get_text(strip=True)
    (region,) = html.select('details [role="region"]')
    assert region["tabindex"] == "0"
    hidden: list[Tag] = html.select('[aria-hidden="true"]')
    assert not [link for tag in hidden for link in tag.select("a")]


def test_the_style_sheet_matches_the_classes_and_pitches_and_has_no_colours() -> None:
    sheet = (FOLDER / "static" / "charts.css").read_text(encoding="utf-8")
    known = set(re.findall(r"\.((?:forest|timeline)(?:__[a-z-]+)?(?:--[a-z-]+)?)", sheet))
    used = {name for html in all_of_it() for tag in html.select("[class]") for name in tag["class"]}
    ours = {name for name in used if name.startswith(("forest", "timeline"))}
    assert ours - known == set()
    assert f"height: {forests.PITCH:g}em" in sheet
    assert f"height: {timelines.PITCH:g}rem" in sheet
    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl|!important|animation|transition|url\(", sheet)


def test_axis_labels_do_not_overlap_or_leave_the_chart() -> None:
    assert legible([Tick(10, "1"), Tick(20, "2")])
    assert not legible([Tick(10, "10000"), Tick(20, "20000")])
    assert [Tick(x, "23 November").anchor for x in (0, 50, 100)] == ["start", "middle", "end"]
