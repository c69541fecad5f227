"""The inbox through the API: adding citations, deciding on candidates, and who may see it."""

from typing import Any

import pytest
from flask import Flask

from claims_app.vocabulary import Role
from tests.conftest import on_one_database
from tests.support.browsing import Browser
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

pytestmark = on_one_database

CITATION = {"title": "Vitamin D and sleep", "authors": ["Doe, J"], "year": 2025, "doi": "10.1000/xyz"}


@pytest.fixture
def inbox(program: Program) -> Program:
    """A client whose inbox has candidate 1, for CLM-1."""
    added = program.send("POST", "/inbox", 201, {**CITATION, "claim_id": "CLM-1"})
    assert (added["outcome"], added["number"]) == ("new", 1)
    return program


def decide(program: Program, path: str, status: int = 200, version: int = 1, **sent: Any) -> Any:
    return program.send("POST", f"/inbox/1/{path}", status, {"version": version, **sent})


def test_a_citation_is_added_once_and_found_by_filters(inbox: Program) -> None:
    assert inbox.send("POST", "/inbox", 200, CITATION)["outcome"] == "waiting"
    [found] = inbox.send("GET", "/inbox?claim=CLM-1&per_page=1", 200)["items"]
    assert (found["number"], found["title"], found["authors"]) == (1, CITATION["title"], ["Doe, J"])
    assert [origin["claim_id"] for origin in found["origins"]] == ["CLM-1", None]
    assert inbox.send("GET", "/inbox?state=later", 200)["total"] == 0
    assert_is_problem(answer(inbox, "GET", "/inbox?colour=red"), 400)
    assert "title" in answer(inbox, "POST", "/inbox", {"year": 2020}).json["fields"]


def test_the_inbox_does_not_call_a_title_an_identifier(app: Flask, inbox: Program) -> None:
    inbox.send("POST", "/inbox", 201, {"title": "Vitamin D and sleep in fibromyalgia"})
    page = Browser(app).log_in(Role.CURATOR, "carl").get("/inbox").html
    words = " ".join(page.select_one("main").text.split())
    assert "Added by identifier “10.1000/xyz” by ada" in words
    assert "Added through the API by ada" in words
    assert "identifier “Vitamin D" not in words


def test_a_candidate_becomes_a_study_or_the_one_that_it_is(inbox: Program) -> None:
    assert decide(inbox, "study")["title"] == CITATION["title"]
    assert inbox.send("GET", "/inbox/1", 200)["state"] == "linked"
    assert_is_problem(answer(inbox, "POST", "/inbox/1/later", {"version": 2}), 409)
    inbox.send("POST", "/inbox", 201, {"title": "The same in other words"})
    sent = {"version": 1, "same_as": "STU-1"}
    assert inbox.send("POST", "/inbox/2/study", 200, sent)["study_id"] == "STU-1"
    inbox.send("POST", "/inbox", 201, {"title": "A third one"})
    refused = answer(inbox, "POST", "/inbox/3/study", {"version": 1, "same_as": "STU-99"})
    assert_is_problem(refused, 422)
    assert set(refused.json["fields"]) == {"same_as"}


def test_a_linked_candidate_leaves_the_inbox_with_its_evidence(inbox: Program) -> None:
    study = decide(inbox, "link", claim_id="CLM-1")["study_id"]
    assert inbox.send("GET", "/inbox/1", 200)["state"] == "waiting"
    sent = {"study_id": study, "direction": "supports", "directness": "direct", "risk_of_bias": "low"}
    sent |= {"summary": "Sleep was better.", "candidate": 1}
    inbox.send("POST", "/claims/CLM-1/evidence", 201, sent)
    candidate = inbox.send("GET", "/inbox/1", 200)
    assert (candidate["state"], candidate["decisions"][-1]["evidence_id"]) == ("linked", "EVD-2")


def test_a_candidate_is_judged_postponed_handed_on_and_brought_back(app: Flask, inbox: Program) -> None:
    Program(app, name="bob")
    assert_is_problem(answer(inbox, "POST", "/inbox/1/not-relevant", {"version": 1}), 422)
    judged = decide(inbox, "not-relevant", reason="Another disease.")
    assert (judged["state"], judged["reason"], judged["decided_by"]) == (
        "not_relevant",
        "Another disease.",
        "ada",
    )
    assert inbox.send("POST", "/inbox", 200, CITATION)["outcome"] == "not_relevant"
    assert decide(inbox, "bring-back", version=2)["state"] == "waiting"
    assert decide(inbox, "later", version=3)["state"] == "later"
    assert decide(inbox, "hand-on", version=4, username="bob")["assigned_to"] == "bob"
    assert inbox.send("GET", "/inbox?assigned=me", 200)["total"] == 0
    actions = [one["action"] for one in inbox.send("GET", "/inbox/1", 200)["decisions"]]
    assert actions == ["not_relevant", "brought_back", "later", "handed_on"]


def test_a_decision_is_made_only_on_the_version_that_was_read(inbox: Program) -> None:
    tag = answer(inbox, "GET", "/inbox/1").headers["ETag"]
    assert answer(inbox, "POST", "/inbox/1/later", {}, **{"If-Match": tag}).status_int == 200
    assert_is_problem(answer(inbox, "POST", "/inbox/1/bring-back", {}, **{"If-Match": tag}), 412)
    assert_is_problem(answer(inbox, "POST", "/inbox/1/bring-back", {"version": 1}), 409)
    assert_is_problem(answer(inbox, "POST", "/inbox/1/bring-back", {}), 422)


def test_readers_do_not_see_the_inbox(app: Flask, inbox: Program) -> None:
    rita = Program(app, name="rita", role=Role.READER)
    paths = ("study", "link", "not-relevant", "later", "hand-on", "bring-back", "complete")
    requests = [("GET", "/inbox", None), ("GET", "/inbox/1", None), ("POST", "/inbox", CITATION)]
    sent = {"version": 1, "reason": "x", "username": "ada", "claim_id": "CLM-1"}
    for path in paths:
        needed = {"not-relevant": ("reason",), "hand-on": ("username",), "link": ("claim_id",)}.get(path, ())
        requests.append(("POST", f"/inbox/1/{path}", {name: sent[name] for name in ("version", *needed)}))
    for method, path, body in requests:
        assert_is_problem(answer(rita, method, path, body), 403)
        assert_is_problem(answer(inbox, method, path, body, Authorization=""), 401)
    assert inbox.send("GET", "/inbox/1", 200)["version"] == 1
