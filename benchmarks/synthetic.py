"""Made-up claims, studies and evidence in any number, the same for the same seed. Texts follow Zipf's law.

The words at a few fixed ranks are words that the benchmarks search for, so a pair of them occurs in a known share of
the claims: from 6 % down to 0.1 %.
"""

import datetime
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from claims_app.vocabulary import (
    ClaimKind,
    ClaimStatus,
    Direction,
    EvidenceLevel,
    LimitationKind,
    PublicationState,
    Species,
    Standing,
    StudyDesign,
)

SEED = 20261
SEARCHED = {20: "mortality", 24: "cohort", 60: "placebo", 66: "insulin", 100: "sleep", 110: "cortisol"} | {
    150: "zinc",
    160: "retention",
}
"""The words that are searched for, by their rank in frequency."""

N_WORDS = 4000
N_TOPICS = 200
EVIDENCE_PER_CLAIM = 3
CLAIMS_PER_STUDY = 3

_LEVELS = ([level for level in EvidenceLevel if level is not EvidenceLevel.NOT_ASSESSED], (15, 30, 35, 20))
_STATUSES = (list(ClaimStatus)[:3], (20, 65, 15))
_DIRECTIONS = (
    [Direction.SUPPORTS, Direction.CONTRADICTS, Direction.NULL, Direction.INCONCLUSIVE],
    (55, 15, 10, 20),
)
_STANDINGS = ([Standing.CURRENT, Standing.CORRECTED, Standing.RETRACTED], (96, 3, 1))
_FIRST_DAY = datetime.datetime(2018, 1, 1, tzinfo=datetime.UTC)
_PERIOD = datetime.timedelta(days=8 * 365)

Row = dict[str, Any]


@dataclass(frozen=True)
class MadeClaim:
    """A claim with what belongs to it, as rows without numbers of their own but for the claim and its studies."""

    claim: Row
    topic: int
    """The number of its topic, from 0."""

    level: EvidenceLevel
    evidence: list[Row]
    limitation: str | None


class Maker:
    """Makes `n_claims` claims, and the studies that they are about."""

    def __init__(self, n_claims: int) -> None:
        self.n_claims = n_claims
        self.n_studies = max(n_claims // CLAIMS_PER_STUDY, EVIDENCE_PER_CLAIM)
        self._random = random.Random(SEED)
        self._words = _vocabulary(self._random)
        self._weights = list(itertools.accumulate(1 / (rank + 5) for rank in range(N_WORDS)))

    def topics(self) -> Iterator[Row]:
        """Yield the rows of the topics."""
        for number in range(N_TOPICS):
            yield {"slug": f"topic-{number:03}", "name": f"Topic {number:03}"}

    def studies(self) -> Iterator[tuple[Row, Species | None]]:
        """Yield the row of each study, and its species."""
        for number in range(1, self.n_studies + 1):
            row = {
                "title": f"{self._text(6, 14)} {number}",
                "authors": "Doe, Jane\nRoe, Richard",
                "year": 2026 - int(76 * self._random.random() ** 2.5),
                "journal": f"Journal of {self._words[self._random.randrange(300)]}",
                "doi": f"10.5555/bench.{number}",
                "pmid": str(10_000_000 + number),
                "design": self._random.choice(list(StudyDesign)),
                "publication_state": PublicationState.PUBLISHED,
                "standing": self._one_of(_STANDINGS),
            }
            yield row, self._random.choice([None, *Species])

    def claims(self) -> Iterator[MadeClaim]:
        """Yield the claims; studies are counted from 0."""
        for number in range(self.n_claims):
            yield MadeClaim(
                claim={
                    "statement": (self._text(20, 60) + ".")[:500],
                    "kind": self._random.choice(list(ClaimKind)),
                    "status": self._one_of(_STATUSES),
                    "population": "Adults",
                    "outcome": "Pain",
                    "created_at": _FIRST_DAY + _PERIOD * (number / self.n_claims),
                },
                topic=int(N_TOPICS * self._random.random() ** 2),
                level=self._one_of(_LEVELS),
                evidence=[
                    {
                        "study": int(self.n_studies * self._random.random() ** 3),
                        "direction": self._one_of(_DIRECTIONS),
                        "summary": self._text(5, 12),
                        "n_cases": self._random.randrange(10, 500),
                    }
                    for _ in range(EVIDENCE_PER_CLAIM)
                ],
                limitation=self._text(5, 25) if self._random.random() < 0.6 else None,
            )

    def limitation_kind(self) -> LimitationKind:
        """Return a kind of limitation."""
        return self._random.choice(list(LimitationKind))

    def _text(self, fewest: int, most: int) -> str:
        words = self._random.choices(
            self._words, cum_weights=self._weights, k=self._random.randint(fewest, most)
        )
        return " ".join(words).capitalize()

    def _one_of(self, weighted: tuple[list[Any], tuple[int, ...]]) -> Any:
        return self._random.choices(weighted[0], weighted[1])[0]


def _vocabulary(chance: random.Random) -> list[str]:
    """Return words in the order of their frequency."""
    starts = ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "br", "gl", "tr", "st")
    middles, ends = ("a", "e", "i", "o", "u", "ia", "eo"), ("n", "r", "l", "x", "m")
    words: dict[str, None] = {}
    while len(words) < N_WORDS:
        if len(words) in SEARCHED:
            words[SEARCHED[len(words)]] = None
            continue
        syllables = chance.choice((2, 2, 3))
        words[
            "".join(
                chance.choice(starts) + chance.choice(middles) + chance.choice(ends) for _ in range(syllables)
            )
        ] = None
    return list(words)
