"""Remembers what matched filters, and keeps it true: a change takes the claims that changed out, and adds them anew.

So after a change no answer is found by looking at all claims again.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

from pyroaring import BitMap
from sqlalchemy.orm import Session

from claims_app.services.browsing.matching import Counts, Matching
from claims_app.services.browsing.sets import Sets
from claims_app.services.core.filters import ClaimFilters

_MOST = 200
"""How many filters are remembered. At a million claims, the numbers of one take at most 125 kB."""

_MOST_STEPS = 50
"""After so many changes, an answer is found anew."""


@dataclass(frozen=True)
class Step:
    """One change of the sets: the claims that changed, with what they had and what they have now."""

    claims: BitMap
    before: Sets
    now: Sets


class Answer(NamedTuple):
    """What matches some filters, after `n_steps` changes; each part is None until somebody asks."""

    n_steps: int
    numbers: BitMap
    counts: Counts | None


class Memory:
    """The answers about sets since they were read, and what changed since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[ClaimFilters, Answer] = OrderedDict()
        self._steps: dict[int, Step] = {}

    def add_step(self, n_steps: int, step: Step) -> None:
        """Note the change that led to `n_steps` changes."""
        with self._lock:
            self._steps[n_steps] = step
            self._steps.pop(n_steps - _MOST_STEPS, None)

    def answer(
        self, sets: Sets, n_steps: int, filters: ClaimFilters, session: Session, with_counts: bool
    ) -> Answer:
        """Return what matches in `sets`, which were changed `n_steps` times."""
        with self._lock:
            known = self._answers.get(filters)
            steps = (
                [self._steps.get(number) for number in range(known.n_steps + 1, n_steps + 1)] if known else []
            )
        matching = Matching(sets, filters, session)
        counts: Counts | None
        if known is None or known.n_steps > n_steps or None in steps:
            numbers, counts = matching.numbers, None
        else:
            numbers, counts = known.numbers, known.counts
            for step in steps:
                assert step is not None
                before, now = (Matching(small, filters, session) for small in (step.before, step.now))
                numbers = (numbers - step.claims) | now.numbers
                counts = counts and _sum(counts, before.counts, now.counts)
        if with_counts and counts is None:
            counts = matching.counts
        answer = Answer(n_steps, numbers, counts)
        with self._lock:
            if known is None or known.n_steps <= n_steps:
                self._answers[filters] = answer
                self._answers.move_to_end(filters)
                while len(self._answers) > _MOST:
                    self._answers.popitem(last=False)
        return answer


def _sum(counts: Counts, before: Counts, now: Counts) -> Counts:
    """Return `counts` without those `before` and with those of `now`."""
    return {facet: _different(values, before[facet], now[facet]) for facet, values in counts.items()}


def _different(counts: Any, before: Any, now: Any) -> dict[Any, int]:
    values = counts.keys() | now.keys()
    changed = {value: counts.get(value, 0) - before.get(value, 0) + now.get(value, 0) for value in values}
    return {value: n for value, n in changed.items() if n}
