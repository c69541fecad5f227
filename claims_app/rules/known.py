"""What is known about several claims, in one line of plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import Conclusion, EvidenceLevel

_CALLED = {
    Conclusion.SUPPORTED: ("supported", "is supported", "are supported"),
    Conclusion.CONTRADICTED: ("contradicted", "is contradicted", "are contradicted"),
    Conclusion.NO_EFFECT: ("without effect", "is without effect", "are without effect"),
    Conclusion.MIXED: ("with mixed evidence", "has mixed evidence", "have mixed evidence"),
    Conclusion.UNDECIDED: ("undecided", "is not decided by the evidence", "are not decided by the evidence"),
    None: ("not assessed", "is not assessed", "are not assessed"),
}
"""How claims with a conclusion are called, and what is said of one and of several."""


@dataclass(frozen=True)
class Known:
    """How many claims have one verdict, in words: “2 supported (low certainty)”."""

    verdict: Verdict
    n: int

    @property
    def words(self) -> str:
        """The number and the verdict; a level never goes without its conclusion."""
        return f"{self.n:,} {_CALLED[self.verdict.conclusion][0]}{self._certainty}"

    @property
    def sentence(self) -> str:
        """The same with a verb: “2 are supported (low certainty)”."""
        return f"{self.n:,} {_CALLED[self.verdict.conclusion][1 if self.n == 1 else 2]}{self._certainty}"

    @property
    def _certainty(self) -> str:
        return "" if self.verdict.conclusion is None else f" ({self.verdict.certainty})"


def known(counts: Mapping[tuple[EvidenceLevel, Conclusion | None], int]) -> list[Known]:
    """Return what is known about claims that are counted by level and conclusion, the most certain first."""
    levels, conclusions = list(EvidenceLevel), list(Conclusion)

    def place(of: tuple[EvidenceLevel, Conclusion | None]) -> tuple[int, int]:
        level, conclusion = of
        return levels.index(level), -1 if conclusion is None else conclusions.index(conclusion)

    return [
        Known(Verdict(conclusion, level), counts[level, conclusion])
        for level, conclusion in sorted(counts, key=place)
        if counts[level, conclusion]
    ]


def in_words(counts: Mapping[tuple[EvidenceLevel, Conclusion | None], int]) -> str:
    """Return the same as one sentence: “Of 14 claims, 1 is supported (low certainty) and 13 are not assessed.”"""
    total = sum(counts.values())
    if not total:
        return "No claims yet."
    parts = [one.sentence for one in known(counts)]
    if total == 1:
        return f"The only claim {parts[0].removeprefix('1 ')}."
    if set(counts) == {(EvidenceLevel.NOT_ASSESSED, None)}:
        return f"None of the {total:,} claims is assessed yet."
    if len(parts) == 1:
        verb = parts[0].split(" ", 1)[1]
        return f"All {total:,} claims {verb}."
    return f"Of {total:,} claims, {', '.join(parts[:-1])} and {parts[-1]}."
