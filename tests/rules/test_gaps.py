"""The gaps in the evidence of a topic, in words."""

import dataclasses

import pytest

from claims_app.rules.gaps import Coverage, gaps, is_in_people
from claims_app.vocabulary import Species, StudyDesign

FULL = Coverage(
    claims=7,
    with_evidence=7,
    assessed=7,
    with_human_evidence=7,
    with_one_group=0,
    about_treatment=2,
    about_treatment_with_trial=1,
    newest_year=2025,
)
"""A topic without gaps."""


@pytest.mark.parametrize(
    ("differs", "words"),
    [
        ({}, []),
        ({"claims": 0}, ["No claims yet."]),
        ({"with_evidence": 5, "with_human_evidence": 5}, ["2 of 7 claims without linked studies."]),
        ({"assessed": 0}, ["Nothing assessed yet."]),
        ({"assessed": 6}, ["1 of 7 claims not assessed yet."]),
        ({"with_human_evidence": 0}, ["No human evidence: no study is in people."]),
        ({"with_human_evidence": 4}, ["3 of 7 claims with evidence, but none in people."]),
        ({"with_one_group": 3}, ["3 of 7 claims with evidence from one independent group only."]),
        ({"with_one_group": 7}, ["One group only: each claim relies on a single independent group."]),
        ({"about_treatment_with_trial": 0}, ["No randomised trial of a treatment."]),
        ({"newest_year": 2021}, ["No study since 2021."]),
        ({"newest_year": 2023}, []),
        ({"newest_year": None}, []),
    ],
)
def test_what_is_missing_is_said(differs: dict[str, int | None], words: list[str]) -> None:
    assert [gap.words for gap in gaps(dataclasses.replace(FULL, **differs), 2026)] == words  # type: ignore[arg-type]


def test_without_studies_only_that_and_the_missing_assessment_is_said() -> None:
    bare = Coverage(3, 0, 0, 0, 0, 0, 0, None)
    assert [gap.words for gap in gaps(bare, 2026)] == [
        "No studies are linked to any claim.",
        "Nothing assessed yet.",
    ]


def test_the_evidence_of_a_single_claim_is_not_called_each_claim() -> None:
    one = dataclasses.replace(
        FULL, claims=1, with_evidence=1, assessed=1, with_human_evidence=1, with_one_group=1
    )
    assert [gap.words for gap in gaps(one, 2026)] == [
        "One group only: the evidence comes from a single independent group."
    ]


@pytest.mark.parametrize(
    ("design", "species", "in_people"),
    [
        (StudyDesign.COHORT, [], True),
        (StudyDesign.COHORT, [Species.HUMAN, Species.MOUSE], True),
        (StudyDesign.COHORT, [Species.MOUSE], False),
        (StudyDesign.IN_VITRO, [Species.HUMAN], False),
        (StudyDesign.EXPERT_OPINION, [Species.HUMAN], False),
        (None, [Species.HUMAN], False),
    ],
)
def test_research_in_people_follows_from_design_and_species(
    design: StudyDesign | None, species: list[Species], in_people: bool
) -> None:
    assert is_in_people(design, species) is in_people
