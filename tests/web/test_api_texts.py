"""Texts of studies and checks of quotes through the API; no text but an abstract is ever sent."""

import hashlib

import pytest
from flask import Flask

from claims_app.vocabulary import Role
from tests.conftest import on_one_database
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

pytestmark = on_one_database

TEXT = "Pain was lower after twelve weeks in the group with vitamin D."
QUOTE = "lower after twelve weeks"


@pytest.fixture
def quoting(program: Program) -> Program:
    """A client of a site where EVD-1 quotes STU-1."""
    program.send("PATCH", "/evidence/EVD-1", 200, {"version": 1, "quote": QUOTE})
    return program


def test_an_attached_text_is_known_by_its_length_and_digest_only(quoting: Program) -> None:
    made = answer(quoting, "POST", "/studies/STU-1/texts", {"label": "full text", "content": TEXT})
    assert (made.status_int, made.json["text_id"]) == (201, "TXT-1")
    assert (made.json["length"], made.json["sha256"]) == (
        len(TEXT),
        hashlib.sha256(TEXT.encode()).hexdigest(),
    )
    for path in ("/studies/STU-1/texts", made.headers["Location"][7:], "/texts/TXT-1/history"):
        assert "twelve weeks" not in answer(quoting, "GET", path).text
    assert quoting.send("GET", "/evidence/EVD-1", 200)["quote_check"] == "verified"
    refused = answer(quoting, "POST", "/studies/STU-1/texts", {"label": "again", "content": TEXT})
    assert_is_problem(refused, 422)


def test_an_abstract_is_sent_to_everyone(quoting: Program) -> None:
    quoting.send("POST", "/studies/STU-1/texts", 201, {"label": "Abstract", "content": TEXT})
    quoting.headers = {}
    assert quoting.send("GET", "/texts/TXT-1", 200)["content"] == TEXT
    [listed] = quoting.send("GET", "/studies/STU-1/texts", 200)["items"]
    assert (listed["label"], listed["content"]) == ("Abstract", None)


def test_a_deleted_text_no_longer_proves_quotes(quoting: Program) -> None:
    quoting.send("POST", "/studies/STU-1/texts", 201, {"label": "full text", "content": TEXT})
    tag = answer(quoting, "GET", "/texts/TXT-1").headers["ETag"]
    reason = {"edit_summary": "It may not be stored."}
    assert answer(quoting, "DELETE", "/texts/TXT-1", reason, **{"If-Match": tag}).status_int == 204
    assert_is_problem(answer(quoting, "GET", "/texts/TXT-1"), 410)
    assert quoting.send("GET", "/evidence/EVD-1", 200)["quote_check"] != "verified"


def test_quotes_are_checked_against_a_text_that_is_not_kept(quoting: Program) -> None:
    checked = quoting.send("POST", "/studies/STU-1/quotes/check", 200, {"content": TEXT})
    assert (checked["n_found"], checked["length"]) == (1, len(TEXT))
    assert checked["quotes"] == [{"record": "EVD-1", "quote": QUOTE, "outcome": "verified"}]
    [found] = quoting.send("GET", "/studies/STU-1/quotes", 200)["items"]
    assert (found["text_sha256"], found["checked_by"], found["is_stale"]) == (checked["sha256"], "ada", 0)
    assert quoting.send("GET", "/studies/STU-1/texts", 200)["total"] == 0
    assert_is_problem(answer(quoting, "POST", "/studies/STU-1/quotes/check", {"content": ""}), 422)


def test_a_standing_is_taken_over_only_from_a_notice(quoting: Program) -> None:
    assert_is_problem(answer(quoting, "POST", "/studies/STU-1/standing", {"version": 1}), 409)


def test_readers_attach_delete_and_check_nothing(app: Flask, quoting: Program) -> None:
    quoting.send("POST", "/studies/STU-1/texts", 201, {"label": "full text", "content": TEXT})
    rita = Program(app, name="rita", role=Role.READER)
    for method, path, body in (
        ("POST", "/studies/STU-1/texts", {"label": "abstract", "content": "Other words."}),
        ("DELETE", "/texts/TXT-1", {"version": 1, "edit_summary": "No."}),
        ("GET", "/studies/STU-1/quotes", None),
        ("POST", "/studies/STU-1/quotes/check", {"content": TEXT}),
        ("POST", "/studies/STU-1/standing", {"version": 1}),
    ):
        assert_is_problem(answer(rita, method, path, body), 403)
        assert_is_problem(answer(quoting, method, path, body, Authorization=""), 401)
