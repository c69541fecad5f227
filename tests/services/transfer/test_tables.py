"""Splitting exported files into rows of cells: the rows of any file, and the memory for a large one."""

import csv
import io
import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from claims_app.services.transfer.importing.tables import LARGEST_CELL, LAYOUTS, _table, recognise

HEADER = "claim_id,more\r\n"


@given(st.text(alphabet='ab,"\r\n \u2028\x0b', max_size=40))
def test_rows_are_those_of_the_csv_module(text: str) -> None:
    read = csv.reader(io.StringIO(HEADER + text, newline=""))
    expected = [cells for cells in read if any(cell.strip() for cell in cells)][1:]
    rows = _table(LAYOUTS[2], ",", HEADER + text, 0).rows
    assert [list(row.cells)[:2] for row in rows] == [cells[:2] for cells in expected]


def test_a_large_file_is_not_copied_while_it_is_read() -> None:
    text = HEADER + "".join(f"CLM-{number},{'x' * 100_000}\r\n" for number in range(30))
    tracemalloc.start()
    table = recognise(text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert table is not None
    assert len(table.rows) == 30
    assert most < 1.5 * len(text), "the cells, and hardly more"


def test_reading_a_file_leaves_the_limit_of_cells_as_others_need_it() -> None:
    assert recognise(HEADER + "CLM-1,a\r\n") is not None
    assert csv.field_size_limit() == LARGEST_CELL, "another thread may be in the middle of a file"
