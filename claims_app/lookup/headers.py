"""Headers of our requests and of the answers to them, which all clients share."""

import datetime
import email.utils

PROGRAM = "claims-app/1"
"""The name of the program in its requests."""


def retry_after(value: str) -> float | None:
    """Return the seconds that a header Retry-After asks for, as a number or as a date, or None if it is neither."""
    value = value.strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        return float(value)
    try:
        until = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())
