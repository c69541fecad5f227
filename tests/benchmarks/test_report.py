"""The report of a proof replaces its own section of the page, and nothing else."""

from pathlib import Path

import pytest

from benchmarks.reliability import report


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "reliability.md"
    path.write_text(
        "# A\n<!-- one: begin -->\nold\n<!-- one: end -->\n<!-- two: begin -->\n<!-- two: end -->\nlast\n"
    )
    return path


def test_a_section_is_replaced_and_the_rest_stays(page: Path) -> None:
    report.write("one", "new\n", page)
    report.write("one", "newer", page)
    assert page.read_text() == (
        "# A\n<!-- one: begin -->\n\nnewer\n\n<!-- one: end -->\n<!-- two: begin -->\n<!-- two: end -->\nlast\n"
    )


@pytest.mark.parametrize("name", ["three", "on"])
def test_a_section_that_is_missing_is_refused(page: Path, name: str) -> None:
    before = page.read_text()
    with pytest.raises(ValueError, match=name):
        report.write(name, "new", page)
    assert page.read_text() == before


def test_the_page_has_a_section_for_each_proof() -> None:
    text = report.PAGE.read_text(encoding="utf-8")
    for name in ("faults", "cluster", "migrating", "soak"):
        assert text.count(f"<!-- {name}: begin -->") == text.count(f"<!-- {name}: end -->") == 1


def test_a_table_escapes_what_would_end_a_cell() -> None:
    assert report.table(("a", "b"), [("x|y", 1), ("two\nlines", None)]) == (
        "| a | b |\n| --- | --- |\n| x\\|y | 1 |\n| two lines | None |"
    )
