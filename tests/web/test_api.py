"""The JSON API: reading the columns of the files, and writing with the rules and rights of the forms."""

import datetime
import json
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from claims_app.models import Claim, Revision
from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import Role, TokenScope, Via
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import ANSWERS, make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.services.deduplication.test_merging import merge
from tests.support.browsing import Browser, add_account


class Program:
    """An API client with a token of an account."""

    def __init__(
        self,
        app: Flask,
        scope: TokenScope | None = TokenScope.WRITE,
        name: str = "ada",
        role: Role = Role.CURATOR,
    ) -> None:
        self.browser = Browser(app)
        add_account(self.browser.database, name, role)
        self.headers = {}
        if scope:
            with self.browser.database.writing(BY_TEST) as session:
                user = users.find_user(session, name)
                text = tokens.make_token(session, user, scope, "tests", None)[1]
            self.headers = {"Authorization": f"Bearer {text}"}

    def send(self, method: str, path: str, status: int, sent: Any = None) -> Any:
        """Send a request to the API and return the JSON response."""
        answer = self.browser._web.request(
            f"/api/v1{path}",
            method=method,
            body=b"" if sent is None else json.dumps(sent).encode(),
            headers={**self.headers, **({} if sent is None else {"Content-Type": "application/json"})},
            status=status,
        )
        return answer.json if answer.body else None


@pytest.fixture
def program(app: Flask) -> Program:
    """An API client with write access; CLM-1 has EVD-1 with LIM-1."""
    made = Program(app)
    with made.browser.database.writing(BY_TEST) as session:
        claim = make_claim(session, topics=["pain"], population="Adults")
        make_limitation(session, make_evidence(session, claim, make_study(session, design="cohort")))
    return made


def test_a_record_has_the_columns_of_its_file(program: Program) -> None:
    found = program.send("GET", "/claims/CLM-1", 200)
    header = program.browser.get("/claims.csv").text.split("\r\n")[0].split(",")
    assert set(found) == {*header, "review_state"}
    assert (found["claim_id"], found["n_supporting"], found["topics"]) == ("CLM-1", 1, ["pain"])
    assert (found["evidence_level"], found["version"]) == ("not_assessed", 1)


@on_both_databases
@pytest.mark.parametrize(
    ("path", "identifier"),
    [("/studies", "STU-1"), ("/evidence", "EVD-1"), ("/limitations", "LIM-1"), ("/claims", "CLM-1")],
)
def test_a_list_has_a_total_and_items_without_any_account(
    program: Program, path: str, identifier: str
) -> None:
    program.headers = {}
    found = program.send("GET", path, 200)
    assert (found["total"], found["next"]) == (1, None)
    assert identifier in found["items"][0].values()
    assert program.send("GET", f"{path}/{identifier}", 200) == found["items"][0]


def test_a_list_has_the_filters_and_pages_of_its_page(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        for _ in range(3):
            make_claim(session, kind="mechanism")
    found = program.send("GET", "/claims?kind=mechanism&per_page=2", 200)
    assert found["total"] == 3
    rest = program.browser.get(found["next"]).json
    assert [item["claim_id"] for item in found["items"] + rest["items"]] == ["CLM-2", "CLM-3", "CLM-4"]
    assert "is not a filter" in program.send("GET", "/claims?nonsense=1", 400)["error"]


@on_both_databases
@pytest.mark.parametrize("path", ["/claims", "/evidence", "/limitations", "/appraisals"])
def test_a_filter_by_flags_works_in_each_list(program: Program, path: str) -> None:
    assert program.send("GET", f"{path}?needs=attention&direction=supports", 200)["total"] == 0


def test_a_claim_is_made_changed_and_deleted(program: Program) -> None:
    made = program.send(
        "POST", "/claims", 201, {"statement": "Sleep is worse.", "kind": "association", "status": "active"}
    )
    assert made["claim_id"] == "CLM-2"
    changed = program.send(
        "PATCH", "/claims/CLM-2", 200, {"version": 1, "outcome": "Sleep", "edit_summary": "What it is about."}
    )
    assert (changed["outcome"], changed["statement"], changed["version"]) == ("Sleep", "Sleep is worse.", 2)
    assert program.send("DELETE", "/claims/CLM-2", 422, {"version": 2})["fields"]["edit_summary"]
    assert program.send("DELETE", "/claims/CLM-2", 204, {"version": 2, "edit_summary": "A test."}) is None
    assert "was deleted" in program.send("GET", "/claims/CLM-2", 410)["error"]
    with program.browser.database.reading() as session:
        by_program = select(Revision.action).where(Revision.via == Via.API).order_by(Revision.id)
        assert session.scalars(by_program).all() == ["create", "update", "delete"]


def test_an_answer_shows_what_was_committed_levels_included(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1))
    assert program.send("GET", "/claims/CLM-1", 200)["level_state"] == "current"
    sent = {"version": 1, "kind": "mechanism", "edit_summary": "It is about a mechanism."}
    changed = program.send("PATCH", "/claims/CLM-1", 200, sent)
    assert changed["level_state"] == "stale"
    assert changed == program.send("GET", "/claims/CLM-1", 200)


@pytest.mark.parametrize("reason", ["x" * 501, "a\x07b", "a\x00b", "\ud800", 7, ["a"]])
def test_a_reason_is_checked_as_in_the_forms(program: Program, reason: object) -> None:
    sent = {"version": 1, "outcome": "Pain", "edit_summary": reason}
    assert program.send("PATCH", "/claims/CLM-1", 422, sent)["fields"]["edit_summary"]
    sent = {"statement": "Sleep is worse.", "kind": "association", "status": "active", "edit_summary": reason}
    assert program.send("POST", "/claims", 422, sent)["fields"]["edit_summary"]
    assert program.send("DELETE", "/limitations/LIM-1", 422, {"version": 1, "edit_summary": reason})["fields"]


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("/claims", {"statement": "Sleep is much worse.", "kind": "association", "status": "active"}),
        (
            "/studies",
            {
                "title": "A trial of sleep",
                "authors": ["Doe, A"],
                "year": 2020,
                "publication_state": "published",
                "standing": "current",
            },
        ),
    ],
)
def test_a_record_like_another_one_needs_a_confirmation(
    program: Program, address: str, sent: dict[str, object]
) -> None:
    program.send("POST", address, 201, sent)
    error = program.send("POST", address, 409, sent)["error"]
    assert "This looks like" in error
    assert "duplicate_is_meant" in error
    program.send("POST", address, 201, {**sent, "duplicate_is_meant": True})


def test_evidence_a_limitation_and_an_appraisal_are_made(program: Program) -> None:
    sent = {"study_id": "STU-1", "direction": "null", "directness": "direct", "risk_of_bias": "low"}
    sent |= {"summary": "No difference in IgG.", "n_cases": 40}  # type: ignore[dict-item]
    assert "already linked" in program.send("POST", "/claims/CLM-1/evidence", 409, sent)["error"]
    sent["duplicate_is_meant"] = True  # type: ignore[assignment]
    assert program.send("POST", "/claims/CLM-1/evidence", 201, sent)["evidence_id"] == "EVD-2"
    weak = {"kind": "small_sample", "text": "Few people."}
    assert program.send("POST", "/evidence/EVD-2/limitations", 201, weak)["evidence_id"] == "EVD-2"
    assert "conclusion" in program.send("POST", "/claims/CLM-1/appraisals", 422, {})["fields"]
    made = program.send("POST", "/claims/CLM-1/appraisals", 201, ANSWERS)
    assert (made["appraisal_id"], made["conclusion"], made["level"]) == ("APR-1", "supported", "low")
    claim = program.send("GET", "/claims/CLM-1", 200)
    assert (claim["conclusion"], claim["evidence_level"]) == ("supported", "low")


def test_errors_are_given_for_each_field(program: Program) -> None:
    refused = program.send("POST", "/claims", 422, {"statement": "", "kind": "nonsense"})
    assert set(refused["fields"]) >= {"statement", "kind"}
    unknown = program.send("POST", "/claims", 422, {"statment": "x"})
    assert unknown["fields"] == {"statment": ["There is no such field."]}


def test_editing_an_outdated_version_is_a_conflict(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        session.get_one(Claim, 1).outcome = "Pain"
    assert "Someone changed" in program.send("PATCH", "/claims/CLM-1", 409, {"version": 1})["error"]
    assert "version" in program.send("PATCH", "/claims/CLM-1", 422, {"outcome": "Pain"})["fields"]


@pytest.mark.parametrize("sent", [None, [], "text", 7])
def test_anything_but_an_object_is_rejected(program: Program, sent: Any) -> None:
    assert "JSON object" in program.send("POST", "/claims", 400, sent)["error"]


def test_without_a_token_nothing_is_written(app: Flask) -> None:
    stranger = Program(app, None)
    assert "needs an API token" in stranger.send("POST", "/claims", 401, {})["error"]
    stranger.browser.log_in()
    assert "needs an API token" in stranger.send("POST", "/claims", 401, {})["error"]


def test_a_read_only_token_writes_nothing(app: Flask) -> None:
    assert "is read-only" in Program(app, TokenScope.READ).send("POST", "/claims", 403, {})["error"]


def test_a_change_that_needs_review_answers_with_the_proposal(reviewed_app: Flask) -> None:
    program = Program(reviewed_app)
    with program.browser.database.writing(BY_TEST) as session:
        make_claim(session)
    sent = {"version": 1, "outcome": "Pain", "edit_summary": "More exact."}
    waits = program.send("PATCH", "/claims/CLM-1", 202, sent)
    assert (waits["proposal_id"], waits["changes"]) == ("PRO-1", {"outcome": [None, "Pain"]})
    made = program.send(
        "POST", "/studies", 201, {"title": "T", "publication_state": "published", "standing": "current"}
    )
    assert made["review_state"] == "submitted"


def test_unknown_addresses_answer_with_json(program: Program) -> None:
    assert "error" in program.send("GET", "/claims/CLM-99", 404)
    assert "error" in program.send("GET", "/nothing", 404)


def test_a_merged_record_redirects_to_the_kept_one_and_takes_no_change(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        make_claim(session)
    merge(program.browser.database, "CLM-1", "CLM-2")
    leads = program.browser.get("/api/v1/claims/CLM-2", status=301)
    assert leads.location.endswith("/api/v1/claims/CLM-1")
    sent = {"version": 1, "outcome": "levels", "edit_summary": "why"}
    refused = program.send("PATCH", "/claims/CLM-2", 409, sent)
    assert refused["error"] == "CLM-2 was merged into CLM-1. Nothing was saved."


def test_dates_and_times_are_iso_8601_as_in_the_files(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        make_study(session, standing="retracted", standing_date=datetime.date(2024, 2, 29))
    found = program.send("GET", "/studies/STU-2", 200)
    assert found["standing_date"] == "2024-02-29"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", found["created_at"])
    assert found["created_at"] in program.browser.get("/studies.csv").text


def test_an_outdated_version_is_explained_without_a_page(program: Program) -> None:
    sent = {"version": 7, "outcome": "Pain", "edit_summary": "A test."}
    assert "Read it again" in program.send("PATCH", "/claims/CLM-1", 409, sent)["error"]
