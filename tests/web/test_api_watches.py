"""Watches through the API: their searches, runs and results."""

import pytest
from flask import Flask

from claims_app.models import Watch, WatchRun
from claims_app.models.types import utc_now
from claims_app.rules.reference import Reference
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.vocabulary import OriginKind, Role
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_watch
from tests.web.test_api import Program, program
from tests.web.test_api_headers import answer, assert_is_problem

__all__ = ["program"]  # the fixture

pytestmark = on_one_database

SENT = {"service": "pubmed", "query": "fibromyalgia", "claim_id": "CLM-1", "state": "active"}


@pytest.fixture
def watched(program: Program) -> Program:
    """A client of a site whose WCH-1 ran once and found one paper."""
    with program.browser.database.writing(BY_TEST) as session:
        watch = make_watch(session)
        now = utc_now()
        session.add(
            WatchRun(
                watch_id=watch.id,
                service=watch.service,
                query=watch.query,
                began_at=now,
                alive_until=now,
                ended_at=now,
                since=now.date(),
                until=now.date(),
                n_found=1,
                n_new=1,
            )
        )
        origin = Origin(kind=OriginKind.WATCH, detail="WCH-1", watch_id=watch.id)
        inbox.put(session, Reference(values={"title": "A new paper"}), origin)
    return program


def test_a_watch_is_added_changed_and_deleted(program: Program) -> None:
    made = answer(program, "POST", "/watches", SENT)
    assert (made.status_int, made.json["watch_id"]) == (201, "WCH-1")
    path = made.headers["Location"][7:]
    changed = program.send("PATCH", path, 200, {"version": 1, "state": "paused"})
    assert (changed["state"], changed["query"], changed["version"]) == ("paused", "fibromyalgia", 2)
    assert_is_problem(answer(program, "PATCH", path, {"state": "active"}, **{"If-Match": '"WCH-1.v1"'}), 412)
    program.send("DELETE", path, 204, {"version": 2, "edit_summary": "Not needed."})
    assert_is_problem(answer(program, "GET", path), 410)
    assert_is_problem(answer(program, "POST", "/watches", {**SENT, "claim_id": None}), 422)


def test_everyone_reads_watches_and_their_runs(watched: Program) -> None:
    watched.headers = {}
    [watch] = watched.send("GET", "/watches?per_page=1", 200)["items"]
    assert (watch["watch_id"], watch["n_candidates"], watch["last_error"]) == ("WCH-1", 1, None)
    assert watched.send("GET", "/watches/WCH-1", 200) == watch
    assert [run["n_new"] for run in watched.send("GET", "/watches/WCH-1/runs", 200)["items"]] == [1]


def test_what_a_watch_found_is_for_those_who_see_the_inbox(app: Flask, watched: Program) -> None:
    [found] = watched.send("GET", "/watches/WCH-1/candidates", 200)["items"]
    assert (found["title"], found["origins"][0]["watch_id"]) == ("A new paper", "WCH-1")
    rita = Program(app, name="rita", role=Role.READER)
    assert_is_problem(answer(rita, "GET", "/watches/WCH-1/candidates"), 403)
    assert_is_problem(answer(rita, "POST", "/watches", SENT), 403)
    assert_is_problem(answer(watched, "GET", "/watches/WCH-1/candidates", Authorization=""), 401)


def test_a_change_of_an_accepted_watch_waits_where_review_is_required(
    watched: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = watched.browser.app.extensions["claims_settings"]
    monkeypatch.setitem(
        watched.browser.app.extensions,
        "claims_settings",
        type(settings)(**{**vars(settings), "review_required": True}),
    )
    sent = {"version": 1, "state": "paused", "edit_summary": "Too many."}
    assert watched.send("PATCH", "/watches/WCH-1", 202, sent)["record"] == "WCH-1"
    with watched.browser.database.reading() as session:
        assert session.get_one(Watch, 1).version == 1
