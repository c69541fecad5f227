"""Word-by-word differences between two texts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_MOST_TOKENS = 3_000
# The time grows with the product of the lengths, so longer texts are compared line by line.


class TextChange(StrEnum):
    """What happened to a part of a text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class DiffPart:
    """A part of a text, and what happened to it."""

    change: TextChange
    text: str


def word_diff(before: str, after: str) -> list[DiffPart]:
    """Return the parts of `before` and `after` in order, each marked as same, removed or added.

    The same and removed parts make up `before`; the same and added parts make up `after`. Long texts are
    compared line by line.
    """
    old, new = _tokens(before), _tokens(after)
    if len(old) + len(new) > _MOST_TOKENS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if len(old) + len(new) > _MOST_TOKENS:
        old, new = [before], [after]
    parts: list[DiffPart] = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind == "equal":
            _add(parts, TextChange.SAME, old[old_from:old_to])
        else:
            _add(parts, TextChange.REMOVED, old[old_from:old_to])
            _add(parts, TextChange.ADDED, new[new_from:new_to])
    return _joined(parts)


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _add(parts: list[DiffPart], change: TextChange, tokens: Sequence[str]) -> None:
    if tokens:
        parts.append(DiffPart(change, "".join(tokens)))


def _joined(parts: Sequence[DiffPart]) -> list[DiffPart]:
    """Return `parts` with changes joined across blanks: whole phrases are easier to read than single words."""
    joined: list[DiffPart] = []
    removed = added = ""
    for number, part in enumerate(parts):
        between = (
            part.change is TextChange.SAME
            and not part.text.strip()
            and (removed or added)
            and number + 1 < len(parts)
        )
        if part.change is TextChange.SAME and not between:
            joined += _changed(removed, added)
            removed = added = ""
            joined.append(part)
            continue
        if part.change is not TextChange.ADDED:
            removed += part.text
        if part.change is not TextChange.REMOVED:
            added += part.text
    return joined + _changed(removed, added)


def _changed(removed: str, added: str) -> list[DiffPart]:
    return [
        DiffPart(change, text)
        for change, text in ((TextChange.REMOVED, removed), (TextChange.ADDED, added))
        if text
    ]
