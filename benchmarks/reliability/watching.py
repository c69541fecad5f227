"""What readers of a site may see while writers change it: judged answer by answer, and how often a request failed.

Each claim has one writer, who gives it another outcome at each version. So an outcome says at which version its reader
saw the claim, and the versions that were acknowledged when the reader asked say whether that was too old.
"""

import itertools
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

OUTCOME = re.compile(r"\boutcome-[0-9a-f]+-[0-9]+\b")
"""What an outcome looks like that a writer of these gives to a claim."""


@dataclass(frozen=True)
class Asked:
    """A request of a reader: when it was sent, and where the reader is."""

    at: float
    by: str
    """The reader, and the process that answers: at each, a reader never sees a state older than one before."""

    has_account: bool = False
    """Whether the reader sees everything that was acknowledged before the request."""


@dataclass
class Watch:
    """What was written, and what was seen; `lag` is how many seconds late a reader without an account may see it."""

    lag: float
    wrong: list[str] = field(default_factory=list)
    """A sentence for each answer that shows what it must not, with the seconds since the beginning."""

    answers: list[tuple[float, str, bool]] = field(default_factory=list)
    """When a request was answered or failed, its kind, and whether it succeeded."""

    written_at: list[float] = field(default_factory=list)
    """When each write was acknowledged."""

    failures: list[str] = field(default_factory=list)
    """What was answered where a request failed."""

    began: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    _acknowledged: defaultdict[str, list[tuple[float, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _seen: defaultdict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _owners: dict[str, str] = field(default_factory=dict)

    def sends(self, claim: str, version: int, outcome: str) -> None:
        """Note that somebody tries to give a claim this outcome; from now on it may be seen. A new claim is “”."""
        with self._lock:
            self._sent[outcome] = (claim, version)

    def acknowledged(self, claim: str, version: int, at: float | None = None) -> None:
        """Note that the site said that a version is saved."""
        at = time.monotonic() if at is None else at
        with self._lock:
            self._acknowledged[claim].append((at, version))
            self.written_at.append(at)

    def owns(self, owner: str, claim: str) -> None:
        """Note whose claim it is."""
        with self._lock:
            self._owners[claim] = owner

    def claims(self) -> list[str]:
        """Return the claims that were acknowledged, the newest last."""
        with self._lock:
            return list(self._acknowledged)

    def must_be_seen(self, claim: str, asked: Asked) -> int:
        """Return the version that a reader must see at least; 0 if the claim need not be there yet."""
        until = asked.at if asked.has_account else asked.at - self.lag
        with self._lock:
            late = max((version for at, version in self._acknowledged[claim] if at <= until), default=0)
            return max(late, self._seen[asked.by, claim])

    def sees(self, asked: Asked, claim: str, outcome: str | None, version: int | None = None) -> None:
        """Judge that a reader was shown a claim with an outcome, and perhaps its version."""
        must = self.must_be_seen(claim, asked)
        known = self._sent.get(outcome or "")
        if known is None or known[0] not in ("", claim):
            self.is_wrong(asked, f"{claim} has the outcome “{outcome}”, which nobody gave it.")
            return
        if version is not None and version != known[1]:
            self.is_wrong(asked, f"{claim} has the outcome of version {known[1]} at version {version}.")
        if known[1] < must:
            self.is_wrong(asked, f"{claim} was shown at version {known[1]} after {must} was saved or seen.")
        with self._lock:
            self._seen[asked.by, claim] = max(self._seen[asked.by, claim], known[1])

    def misses(self, asked: Asked, claim: str) -> None:
        """Judge that a reader got the answer that there is no such claim."""
        if must := self.must_be_seen(claim, asked):
            self.is_wrong(asked, f"{claim} was not there after version {must} was saved or seen.")

    def counts(self, asked: Asked, owner: str, total: int, listed: Iterable[str]) -> None:
        """Judge that a reader was shown a list of all claims of an owner, and their number."""
        claims = list(listed)
        if len(claims) != total:
            self.is_wrong(asked, f"The list of {owner} has {len(claims)} claims and says {total}.")
        if len(set(claims)) != len(claims):
            self.is_wrong(asked, f"The list of {owner} has a claim twice.")
        with self._lock:
            owned = [claim for claim, other in self._owners.items() if other == owner]
        for claim in set(owned) - set(claims):
            self.misses(asked, claim)
        with self._lock:
            for claim in claims:
                self._seen[asked.by, claim] = max(self._seen[asked.by, claim], 1)

    def is_whole(self, asked: Asked, what: str, whole: bool) -> None:
        """Judge that an answer has everything that it says it has."""
        if not whole:
            self.is_wrong(asked, f"{what} is not whole.")

    def is_wrong(self, asked: Asked, sentence: str) -> None:
        """Note a wrong answer."""
        with self._lock:
            self.wrong.append(f"{asked.at - self.began:.1f} s, {asked.by}: {sentence}")

    def answered(self, kind: str, failure: str = "") -> None:
        """Note that a request of a kind ended, and how it failed if it did."""
        now = time.monotonic()
        with self._lock:
            self.answers.append((now, kind, not failure))
            if failure:
                self.failures.append(f"{now - self.began:.1f} s, {kind}: {failure}")


def longest_gap(moments: Iterable[float], begin: float, end: float) -> float:
    """Return the longest time without one of `moments` between the last one before `begin` and `end`."""
    times = sorted(moments)
    before = max((at for at in times if at < begin), default=begin)
    within = [before, *(at for at in times if begin <= at <= end), end]
    return max(later - earlier for earlier, later in itertools.pairwise(within))
