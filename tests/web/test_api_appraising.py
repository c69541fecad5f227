"""Appraising through the API: the form, drafts that nobody else sees, and rounds of two."""

import pytest
from flask import Flask

from claims_app.models import Claim
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_one_database
from tests.factories import ANSWERS, make_evidence
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

DRAFT = "/claims/CLM-1/appraisal-draft"
FORM = "/claims/CLM-1/appraisal-form"
ROUND = "/claims/CLM-1/appraisal-round"

pytestmark = on_one_database


@pytest.fixture
def bob(app: Flask, program: Program) -> Program:
    """The client of another curator."""
    return Program(app, name="bob")


def test_the_form_has_what_an_appraisal_needs(program: Program) -> None:
    form = program.send("GET", FORM, 200)
    [finding] = form["findings"]
    assert (finding["evidence_id"], finding["study_id"]) == ("EVD-1", "STU-1")
    assert (form["start_level"], form["proposed_conclusion"]) == ("low", "supported")
    assert {domain["domain"] for domain in form["domains"]} >= {"risk_of_bias", "large_effect"}
    assert "conclusion" in form["unanswered"]
    assert (form["draft"], form["round"], form["computed_level"]) == (None, None, None)
    sent = {domain["domain"]: domain["advice"] for domain in form["domains"]}
    sent |= {f"{name}_reason": "As advised." for name, advice in sent.items() if advice}
    sent |= {"conclusion": form["proposed_conclusion"], "rationale": "As advised."}
    sent["evidence_digest"] = form["evidence_digest"]
    assert program.send("POST", "/claims/CLM-1/appraisals", 201, sent)["conclusion"] == "supported"


def test_the_findings_of_the_form_name_groups_and_limitations_by_their_identifiers(program: Program) -> None:
    changed = {"version": 1, "group": "Oslo"}
    assert answer(program, "PATCH", "/studies/STU-1", changed).status_int == 200
    weak = {"kind": "small_sample", "domain": "imprecision", "text": "Few people."}
    made = program.send("POST", "/evidence/EVD-1/limitations", 201, weak)
    [group] = program.send("GET", "/groups", 200)["items"]
    [finding] = program.send("GET", FORM, 200)["findings"]
    assert finding["group_id"] == group["group_id"] == "GRP-1"
    assert [one["limitation_id"] for one in finding["weaknesses"]] == [made["limitation_id"]]


def test_an_appraisal_of_evidence_that_changed_since_is_refused(program: Program) -> None:
    digest = program.send("GET", FORM, 200)["evidence_digest"]
    with program.browser.database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1))
    refused = answer(program, "POST", "/claims/CLM-1/appraisals", {**ANSWERS, "evidence_digest": digest})
    assert_is_problem(refused, 409)


def test_a_draft_is_saved_and_discarded_by_its_author_and_seen_by_nobody_else(
    program: Program, bob: Program
) -> None:
    saved = program.send("PUT", DRAFT, 200, {"imprecision": -1, "rationale": "Secret so far."})
    assert saved["draft"]["answers"] == {"imprecision": "-1", "rationale": "Secret so far."}
    assert program.send("GET", FORM, 200)["answers"] == saved["draft"]["answers"]
    assert [one["claim_id"] for one in program.send("GET", "/appraisal-drafts", 200)["items"]] == ["CLM-1"]
    assert "Secret" not in answer(bob, "GET", FORM).text
    bob.send("DELETE", DRAFT, 204)
    assert bob.send("GET", "/appraisal-drafts", 200)["total"] == 0
    assert program.send("GET", "/appraisal-drafts", 200)["total"] == 1
    program.send("DELETE", DRAFT, 204)
    assert program.send("GET", FORM, 200)["draft"] is None


def test_a_draft_starts_from_the_answers_of_the_last_appraisal(program: Program) -> None:
    assert_is_problem(answer(program, "POST", f"{DRAFT}/take-over"), 404)
    program.send("POST", "/claims/CLM-1/appraisals", 201, ANSWERS)
    form = program.send("POST", f"{DRAFT}/take-over", 200)
    assert (form["answers"]["conclusion"], form["last_appraisal"]) == (ANSWERS["conclusion"], "APR-1")
    assert form["unanswered"] == []


def test_two_appraise_independently_and_a_third_appraisal_settles(program: Program, bob: Program) -> None:
    assert program.send("POST", ROUND, 201)["n_submitted"] == 0
    assert_is_problem(answer(program, "POST", ROUND), 422)
    sent = {**ANSWERS, "rationale": "Only ada knows."}
    assert program.send("POST", "/claims/CLM-1/appraisals", 202, sent) == {"handed_in": True}
    assert "Only ada knows" not in answer(bob, "GET", FORM).text
    assert bob.send("GET", FORM, 200)["round"]["n_submitted"] == 1
    assert bob.send("GET", "/appraisals", 200)["total"] == 0
    assert bob.send("POST", "/claims/CLM-1/appraisals", 202, ANSWERS) == {"handed_in": True}
    form = bob.send("GET", FORM, 200)
    assert form["round"]["appraisals"] == ["APR-1", "APR-2"]
    assert form["answers"]["conclusion"] == ANSWERS["conclusion"]
    assert bob.send("GET", "/claims/CLM-1", 200)["evidence_level"] == "not_assessed"
    settled = bob.send("POST", "/claims/CLM-1/appraisals", 201, ANSWERS)
    assert bob.send("GET", "/claims/CLM-1", 200)["evidence_level"] == settled["level"]
    assert bob.send("GET", FORM, 200)["round"] is None


def test_a_cancelled_round_returns_the_submitted_appraisal_as_a_draft(program: Program, bob: Program) -> None:
    program.send("POST", ROUND, 201)
    program.send("POST", "/claims/CLM-1/appraisals", 202, ANSWERS)
    assert program.send("GET", FORM, 200)["draft"]["submitted_at"] is not None
    bob.send("DELETE", ROUND, 204)
    assert program.send("GET", FORM, 200)["draft"]["submitted_at"] is None
    assert_is_problem(answer(program, "DELETE", ROUND), 422)


def test_a_reader_gets_none_of_it(app: Flask, program: Program) -> None:
    rita = Program(app, name="rita", role=Role.READER)
    for method, path in (
        ("GET", FORM),
        ("PUT", DRAFT),
        ("DELETE", DRAFT),
        ("POST", ROUND),
        ("DELETE", ROUND),
    ):
        body = None if method == "GET" else {}
        assert_is_problem(answer(rita, method, path, body), 403)
        assert_is_problem(answer(program, method, path, body, Authorization=""), 401)
