"""The two profiles: what is written, the round trip, and the errors for invalid files."""

import csv
import datetime
import io
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.formats.columns import EXPORTS
from claims_app.formats.csv_writing import CHUNK_CHARACTERS, write
from claims_app.formats.delimited import (
    BYTE_ORDER_MARK,
    CellError,
    Column,
    Kind,
    Profile,
    guard,
    join_list,
    read,
    split_list,
    unguard,
)
from tests.support.any_rows import TRIGGERS, VALUES, files, rows_of, texts
from tests.support.plain_csv import plain_csv


def column(kind: Kind, name: str = "value") -> Column:
    return Column(name, kind, name.capitalize(), "For a test.")


def written(columns: Sequence[Column], rows: Sequence[Sequence[object]], profile: Profile) -> str:
    return "".join(write(columns, rows, profile=profile))


def in_utc(value: object) -> object:
    """Return a time in UTC, because times in the hour of a clock change equal no others in their own zone."""
    return value.astimezone(datetime.UTC) if isinstance(value, datetime.datetime) else value


def read_back(columns: Sequence[Column], text: str, profile: Profile) -> list[dict[str, object]]:
    return list(read(columns, io.StringIO(text, newline=""), profile=profile))


def cell_of(kind: Kind, value: object, profile: Profile = Profile.SAFE) -> str:
    _, (cell,) = csv.reader(io.StringIO(written([column(kind)], [[value]], profile), newline=""))
    return cell


def refusal(columns: Sequence[Column], text: str, profile: Profile = Profile.SAFE) -> CellError:
    with pytest.raises(CellError) as caught:
        read_back(columns, text, profile)
    return caught.value


@given(texts)
def test_guard_is_undone_exactly(text: str) -> None:
    assert unguard(guard(text)) == text


@given(texts, texts)
def test_guard_keeps_different_texts_different(one: str, other: str) -> None:
    assert (guard(one) == guard(other)) == (one == other)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_guard_puts_one_apostrophe_before_a_trigger(trigger: str) -> None:
    assert guard(trigger + "1") == "'" + trigger + "1"


@pytest.mark.parametrize("text", ["plain", " =1", "a=1", "\u22121", "\u20191"])
def test_guard_leaves_other_text_alone(text: str) -> None:
    assert guard(text) == text


@given(st.lists(texts))
def test_list_is_split_like_it_was_joined(values: list[str]) -> None:
    assert split_list(join_list(values)) == values


@pytest.mark.parametrize(
    ("values", "cell"),
    [([], ""), (["a", "b"], "a|b"), (["a|b"], r"a\|b"), (["a\\", "b"], r"a\\|b"), (["a\\|b"], r"a\\\|b")],
)
def test_list_is_written_with_bars_and_backslashes(values: list[str], cell: str) -> None:
    assert join_list(values) == cell
    assert split_list(cell) == values


@pytest.mark.parametrize("values", [[""], ["a", ""], ["a", None], [1]])
def test_list_of_anything_but_texts_is_refused(values: list[str]) -> None:
    with pytest.raises(ValueError, match="non-empty texts"):
        join_list(values)


@pytest.mark.parametrize("profile", Profile)
@given(file=files)
def test_round_trip_changes_nothing(
    profile: Profile, file: tuple[tuple[Column, ...], list[tuple[object, ...]]]
) -> None:
    columns, rows = file
    names = [column.name for column in columns]
    back = read_back(columns, written(columns, rows, profile), profile)
    assert back == [dict(zip(names, map(in_utc, row), strict=True)) for row in rows]


@pytest.mark.parametrize("profile", Profile)
@given(file=files, bom=st.booleans())
def test_columns_are_written_as_cell_by_cell(
    profile: Profile, file: tuple[tuple[Column, ...], list[tuple[object, ...]]], bom: bool
) -> None:
    columns, rows = file
    assert "".join(write(columns, rows, profile=profile, bom=bom)) == plain_csv(
        columns, rows, profile, bom=bom
    )


@pytest.mark.parametrize("kind", Kind)
@given(data=st.data())
def test_a_file_of_one_column_is_written_as_cell_by_cell(kind: Kind, data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.tuples(VALUES[kind]), max_size=4))
    assert written([column(kind)], rows, Profile.SAFE) == plain_csv([column(kind)], rows, Profile.SAFE)


@pytest.mark.parametrize("profile", Profile)
@given(file=files)
def test_python_reads_the_same_number_of_cells_in_each_row(
    profile: Profile, file: tuple[tuple[Column, ...], list[tuple[object, ...]]]
) -> None:
    columns, rows = file
    parsed = list(csv.reader(io.StringIO(written(columns, rows, profile), newline=""), strict=True))
    assert [len(cells) for cells in parsed] == [len(columns)] * (1 + len(rows))


@given(file=files)
def test_safe_profile_leaves_no_formula_in_a_text_cell(
    file: tuple[tuple[Column, ...], list[tuple[object, ...]]],
) -> None:
    columns, rows = file
    parsed = list(csv.reader(io.StringIO(written(columns, rows, Profile.SAFE), newline="")))
    for cells in parsed[1:]:
        for cell, its in zip(cells, columns, strict=True):
            if its.kind in (Kind.INTEGER, Kind.NUMBER):
                assert not cell.startswith("'")
            elif cell.startswith("'"):
                assert cell[1:].startswith(tuple(TRIGGERS))
            else:
                assert not cell.startswith(tuple(TRIGGERS))


@given(st.lists(texts, min_size=1, max_size=3))
def test_raw_profile_is_the_text_as_it_is(row: list[str]) -> None:
    columns = [column(Kind.TEXT, f"c{index}") for index in range(len(row))]
    text = written(columns, [row], Profile.RAW)
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == row
    assert [list(values.values()) for values in read_back(columns, text, Profile.RAW)] == [row]


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        (Kind.NUMBER, -0.35, "-0.35"),
        (Kind.NUMBER, 95.0, "95"),
        (Kind.NUMBER, 1e-7, "1e-07"),
        (Kind.NUMBER, 0.1 + 0.2, "0.30000000000000004"),
        (Kind.INTEGER, -12, "-12"),
        (Kind.INTEGER, 1_000_000, "1000000"),
        (Kind.DATE, datetime.date(2026, 3, 1), "2026-03-01"),
        (
            Kind.DATETIME,
            datetime.datetime(2026, 11, 23, 5, 7, 40, tzinfo=datetime.UTC),
            "2026-11-23T05:07:40Z",
        ),
        (
            Kind.DATETIME,
            datetime.datetime(2026, 11, 23, 7, 7, 40, 12, datetime.timezone(datetime.timedelta(hours=2))),
            "2026-11-23T05:07:40.000012Z",
        ),
        (Kind.TERM, "CLM-1", "CLM-1"),
        (Kind.LIST, [], ""),
        (Kind.TEXT, None, ""),
        (Kind.TEXT, "<0.001", "<0.001"),
    ],
)
def test_cell_is_written_as(profile: Profile, kind: Kind, value: object, cell: str) -> None:
    assert cell_of(kind, value, profile) == cell


def test_list_is_guarded_once_and_as_a_whole() -> None:
    assert cell_of(Kind.LIST, ["=a", "=b"]) == "'=a|=b"


@pytest.mark.parametrize(
    "value", ["a\rb", "a\nb", "a\r\nb", 'a"b', "a,b", "a\0b", "a\u2028b", "a\x85b", " a "]
)
@pytest.mark.parametrize("profile", Profile)
def test_special_characters_are_kept(profile: Profile, value: str) -> None:
    columns = [column(Kind.TEXT, "one"), column(Kind.TEXT, "two")]
    text = written(columns, [(value, "x")], profile)
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == [value, "x"]
    assert read_back(columns, text, profile) == [{"one": value, "two": "x"}]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.TEXT, ""),
        (Kind.TEXT, 1),
        (Kind.LIST, None),
        (Kind.LIST, "ab"),
        (Kind.LIST, ["a", ""]),
        (Kind.INTEGER, True),
        (Kind.INTEGER, 1.0),
        (Kind.INTEGER, 10**18),
        (Kind.NUMBER, True),
        (Kind.NUMBER, "1"),
        (Kind.NUMBER, float("nan")),
        (Kind.NUMBER, float("-inf")),
        (Kind.NUMBER, 2**53 + 1),
        (Kind.DATE, datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)),
        (Kind.DATETIME, datetime.date(2026, 3, 1)),
        (Kind.DATETIME, datetime.datetime(2026, 3, 1)),
        (Kind.TERM, ""),
        (Kind.TERM, 1),
        (Kind.TERM, "=1"),
        (Kind.TERM, "\uff0d1"),
    ],
)
@pytest.mark.parametrize("profile", Profile)
def test_value_that_the_column_cannot_hold_is_refused(profile: Profile, kind: Kind, value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        written([column(kind)], [[value]], profile)


@pytest.mark.parametrize(("kind", "value"), [(Kind.TEXT, "\0=1+1"), (Kind.LIST, ["\0=1+1"])])
def test_nul_at_the_start_is_refused_if_a_spreadsheet_would_drop_it(kind: Kind, value: object) -> None:
    with pytest.raises(ValueError, match="NUL"):
        cell_of(kind, value)
    assert cell_of(kind, value, Profile.RAW) == "\0=1+1"


@pytest.mark.parametrize("row", [(), ("a",), ("a", "b", "c")])
def test_row_of_the_wrong_length_is_refused(row: tuple[str, ...]) -> None:
    columns = [column(Kind.TEXT, "one"), column(Kind.TEXT, "two")]
    with pytest.raises(ValueError, match="expected 2 values in a row"):
        written(columns, [row], Profile.SAFE)


def test_header_comes_first_and_then_chunks_of_many_rows() -> None:
    rows = [("x" * 99,)] * 3000
    header, *chunks = write([column(Kind.TEXT)], rows, profile=Profile.SAFE)
    assert header == "value\r\n"
    assert "".join(chunks) == ("x" * 99 + "\r\n") * 3000
    assert min(map(len, chunks[:-1])) > 50_000
    assert max(map(len, chunks)) <= CHUNK_CHARACTERS


@pytest.mark.parametrize("rows", [[], [("x" * (CHUNK_CHARACTERS - 2),)]])
def test_no_chunk_is_empty(rows: list[tuple[str]]) -> None:
    assert all(write([column(Kind.TEXT)], rows, profile=Profile.SAFE))


def test_rows_are_read_lazily() -> None:
    taken = []

    def rows() -> "list[tuple[str]]":
        taken.append(1)
        return [("a",)]

    chunks = write([column(Kind.TEXT)], (row for _ in [0] for row in rows()), profile=Profile.SAFE)
    assert next(chunks) == "value\r\n"
    assert not taken


def test_row_of_one_empty_cell_is_not_an_empty_line() -> None:
    text = written([column(Kind.TEXT)], [[None]], Profile.SAFE)
    assert text == 'value\r\n""\r\n'
    assert read_back([column(Kind.TEXT)], text, Profile.SAFE) == [{"value": None}]


def test_byte_order_mark_is_written_on_request_and_removed() -> None:
    text = "".join(write([column(Kind.TEXT)], [("a",)], profile=Profile.SAFE, bom=True))
    assert text == BYTE_ORDER_MARK + "value\r\na\r\n"
    assert read_back([column(Kind.TEXT)], text, Profile.SAFE) == [{"value": "a"}]


def test_long_cell_is_read_without_changing_the_limit_of_csv() -> None:
    limit = csv.field_size_limit()
    value = 'a"' * 131_072
    text = written([column(Kind.TEXT)], [[value]], Profile.SAFE)
    assert read_back([column(Kind.TEXT)], text, Profile.SAFE) == [{"value": value}]
    assert csv.field_size_limit() == limit


@given(rows_of(EXPORTS["limitations"]))
def test_lines_may_be_split_at_any_line_end(rows: list[tuple[object, ...]]) -> None:
    columns = EXPORTS["limitations"]
    text = written(columns, rows, Profile.SAFE)
    whole = read_back(columns, text, Profile.SAFE)
    for lines in (text.splitlines(keepends=True), io.StringIO(text)):
        assert list(read(columns, lines, profile=Profile.SAFE)) == whole


def test_file_without_its_last_line_end_is_read() -> None:
    assert read_back([column(Kind.TEXT)], "value\r\na", Profile.SAFE) == [{"value": "a"}]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("", "the header is missing one, two. the header has unknown columns: (empty)."),
        ("one", "the header is missing two."),
        ("one,two,three", "the header has unknown columns: three."),
        ("one,second", "the header is missing two. the header has unknown columns: second."),
        ("two,one", "the header must contain each column once, in this order: one, two."),
        ("one,two,two", "the header must contain each column once, in this order: one, two."),
    ],
)
def test_different_header_is_reported(header: str, sentence: str) -> None:
    columns = [column(Kind.TEXT, "one"), column(Kind.TEXT, "two")]
    error = refusal(columns, header + "\r\n" if header else "")
    assert str(error) == f"line 1: {sentence}"
    assert (error.line, error.column, error.value) == (1, None, None)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        (Kind.INTEGER, "1.5"),
        (Kind.INTEGER, "'1"),
        (Kind.INTEGER, "\u0661"),
        (Kind.NUMBER, "0,5"),
        (Kind.NUMBER, "nan"),
        (Kind.NUMBER, "1e999"),
        (Kind.DATE, "20260301"),
        (Kind.DATE, "2026-02-30"),
        (Kind.DATETIME, "2026-03-01T05:07:40"),
        (Kind.DATETIME, "2026-03-01"),
        (Kind.DATETIME, "2026-03-01T25:07:40Z"),
        (Kind.LIST, "a||b"),
        (Kind.LIST, "a|"),
        (Kind.TEXT, "'"),
        (Kind.TERM, "=1"),
    ],
)
def test_invalid_cell_is_reported_with_line_column_and_value(kind: Kind, cell: str) -> None:
    columns = [column(Kind.TEXT, "note"), column(kind)]
    error = refusal(columns, f'note,value\r\n"two\r\nlines",\r\nx,"{cell}"\r\n')
    assert (error.line, error.column, error.value) == (4, "value", cell)
    assert str(error).startswith("line 4, column value: ")
    assert str(error).endswith(f"(value: “{cell}”)")


def test_long_value_is_shortened_only_in_the_message() -> None:
    error = refusal([column(Kind.INTEGER)], "value\r\n" + "x" * 5000)
    assert error.value == "x" * 5000
    assert len(str(error)) < 200


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        ("a\r\n", 2, "expected 2 cells in a row, found 1."),
        ("a,b\r\na,b,c\r\n", 3, "expected 2 cells in a row, found 3."),
        ("a,b\r\n\r\n", 3, "expected 2 cells in a row, found 1."),
        ('a,b\r\na,"b\r\nc,d\r\n', 3, "is never closed"),
        ('a,b "c"\r\n', 2, "cell 2 is not valid CSV"),
        ('"a"b,c\r\n', 2, "cell 1 is not valid CSV"),
        ("a,b\rc\r\n", 2, "cell 2 is not valid CSV"),
    ],
)
def test_invalid_row_is_reported_with_its_line(body: str, line: int, sentence: str) -> None:
    error = refusal([column(Kind.TEXT, "one"), column(Kind.TEXT, "two")], "one,two\r\n" + body)
    assert error.line == line
    assert sentence in str(error)
