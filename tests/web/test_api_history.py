"""History in the API: revisions, all changes, going back and restoring."""

import pytest

from claims_app.models import Claim
from tests.conftest import BY_TEST
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

CHANGE = {"version": 1, "population": "Children", "edit_summary": "More exact."}


@pytest.fixture
def changed(program: Program) -> Program:
    """A client, with a claim that was changed once."""
    answer(program, "PATCH", "/claims/CLM-1", CHANGE)
    return program


def test_the_history_of_a_record_names_each_change(changed: Program) -> None:
    page = answer(changed, "GET", "/claims/CLM-1/history?per_page=1").json
    [revision] = page["items"]
    assert (revision["record"], revision["version"], revision["action"]) == ("CLM-1", 2, "update")
    assert revision["changes"] == {"population": ["Adults", "Children"]}
    assert (revision["changed_by"], revision["via"]) == ("ada", "api")
    assert revision["edit_summary"] == "More exact."
    assert page["total"] == 4, "with those of its evidence"
    assert page["next"]


def test_one_revision_can_be_read(changed: Program) -> None:
    first = answer(changed, "GET", "/claims/CLM-1/history/1").json
    assert first["action"] == "create"
    assert first["changes"]["population"] == [None, "Adults"]
    assert_is_problem(answer(changed, "GET", "/claims/CLM-1/history/9"), 404)
    assert_is_problem(answer(changed, "GET", "/claims/CLM-9/history"), 404)


def test_all_changes_have_the_filters_of_their_page(changed: Program) -> None:
    found = answer(changed, "GET", "/changes?by=ada").json
    assert [item["record"] for item in found["items"]] == ["CLM-1"]
    assert_is_problem(answer(changed, "GET", "/changes?new=1"), 400)


def test_a_record_goes_back_to_an_earlier_version(changed: Program) -> None:
    sent = {"version": 2, "to_version": 1, "edit_summary": "A mistake."}
    back = answer(changed, "POST", "/claims/CLM-1/revert", sent)
    assert (back.status_int, back.json["population"], back.json["version"]) == (200, "Adults", 3)
    assert_is_problem(answer(changed, "POST", "/claims/CLM-1/revert", sent), 409)
    assert_is_problem(answer(changed, "POST", "/claims/CLM-1/revert", {"version": 3}), 422)


def test_a_deleted_record_is_restored_and_keeps_its_history(program: Program) -> None:
    assert_is_problem(answer(program, "POST", "/limitations/LIM-1/restore", {}), 409)
    answer(program, "DELETE", "/limitations/LIM-1", {"version": 1, "edit_summary": "A test."})
    assert answer(program, "GET", "/limitations/LIM-1/history").json["total"] == 2
    restored = answer(program, "POST", "/limitations/LIM-1/restore", {"edit_summary": "It was right."})
    assert (restored.status_int, restored.json["limitation_id"]) == (200, "LIM-1")
    assert answer(program, "GET", "/limitations/LIM-1").status_int == 200


def test_going_back_waits_for_review_where_it_is_required(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).population = "Children"
    settings = program.browser.app.extensions["claims_settings"]
    object.__setattr__(settings, "review_required", True)
    try:
        sent = {"version": 2, "to_version": 1, "edit_summary": "A mistake."}
        waits = answer(program, "POST", "/claims/CLM-1/revert", sent)
    finally:
        object.__setattr__(settings, "review_required", False)
    assert (waits.status_int, waits.json["changes"]) == (202, {"population": ["Children", "Adults"]})
