"""The chart of evidence by year and direction: its columns fit, and its table has the same numbers."""

from hypothesis import given
from hypothesis import strategies as st

from claims_app.vocabulary import Direction
from claims_app.web.charts import WIDTH
from claims_app.web.charts.by_year import MOST_COLUMNS, years_chart

FINDINGS = st.dictionaries(
    st.tuples(st.integers(1500, 2100), st.sampled_from([term.value for term in Direction])),
    st.integers(1, 10**6),
    min_size=1,
    max_size=30,
)


@given(FINDINGS)
def test_columns_fit_and_the_table_has_their_numbers(findings: dict[tuple[int, str], int]) -> None:
    chart = years_chart(findings)
    assert chart is not None
    drawn = [column for lane in chart.lanes for column in lane.columns]
    assert all(column.x >= 0 and column.x + column.width <= WIDTH for column in drawn)
    assert all(column.y >= 0 and column.height <= 3 for column in drawn)
    assert len({column.x for column in drawn}) <= MOST_COLUMNS
    tabled = [n for row in chart.rows for _, n in row.counts if n]
    assert sorted(tabled) == sorted(column.n for column in drawn)
    assert sum(tabled) == sum(findings.values())
    assert all(any(row.first <= year <= row.last for row in chart.rows) for year, _ in findings)


def test_without_years_there_is_no_chart() -> None:
    assert years_chart({}) is None
