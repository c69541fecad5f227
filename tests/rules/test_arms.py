"""The two groups of a study: their names, and their numbers beside the effect estimate."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.arms import NUMBERS, arms_of, disagreement
from claims_app.vocabulary import EffectMeasure, StudyDesign

EVENTS = {"n_cases": 40, "events_cases": 12, "n_controls": 41, "events_controls": 20}
MEANS = {
    "n_cases": 40,
    "mean_cases": 4.0,
    "sd_cases": 2.0,
    "n_controls": 40,
    "mean_controls": 5.0,
    "sd_controls": 2.0,
}


@pytest.mark.parametrize(
    ("design", "names"),
    [
        (StudyDesign.RANDOMISED_TRIAL, ("Intervention group", "Control group")),
        (StudyDesign.NON_RANDOMISED_TRIAL, ("Intervention group", "Control group")),
        (StudyDesign.COHORT, ("Exposed group", "Unexposed group")),
        (StudyDesign.CASE_CONTROL, ("Cases", "Controls")),
        (None, ("Cases", "Controls")),
    ],
)
def test_groups_are_called_as_in_studies_of_the_design(
    design: StudyDesign | None, names: tuple[str, str]
) -> None:
    arms = arms_of(design)
    assert (arms.first.label, arms.second.label) == names


@pytest.mark.parametrize(
    ("measure", "estimate", "groups"),
    [
        ("RR", 0.62, EVENTS),
        ("OR", 0.45, EVENTS),
        ("OR", 0.43, EVENTS),
        ("MD", -1, MEANS),
        ("SMD", -0.5, MEANS),
        ("HR", 3, EVENTS),
        ("OR", 3, MEANS),
        ("MD", 3, EVENTS),
        ("RR", 3, {**EVENTS, "events_controls": 0}),
        ("RR", 3, {**EVENTS, "n_controls": None}),
    ],
)
def test_an_estimate_that_its_groups_give_or_cannot_give_is_no_matter(
    measure: str, estimate: float, groups: dict[str, Any]
) -> None:
    values = {**groups, "effect_measure": EffectMeasure.of(measure), "effect_value": estimate}
    assert disagreement(values) is None


@pytest.mark.parametrize(
    ("measure", "estimate", "groups", "words"),
    [
        ("RR", 0.9, EVENTS, ("RR 0.615, not 0.9", "adjusted")),
        ("OR", 2.2, EVENTS, ("OR 0.45, not 2.2", "other way round")),
        ("MD", 1, MEANS, ("MD \N{MINUS SIGN}1, not 1", "other way round")),
        ("SMD", -0.9, MEANS, ("SMD \N{MINUS SIGN}0.5, not", "adjusted")),
    ],
)
def test_an_estimate_that_differs_from_its_groups_is_pointed_out(
    measure: str, estimate: float, groups: dict[str, Any], words: tuple[str, str]
) -> None:
    values = {**groups, "effect_measure": EffectMeasure.of(measure), "effect_value": estimate}
    sentence = disagreement(values)
    assert sentence is not None
    assert all(word in sentence for word in words), sentence


@given(
    st.fixed_dictionaries(
        {
            "effect_measure": st.sampled_from(EffectMeasure),
            "effect_value": st.none() | st.sampled_from([1e-12, 0.5, 1.0, -3.0, 1e12]),
            **{
                name: st.none() | st.sampled_from([0, 1, 2, 40, 10**9])
                for name in NUMBERS
                if name not in ("effect_measure", "effect_value")
            },
        }
    )
)
def test_any_numbers_can_be_compared(values: dict[str, Any]) -> None:
    disagreement(values)
