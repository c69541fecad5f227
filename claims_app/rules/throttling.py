"""Rate limits: how long to wait after too many attempts, with exponential backoff.

People who know a password mistype it a few times; guessing one takes thousands of attempts. The strict
limit counts attempts per name *and* source address, so nobody can lock the owner out of an account from
elsewhere. Attempts from one address, and attempts for one name from all unknown addresses, have looser
limits.
"""

import datetime
import ipaddress
from dataclasses import dataclass

from claims_app.vocabulary import AttemptKind

KEPT_FOR = datetime.timedelta(hours=24)
"""Older attempts are not counted."""

_SECOND = datetime.timedelta(seconds=1)
_MINUTE = datetime.timedelta(minutes=1)
_HOUR = datetime.timedelta(hours=1)


@dataclass(frozen=True)
class Limit:
    """The number of `free` attempts for one name (`subject`), from one address (`source`), both, or overall.

    After that, each attempt has to wait: `first`, then twice as long each time, and at most `longest`.
    """

    subject: bool
    source: bool
    free: int
    first: datetime.timedelta = 15 * _SECOND
    longest: datetime.timedelta = 15 * _MINUTE

    def wait(self, count: int) -> datetime.timedelta:
        """Return the waiting time after the last of `count` attempts."""
        if count < self.free:
            return datetime.timedelta()
        return min(self.first * (1 << min(count - self.free, 30)), self.longest)


LIMITS: dict[AttemptKind, tuple[Limit, ...]] = {
    AttemptKind.LOGIN: (
        Limit(subject=True, source=True, free=5),
        # A whole institute may share one address.
        Limit(subject=False, source=True, free=100),
        Limit(subject=True, source=False, free=50),
    ),
    # An e-mail may be read minutes later, and nobody should be able to flood the inbox of others.
    AttemptKind.RESET: (
        Limit(subject=True, source=False, free=3, first=_HOUR, longest=12 * _HOUR),
        Limit(subject=False, source=True, free=10, first=_MINUTE, longest=_HOUR),
    ),
    # An editor reads each report, so there must not be more than can be read.
    AttemptKind.REPORT: (
        Limit(subject=False, source=True, free=5, first=10 * _MINUTE, longest=12 * _HOUR),
        Limit(subject=False, source=False, free=100, first=_MINUTE, longest=_HOUR),
    ),
    # These services are run by others and should not suffer from a misused account.
    AttemptKind.LOOKUP: (Limit(subject=True, source=False, free=500, longest=5 * _MINUTE),),
    AttemptKind.TOKEN: (Limit(subject=False, source=True, free=20),),
}


def place_of(address: str | None) -> str:
    """Return the source that an address counts as: the address itself, or the /64 network of an IPv6 address.

    An IPv6 user usually has a whole /64 network.
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
    """Return a waiting time in words, rounded up: 20 seconds, 2 minutes, 3 hours."""
    seconds = max(1, -int(-wait.total_seconds() // 1))
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds > length * 1.5:
            return f"{-(-seconds // length)} {unit}s"
    return f"{seconds} second{'' if seconds == 1 else 's'}"
