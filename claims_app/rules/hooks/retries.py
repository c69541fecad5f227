"""When a delivery that failed is tried again, and when it is given up."""

import datetime

FIRST_PAUSE = datetime.timedelta(seconds=15)
FACTOR = 3
LONGEST_PAUSE = datetime.timedelta(hours=20)
TRIES = 12
"""Attempts until a delivery is given up: the pauses add up to about three days."""

PATIENCE = datetime.timedelta(days=3)
"""How long a webhook may fail without any success before it is paused."""

_JITTER = 0.2


def pause_after(
    failures: int, chance: float, asked_for: datetime.timedelta | None = None
) -> datetime.timedelta:
    """Return the pause after so many failed attempts in a row, at least 1.

    `chance`, from 0 to 1, varies it by a fifth, so that not everything is sent again at the same moment. The receiver
    may ask for a longer pause, up to LONGEST_PAUSE.
    """
    pause = min(FIRST_PAUSE * float(FACTOR) ** (min(failures, TRIES) - 1), LONGEST_PAUSE)
    pause *= 1 - _JITTER + 2 * _JITTER * chance
    return max(pause, min(asked_for or pause, LONGEST_PAUSE))
