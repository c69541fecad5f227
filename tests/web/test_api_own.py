"""Saved views and drafts of forms through the API: each account sees its own."""

from flask import Flask

from claims_app.services.accounts import users
from claims_app.services.forms import drafts
from tests.conftest import BY_TEST, on_one_database
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

pytestmark = on_one_database

VIEW = {"name": "Low", "section": "claims", "query": "level=low&sort=newest"}


def test_a_view_is_saved_renamed_and_deleted_by_its_author(app: Flask, program: Program) -> None:
    made = program.send("POST", "/views", 201, VIEW)
    assert {name: made[name] for name in VIEW} == VIEW
    assert_is_problem(answer(program, "POST", "/views", VIEW), 422)
    refused = answer(program, "POST", "/views", {**VIEW, "name": "B", "query": "colour=red"})
    assert set(refused.json["fields"]) == {"query"}
    bob = Program(app, name="bob")
    assert bob.send("GET", "/views", 200)["total"] == 0
    assert_is_problem(answer(bob, "PATCH", "/views/1", {"name": "Mine"}), 404)
    assert_is_problem(answer(bob, "DELETE", "/views/1"), 404)
    assert program.send("PATCH", "/views/1", 200, {"name": "To do"})["name"] == "To do"
    program.send("DELETE", "/views/1", 204)
    assert program.send("GET", "/views", 200)["items"] == []


def test_a_draft_of_a_form_is_seen_and_discarded_by_its_author_only(app: Flask, program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        ada = users.find_user(session, "ada")
        drafts.keep(session, ada.id, "/claims/new", "New claim", {"statement": ["Secret"]}, None)
    bob = Program(app, name="bob")
    assert bob.send("GET", "/drafts", 200)["total"] == 0
    assert_is_problem(answer(bob, "DELETE", "/drafts/1"), 404)
    [draft] = program.send("GET", "/drafts", 200)["items"]
    assert (draft["label"], draft["content"]) == ("New claim", {"statement": ["Secret"]})
    program.send("DELETE", "/drafts/1", 204)
    assert_is_problem(answer(program, "GET", "/drafts", Authorization=""), 401)
