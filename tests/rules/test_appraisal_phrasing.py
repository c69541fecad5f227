"""The plain-language sentence, the explanation, and why not higher: golden texts."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.appraisal.phrasing import explanation, in_short, plain_sentence, signed
from claims_app.rules.appraisal.starting import better_designs, starting_point
from claims_app.rules.appraisal.upgrade_hints import why_not_higher
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.counting import Balance
from claims_app.vocabulary import CertaintyDomain, ClaimKind, Conclusion, EvidenceLevel, StudyDesign

STATEMENT = "Autoantibodies are elevated in people with fibromyalgia."
FOR = Balance(supports=3, studies=3, reports=4, groups=2, group_supports=2)
SUPPORTED = Conclusion.SUPPORTED


def verdict(level: str, conclusion: Conclusion = SUPPORTED) -> Verdict:
    """Return a verdict; without an appraisal there is no conclusion."""
    return Verdict(None if level == "not_assessed" else conclusion, EvidenceLevel.of(level))


def sentence(level: str, balance: Balance = FOR, people: int | None = 214, **more: bool) -> str:
    """Return the sentence for STATEMENT."""
    return str(plain_sentence(STATEMENT, verdict(level), balance, people, None, **more))


def test_the_whole_sentence() -> None:
    balance = Balance(studies=3, reports=4, groups=2, group_supports=1, group_contradicts=1)
    searched = datetime.date(2026, 8, 1)
    plain = plain_sentence(STATEMENT, verdict("low"), FOR, 214, searched)
    assert str(plain) == (
        "The evidence suggests that autoantibodies are elevated in people with fibromyalgia; low certainty; "
        "3 studies in 2 independent groups, 214 people; last searched 1 August 2026."
    )
    assert "; of the independent groups, 1 supports it, 1 contradicts it; " in str(
        plain_sentence(STATEMENT, verdict("low"), balance, 214, searched)
    )


def test_it_says_what_is_unknown() -> None:
    assert "literature search not documented" in sentence("low")
    assert "at least 214 people" in sentence("low", people_are_all=False)
    assert "people;" not in sentence("low", people=None)
    assert "no studies counted" in sentence("not_assessed", Balance())


@pytest.mark.parametrize(
    ("statement", "names", "within"),
    [
        ("IgG from patients binds neurons.", [], "that IgG from patients"),
        ("TNF is raised.", [], "that TNF is raised"),
        ("Sjögren’s antibodies are raised.", [], "that Sjögren’s antibodies"),
        ("Lyme disease leads to it.", ["people with Lyme disease"], "that Lyme disease"),
        ("Pain goes with it.", ["levels of pain"], "that pain goes"),
        ("A drug helps.", [], "that a drug helps"),
        ("5-HT antibodies are raised.", [], "that 5-HT antibodies"),
    ],
)
def test_the_statement_keeps_its_names(statement: str, names: list[str], within: str) -> None:
    plain = plain_sentence(statement, verdict("very_low"), FOR, None, None, names=names)
    assert within in str(plain)


@given(
    st.text(min_size=1, max_size=80),
    st.sampled_from(list(EvidenceLevel)),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_any_statement_makes_a_sentence(text: str, level: EvidenceLevel, up: int, down: int) -> None:
    balance = Balance(studies=up + down, groups=up + down, group_supports=up, group_contradicts=down)
    plain = str(plain_sentence(text, verdict(level.value), balance, None, None))
    assert plain.endswith(".")
    assert level is EvidenceLevel.NOT_ASSESSED or level.label.lower() in plain


def test_the_explanation_names_each_step_and_the_override() -> None:
    text = explanation(
        EvidenceLevel.LOW,
        "The exposure was not assigned",
        {CertaintyDomain.IMPRECISION: -1, CertaintyDomain.INCONSISTENCY: 0},
        {CertaintyDomain.IMPRECISION: "Few people.\n"},
        EvidenceLevel.VERY_LOW,
        EvidenceLevel.LOW,
        "the effect is plain.",
        "The summary",
    )
    assert text == (
        "Starts at low: The exposure was not assigned. Imprecision −1 (serious): Few people. "
        "Computed very low, set to low because: the effect is plain. The summary."
    )


def test_the_explanation_says_why_it_was_rated_up_despite_downgrades() -> None:
    low, moved = EvidenceLevel.LOW, {CertaintyDomain.IMPRECISION: -1, CertaintyDomain.LARGE_EFFECT: 1}
    reasons = dict.fromkeys(moved, "R")
    text = explanation(low, "S", moved, reasons, low, low, None, None, "the bias works against it")
    assert "Rated up despite downgrades: the bias works against it. Computed low." in text


@pytest.mark.parametrize(("move", "shown"), [(-2, "−2"), (0, "0"), (1, "+1")])
def test_a_change_has_a_sign(move: int, shown: str) -> None:
    assert signed(move) == shown


def obstacles(
    kind: ClaimKind, start: EvidenceLevel, level: EvidenceLevel, **moves: int
) -> list[tuple[str, int]]:
    """Return the names of the obstacles, each with its number of levels."""
    found = why_not_higher(
        kind, level, start, "because", {CertaintyDomain.of(name): move for name, move in moves.items()}, {}
    )
    assert all(obstacle.change and obstacle.study for obstacle in found)
    return [(obstacle.name, obstacle.levels) for obstacle in found]


def test_why_not_higher_names_each_downgrade_and_the_start() -> None:
    assert obstacles(
        ClaimKind.TREATMENT, EvidenceLevel.LOW, EvidenceLevel.VERY_LOW, imprecision=-1, large_effect=0
    ) == [("Imprecision", 1), ("Starting level", 2)]


def test_nothing_keeps_a_high_level_down() -> None:
    assert obstacles(ClaimKind.TREATMENT, EvidenceLevel.HIGH, EvidenceLevel.HIGH) == []


def test_an_override_that_lowers_the_level_keeps_it_down() -> None:
    low, high = EvidenceLevel.LOW, EvidenceLevel.HIGH
    (found,) = why_not_higher(
        ClaimKind.TREATMENT, low, high, "S", {}, {}, high, "The trials were stopped early."
    )
    assert (found.name, found.levels, found.reason) == ("Override", 2, "The trials were stopped early.")
    assert found.study


def test_a_trial_is_suggested_for_a_treatment_but_not_for_an_association() -> None:
    def study(kind: ClaimKind) -> str:
        return why_not_higher(kind, EvidenceLevel.LOW, EvidenceLevel.LOW, "", {}, {})[-1].study.lower()

    assert "randomised trial" in study(ClaimKind.TREATMENT)
    assert "randomised" not in study(ClaimKind.ASSOCIATION)


@pytest.mark.parametrize("kind", ClaimKind)
def test_the_best_study_is_suggested_and_not_just_any_better_one(kind: ClaimKind) -> None:
    def wanted(start: EvidenceLevel) -> str:
        return why_not_higher(kind, EvidenceLevel.VERY_LOW, start, "", {}, {})[-1].study

    assert wanted(EvidenceLevel.VERY_LOW) == wanted(EvidenceLevel.LOW)
    assert "case series" not in wanted(EvidenceLevel.VERY_LOW).lower()


@pytest.mark.parametrize("kind", ClaimKind)
def test_a_better_design_starts_higher(kind: ClaimKind) -> None:
    for design in better_designs(kind, EvidenceLevel.LOW):
        assert starting_point(kind, design).level.rank > EvidenceLevel.LOW.rank
        assert design is not StudyDesign.SYSTEMATIC_REVIEW


@pytest.mark.parametrize(
    ("moves", "computed", "level", "derivation"),
    [
        ({}, "low", "low", "Starts at low"),
        (
            {"imprecision": -1, "risk_of_bias": -2},
            "very_low",
            "very_low",
            "Starts at low; lowered for risk of bias (−2) and imprecision",
        ),
        ({"large_effect": 1}, "moderate", "moderate", "Starts at low; raised for large effect"),
        ({}, "low", "moderate", "Starts at low; computed low; set to moderate"),
    ],
)
def test_in_short_the_start_and_the_changes_are_given(
    moves: dict[str, int], computed: str, level: str, derivation: str
) -> None:
    by_domain = {CertaintyDomain.of(name): move for name, move in moves.items()}
    low = EvidenceLevel.LOW
    assert in_short(low, by_domain, EvidenceLevel.of(computed), EvidenceLevel.of(level)) == derivation
