"""Tables as Excel workbooks: a sheet of the rows, and a sheet “About” that says what they are.

Numbers, dates and times are those of Excel, times in UTC. Everything else is text, also what begins with `=`. The
values of a list are separated as in CSV. What Excel cannot hold as a number or a date, it gets as text: whole numbers
of more than 15 digits and dates before March 1900, when the calendar of Excel is wrong.

Rows go to a temporary file as they come, since the table of contents of a workbook comes last.
"""

import datetime
import functools
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from itertools import count
from typing import TYPE_CHECKING, Any

from claims_app.formats.csvw import LIST_RULE
from claims_app.formats.delimited import Column, Kind, join_list, utc_text
from claims_app.formats.tables.table import CellTooLong, Part, Table, Values

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

MOST_ROWS = 1_048_576 - 1
"""The rows of a sheet, without the header."""

_CHUNK_BYTES = 256 * 1024
_MOST_DIGITS = 10**15
_FIRST_DAY = datetime.datetime(1900, 3, 1)
_DAY_ZERO = datetime.datetime(1899, 12, 30)
_ONE_DAY = datetime.timedelta(days=1)
# A workbook says when it was made; the same rows give the same bytes.
_MADE = datetime.datetime(2000, 1, 1)
_SIGNS = frozenset("=+-@'")
_WIDTHS = {
    Kind.TEXT: 40,
    Kind.LIST: 30,
    Kind.INTEGER: 12,
    Kind.NUMBER: 12,
    Kind.DATE: 12,
    Kind.DATETIME: 20,
    Kind.TERM: 18,
}
_ABOUT_WIDTHS = (24, 28, 16, 100)


def write(table: Table, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield an Excel workbook. Raises ValueError for a value that its column cannot hold, and CellTooLong."""
    from xlsxwriter import Workbook

    with ExitStack() as resources:
        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="claims-xlsx-"))
        file = resources.enter_context(tempfile.TemporaryFile(dir=folder))
        workbook = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        workbook.use_zip64()
        workbook.set_properties({"title": table.about.title or table.name, "created": _MADE})
        formats = _Formats(workbook)
        rows = workbook.add_worksheet(table.name, worksheet_class=_sheet_class())
        resources.enter_context(closing(rows))
        about = workbook.add_worksheet("About", worksheet_class=_sheet_class())
        resources.enter_context(closing(about))
        _write_rows(rows, formats, table.columns, parts)
        _write_about(about, formats, table)
        workbook.close()
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


class _Formats:
    """The formats of cells in a workbook."""

    def __init__(self, workbook: Any) -> None:
        self.title = workbook.add_format({"bold": True, "font_size": 14})
        self.header = workbook.add_format({"bold": True, "bg_color": "#E7EBF0", "bottom": 1})
        self.label = workbook.add_format({"bold": True, "valign": "top"})
        self.wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
        # So that a text with a sign in front stays text when it is edited.
        self.sign = workbook.add_format({"quote_prefix": True})
        self.date = workbook.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})


@functools.cache
def _sheet_class() -> type:
    """Return the class of the sheets."""
    from xlsxwriter.worksheet import Worksheet

    class Sheet(Worksheet):  # type: ignore[misc]
        """A sheet that writes every text and every number as they are."""

        @staticmethod
        def _escape_control_characters(data: str) -> str:
            escaped: str = Worksheet._escape_control_characters(data)
            # XlsxWriter would take a text like this for XML of its own.
            return "_x003C_" + escaped[1:] if escaped.startswith("<r>") else escaped

        def _xml_number_element(self, number: float, attributes: Sequence[tuple[str, Any]] = ()) -> None:
            attrs = "".join(f' {key}="{value}"' for key, value in attributes)
            self.fh.write(f"<c{attrs}><v>{number!r}</v></c>")

        def close(self) -> None:
            """Close the temporary file, also after an error."""
            self._opt_close()

    return Sheet


def _write_rows(
    sheet: "Worksheet", formats: _Formats, columns: Sequence[Column], parts: Iterable[Part]
) -> None:
    for place, column in enumerate(columns):
        sheet.set_column(place, place, max(_WIDTHS[column.kind], len(column.name) + 4))
        sheet.write_string(0, place, column.name, formats.header)
    sheet.freeze_panes(1, 0)
    writers = [_CELL_WRITERS[column.kind](sheet, formats, column.name) for column in columns]
    row = 0
    for part in parts:
        for values in zip(*part, strict=True):
            row += 1
            if row > MOST_ROWS:
                raise ValueError(f"a sheet has at most {MOST_ROWS} rows")
            for place, value in enumerate(values):
                if value is not None:
                    writers[place](row, place, value)
    sheet.autofilter(0, 0, row, len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


CellWriter = Callable[[int, int, Any], None]


def _texts(sheet: "Worksheet", formats: _Formats, name: str) -> CellWriter:
    def write_text(row: int, place: int, value: str) -> None:
        if not isinstance(value, str):
            raise ValueError(f"{name} must be a text, not {value!r}")
        if sheet.write_string(row, place, value, formats.sign if value[:1] in _SIGNS else None):
            raise CellTooLong(
                f"A text in the column {name} (row {row}) has more than 32,767 characters, which is the most that a "
                "cell in Excel can hold."
            )

    return write_text


def _lists(sheet: "Worksheet", formats: _Formats, name: str) -> CellWriter:
    write_text = _texts(sheet, formats, name)

    def write_list(row: int, place: int, values: Values) -> None:
        if values:
            write_text(row, place, join_list(values))

    return write_list


def _numbers(sheet: "Worksheet", formats: _Formats, name: str) -> CellWriter:
    write_text = _texts(sheet, formats, name)

    def write_number(row: int, place: int, value: float) -> None:
        if isinstance(value, int) and abs(value) >= _MOST_DIGITS:
            write_text(row, place, str(value))
        else:
            sheet.write_number(row, place, value)

    return write_number


def _dates(sheet: "Worksheet", formats: _Formats, name: str) -> CellWriter:
    write_text = _texts(sheet, formats, name)

    def write_date(row: int, place: int, value: str | datetime.date) -> None:
        day = datetime.date.fromisoformat(value) if isinstance(value, str) else value
        midnight = datetime.datetime(day.year, day.month, day.day)
        if midnight < _FIRST_DAY:
            write_text(row, place, day.isoformat())
        else:
            sheet.write_number(row, place, (midnight - _DAY_ZERO).days, formats.date)

    return write_date


def _moments(sheet: "Worksheet", formats: _Formats, name: str) -> CellWriter:
    write_text = _texts(sheet, formats, name)

    def write_moment(row: int, place: int, value: str | datetime.datetime) -> None:
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else value
        in_utc = moment.astimezone(datetime.UTC).replace(tzinfo=None)
        if in_utc < _FIRST_DAY:
            write_text(row, place, utc_text(moment))
        else:
            sheet.write_number(row, place, (in_utc - _DAY_ZERO) / _ONE_DAY, formats.moment)

    return write_moment


_CELL_WRITERS: dict[Kind, Callable[["Worksheet", _Formats, str], CellWriter]] = {
    Kind.TEXT: _texts,
    Kind.TERM: _texts,
    Kind.LIST: _lists,
    Kind.INTEGER: _numbers,
    Kind.NUMBER: _numbers,
    Kind.DATE: _dates,
    Kind.DATETIME: _moments,
}


def _write_about(sheet: "Worksheet", formats: _Formats, table: Table) -> None:
    """Write what the file is, its columns and its controlled terms."""
    rows = count()

    def write_row(cells: Sequence[str], first: Any, others: Any) -> None:
        row = next(rows)
        for place, cell in enumerate(cells):
            sheet.write_string(row, place, cell, first if place == 0 else others)

    for place, width in enumerate(_ABOUT_WIDTHS):
        sheet.set_column(place, place, width)
    write_row([table.about.title or table.name], formats.title, None)
    for label, value in table.about.facts:
        write_row([label, value], formats.label, None)
    write_row(["Lists", LIST_RULE], formats.label, None)
    write_row(["Times", "All times are in UTC."], formats.label, None)
    next(rows)
    write_row(["Column", "Title", "Type", "Meaning"], formats.header, formats.header)
    for column in table.columns:
        cells = [column.name, column.title, column.kind.value, column.description]
        write_row(cells, formats.label, formats.wrapped)
    if not any(column.terms for column in table.columns):
        return
    next(rows)
    write_row(["Column", "Term", "Label", "Meaning"], formats.header, formats.header)
    for column in table.columns:
        for term in column.terms:
            write_row([column.name, term.value, term.label, term.definition], formats.label, formats.wrapped)
