"""Review, topics and study groups in the API."""

import datetime
from typing import Any

import pytest
from flask import Flask

from claims_app.models import Claim, ConflictOfInterest
from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import Role, TokenScope
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_study
from tests.support.browsing import add_account
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

CHANGE = {"version": 1, "outcome": "Pain", "edit_summary": "More exact."}


@pytest.fixture
def reviewed(reviewed_app: Flask) -> Program:
    """A curator's client where changes need review; CLM-1 is accepted, and eve is an editor."""
    made = Program(reviewed_app)
    add_account(made.browser.database, "eve", Role.EDITOR)
    with made.browser.database.writing(BY_TEST) as session:
        make_claim(session, topics=["pain"])
    return made


def editor(program: Program) -> dict[str, str]:
    """Return the headers of the editor."""
    with program.browser.database.writing(BY_TEST) as session:
        eve = users.find_user(session, "eve")
        text = tokens.make_token(session, eve, TokenScope.WRITE, "tests", None)[1]
    return {"Authorization": f"Bearer {text}"}


def queue(program: Program, view: str, **headers: str) -> list[Any]:
    return [
        entry["record"] for entry in answer(program, "GET", f"/review?view={view}", **headers).json["items"]
    ]


@on_both_databases
def test_a_proposal_is_accepted_by_a_second_person(reviewed: Program) -> None:
    answer(reviewed, "PATCH", "/claims/CLM-1", CHANGE)
    eve = editor(reviewed)
    assert (queue(reviewed, "mine"), queue(reviewed, "waiting", **eve)) == (["PRO-1"], ["PRO-1"])
    assert_is_problem(answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 1}), 403)
    accepted = answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 1}, **eve)
    assert (accepted.status_int, accepted.json["state"], accepted.json["decided_by"]) == (
        200,
        "accepted",
        "eve",
    )
    assert answer(reviewed, "GET", "/claims/CLM-1").json["outcome"] == "Pain"
    [listed] = answer(reviewed, "GET", "/proposals?record=CLM-1&state=accepted").json["items"]
    assert listed == answer(reviewed, "GET", "/proposals/PRO-1").json


def test_a_decision_on_what_was_decided_is_a_conflict_for_those_who_may_decide(reviewed: Program) -> None:
    answer(reviewed, "PATCH", "/claims/CLM-1", CHANGE)
    eve = editor(reviewed)
    answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 1}, **eve)
    again = answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 2}, **eve)
    assert_is_problem(again, 409)
    assert "no longer waiting for review" in again.json["detail"]
    assert_is_problem(answer(reviewed, "POST", "/claims/CLM-1/accept", {"version": 2}, **eve), 409)
    assert_is_problem(answer(reviewed, "POST", "/proposals/PRO-1/withdraw", {"version": 2}), 409)


def test_a_submitted_record_is_rejected_with_a_reason(reviewed: Program) -> None:
    sent = {"statement": "Sleep is worse.", "kind": "association", "status": "active"}
    answer(reviewed, "POST", "/claims", sent)
    eve = editor(reviewed)
    assert_is_problem(answer(reviewed, "POST", "/claims/CLM-2/reject", {"version": 1}, **eve), 422)
    reason = {"version": 1, "decision_reason": "Too vague."}
    rejected = answer(reviewed, "POST", "/claims/CLM-2/reject", reason, **eve)
    assert (rejected.status_int, rejected.json["review_state"]) == (200, "rejected")


def test_fields_that_changed_since_the_proposal_need_a_choice(reviewed: Program) -> None:
    answer(reviewed, "PATCH", "/claims/CLM-1", CHANGE)
    with reviewed.browser.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).outcome = "Sleep"
    eve = editor(reviewed)
    undecided = answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 1}, **eve)
    assert_is_problem(undecided, 409)
    assert "take_proposed or keep_present: outcome" in undecided.json["detail"]
    sent = {"version": 1, "take_proposed": ["outcome"]}
    assert answer(reviewed, "POST", "/proposals/PRO-1/accept", sent, **eve).status_int == 200
    assert answer(reviewed, "GET", "/claims/CLM-1").json["outcome"] == "Pain"


def test_an_author_withdraws_and_proposes_again(reviewed: Program) -> None:
    answer(reviewed, "PATCH", "/claims/CLM-1", CHANGE)
    assert_is_problem(answer(reviewed, "POST", "/proposals/PRO-1/propose-again", {"version": 1}), 409)
    with reviewed.browser.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).outcome = "Sleep"
    again = answer(reviewed, "POST", "/proposals/PRO-1/propose-again", {"version": 1})
    assert (again.status_int, again.json["proposal_id"]) == (201, "PRO-2"), again.json
    withdrawn = answer(reviewed, "POST", "/proposals/PRO-2/withdraw", {"version": 1})
    assert (withdrawn.status_int, withdrawn.json["state"]) == (200, "withdrawn")
    assert answer(reviewed, "GET", "/review?view=mine").json["items"] == []


def test_a_conflict_of_interest_prevents_a_decision_until_it_ends(reviewed: Program) -> None:
    answer(reviewed, "PATCH", "/claims/CLM-1", CHANGE)
    eve = editor(reviewed)
    unknown = answer(reviewed, "POST", "/conflicts", {"topic": "sleep", "text": "A patent."}, **eve)
    assert unknown.json["detail"] == "topic: “sleep” is not a topic. Choose from: pain."
    declared = answer(reviewed, "POST", "/conflicts", {"topic": "pain", "text": "A patent."}, **eve)
    assert (declared.status_int, declared.json["topic"]) == (201, "pain")
    assert_is_problem(answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 1}, **eve), 403)
    assert answer(reviewed, "GET", "/conflicts", **eve).json["total"] == 1
    with reviewed.browser.database.writing(BY_TEST) as session:
        earlier = session.get_one(ConflictOfInterest, 1).declared_at - datetime.timedelta(days=1)
        session.get_one(ConflictOfInterest, 1).declared_at = earlier
    assert answer(reviewed, "POST", "/conflicts/1/end", {}, **eve).status_int == 204
    accepted = answer(reviewed, "POST", "/proposals/PRO-1/accept", {"version": 1}, **eve)
    assert accepted.status_int == 200, accepted.json


def test_a_topic_has_its_claims_and_can_be_changed(program: Program) -> None:
    topic = answer(program, "GET", "/topics/pain")
    assert (topic.json["topic_id"], topic.json["n_claims"]) == ("TOP-1", 1)
    assert answer(program, "GET", "/topics").json["items"] == [topic.json]
    sent = {"definition": "Pain as a symptom.", "edit_summary": "It was missing."}
    changed = answer(program, "PATCH", "/topics/TOP-1", sent, **{"If-Match": topic.headers["ETag"]})
    assert (changed.json["definition"], changed.json["slug"]) == ("Pain as a symptom.", "pain")
    assert_is_problem(answer(program, "PATCH", "/topics/TOP-1", {**sent, "slug": "x", "version": 2}), 422)
    assert_is_problem(answer(program, "GET", "/topics/nothing"), 404)


def test_a_study_group_has_its_studies(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        for _ in range(2):
            make_study(session, group="Liverpool")
    group = answer(program, "GET", "/groups/GRP-1").json
    assert (group["name"], group["study_ids"]) == ("Liverpool", ["STU-2", "STU-3"])
    assert answer(program, "GET", "/groups").json["items"] == [group]
