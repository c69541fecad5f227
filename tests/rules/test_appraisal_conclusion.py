"""The proposed conclusion, and a conclusion with its certainty in words."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.appraisal.conclusion import proposal, propose
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.counting import Balance
from claims_app.vocabulary import Conclusion, EvidenceLevel

SUPPORTED, CONTRADICTED, NO_EFFECT, MIXED, UNDECIDED = Conclusion
DIRECTIONS = {"group_supports": SUPPORTED, "group_contradicts": CONTRADICTED, "group_null": NO_EFFECT}

counts = st.integers(0, 12)
balances = st.builds(
    Balance,
    group_supports=counts,
    group_contradicts=counts,
    group_null=counts,
    group_inconclusive=counts,
    group_divided=counts,
)


@pytest.mark.parametrize(
    ("groups", "proposed"),
    [
        ({}, UNDECIDED),
        ({"group_inconclusive": 9}, UNDECIDED),
        ({"group_supports": 1}, SUPPORTED),
        ({"group_contradicts": 2}, CONTRADICTED),
        ({"group_null": 2, "group_inconclusive": 5}, NO_EFFECT),
        ({"group_divided": 1}, MIXED),
        ({"group_supports": 1, "group_contradicts": 1}, MIXED),
        ({"group_supports": 3, "group_null": 1}, SUPPORTED),
        ({"group_supports": 11, "group_null": 4}, MIXED),
        ({"group_contradicts": 3, "group_divided": 1}, CONTRADICTED),
        ({"group_contradicts": 2, "group_divided": 1}, MIXED),
    ],
)
def test_a_direction_prevails_with_three_quarters_of_the_conclusive_groups(
    groups: dict[str, int], proposed: Conclusion
) -> None:
    assert propose(Balance(**groups)) is proposed


@given(balances)
def test_support_and_contradiction_are_treated_alike(balance: Balance) -> None:
    turned = dataclasses.replace(
        balance, group_supports=balance.group_contradicts, group_contradicts=balance.group_supports
    )
    opposite = {SUPPORTED: CONTRADICTED, CONTRADICTED: SUPPORTED}
    assert propose(turned) is opposite.get(propose(balance), propose(balance))


@given(balances, st.sampled_from(list(DIRECTIONS)))
def test_one_more_group_never_leads_away_from_what_it_found(balance: Balance, direction: str) -> None:
    more = dataclasses.replace(balance, **{direction: getattr(balance, direction) + 1})
    found = DIRECTIONS[direction]
    assert propose(more) in {found, MIXED, propose(balance)}
    if propose(balance) is found:
        assert propose(more) is found


@given(balances, counts)
def test_inconclusive_groups_change_nothing(balance: Balance, n: int) -> None:
    assert propose(dataclasses.replace(balance, group_inconclusive=n)) is propose(balance)


@given(balances, st.integers(1, 5))
def test_the_share_decides_and_not_the_number(balance: Balance, times: int) -> None:
    names = ("group_supports", "group_contradicts", "group_null", "group_divided")
    more = dataclasses.replace(balance, **{name: getattr(balance, name) * times for name in names})
    assert propose(more) is propose(balance)


def test_the_counts_are_given_with_the_proposal() -> None:
    found = proposal(Balance(group_supports=11, group_contradicts=7, group_inconclusive=15))
    assert found.conclusion is MIXED
    assert found.sentences == [
        "Of 18 conclusive independent groups: 11 support the claim, 7 contradict it.",
        "Not counted: 15 inconclusive independent groups.",
        "No direction has three quarters of the conclusive independent groups.",
    ]


@pytest.mark.parametrize(
    ("conclusion", "level", "words"),
    [
        (SUPPORTED, "high", "This is so: high certainty"),
        (SUPPORTED, "moderate", "Probably so: moderate certainty"),
        (SUPPORTED, "low", "May be so: low certainty"),
        (SUPPORTED, "very_low", "May be so, but very uncertain: very low certainty"),
        (CONTRADICTED, "high", "This is not so: high certainty"),
        (CONTRADICTED, "moderate", "Probably not so: moderate certainty"),
        (CONTRADICTED, "low", "May not be so: low certainty"),
        (CONTRADICTED, "very_low", "May not be so, but very uncertain: very low certainty"),
        (NO_EFFECT, "high", "No effect: high certainty"),
        (NO_EFFECT, "moderate", "Probably no effect: moderate certainty"),
        (NO_EFFECT, "low", "May have no effect: low certainty"),
        (NO_EFFECT, "very_low", "May have no effect, but very uncertain: very low certainty"),
        (MIXED, "low", "Mixed evidence: low certainty"),
        (UNDECIDED, "very_low", "Not decided by the evidence: very low certainty"),
        (None, "not_assessed", "Not assessed"),
    ],
)
def test_the_words_follow_the_conclusion_and_its_certainty(
    conclusion: Conclusion | None, level: str, words: str
) -> None:
    assert str(Verdict(conclusion, EvidenceLevel.of(level))) == words


@pytest.mark.parametrize(
    ("conclusion", "level", "sentence"),
    [
        (SUPPORTED, "high", "The evidence shows that a drug helps"),
        (SUPPORTED, "very_low", "The evidence is very uncertain, but it may be that a drug helps"),
        (CONTRADICTED, "moderate", "It is probably not the case that a drug helps"),
        (NO_EFFECT, "low", "The evidence suggests no effect, so it may not be the case that a drug helps"),
        (MIXED, "low", "The evidence is mixed on whether a drug helps"),
        (MIXED, "very_low", "The evidence is very uncertain, and mixed on whether a drug helps"),
        (UNDECIDED, "low", "The evidence does not settle whether a drug helps"),
        (None, "not_assessed", "It has not been appraised yet whether a drug helps"),
    ],
)
def test_a_sentence_says_both_about_the_claim(
    conclusion: Conclusion | None, level: str, sentence: str
) -> None:
    assert Verdict(conclusion, EvidenceLevel.of(level)).about("a drug helps") == sentence


@pytest.mark.parametrize(("conclusion", "level"), [(None, "high"), (SUPPORTED, "not_assessed")])
def test_there_is_no_level_without_its_conclusion(conclusion: Conclusion | None, level: str) -> None:
    with pytest.raises(ValueError, match="needs its conclusion"):
        Verdict(conclusion, EvidenceLevel.of(level))
