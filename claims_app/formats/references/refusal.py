"""Limits of reading: refused files, and records that are too long."""

from claims_app.rules.reference import Unreadable

LONGEST_RECORD = 1_000_000
"""In characters. A record is parsed as a whole, so its length bounds the cost of reading it."""


class RefusedFile(ValueError):
    """A file that is not a list of references, too large or unsafe; the message says which."""


def too_long(length: int, *, line: int, source: str) -> Unreadable | None:
    """Return an unreadable record if `length` is above the limit, with the start of its text; otherwise None."""
    if length <= LONGEST_RECORD:
        return None
    reason = f"This record has {length:,} characters; the limit is {LONGEST_RECORD:,}."
    return Unreadable(reason=reason, line=line, source=source[:1000])
