"""Whether the values of a record from a file are those that are known already."""

import re
from collections.abc import Mapping
from typing import Any

from claims_app.rules import schemas
from claims_app.rules.text import plain

# The values that files have for these are guesses of other programs, or no reason to change the record.
NOT_COMPARED = frozenset({"publication_state", "standing", "standing_date", "note"})


def adds_nothing(values: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Return whether all `values` that are not empty are those in `known`."""
    return not any(
        differs(name, value, known.get(name))
        for name, value in values.items()
        if value not in (None, "", [], ())
    )


def differs(name: str, new: object, now: object) -> bool:
    """Return whether the value of a field from a file is another one than the present one.

    Values that differ only in case, accents, blanks and punctuation are the same, and invalid ones count for nothing.
    A report can have several URLs.
    """
    if name in NOT_COMPARED or (name == "url" and now):
        return False
    try:
        new = schemas.STUDY.field(name).clean(new)
    except ValueError:
        return False
    if name == "pages":
        new, now = _unabridged(as_text(new)), _unabridged(as_text(now))
    return _letters(new) != _letters(now)


def as_text(value: object) -> str:
    """Return a value of a field as text, the values of a list one per line."""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value))
    return "" if value is None else str(value)


def _unabridged(pages: str) -> str:
    """Return a page range with the last page in full: 2036-40 becomes 2036-2040."""
    found = re.fullmatch(r"(\d+)\s*[-–]+\s*(\d+)", pages)
    if not found or len(found[2]) >= len(found[1]):
        return pages
    return f"{found[1]}-{found[1][: len(found[1]) - len(found[2])]}{found[2]}"


def _letters(value: object) -> str:
    # Without letters, such as “…”, the text itself is compared.
    text = as_text(value)
    return re.sub(r"[\W_]+", "", plain(text)) or text.strip()
