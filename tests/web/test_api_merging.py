"""Duplicates through the API: comparing, merging, undoing, and decisions about pairs of studies."""

import pytest
from flask import Flask

from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_evidence, make_study
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

pytestmark = on_one_database

MERGE = {"other": "CLM-2", "version": 1, "other_version": 1, "edit_summary": "The same in other words."}


@pytest.fixture
def eve(app: Flask, program: Program) -> Program:
    """An editor's client; CLM-2 has EVD-2 of the same study as CLM-1, and there is a STU-2."""
    with program.browser.database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session, outcome="Pain", topics=["sleep"]))
        make_study(session)
    program.send("PATCH", "/evidence/EVD-2", 200, {"version": 1, "study_id": "STU-1"})
    return Program(app, name="eve", role=Role.EDITOR)


def test_two_claims_are_compared_merged_and_separated_again(eve: Program) -> None:
    found = eve.send("GET", "/claims/CLM-1/merge?with=CLM-2", 200)
    assert (found["kept"], found["merged"], found["topics"]) == ("CLM-1", "CLM-2", ["sleep"])
    assert {one["part"]: one["proposed"] for one in found["differing"]}["outcome"] == "merged"
    assert found["pairs"] == [{"about": "STU-1", "kept": ["EVD-1"], "merged": ["EVD-2"]}]
    sent = {**MERGE, "parts": {"outcome": "kept"}, "pairs": {"STU-1": "kept"}}
    kept = eve.send("POST", "/claims/CLM-1/merge", 200, sent)
    assert (kept["outcome"], kept["topics"]) == (None, ["pain", "sleep"])
    assert answer(eve, "GET", "/claims/CLM-2").status_int == 301
    assert_is_problem(answer(eve, "GET", "/evidence/EVD-2"), 410)
    sent = {"version": kept["version"], "other_version": 2, "edit_summary": "Another dose."}
    undone = eve.send("POST", "/claims/CLM-2/unmerge", 200, sent)
    assert (undone["separate"], undone["restored"]) == ("CLM-2", ["EVD-2"])
    assert eve.send("GET", "/claims/CLM-2", 200)["outcome"] == "Pain"


def test_a_merge_names_the_versions_that_were_compared(eve: Program) -> None:
    assert_is_problem(answer(eve, "POST", "/claims/CLM-1/merge", {**MERGE, "other_version": 9}), 409)
    without = {name: value for name, value in MERGE.items() if name != "version"}
    refused = answer(eve, "POST", "/claims/CLM-1/merge", without, **{"If-Match": '"CLM-1.v7"'})
    assert_is_problem(refused, 412)
    for name, value in (("other", "CLM-99"), ("parts", {"colour": "kept"}), ("pairs", {"CLM-1": "kept"})):
        refused = answer(eve, "POST", "/claims/CLM-1/merge", {**MERGE, name: value})
        assert_is_problem(refused, 422)
        assert set(refused.json["fields"]) == {name}
    assert_is_problem(answer(eve, "POST", "/claims/CLM-1/merge", {**MERGE, "other": "CLM-1"}), 409)
    assert_is_problem(answer(eve, "GET", "/claims/CLM-1/merge"), 400)


def test_studies_are_kept_separate_until_that_is_forgotten(eve: Program) -> None:
    pair = {"first": "STU-1", "second": "STU-3"}
    eve.send("GET", "/studies/STU-1/merge-candidates", 200)
    assert eve.send("GET", "/duplicates", 200)["total"] >= 0
    made = eve.send("POST", "/duplicates/distinct", 200, {**pair, "reason": "Two trials."})
    assert (made["first"], made["second"], made["decided_by"]) == ("STU-1", "STU-3", "eve")
    assert eve.send("GET", "/duplicates/distinct", 200)["items"] == [made]
    eve.send("DELETE", f"/duplicates/distinct/{made['number']}", 204)
    assert eve.send("GET", "/duplicates/distinct", 200)["total"] == 0
    assert eve.send("POST", "/duplicates/preprint", 200, pair)["version_of_id"] == "STU-3"
    assert_is_problem(answer(eve, "POST", "/duplicates/distinct", {"first": "STU-1"}), 422)


def test_overlapping_studies_are_grouped_or_dismissed(eve: Program) -> None:
    pair = {"first": "STU-1", "second": "STU-3"}
    eve.send("POST", "/overlaps/dismissed", 204, {**pair, "reason": "Other patients."})
    eve.headers, headers = {}, eve.headers
    [dismissed] = eve.send("GET", "/overlaps/dismissed", 200)["items"]
    assert (dismissed["first"], dismissed["reason"]) == ("STU-1", "Other patients.")
    assert eve.send("GET", "/overlaps?study=STU-1", 200)["items"] == []
    assert_is_problem(answer(eve, "GET", "/overlaps?claim=CLM-99"), 404)
    eve.headers = headers
    grouped = eve.send("POST", "/overlaps/group", 200, {**pair, "group": "Liverpool"})
    assert grouped == {"group": "Liverpool", "proposals": []}
    assert eve.send("GET", "/studies/STU-3", 200)["group"] == "Liverpool"


def test_merging_needs_the_right_to_it(app: Flask, eve: Program) -> None:
    rita = Program(app, name="rita", role=Role.READER)
    pair = {"first": "STU-1", "second": "STU-3"}
    for method, path, body in (
        ("GET", "/claims/CLM-1/merge?with=CLM-2", None),
        ("GET", "/claims/CLM-1/merge-candidates", None),
        ("POST", "/claims/CLM-1/merge", MERGE),
        ("POST", "/claims/CLM-2/unmerge", {"version": 1, "other_version": 1, "edit_summary": "x"}),
        ("GET", "/duplicates", None),
        ("GET", "/duplicates/distinct", None),
        ("POST", "/duplicates/distinct", {**pair, "reason": "x"}),
        ("DELETE", "/duplicates/distinct/1", {}),
        ("POST", "/duplicates/preprint", pair),
        ("POST", "/overlaps/dismissed", {**pair, "reason": "x"}),
        ("POST", "/overlaps/group", {**pair, "group": "x"}),
    ):
        assert_is_problem(answer(rita, method, path, body), 403)
        assert_is_problem(answer(eve, method, path, body, Authorization=""), 401)
