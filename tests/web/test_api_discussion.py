"""Comments, mentions, flags and reports through the API, and what of them stays hidden."""

import pytest
from flask import Flask

from claims_app.models import Claim
from claims_app.services.discussion import reports
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_one_database
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

pytestmark = on_one_database


@pytest.fixture
def eve(app: Flask, program: Program) -> Program:
    """The client of an editor."""
    return Program(app, name="eve", role=Role.EDITOR)


def test_comments_are_read_by_everyone_page_by_page(program: Program) -> None:
    for path in ("/claims/CLM-1", "/evidence/EVD-1", "/claims/CLM-1"):
        made = answer(program, "POST", f"{path}/comments", {"text": "A question."})
        assert made.status_int == 201
        assert answer(program, "GET", made.headers["Location"][7:]).json == made.json
    program.headers = {}
    first = program.send("GET", "/claims/CLM-1/comments?per_page=2", 200)
    assert (first["total"], [one["record"] for one in first["items"]]) == (3, ["CLM-1", "EVD-1"])
    rest = program.browser.get(first["next"]).json
    assert [one["number"] for one in rest["items"]] == [3]
    assert program.send("GET", "/evidence/EVD-1/comments", 200)["total"] == 1
    assert_is_problem(answer(program, "POST", "/claims/CLM-1/comments", {"text": "x"}), 401)


def test_a_withdrawn_and_a_hidden_comment_have_no_text(program: Program, eve: Program) -> None:
    for text in ("Withdrawn words.", "Hidden words, @eve."):
        program.send("POST", "/claims/CLM-1/comments", 201, {"text": text})
    assert_is_problem(answer(eve, "POST", "/comments/1/withdraw"), 403)
    assert_is_problem(answer(program, "POST", "/comments/2/hide", {"hidden_reason": "Why."}), 403)
    assert_is_problem(answer(eve, "POST", "/comments/2/hide", {}), 422)
    assert program.send("POST", "/comments/1/withdraw", 200)["text"] is None
    assert eve.send("POST", "/comments/2/hide", 200, {"hidden_reason": "Why."})["hidden_by"] == "eve"
    for path in ("/claims/CLM-1/comments", "/comments/1", "/comments/2", "/mentions"):
        assert "words" not in answer(eve, "GET", path).text
    assert_is_problem(answer(program, "POST", "/comments/1/withdraw"), 409)


def test_mentions_are_those_of_the_account_until_they_are_read(program: Program, eve: Program) -> None:
    program.send("POST", "/claims/CLM-1/comments", 201, {"text": "What do you think, @eve?"})
    assert program.send("GET", "/mentions", 200)["total"] == 0
    [mention] = eve.send("GET", "/mentions", 200)["items"]
    assert (mention["author"], mention["record"], mention["read_at"]) == ("ada", "CLM-1", None)
    eve.send("POST", "/mentions/read", 204, {"up_to": mention["number"]})
    assert eve.send("GET", "/mentions", 200)["items"][0]["read_at"] is not None
    assert_is_problem(answer(eve, "POST", "/mentions/read", {}), 422)


def test_a_flag_is_open_until_it_is_resolved_or_withdrawn(program: Program, eve: Program) -> None:
    sent = {"kind": "unclear", "text": "Which group?"}
    assert program.send("POST", "/evidence/EVD-1/flags", 201, sent)["record"] == "EVD-1"
    program.send("POST", "/claims/CLM-1/flags", 201, sent)
    assert_is_problem(answer(program, "POST", "/claims/CLM-1/flags", sent), 409)
    assert_is_problem(answer(program, "POST", "/flags/1/resolve", {"resolution": "Done."}), 403)
    assert_is_problem(answer(eve, "POST", "/flags/2/withdraw"), 403)
    assert eve.send("POST", "/flags/1/resolve", 200, {"resolution": "Done."})["closed_by"] == "eve"
    assert program.send("POST", "/flags/2/withdraw", 200)["resolution"] is None
    found = program.send("GET", "/claims/CLM-1/flags", 200)["items"]
    assert [(flag["number"], flag["resolution"]) for flag in found] == [(1, "Done.")]


def test_reports_are_decided_on_by_editors_and_seen_by_nobody_else(program: Program, eve: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        for text in ("It is wrong.", "Buy this."):
            claim = session.get_one(Claim, 1)
            reports.report(session, claim, {"text": text, "contact": "Jane"}, "127.0.0.1")
    for method, path in (("GET", ""), ("POST", "/1/accept"), ("POST", "/1/dismiss")):
        body = {"/1/accept": {"kind": "other"}, "/1/dismiss": {"dismissal": "No."}}.get(path)
        assert_is_problem(answer(program, method, f"/reports{path}", body), 403)
    assert [one["contact"] for one in eve.send("GET", "/reports", 200)["items"]] == ["Jane", "Jane"]
    flag = eve.send("POST", "/reports/1/accept", 200, {"kind": "other"})
    assert (flag["text"], flag["author"]) == ("It is wrong.", None)
    assert eve.send("POST", "/reports/2/dismiss", 200, {"dismissal": "No."})["decided_by"] == "eve"
    assert_is_problem(answer(eve, "POST", "/reports/2/accept", {"kind": "other"}), 409)
