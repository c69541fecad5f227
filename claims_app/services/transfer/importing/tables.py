"""Recognises exported CSV files, also as saved by a spreadsheet program, and splits them into rows of cells."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from claims_app.formats.columns import CLAIMS, EVIDENCE, LIMITATIONS, STUDIES, are_own
from claims_app.formats.delimited import Column
from claims_app.vocabulary import RecordType

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
LARGEST_CELL = 2_000_000

# The limit is one for the process, and several threads read files at once: if each set it and put it back, one of them
# would read with that of another.
csv.field_size_limit(LARGEST_CELL)


@dataclass(frozen=True)
class Layout:
    """The layout of an exported file: its name, its record type and its columns."""

    name: str
    record_type: RecordType
    columns: Sequence[Column]

    @property
    def key(self) -> str:
        """The column with the identifier of the record."""
        return self.columns[0].name

    def column(self, name: str) -> Column | None:
        """Return the column called `name`, or None."""
        return next((column for column in self.columns if column.name == name), None)


LAYOUTS = (
    # Files of limitations and evidence also have a claim_id, so they are tried first.
    Layout("limitations", RecordType.LIMITATION, LIMITATIONS),
    Layout("evidence", RecordType.EVIDENCE, EVIDENCE),
    Layout("claims", RecordType.CLAIM, CLAIMS),
    Layout("studies", RecordType.STUDY, STUDIES),
)


@dataclass(frozen=True)
class TableRow:
    """A row: the line where it begins and its cells; `problem` says why it cannot be read."""

    line: int
    cells: Sequence[str]
    problem: str | None = None


@dataclass(frozen=True)
class Table:
    """A file with one of the layouts: its column names in order, those of them that are unknown, and its rows."""

    layout: Layout
    separator: str
    names: Sequence[str]
    unknown: Sequence[str]
    rows: Sequence[TableRow]

    def source(self, cells: Sequence[str]) -> str:
        """Return cells as a line of the file."""
        out = io.StringIO()
        csv.writer(out, delimiter=self.separator, lineterminator="\r\n").writerow(cells)
        return out.getvalue()


def recognise(text: str) -> Table | None:
    """Return the table in `text`, or None if it is not an export. Raises ValueError if its header is not valid."""
    # Excel understands a first line that names the separator, such as "sep=;".
    hint = text[:20_000].partition("\n")[0].strip()
    skipped = 0
    if hint.lower().startswith("sep=") and len(hint) == 5:
        text, skipped = text.partition("\n")[2], 1
    first = text.lstrip("\r\n")[:20_000].partition("\n")[0]
    for separator in SEPARATORS:
        names = _names(first, separator)
        for layout in LAYOUTS:
            if layout.key in names and len(names) > 1:
                if layout.name == "claims" and "appraisal_id" in names:
                    raise ValueError("Appraisals cannot be imported. Appraise the claims here instead.")
                return _own(_table(layout, separator, text, skipped))
    return None


def _own(table: Table) -> Table | None:
    """Return `table` unless its identifiers are those of another program, which has a column with the same name."""
    place = table.names.index(table.layout.key)
    cells = (row.cells[place] for row in table.rows if place < len(row.cells))
    return table if are_own(cells) else None


def _names(first: str, separator: str) -> list[str]:
    """Return the cells of the first line, or none if it cannot be read as CSV."""
    # Very old programs end lines with a carriage return only.
    try:
        cells = next(csv.reader(io.StringIO(first, newline=""), delimiter=separator), [])
    except csv.Error:
        return []
    return [name.strip() for name in cells]


def _table(layout: Layout, separator: str, text: str, skipped: int) -> Table:
    """Return the table in `text`; `skipped` lines of the file come before it. Raises ValueError for its header."""
    # A StringIO would keep four bytes for each character.
    reader = csv.reader((line[0] for line in _LINE.finditer(text)), delimiter=separator)
    names: list[str] = []
    rows = []
    line = 1
    try:
        for cells in reader:
            begins, line = line + skipped, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [name.strip() for name in cells]
                while names and not names[-1]:
                    names.pop()
                _check_header(names)
                continue
            rows.append(_row(begins, cells, len(names)))
    except csv.Error as error:
        rows.append(TableRow(line + skipped, (), f"The file cannot be read from here on: {error}."))
    unknown = [name for name in names if layout.column(name) is None]
    return Table(layout, separator, names, unknown, rows)


def _check_header(names: Sequence[str]) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"The header has a column more than once: {', '.join(name or '(empty)' for name in repeated)}."
        )


def _row(line: int, cells: list[str], width: int) -> TableRow:
    """Return a row, without empty cells beyond the `width` of the header, or with the problem."""
    while len(cells) > width and not cells[-1].strip():
        cells.pop()
    if len(cells) != width:
        problem = f"The header has {width} columns, but this row has {len(cells)} cells."
        return TableRow(line, cells, problem)
    return TableRow(line, cells)
