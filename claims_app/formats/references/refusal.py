"""What is not read: whole files, and records beyond all measure."""

from claims_app.rules.reference import Unreadable

LONGEST_RECORD = 1_000_000
"""Characters. A record is taken apart as a whole, so its length bounds what reading one can cost."""


class RefusedFile(ValueError):
    """A file that is no list of references, or that is not safe to read: says which, in a sentence."""


def too_long(length: int, *, line: int, source: str) -> Unreadable | None:
    """Return why a record of `length` characters is not read, with the beginning of it; None for a usual one."""
    if length <= LONGEST_RECORD:
        return None
    reason = f"This record has {length:,} characters; {LONGEST_RECORD:,} can be read."
    return Unreadable(reason=reason, line=line, source=source[:1000])
