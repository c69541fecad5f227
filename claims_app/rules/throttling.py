"""How long somebody has to wait who tries too often: a little at first, then longer and longer.

Whoever knows a password mistypes it a few times; whoever guesses needs thousands of tries. What is
counted belongs to a name *and* to where the tries come from, so that nobody can shut the owner of an
account out from elsewhere; what comes from one place, and what is tried for one name from all
unknown places together, is bounded more loosely.
"""

import datetime
import ipaddress
from dataclasses import dataclass

from claims_app.vocabulary import AttemptKind

KEPT_FOR = datetime.timedelta(hours=24)
"""What is older than this is not counted."""

_SECOND = datetime.timedelta(seconds=1)
_MINUTE = datetime.timedelta(minutes=1)
_HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """How many tries of one name (`subject`), from one place (`source`), of both, or altogether, are free.

    After these each try has to wait: `first` after the last one, then twice as long each time, and
    at most `longest`.
    """

    subject: bool
    source: bool
    free: int
    first: datetime.timedelta = 15 * _SECOND
    longest: datetime.timedelta = 15 * _MINUTE

    def wait(self, count: int) -> datetime.timedelta:
        """Return how long after the last of `count` tries the next one has to wait."""
        if count < self.free:
            return datetime.timedelta()
        return min(self.first * (1 << min(count - self.free, 30)), self.longest)


LIMITS: dict[AttemptKind, tuple[Limit, ...]] = {
    AttemptKind.LOGIN: (
        Limit(subject=True, source=True, free=5),
        # A whole institute may stand behind one address.
        Limit(subject=False, source=True, free=100),
        Limit(subject=True, source=False, free=50),
    ),
    # A mail is read some minutes later, and nobody's inbox is to be filled by others.
    AttemptKind.RESET: (
        Limit(subject=True, source=False, free=3, first=_HOUR, longest=12 * _HOUR),
        Limit(subject=False, source=True, free=10, first=_MINUTE, longest=_HOUR),
    ),
    # Each is read by an editor, so there are not to be more of them than can be read.
    AttemptKind.REPORT: (
        Limit(subject=False, source=True, free=5, first=10 * _MINUTE, longest=12 * _HOUR),
        Limit(subject=False, source=False, free=100, first=_MINUTE, longest=_HOUR),
    ),
    # Others keep these services going, and an account that is misused is not to be a burden on them.
    AttemptKind.LOOKUP: (Limit(subject=True, source=False, free=500, longest=5 * _MINUTE),),
    AttemptKind.TOKEN: (Limit(subject=False, source=True, free=20),),
}


def place_of(address: str | None) -> str:
    """Return what an address counts as: itself, or the network of 64 bits that an IPv6 address is one of.

    Whoever has one IPv6 address has that whole network.
    """
    try:
        parsed = ipaddress.ip_address((address or "").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((parsed, 64), strict=False))
        parsed = parsed.ipv4_mapped
    return str(parsed)


def in_words(wait: datetime.timedelta) -> str:
    """Return a time to wait as a person says it: 20 seconds, 2 minutes, 3 hours; never less than it is."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds > length * 1.5:
            return f"{-(-seconds // length)} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
