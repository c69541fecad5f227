"""What is known about several claims, in plain words."""

import pytest

from claims_app.rules.known import in_words, known
from claims_app.vocabulary import Conclusion, EvidenceLevel

LOW, VERY_LOW, NOT = EvidenceLevel.LOW, EvidenceLevel.VERY_LOW, EvidenceLevel.NOT_ASSESSED
Counts = dict[tuple[EvidenceLevel, Conclusion | None], int]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "No claims yet."),
        ({(NOT, None): 1}, "The only claim is not assessed."),
        ({(NOT, None): 1200}, "None of the 1,200 claims is assessed yet."),
        (
            {(NOT, None): 13, (VERY_LOW, Conclusion.MIXED): 2, (LOW, Conclusion.SUPPORTED): 1},
            "Of 16 claims, 1 is supported (low certainty), 2 have mixed evidence (very low certainty) and 13 are not"
            " assessed.",
        ),
    ],
)
def test_claims_are_summed_up_in_one_sentence(counts: Counts, sentence: str) -> None:
    assert in_words(counts) == sentence


def test_the_most_certain_come_first_and_no_level_goes_without_its_conclusion() -> None:
    counts: Counts = {
        (NOT, None): 3,
        (LOW, Conclusion.CONTRADICTED): 1,
        (LOW, Conclusion.SUPPORTED): 2,
    }
    assert [one.words for one in known(counts)] == [
        "2 supported (low certainty)",
        "1 contradicted (low certainty)",
        "3 not assessed",
    ]
