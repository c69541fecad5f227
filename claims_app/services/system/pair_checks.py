"""Checks that the kept pairs of studies that may be duplicates are those that comparing the studies finds."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from claims_app.services.deduplication import kept_pairs
from claims_app.services.system.checking import Check, Part

_AT_ONCE = 500


def _wrong_pairs(session: Session) -> Iterator[Part]:
    """Find keys whose pairs of possible duplicates are missing or outdated."""
    last = ""
    while True:
        keys, wrong = kept_pairs.wrong_keys(session, last, _AT_ONCE)
        if not keys:
            return
        yield Part(
            len(keys),
            [
                f"The possible duplicates with “{key[1:]}” are not kept as found. Run “claims db repair”."
                for key in wrong
            ],
        )
        last = keys[-1]
        session.expunge_all()


CHECK = Check("possible duplicates", kept_pairs.count_keys, _wrong_pairs)
"""The check of all pairs."""
