"""Every format of tables holds the same values, and its bytes depend on nothing but these."""

import csv
import datetime
import io
import json
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars
import pyarrow
import pytest
from hypothesis import given, settings
from openpyxl.utils.escape import unescape

from claims_app.formats.columns import APPRAISALS, CLAIMS, EVIDENCE, EXPORTS, LIMITATIONS, STUDIES
from claims_app.formats.csv_writing import Values
from claims_app.formats.delimited import Column, Kind, Profile, join_list, utc_text
from claims_app.formats.tables import (
    TABLE_FORMATS,
    About,
    CellTooLong,
    PackageMissing,
    Table,
    parquet,
)
from tests.support.any_rows import VALUES, files

FORMATS = list(TABLE_FORMATS)
few = settings(max_examples=20)  # rows are wide
Rows = Sequence[Sequence[object]]


def parts_of(rows: Rows, size: int = 3) -> Iterator[list[Values]]:
    for start in range(0, len(rows), size):
        yield list(zip(*rows[start : start + size], strict=True))


def written(
    form: str, columns: Sequence[Column], rows: Rows, profile: Profile = Profile.SAFE, **options: Any
) -> bytes:
    chunks = list(
        TABLE_FORMATS[form].write(Table("table", columns, profile, **options), parts_of(rows)),
    )
    assert all(chunks)
    return b"".join(chunks)


def cells(data: bytes, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))


def sheets(data: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data))


@few
@given(file=files)
def test_tsv_has_the_cells_of_csv(file: tuple[Sequence[Column], Rows]) -> None:
    assert cells(written("tsv", *file), "\t") == cells(written("csv", *file), ",")


@few
@given(file=files)
def test_json_lines_hold_the_values(file: tuple[Sequence[Column], Rows]) -> None:
    columns, rows = file
    lines = written("jsonl", columns, rows).decode().split("\n")
    assert lines.pop() == ""
    for line, row in zip(lines, rows, strict=True):
        read = json.loads(line)
        assert list(read) == [column.name for column in columns]
        for column, value in zip(columns, row, strict=True):
            assert _from_text(column, read[column.name]) == _in_utc(value)


def _in_utc(value: object) -> object:
    """Return a value; a time in UTC, since times around a change of clocks are not equal in two zones."""
    return value.astimezone(datetime.UTC) if isinstance(value, datetime.datetime) else value


def _from_text(column: Column, value: Any) -> object:
    if value is not None and column.kind is Kind.DATE:
        return datetime.date.fromisoformat(value)
    if value is not None and column.kind is Kind.DATETIME:
        return datetime.datetime.fromisoformat(value)
    return value


@few
@given(file=files)
def test_parquet_holds_the_values(file: tuple[Sequence[Column], Rows]) -> None:
    columns, rows = file
    read = polars.read_parquet(io.BytesIO(written("parquet", columns, rows)))
    assert read.columns == [column.name for column in columns]
    assert read.rows() == [tuple(map(_in_utc, row)) for row in rows]


@few
@given(file=files)
def test_excel_holds_the_values(file: tuple[Sequence[Column], Rows]) -> None:
    columns, rows = file
    sheet = sheets(written("xlsx", columns, rows))["table"]
    header, *read = sheet.iter_rows(max_row=len(rows) + 1, max_col=len(columns))
    assert [cell.value for cell in header] == [column.name for column in columns]
    for row, values in zip(read, rows, strict=True):
        for cell, column, value in zip(row, columns, values, strict=True):
            assert _is_in_excel(cell, column.kind, value), (cell.value, value)


def _is_in_excel(cell: Any, kind: Kind, value: Any) -> bool:
    """Return whether a cell has a value, as far as Excel can hold it."""
    if value is None or value == []:
        return cell.value is None
    if kind in (Kind.TEXT, Kind.TERM, Kind.LIST):
        text = join_list(value) if kind is Kind.LIST else value
        return cell.data_type == "s" and unescape(cell.value).replace("_x003C_", "<") == text
    if kind is Kind.INTEGER and abs(value) >= 10**15:
        return bool(cell.value == str(value))
    if kind in (Kind.INTEGER, Kind.NUMBER):
        return bool(cell.data_type == "n" and cell.value == value)
    if kind is Kind.DATE:
        shown = datetime.date(1900, 3, 1) <= value
        return bool((cell.value.date() == value) if shown else (cell.value == value.isoformat()))
    moment = value.astimezone(datetime.UTC).replace(tzinfo=None)
    if moment < datetime.datetime(1900, 3, 1):
        return bool(cell.value == utc_text(value))
    return abs(cell.value - moment) <= datetime.timedelta(milliseconds=1)


@pytest.mark.parametrize("form", FORMATS)
def test_equal_rows_give_equal_bytes(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[f"LIM-{n}", "CLM-1", None, "other", None, "Small.", None, None] for n in range(7)]
    about = About("Limitations", [("Address", "https://claims.example.org/limitations.xlsx")])
    first = written(form, LIMITATIONS, rows, about=about)
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    assert written(form, LIMITATIONS, rows, about=about) == first


def test_an_excel_workbook_does_not_say_when_it_was_made() -> None:
    assert sheets(written("xlsx", LIMITATIONS, [])).properties.created == datetime.datetime(2000, 1, 1)


def test_excel_holds_every_digit_of_a_number() -> None:
    columns = [Column("n", Kind.NUMBER, "N", "N.")]
    assert sheets(written("xlsx", columns, [[0.1 + 0.2]]))["table"]["A2"].value == 0.1 + 0.2


@pytest.mark.parametrize("form", FORMATS)
def test_a_table_without_rows_has_its_columns(form: str) -> None:
    data = written(form, CLAIMS, [])
    names = [column.name for column in CLAIMS]
    if form == "xlsx":
        assert [cell.value for cell in sheets(data)["table"][1]] == names
    elif form == "parquet":
        assert polars.read_parquet(io.BytesIO(data)).columns == names
    else:
        assert data.decode().replace("\t", ",").strip() == ("" if form == "jsonl" else ",".join(names))


@pytest.mark.parametrize("form", ["csv", "tsv"])
def test_a_part_without_a_header_continues_the_file(form: str) -> None:
    rows = [["LIM-1", "CLM-1", None, "other", None, "Small.", None, None]] * 4
    whole = written(form, LIMITATIONS, rows)
    assert written(form, LIMITATIONS, rows[:2]) + written(form, LIMITATIONS, rows[2:], header=False) == whole


def test_parquet_has_the_types_of_the_columns() -> None:
    schema = polars.read_parquet_schema(io.BytesIO(written("parquet", STUDIES, [])))
    assert schema["year"] == polars.Int64
    assert schema["authors"] == polars.List(polars.String)
    assert schema["standing_date"] == polars.Date
    assert schema["created_at"] == polars.Datetime("us", "UTC")
    assert schema["design"] == polars.Categorical
    assert (
        polars.read_parquet_schema(io.BytesIO(written("parquet", EVIDENCE, [])))["ci_low"] == polars.Float64
    )


def test_parquet_knows_every_term_of_a_column() -> None:
    kind = next(column for column in CLAIMS if column.name == "kind")
    read = pyarrow.parquet.read_table(io.BytesIO(written("parquet", [kind], [["mechanism"]])))["kind"]
    assert read.chunk(0).dictionary.to_pylist() == [term.value for term in kind.terms]
    assert not read.type.ordered


@pytest.mark.parametrize(
    ("columns", "name", "least_first"),
    [
        (CLAIMS, "evidence_level", ["not_assessed", "very_low", "low", "moderate", "high"]),
        (APPRAISALS, "level", ["not_assessed", "very_low", "low", "moderate", "high"]),
        (EVIDENCE, "risk_of_bias", ["not_assessed", "low", "some_concerns", "high"]),
        (EVIDENCE, "hedge", ["speculated", "suggested", "stated"]),
    ],
)
def test_levels_in_parquet_can_be_compared(
    columns: Sequence[Column], name: str, least_first: list[str]
) -> None:
    column = next(column for column in columns if column.name == name)
    data = written("parquet", [column], [[value] for value in reversed(least_first)])
    read = pyarrow.parquet.read_table(io.BytesIO(data))[name]
    assert read.type.ordered
    assert read.chunk(0).dictionary.to_pylist() == least_first


def test_parquet_is_written_in_row_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 4)
    data = written("parquet", [Column("n", Kind.INTEGER, "N", "N.")], [[n] for n in range(10)])
    file = pyarrow.parquet.ParquetFile(io.BytesIO(data))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [6, 4]
    assert file.read()["n"].to_pylist() == list(range(10))


@pytest.mark.parametrize(
    ("form", "kind", "value"),
    [
        ("parquet", Kind.INTEGER, "many"),
        ("parquet", Kind.DATE, "yesterday"),
        ("parquet", Kind.TEXT, 1),
        ("jsonl", Kind.NUMBER, float("nan")),
        ("xlsx", Kind.TEXT, 1),
        ("xlsx", Kind.DATE, "yesterday"),
    ],
)
def test_a_value_that_a_column_cannot_hold_is_refused(form: str, kind: Kind, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # of any wording
        written(form, [Column("n", kind, "N", "N.")], [[value]])


def test_a_term_that_the_vocabulary_does_not_have_is_refused() -> None:
    level = next(column for column in CLAIMS if column.name == "evidence_level")
    with pytest.raises(ValueError, match="evidence_level must be one of not_assessed, very_low"):
        written("parquet", [level], [["excellent"]])


def test_excel_computes_nothing_and_takes_no_text_for_its_own_xml() -> None:
    texts = ["=1+1", "+1", "-1", "@SUM(1)", "<r>not rich</r>", "_x0041_", "https://example.org"]
    columns = [Column("text", Kind.TEXT, "Text", "Any text.")]
    sheet = sheets(written("xlsx", columns, [[text] for text in texts]))["table"]
    read = [sheet.cell(row, 1) for row in range(2, len(texts) + 2)]
    assert {cell.data_type for cell in read} == {"s"}
    assert all(cell.hyperlink is None for cell in read)
    shown = [unescape(cell.value.replace("_x003C_", "<")) for cell in read]
    assert shown == texts
    assert [cell.quotePrefix for cell in read][:4] == [True] * 4


def test_an_excel_sheet_is_ready_to_be_sorted_and_filtered() -> None:
    rows = [["LIM-1", "CLM-1", None, "other", None, "Small.", None, None]] * 4
    sheet = sheets(written("xlsx", LIMITATIONS, rows))["table"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:H5")
    assert all(sheet.column_dimensions[letter].width >= 12 for letter in "ABCDEF")


def test_an_excel_workbook_says_what_it_is() -> None:
    about = About("Claims", [("Filters", "Kind: Treatment"), ("Rows", "0")])
    rows = list(sheets(written("xlsx", CLAIMS, [], about=about))["About"].iter_rows(values_only=True))
    assert rows[:3] == [
        ("Claims", None, None, None),
        ("Filters", "Kind: Treatment", None, None),
        ("Rows", "0", None, None),
    ]
    for column in CLAIMS:
        assert (column.name, column.title, column.kind.value, column.description) in rows
        for term in column.terms:
            assert (column.name, term.value, term.label, term.definition) in rows


def test_a_text_that_excel_would_cut_off_is_refused() -> None:
    columns = [Column("text", Kind.TEXT, "Text", "Any text.")]
    assert written("xlsx", columns, [["x" * 32_767]])
    with pytest.raises(CellTooLong, match=r"column text \(row 2\) has more than 32,767 characters"):
        written("xlsx", columns, [["x"], ["\U0001f9ea" * 16_384]])


def test_a_workbook_leaves_no_temporary_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it was sent, given up or impossible to write."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    row = ["LIM-1", "CLM-1", None, "other", None, "Small.", None, None]
    written("xlsx", LIMITATIONS, [row])
    chunks = TABLE_FORMATS["xlsx"].write(Table("table", LIMITATIONS), parts_of([row]))
    assert next(iter(chunks))
    chunks.close()
    with pytest.raises(CellTooLong):
        written("xlsx", LIMITATIONS, [[*row[:5], "x" * 40_000, None, None]])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", FORMATS)
def test_memory_does_not_grow_with_the_length_of_the_table(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 500)
    row = ["LIM-1", "CLM-1", None, "other", None, "Too few people took part. " * 20, None, None]
    # Arrow has a memory of its own.
    arrow = pyarrow.default_memory_pool()

    def peak(parts: int) -> int:
        most = 0

        def counted() -> Iterator[list[Values]]:
            nonlocal most
            for _ in range(parts):
                yield [[value] * 100 for value in row]
                most = max(most, arrow.bytes_allocated())

        tracemalloc.start()
        for _ in TABLE_FORMATS[form].write(Table("table", LIMITATIONS), counted()):
            pass
        most += tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < peak(10) + 300_000


@pytest.mark.parametrize(("form", "package"), [("parquet", "pyarrow"), ("xlsx", "xlsxwriter")])
def test_a_missing_package_is_named_with_how_to_install_it(
    form: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    TABLE_FORMATS[form].check_installed()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == package else name)
    with pytest.raises(PackageMissing, match=rf'{package}.*pip install "claims-app\[{form}\]"'):
        TABLE_FORMATS[form].check_installed()


def test_the_text_formats_need_no_package() -> None:
    assert {name for name, form in TABLE_FORMATS.items() if form.extra is None} == {"csv", "tsv", "jsonl"}


def test_every_kind_of_column_is_tried() -> None:
    assert set(VALUES) == set(Kind) == {column.kind for columns in EXPORTS.values() for column in columns}
