"""Word-by-word differences between two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.diff import TextChange, word_diff


def marked(before: str, after: str) -> str:
    """Return the difference with [-removed-] and {+added+} parts."""
    marks = {TextChange.SAME: "{}", TextChange.REMOVED: "[-{}-]", TextChange.ADDED: "{{+{}+}}"}
    return "".join(marks[part.change].format(part.text) for part in word_diff(before, after))


@pytest.mark.parametrize(
    ("before", "after", "difference"),
    [
        ("the same", "the same", "the same"),
        ("", "new", "{+new+}"),
        ("gone", "", "[-gone-]"),
        ("levels are raised", "levels may be raised", "levels [-are-]{+may be+} raised"),
        ("in mice.", "in rats.", "in [-mice-]{+rats+}."),
        ("OR 3.87", "OR 3.78", "OR 3.[-87-]{+78+}"),
        ("one two three", "four five three", "[-one two-]{+four five+} three"),
        ("Sjögren’s", "Sjögrens", "[-Sjögren’s-]{+Sjögrens+}"),
    ],
)
def test_changed_words_are_marked(before: str, after: str, difference: str) -> None:
    assert marked(before, after) == difference


@given(st.text("ab ,.\n", max_size=60), st.text("ab ,.\n", max_size=60))
def test_both_texts_can_be_restored_from_the_difference(before: str, after: str) -> None:
    parts = word_diff(before, after)
    assert "".join(part.text for part in parts if part.change is not TextChange.ADDED) == before
    assert "".join(part.text for part in parts if part.change is not TextChange.REMOVED) == after
    assert all(part.text for part in parts)


@given(st.text(max_size=60))
def test_a_text_has_no_difference_from_itself(text: str) -> None:
    assert [part.change for part in word_diff(text, text)] in ([], [TextChange.SAME])


def test_long_texts_are_compared_line_by_line() -> None:
    lines = [f"line {number} of a long text\n" for number in range(1000)]
    parts = word_diff("".join(lines), "".join([*lines[:500], "one more\n", *lines[500:]]))
    assert [part.text for part in parts if part.change is not TextChange.SAME] == ["one more\n"]
