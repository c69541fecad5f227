"""Advice for each domain: what the stored evidence suggests, and what it is based on."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.appraisal.advice import Advice, advise
from claims_app.rules.appraisal.body import Body, Finding, Weakness
from claims_app.rules.appraisal.domains import RULES
from claims_app.rules.appraisal.starting import starting_point_of_body
from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    Direction,
    Directness,
    EffectMeasure,
    LimitationKind,
    PublicationState,
    RiskOfBias,
    Species,
    StudyDesign,
)
from tests.rules.test_appraisal_body import finding, findings

SUPPORTS, CONTRADICTS, NULL = Direction.SUPPORTS, Direction.CONTRADICTS, Direction.NULL
TRIAL = StudyDesign.RANDOMISED_TRIAL
COHORT = StudyDesign.COHORT


def advice(domain: str, *found: Finding, kind: ClaimKind = ClaimKind.ASSOCIATION, **of_claim: Any) -> Advice:
    """Return the advice on a domain for these findings."""
    body = Body(kind, found, **of_claim)
    return advise(body, starting_point_of_body(kind, body.designs))[CertaintyDomain.of(domain)]


def ratio(number: int, value: float, low: float, high: float, **values: Any) -> Finding:
    """Return a finding with an odds ratio."""
    return finding(
        number,
        **{
            "design": COHORT,
            "effect_measure": EffectMeasure.OR,
            "effect_value": value,
            "ci_low": low,
            "ci_high": high,
            "ci_level": 95.0,
            **values,
        },
    )


class TestRiskOfBias:
    @pytest.mark.parametrize(
        ("judged", "move"),
        [
            ("low low low", 0),
            ("low low high", 0),
            ("some_concerns some_concerns low", -1),
            ("high high low", -2),
            ("not_assessed not_assessed low", -1),
        ],
    )
    def test_the_majority_of_the_evidence_decides(self, judged: str, move: int) -> None:
        found = [finding(i, risk_of_bias=RiskOfBias.of(word)) for i, word in enumerate(judged.split(), 1)]
        assert advice("risk_of_bias", *found).move == move

    def test_it_names_the_items_and_the_limitations(self) -> None:
        weakness = Weakness(7, LimitationKind.NOT_BLINDED, CertaintyDomain.RISK_OF_BIAS, "Not blinded.")
        given = advice(
            "risk_of_bias",
            finding(1, risk_of_bias=RiskOfBias.LOW),
            finding(2, risk_of_bias=RiskOfBias.HIGH, weaknesses=(weakness,)),
        )
        assert (given.move, given.evidence_ids, given.limitation_ids) == (-1, (2,), (7,))
        assert "Limitation of Author 2 2021: Not blinded." in given.sentences

    def test_case_series_have_no_comparison_group(self) -> None:
        series = finding(1, design=StudyDesign.CASE_SERIES, risk_of_bias=RiskOfBias.LOW)
        assert advice("risk_of_bias", series).move == -1


class TestInconsistency:
    def test_with_one_group_consistency_cannot_be_judged(self) -> None:
        paper, preprint = finding(1), finding(2, version_of_id=1, direction=CONTRADICTS)
        assert advice("inconsistency", finding(1)).move == 0
        assert "cannot be judged" in advice("inconsistency", paper, preprint).sentences[0]

    @pytest.mark.parametrize(
        ("supporting", "against", "move"), [(5, 0, 0), (5, 1, 0), (4, 2, -1), (1, 1, -1), (3, 3, -2)]
    )
    def test_the_share_of_opposing_groups_decides(self, supporting: int, against: int, move: int) -> None:
        found = [finding(i, direction=SUPPORTS if i <= supporting else NULL) for i in range(1, 7)]
        assert advice("inconsistency", *found[: supporting + against]).move == move

    def test_heterogeneous_estimates_without_overlap_are_very_serious(self) -> None:
        given = advice("inconsistency", ratio(1, 1.1, 1.0, 1.2), ratio(2, 4, 3.5, 4.6))
        assert given.move == -2
        assert "I² is 100%" in " ".join(given.sentences)
        assert "considerable heterogeneity" in " ".join(given.sentences)
        assert "EVD-1 and EVD-2" in " ".join(given.sentences)

    def test_estimates_that_agree_change_nothing(self) -> None:
        given = advice("inconsistency", ratio(1, 2, 1, 4), ratio(2, 2.2, 1.1, 4.4))
        assert given.move == 0
        assert "all intervals overlap" in " ".join(given.sentences)

    def test_a_preprint_and_its_paper_are_one_estimate(self) -> None:
        given = advice(
            "inconsistency", ratio(1, 1.1, 1.0, 1.2, version_of_id=2), ratio(2, 4, 3.5, 4.6), finding(3)
        )
        assert "I²" not in " ".join(given.sentences)

    def test_reports_of_one_group_and_two_results_of_one_study_are_one_estimate(self) -> None:
        low, high = ratio(1, 1.1, 1.0, 1.2, group_id=5), ratio(2, 4, 3.5, 4.6, group_id=5)
        assert "I²" not in " ".join(advice("inconsistency", low, high, finding(3)).sentences)
        again = ratio(2, 4, 3.5, 4.6, study_id=1)
        assert "I²" not in " ".join(
            advice("inconsistency", ratio(1, 1.1, 1.0, 1.2), again, finding(3)).sentences
        )

    def test_of_two_results_of_a_study_the_one_with_more_people_is_compared(self) -> None:
        few, many = ratio(1, 4, 3.5, 4.6, n_cases=20), ratio(2, 1.1, 1.0, 1.2, n_cases=90, study_id=1)
        text = " ".join(advice("inconsistency", few, many, ratio(3, 1.1, 1.0, 1.2)).sentences)
        assert "2 estimates: I² is 0%" in text

    def test_mean_differences_may_be_in_different_units(self) -> None:
        found = [ratio(n, 3, 1, 5, effect_measure=EffectMeasure.MD) for n in (1, 2)]
        assert "the same unit" in " ".join(advice("inconsistency", *found).sentences)

    def test_a_tiny_p_is_shown_as_a_bound(self) -> None:
        assert "p < 0.001)" in " ".join(
            advice("inconsistency", ratio(1, 1.1, 1.0, 1.2), ratio(2, 4, 3.5, 4.6)).sentences
        )


class TestIndirectness:
    @pytest.mark.parametrize(
        ("directness", "move"),
        [
            ("direct direct", 0),
            ("direct indirect", -1),
            ("direct direct indirect", 0),
            ("indirect indirect", -2),
            ("unknown unknown direct", -1),
        ],
    )
    def test_the_share_of_indirect_evidence_decides(self, directness: str, move: int) -> None:
        found = [finding(i, directness=Directness.of(word)) for i, word in enumerate(directness.split(), 1)]
        assert advice("indirectness", *found).move == move

    def test_animals_are_indirect_evidence_about_people_even_if_marked_direct(self) -> None:
        mouse = finding(1, design=StudyDesign.ANIMAL_EXPERIMENT, species=(Species.MOUSE,))
        given = advice("indirectness", mouse, kind=ClaimKind.TREATMENT)
        assert given.move == -2
        assert given.evidence_ids == (1,)
        assert advice("indirectness", mouse, kind=ClaimKind.ANIMAL_TRANSFER).move == 0

    def test_a_mechanism_seen_only_in_animals_is_pointed_out(self) -> None:
        mouse = finding(1, design=StudyDesign.ANIMAL_EXPERIMENT, species=(Species.MOUSE,))
        person = finding(2, design=COHORT, species=(Species.HUMAN,))
        given = advice("indirectness", mouse, kind=ClaimKind.MECHANISM)
        assert given.move == 0
        assert "If the claim is about people" in " ".join(given.sentences)
        assert "animals" not in " ".join(
            advice("indirectness", mouse, person, kind=ClaimKind.MECHANISM).sentences
        )


class TestImprecision:
    @pytest.mark.parametrize(("people", "move"), [(40, -2), (399, -1), (400, 0)])
    def test_few_people_are_imprecise(self, people: int, move: int) -> None:
        assert advice("imprecision", finding(1, n_cases=people)).move == move

    def test_without_numbers_precision_cannot_be_judged(self) -> None:
        given = advice("imprecision", finding(1))
        assert (given.move, given.evidence_ids) == (-1, (1,))

    def test_in_a_transfer_donors_count_and_not_animals(self) -> None:
        found = finding(1, design=StudyDesign.ANIMAL_EXPERIMENT, n_donors=8, n_animals=400)
        given = advice("imprecision", found, kind=ClaimKind.ANIMAL_TRANSFER)
        assert given.move == -2
        assert "At least 8 serum donors" in " ".join(given.sentences)

    def test_numbers_of_animals_are_not_reported_as_missing(self) -> None:
        mice = finding(1, design=StudyDesign.ANIMAL_EXPERIMENT, n_animals=24)
        given = advice("imprecision", mice, kind=ClaimKind.MECHANISM)
        assert given.move == -1
        assert "At least 24 animals" in given.sentences[0]
        assert "No sample sizes are stored" not in " ".join(given.sentences)

    def test_intervals_that_include_both_answers_are_imprecise(self) -> None:
        open_ended = ratio(1, 1.1, 0.7, 1.6, n_cases=900)
        given = advice("imprecision", open_ended)
        assert (given.move, given.evidence_ids) == (-1, (1,))
        assert advice("imprecision", ratio(1, 2, 1.5, 2.6, n_cases=900)).move == 0


class TestPublicationBias:
    def test_a_completed_study_without_results_suggests_publication_bias(self) -> None:
        missing = finding(
            2,
            direction=Direction.INCONCLUSIVE,
            publication_state=PublicationState.COMPLETED_UNPUBLISHED,
        )
        given = advice("publication_bias", finding(1, n_cases=500), missing)
        assert (given.move, given.evidence_ids) == (-1, (2,))

    def test_only_small_supporting_studies_suggest_publication_bias(self) -> None:
        small = [finding(i, n_cases=30) for i in (1, 2, 3)]
        assert advice("publication_bias", *small).move == -1
        assert advice("publication_bias", *small, finding(4, n_cases=30, direction=NULL)).move == 0


class TestRatingUp:
    @pytest.mark.parametrize(
        ("first", "second", "move"),
        [(2.5, 3.0, 1), (6.0, 8.0, 2), (6.0, 1.5, 0), (1 / 6, 0.1, 2), (2.0, 2.0, 1)],
    )
    def test_a_large_effect_is_large_in_every_study(self, first: float, second: float, move: int) -> None:
        found = [
            ratio(i, value, value / 1.3, value * 1.3, direction=SUPPORTS)
            for i, value in enumerate((first, second), 1)
        ]
        assert advice("large_effect", *found).move == move

    def test_a_large_effect_must_be_replicated_and_not_contradicted(self) -> None:
        large, larger = ratio(1, 6, 4, 9), ratio(2, 7, 5, 10)
        assert advice("large_effect", large).move == 0
        assert advice("large_effect", large, larger).move == 2
        assert advice("large_effect", large, larger, finding(3, direction=CONTRADICTS)).move == 0

    def test_a_preprint_and_its_paper_do_not_make_a_large_effect_consistent(self) -> None:
        paper, preprint = ratio(1, 6, 4, 9), ratio(2, 6, 4, 9, version_of_id=1)
        assert advice("large_effect", paper, preprint).move == 0

    def test_a_group_and_a_study_of_the_same_number_are_two(self) -> None:
        assert advice("large_effect", ratio(1, 6, 4, 9, group_id=2), ratio(2, 7, 5, 10)).move == 2

    def test_an_odds_ratio_is_not_a_risk_ratio(self) -> None:
        ratios, risks = (
            [ratio(n, 6, 4, 9, effect_measure=measure) for n in (1, 2)]
            for measure in (EffectMeasure.OR, EffectMeasure.RR)
        )
        assert "if the outcome is common" in " ".join(advice("large_effect", *ratios).sentences)
        assert "if the outcome is common" not in " ".join(advice("large_effect", *risks).sentences)

    def test_an_interval_that_includes_no_effect_is_no_large_effect(self) -> None:
        assert advice("large_effect", ratio(1, 6, 0.9, 40), ratio(2, 7, 5, 10)).move == 0

    @pytest.mark.parametrize("domain", ["large_effect", "opposing_confounding"])
    def test_randomised_evidence_is_not_rated_up(self, domain: str) -> None:
        given = advice(domain, finding(1, design=TRIAL), kind=ClaimKind.TREATMENT)
        assert given.sentences == ("Only non-randomised evidence can be rated up.",)

    def test_a_claim_that_is_a_gradient_is_not_rated_up_for_it(self) -> None:
        given = advice("dose_response_gradient", finding(1, design=COHORT), kind=ClaimKind.DOSE_RESPONSE)
        assert given.move == 0
        assert "count it twice" in given.sentences[0]

    def test_a_correlation_is_pointed_out(self) -> None:
        found = finding(1, design=COHORT, effect_measure=EffectMeasure.RHO, effect_value=0.4)
        assert advice("dose_response_gradient", found).evidence_ids == (1,)


@given(
    st.lists(findings, min_size=1, max_size=5, unique_by=lambda f: f.evidence_id),
    st.sampled_from(list(ClaimKind)),
    st.lists(st.sampled_from(list(CertaintyDomain)), max_size=2),
)
def test_any_evidence_gets_advice_that_the_rules_permit(
    found: list[Finding], kind: ClaimKind, domains: list[CertaintyDomain]
) -> None:
    weaknesses = tuple(
        Weakness(number, LimitationKind.OTHER, domain, "W") for number, domain in enumerate(domains)
    )
    body = Body(kind, tuple(found), weaknesses)
    known = {item.evidence_id for item in found}
    start = starting_point_of_body(kind, body.designs)
    given = advise(body, start)
    assert list(given) == list(CertaintyDomain)
    for domain, one in given.items():
        assert one.move in {step.move for step in RULES[domain].steps}
        assert set(one.evidence_ids) <= known
        assert one.sentences
        assert not one.move > 0 or start.may_rate_up
    for domain in domains:
        assert given[domain].limitation_ids
