"""What the evidence says about a claim and how certain that is, in words: never one without the other.

The wording follows GRADE guidelines 26 (informative statements): high certainty is stated as a fact, moderate with
“probably”, low with “may” or “suggests”, and very low adds that the evidence is very uncertain. The level is the
certainty of what the evidence says, not the truth of the claim.
"""

from dataclasses import dataclass

from claims_app.vocabulary import Conclusion, EvidenceLevel

DERIVED = "derived, not yet judged"
"""The mark of a conclusion that was computed for an earlier appraisal, and that no person has judged."""

_HIGH, _MODERATE, _LOW, _VERY_LOW = (
    EvidenceLevel.HIGH,
    EvidenceLevel.MODERATE,
    EvidenceLevel.LOW,
    EvidenceLevel.VERY_LOW,
)
_ALL = (_HIGH, _MODERATE, _LOW, _VERY_LOW)

_WORDS: dict[Conclusion, dict[EvidenceLevel, str]] = {
    Conclusion.SUPPORTED: {
        _HIGH: "This is so",
        _MODERATE: "Probably so",
        _LOW: "May be so",
        _VERY_LOW: "May be so, but very uncertain",
    },
    Conclusion.CONTRADICTED: {
        _HIGH: "This is not so",
        _MODERATE: "Probably not so",
        _LOW: "May not be so",
        _VERY_LOW: "May not be so, but very uncertain",
    },
    Conclusion.NO_EFFECT: {
        _HIGH: "No effect",
        _MODERATE: "Probably no effect",
        _LOW: "May have no effect",
        _VERY_LOW: "May have no effect, but very uncertain",
    },
    Conclusion.MIXED: dict.fromkeys(_ALL, "Mixed evidence"),
    Conclusion.UNDECIDED: dict.fromkeys(_ALL, "Not decided by the evidence"),
}

_OPENINGS: dict[Conclusion, dict[EvidenceLevel, str]] = {
    Conclusion.SUPPORTED: {
        _HIGH: "The evidence shows that",
        _MODERATE: "It is probably the case that",
        _LOW: "The evidence suggests that",
        _VERY_LOW: "The evidence is very uncertain, but it may be that",
    },
    Conclusion.CONTRADICTED: {
        _HIGH: "The evidence shows that it is not the case that",
        _MODERATE: "It is probably not the case that",
        _LOW: "The evidence suggests that it is not the case that",
        _VERY_LOW: "The evidence is very uncertain, but it may not be the case that",
    },
    Conclusion.NO_EFFECT: {
        _HIGH: "The evidence shows no effect, so it is not the case that",
        _MODERATE: "There is probably no effect, so it is probably not the case that",
        _LOW: "The evidence suggests no effect, so it may not be the case that",
        _VERY_LOW: "The evidence is very uncertain, but there may be no effect, so it may not be the case that",
    },
    Conclusion.MIXED: {
        **dict.fromkeys(_ALL, "The evidence is mixed on whether"),
        _VERY_LOW: "The evidence is very uncertain, and mixed on whether",
    },
    Conclusion.UNDECIDED: {
        **dict.fromkeys(_ALL, "The evidence does not settle whether"),
        _VERY_LOW: "The evidence is very uncertain, and does not settle whether",
    },
}


@dataclass(frozen=True)
class Verdict:
    """A conclusion with the certainty of it, or neither if nothing has been appraised.

    `is_derived` marks a conclusion that was computed for an appraisal from before there were conclusions, and that no
    person has judged. Raises ValueError for a level without a conclusion, and the reverse.
    """

    conclusion: Conclusion | None
    level: EvidenceLevel
    is_derived: bool = False

    def __post_init__(self) -> None:
        if (self.conclusion is None) != (self.level is EvidenceLevel.NOT_ASSESSED):
            raise ValueError("A level needs its conclusion, and a conclusion its level.")

    @property
    def words(self) -> str:
        """What the evidence says, in the words that its certainty permits: “Probably not so”."""
        return self.level.label if self.conclusion is None else _WORDS[self.conclusion][self.level]

    @property
    def mark(self) -> str:
        """The mark of a conclusion that no person has judged, or nothing."""
        return DERIVED if self.is_derived else ""

    @property
    def certainty(self) -> str:
        """The level within a sentence: “moderate certainty”."""
        return self.level.label[0].lower() + self.level.label[1:]

    def __str__(self) -> str:
        """Return both in words: “Probably not so: moderate certainty”."""
        return self.words if self.conclusion is None else f"{self.words}: {self.certainty}"

    def about(self, claim: str) -> str:
        """Return both as a sentence about `claim`, which is worded for use within a sentence. It has no full stop."""
        if self.conclusion is None:
            return f"It has not been appraised yet whether {claim}"
        return f"{_OPENINGS[self.conclusion][self.level]} {claim}"
