"""Adding many records in one request to the API."""

from typing import Any

import pytest

from claims_app.web.api import bodies
from tests.conftest import on_both_databases
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem
from tests.web.test_api_saving import number_of_claims

__all__ = ["program"]  # the fixture

GOOD, OTHER = (
    {"statement": f"{what} lowers pain.", "kind": "treatment", "status": "draft"}
    for what in ("Magnesium", "Zinc")
)
BAD = {"statement": "", "kind": "treatment", "status": "draft"}


def pointers(problem: Any) -> list[str]:
    return [error["pointer"] for error in problem["errors"]]


@on_both_databases
def test_all_are_added_in_one_transaction(program: Program) -> None:
    made = answer(program, "POST", "/claims/bulk", {"items": [GOOD, OTHER], "edit_summary": "From a table."})
    assert (made.status_int, made.json["created"], made.json["refused"]) == (201, 2, 0)
    assert [result["id"] for result in made.json["results"]] == ["CLM-2", "CLM-3"]
    [first, second] = answer(program, "GET", "/changes?record=claim&per_page=2").json["items"]
    assert first["changed_at"] == second["changed_at"]
    assert first["edit_summary"] == "From a table."


@on_both_databases
def test_one_refused_item_ends_an_atomic_request(program: Program) -> None:
    refused = answer(program, "POST", "/claims/bulk", {"items": [GOOD, BAD]})
    assert_is_problem(refused, 422)
    assert pointers(refused.json) == ["#/items/1/statement"]
    assert refused.json["detail"].startswith("items/1: statement: ")
    assert number_of_claims(program) == 1


@on_both_databases
def test_others_are_added_besides_refused_items_if_asked_for(program: Program) -> None:
    sent = {"atomic": False, "items": [GOOD, BAD, {**GOOD, "topics": ["sleep"]}, "text", OTHER]}
    made = answer(program, "POST", "/claims/bulk", sent)
    assert (made.status_int, made.json["created"], made.json["refused"]) == (200, 2, 3)
    assert [result["status"] for result in made.json["results"]] == [201, 422, 409, 422, 201]
    wrong, alike, text = (made.json["results"][index]["problem"] for index in (1, 2, 3))
    assert pointers(wrong) == ["#/items/1/statement"]
    assert "looks like CLM-2" in alike["detail"]
    assert pointers(alike) == ["#/items/2"]
    assert pointers(text) == ["#/items/3"]
    assert answer(program, "GET", "/topics/sleep").status_int == 404, "nothing of a refused item is saved"
    assert number_of_claims(program) == 3


def test_it_is_carried_out_once_with_a_key(program: Program) -> None:
    sent = {"atomic": False, "items": [GOOD, BAD]}
    key = {"Idempotency-Key": "a-key"}
    first, again = (answer(program, "POST", "/claims/bulk", sent, **key) for _ in range(2))
    assert again.json == first.json
    assert number_of_claims(program) == 2


@pytest.mark.parametrize(
    ("path", "item"),
    [
        ("/studies", {"title": "A trial", "publication_state": "published", "standing": "current"}),
        (
            "/evidence",
            {
                "claim_id": "CLM-1",
                "study_id": "STU-1",
                "direction": "supports",
                "directness": "direct",
                "risk_of_bias": "low",
                "summary": "Lower.",
                "duplicate_is_meant": True,
            },
        ),
        ("/limitations", {"evidence_id": "EVD-1", "kind": "other", "text": "Weak."}),
    ],
)
def test_each_kind_of_record_can_be_added_in_bulk(
    program: Program, path: str, item: dict[str, object]
) -> None:
    made = answer(program, "POST", f"{path}/bulk", {"items": [item]})
    assert made.status_int == 201, made.json
    location = made.json["results"][0]["location"].removeprefix("/api/v1")
    assert answer(program, "GET", location).status_int == 200


def test_a_limitation_belongs_to_one_record(program: Program) -> None:
    item = {"kind": "other", "text": "Weak.", "claim_id": "CLM-1", "evidence_id": "EVD-1"}
    refused = answer(program, "POST", "/limitations/bulk", {"items": [item]})
    assert pointers(refused.json) == ["#/items/0/claim_id"]


@pytest.mark.parametrize("items", [None, [], {}, "text", [GOOD] * 3])
def test_the_number_of_items_is_limited(
    program: Program, items: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "MOST_ITEMS", 2)
    assert_is_problem(answer(program, "POST", "/claims/bulk", {"items": items}), 422)


def test_without_permission_nothing_is_added(program: Program) -> None:
    assert_is_problem(answer(program, "POST", "/claims/bulk", {"items": [GOOD]}, Authorization=""), 401)
