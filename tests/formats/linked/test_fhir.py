"""A claim as HL7 FHIR R5 resources, checked by the JSON schema of the specification."""

import dataclasses
import functools
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from claims_app.formats.linked import fhir
from claims_app.formats.linked.fhir_values import reference_to
from claims_app.formats.linked.whole import WholeClaim
from claims_app.vocabulary import CertaintyDomain, Direction, EvidenceLevel, Standing
from tests.support.whole import APPRAISAL, EVIDENCE, SITE, STUDY, claims, unassessed, whole

# The definitions of Bundle, Evidence, ArtifactAssessment and Citation and of what they use, without descriptions, from
# fhir.schema.json in the npm package hl7.fhir.r5.core 5.0.0 (CC0), without the properties that it has and the
# specification does not, by the structure definitions in the same package, such as Evidence.topic.
SCHEMA: dict[str, Any] = json.loads((Path(__file__).parent / "published" / "fhir-r5.schema.json").read_text())
RATING = "http://hl7.org/fhir/certainty-rating"


@functools.cache
def validator(kind: str) -> jsonschema.Draft6Validator:
    return jsonschema.Draft6Validator({**SCHEMA, "$ref": f"#/definitions/{kind}"})


def made_of(claim: WholeClaim) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fhir.text(SITE, claim))
    return found


def resources(claim: WholeClaim, kind: str) -> list[dict[str, Any]]:
    found = (entry["resource"] for entry in made_of(claim)["entry"])
    return [resource for resource in found if resource["resourceType"] == kind]


def codes(concept: dict[str, Any], system: str) -> list[str]:
    return [one["code"] for one in concept["coding"] if one["system"] == system]


@settings(max_examples=12)
@given(claims())
def test_all_resources_are_valid_and_refer_to_each_other(claim: WholeClaim) -> None:
    bundle = made_of(claim)
    for one in (bundle, *(entry["resource"] for entry in bundle["entry"])):
        errors = validator(one["resourceType"]).iter_errors(one)
        assert [(list(error.absolute_path), error.message) for error in errors] == []
    whole_urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(whole_urls) == len(set(whole_urls))
    assert references_in(bundle) <= set(whole_urls)


def references_in(value: object) -> set[str]:
    if isinstance(value, list):
        return {found for each in value for found in references_in(each)}
    if not isinstance(value, dict):
        return set()
    return {value["reference"]} if "reference" in value else references_in(list(value.values()))


def test_the_schema_refuses_what_is_not_in_the_specification() -> None:
    assert list(validator("Evidence").iter_errors({"resourceType": "Evidence", "truth": True}))


def test_evidence_has_the_question_and_the_certainty_with_its_domains() -> None:
    evidence = resources(whole(), "Evidence")[0]
    roles = {
        one["variableRole"]["coding"][0]["code"]: one["description"] for one in evidence["variableDefinition"]
    }
    assert roles == {
        "population": "people with fibromyalgia",
        "referenceExposure": "healthy controls",
        "measuredVariable": "antibodies",
    }
    [certainty] = evidence["certainty"]
    assert codes(certainty["rating"], RATING) == ["very-low"]
    assert certainty["rating"]["text"] == "Very low certainty"
    assert len(certainty["subcomponent"]) == len(CertaintyDomain)
    assert certainty["subcomponent"][0]["description"] == "Risk of bias was judged so."
    assert codes(certainty["subcomponent"][0]["rating"], RATING) == ["serious-concern", "downcode1"]


@pytest.mark.parametrize("claim", [whole(), unassessed()])
def test_what_is_claimed_is_never_without_how_certain_it_is(claim: WholeClaim) -> None:
    for evidence in resources(claim, "Evidence")[:1]:
        for name in ("title", "assertion"):
            assert claim.verdict.certainty in evidence[name]
        assert claim.statement not in json.dumps(evidence)


def test_the_assessment_rates_the_evidence_domain_by_domain() -> None:
    [assessment] = resources(whole(), "ArtifactAssessment")
    assert assessment["artifactReference"]["reference"] == reference_to(f"{SITE}/claims/CLM-1")
    [overall] = assessment["content"]
    assert codes(overall["classifier"][0], RATING) == ["very-low"]
    assert [one["type"]["coding"][0]["code"] for one in overall["component"]][:2] == [
        "RiskOfBias",
        "Inconsistency",
    ]
    assert overall["component"][0]["summary"] == "Risk of bias was judged so."


def test_a_claim_that_was_not_appraised_has_no_rating_and_no_assessment() -> None:
    evidence = resources(unassessed(), "Evidence")[0]
    [certainty] = evidence["certainty"]
    assert codes(certainty["rating"], RATING) == []
    assert certainty["rating"]["text"] == EvidenceLevel.NOT_ASSESSED.label
    assert resources(unassessed(), "ArtifactAssessment") == []


def test_the_numbers_of_a_study_are_a_statistic() -> None:
    [statistic] = resources(whole(), "Evidence")[1]["statistic"]
    assert statistic["statisticType"]["coding"][0]["code"] == "C16932"
    assert statistic["quantity"] == {"value": 4.52}
    assert statistic["sampleSize"]["numberOfParticipants"] == 78
    interval, p_value = statistic["attributeEstimate"]
    assert (interval["level"], interval["range"]) == (95.0, {"low": {"value": 1.86}, "high": {"value": 11.0}})
    assert p_value["quantity"] == {"value": 0.001, "comparator": "<"}


def test_evidence_that_does_not_count_is_not_among_the_studies() -> None:
    uncounted = dataclasses.replace(EVIDENCE, public_id="EVD-2", why_uncounted="the study is retracted")
    body, _, other = resources(whole(evidence=[EVIDENCE, uncounted]), "Evidence")
    assert body["statistic"][0]["sampleSize"] == {"numberOfStudies": 1}
    assert other["note"][0]["text"] == "Not counted, because the study is retracted."


def test_a_retracted_study_is_cited_as_retracted() -> None:
    study = dataclasses.replace(STUDY, standing=Standing.RETRACTED, standing_notice_doi="10.1/notice")
    [citation] = resources(
        whole(evidence=[dataclasses.replace(EVIDENCE, study=study)], origin=None), "Citation"
    )
    cited = citation["citedArtifact"]
    assert cited["currentState"][0]["coding"][0]["code"] == "retracted"
    assert cited["relatesTo"] == [{"type": "retracted-by", "citation": "https://doi.org/10.1/notice"}]
    assert citation["note"][0]["text"].startswith("Retracted.")


def test_a_null_result_keeps_our_own_direction() -> None:
    null = dataclasses.replace(EVIDENCE, direction=Direction.NULL)
    finding = resources(whole(evidence=[null], appraisal=APPRAISAL), "Evidence")[1]
    assert codes(finding["extension"][0]["valueCodeableConcept"], f"{SITE}/vocabulary") == ["direction-null"]
