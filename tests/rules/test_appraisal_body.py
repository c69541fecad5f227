"""The body of evidence: its digest, its JSON form, its counts, and its starting level."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app.rules.appraisal.body import Body, Finding, Weakness, changes, finding_from_json, to_json
from claims_app.rules.appraisal.judgement import judge
from claims_app.rules.appraisal.starting import starting_point_of_body
from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    Direction,
    Directness,
    EffectMeasure,
    EvidenceLevel,
    Hedge,
    LimitationKind,
    PublicationState,
    RiskOfBias,
    RiskOfBiasTool,
    Species,
    Standing,
    StudyDesign,
    UnitOfAnalysis,
)


def finding(number: int = 1, **values: Any) -> Finding:
    """Return a finding from a separate study."""
    basic: dict[str, Any] = {
        "evidence_id": number,
        "evidence_version": 1,
        "study_id": number,
        "study_version": 1,
        "citation": f"Author {number} 2021",
        "year": 2021,
        "direction": Direction.SUPPORTS,
        "directness": Directness.DIRECT,
    }
    return Finding(**{**basic, **values})


def body(*findings: Finding, kind: ClaimKind = ClaimKind.ASSOCIATION) -> Body:
    """Return a body of evidence with these findings."""
    return Body(kind, findings)


weaknesses = st.builds(
    Weakness,
    st.integers(1, 99),
    st.sampled_from(LimitationKind),
    st.sampled_from(CertaintyDomain),
    st.text(max_size=20),
)
optional_numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
optional_counts = st.none() | st.integers(0, 10**6)
findings = st.builds(
    Finding,
    evidence_id=st.integers(1, 99),
    evidence_version=st.integers(1, 9),
    study_id=st.integers(1, 99),
    study_version=st.integers(1, 9),
    citation=st.text(max_size=20),
    year=st.none() | st.integers(1500, 2100),
    direction=st.sampled_from(Direction),
    directness=st.sampled_from(Directness),
    hedge=st.none() | st.sampled_from(Hedge),
    risk_of_bias=st.sampled_from(RiskOfBias),
    summary=st.none() | st.text(max_size=20),
    effect_measure=st.none() | st.sampled_from(EffectMeasure),
    effect_value=optional_numbers,
    ci_low=optional_numbers,
    ci_high=optional_numbers,
    ci_level=optional_numbers,
    p_value=st.none() | st.text(max_size=8),
    n_cases=optional_counts,
    n_controls=optional_counts,
    n_animals=optional_counts,
    n_donors=optional_counts,
    unit_of_analysis=st.none() | st.sampled_from(UnitOfAnalysis),
    design=st.none() | st.sampled_from(StudyDesign),
    species=st.lists(st.sampled_from(Species), unique=True).map(tuple),
    publication_state=st.sampled_from(PublicationState),
    standing=st.sampled_from(Standing),
    version_of_id=optional_counts,
    group_id=optional_counts,
    weaknesses=st.lists(weaknesses, max_size=3).map(tuple),
)


@given(findings)
def test_a_stored_finding_reads_back_the_same(found: Finding) -> None:
    assert finding_from_json(to_json(found)) == found


def test_unknown_fields_of_later_versions_are_ignored() -> None:
    assert finding_from_json({**to_json(finding()), "colour": "red"}) == finding()


@given(st.lists(findings, max_size=4, unique_by=lambda f: f.evidence_id), st.randoms())
def test_the_order_of_the_findings_does_not_matter(found: list[Finding], random: Any) -> None:
    shuffled = random.sample(found, len(found))
    assert body(*found).digest() == body(*shuffled).digest()


@pytest.mark.parametrize(
    "field", [field.name for field in dataclasses.fields(Finding) if field.name != "evidence_id"]
)
def test_the_digest_changes_with_the_substance(field: str) -> None:
    others: dict[str, Any] = {
        "study_id": 7,
        "direction": Direction.NULL,
        "directness": Directness.INDIRECT,
        "hedge": Hedge.STATED,
        "risk_of_bias": RiskOfBias.HIGH,
        "effect_measure": EffectMeasure.OR,
        "unit_of_analysis": UnitOfAnalysis.ANIMALS,
        "design": StudyDesign.COHORT,
        "species": (Species.RAT,),
        "publication_state": PublicationState.PREPRINT,
        "standing": Standing.CORRECTED,
        "weaknesses": (Weakness(1, LimitationKind.SMALL_SAMPLE, CertaintyDomain.IMPRECISION, "Small."),),
    }
    other = others.get(field, "other" if field in {"summary", "p_value", "citation"} else 3)
    same = body(finding()).digest() == body(finding(**{field: other})).digest()
    assert same is (field in {"evidence_version", "study_version", "citation", "year"})


@given(st.lists(findings, max_size=3, unique_by=lambda f: f.evidence_id))
def test_nothing_changed_between_a_body_and_itself(found: list[Finding]) -> None:
    assert changes(body(*found), body(*found)) == []


def test_what_changed_is_named() -> None:
    before = body(finding(1), finding(2))
    after = body(finding(2, direction=Direction.NULL), finding(3), kind=ClaimKind.TREATMENT)
    assert changes(before, after) == [
        "The kind of the claim changed from association to treatment.",
        "EVD-3 (Author 3 2021) is new.",
        "EVD-1 (Author 1 2021) is no longer counted.",
        "EVD-2 (Author 2 2021): direction changed from supports to null.",
    ]


def test_a_changed_study_is_named_by_its_identifier() -> None:
    (sentence,) = changes(body(finding(1)), body(finding(1, study_id=7)))
    assert sentence == "EVD-1 (Author 1 2021): study changed from STU-1 to STU-7."


def test_people_of_one_group_are_counted_once() -> None:
    preprint = finding(1, version_of_id=2, n_cases=30, n_controls=29)
    paper = finding(2, n_cases=30, n_controls=40)
    other = finding(3, n_cases=8)
    unknown = finding(4)
    assert body(preprint, paper, other, unknown).people == (78, 2)


def test_the_best_deciding_design_sets_the_starting_level() -> None:
    trial = finding(1, design=StudyDesign.RANDOMISED_TRIAL)
    cohort = finding(2, design=StudyDesign.COHORT)
    undecided = dataclasses.replace(trial, direction=Direction.INCONCLUSIVE)
    mixed, observed = (body(first, cohort, kind=ClaimKind.TREATMENT) for first in (trial, undecided))
    start = starting_point_of_body(mixed.kind, mixed.designs)
    assert (start.level, start.designs, start.beside) == (
        EvidenceLevel.HIGH,
        (StudyDesign.RANDOMISED_TRIAL,),
        (StudyDesign.COHORT,),
    )
    assert starting_point_of_body(observed.kind, observed.designs).level is EvidenceLevel.LOW


def test_animals_lead_only_where_nobody_studied_people() -> None:
    # Two mice must neither raise the level of thirty cohorts nor keep it from being rated up.
    animal, cohort, cells = StudyDesign.ANIMAL_EXPERIMENT, StudyDesign.COHORT, StudyDesign.IN_VITRO
    with_people = starting_point_of_body(ClaimKind.ASSOCIATION, [animal, cohort])
    assert (with_people.level, with_people.designs, with_people.beside) == (
        EvidenceLevel.LOW,
        (cohort,),
        (animal,),
    )
    assert with_people.may_rate_up
    alone = starting_point_of_body(ClaimKind.ASSOCIATION, [animal, cells])
    assert (alone.level, alone.designs, alone.point.translated) == (EvidenceLevel.HIGH, (animal,), True)


def test_the_reason_starts_in_lower_case_unless_with_an_abbreviation() -> None:
    animal = starting_point_of_body(ClaimKind.ANIMAL_TRANSFER, [StudyDesign.ANIMAL_EXPERIMENT])
    assert animal.reason.startswith("Animal experiment: a controlled experiment")
    tool = starting_point_of_body(ClaimKind.TREATMENT, [StudyDesign.COHORT], RiskOfBiasTool.ROBINS_I)
    assert tool.reason.startswith("Cohort study: ROBINS-I compares")


def test_an_unrecorded_design_starts_at_very_low() -> None:
    start = starting_point_of_body(ClaimKind.TREATMENT, [None])
    assert start.level is EvidenceLevel.VERY_LOW
    assert "not recorded" in start.reason


def test_the_tool_changes_the_starting_level_of_non_randomised_evidence() -> None:
    found = body(finding(design=StudyDesign.COHORT), kind=ClaimKind.TREATMENT)
    judgement = judge(found, {"risk_of_bias_tool": RiskOfBiasTool.ROBINS_I, "risk_of_bias": -3})
    assert judgement.start.level is EvidenceLevel.HIGH
    assert judgement.computed is EvidenceLevel.VERY_LOW
    assert judgement.refused == {}


def test_a_level_is_computed_despite_errors() -> None:
    found = body(finding(design=StudyDesign.COHORT))
    judgement = judge(found, {"large_effect": 2, "inconsistency": -1, "level": EvidenceLevel.HIGH})
    assert judgement.computed is EvidenceLevel.MODERATE
    assert judgement.overridden
    assert set(judgement.refused) == {"rate_up_reason", "override_reason"}


def test_fields_that_came_later_do_not_make_older_appraisals_stale() -> None:
    finding = Finding(
        1, 1, 1, 1, "Goebel 2021", 2021, Direction.SUPPORTS, Directness.DIRECT, n_cases=40, n_controls=40
    )
    digest = "69822ebdd6686e1faf2ce3841ce0b6546e87dddfe83bd21bd7b2e6ce8d708313"  # as before they came
    assert Body(ClaimKind.ASSOCIATION, (finding,)).digest() == digest
    with_events = dataclasses.replace(finding, events_cases=12)
    assert Body(ClaimKind.ASSOCIATION, (with_events,)).digest() != digest
