"""What all of the API has in common: problem documents, versions in headers, pages, and fields as asked."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from claims_app.models import Claim
from claims_app.web.api.operations import FIELDS, Operation
from claims_app.web.api.routes import SECTIONS
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_appraisal, make_claim
from tests.web.test_api import Program, program

__all__ = ["program"]  # the fixture

JSON = {"Content-Type": "application/json"}


def answer(program: Program, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """Send a request to the API and return the answer, whatever its status; an empty header is not sent."""
    given = {**program.headers, **({} if body is None else JSON), **headers}
    return program.browser._web.request(
        f"/api/v1{path}",
        method=method,
        body=b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={name: value for name, value in given.items() if value or name != "Authorization"},
        expect_errors=True,
    )


def assert_is_problem(found: Any, status: int | None = None) -> None:
    """Check that an answer is a problem document (RFC 9457), with the members of before."""
    assert found.content_type == "application/problem+json", found
    sent = found.json
    assert sent["status"] == found.status_int == (status or found.status_int)
    assert sent["error"] == sent["detail"]
    assert sent["title"]
    assert sent["type"] == "about:blank" or "/api/docs#" in sent["type"]
    assert sent["instance"].startswith("/api/")


def test_the_detail_of_refused_fields_is_the_first_reason(program: Program) -> None:
    refused = answer(program, "POST", "/claims", {"statement": "", "kind": "treatment", "status": "draft"})
    [error] = refused.json["errors"]
    assert refused.json["detail"] == f"statement: {error['detail']}"
    refused = answer(program, "POST", "/claims", {"statement": ""})
    assert refused.json["detail"] == f"statement: {error['detail']} (and 2 more)"


def requests() -> Iterator[tuple[Operation, str]]:
    """Yield each operation with the address of a record."""
    for operation in (each for section in SECTIONS for each in section):
        name = f"{operation.of.prefix}-1" if operation.of else ""
        path = operation.path.replace("{identifier}", name)
        yield operation, re.sub("{(version|number)}", "1", path)


def test_every_error_is_a_problem_document(program: Program) -> None:
    found = []
    for operation, path in requests():
        method = operation.method
        elsewhere = path.replace("-1", "-999")
        if method == "GET":
            found += [
                answer(program, method, path, Accept="text/html"),
                answer(program, method, f"{path}?as_of=yesterday"),
                answer(program, "PUT", path, {}),
            ]
            if FIELDS in operation.parameters:
                found.append(answer(program, method, f"{path}?fields=nonsense"))
        else:
            found += [
                answer(program, method, path, b"{"),
                answer(program, method, path, ["a list"]),
                answer(program, method, path, {"nonsense": 1}),
                answer(program, method, path, b"a=b", **{"Content-Type": "text/plain"}),
                answer(program, method, path, {}, Authorization=""),
                answer(program, method, path, {}, Authorization="Bearer wrong"),
                answer(program, method, f"{path}?as_of=2026-01-01", {}),
            ]
        if "999" in elsewhere:
            found.append(answer(program, method, elsewhere, {"version": 1, "edit_summary": "A test."}))
    found += [answer(program, "GET", "/nothing"), program.browser.get("/api/nothing", status=404)]
    for each in found:
        assert each.status_int >= 400, each.request
        assert_is_problem(each)
    assert {each.status_int for each in found} >= {400, 401, 404, 405, 406, 415, 422}


def test_a_refused_field_has_a_pointer(program: Program) -> None:
    refused = answer(
        program, "POST", "/claims", {"statement": "", "kind": "treatment", "status": "draft", "a/b": 1}
    )
    assert_is_problem(refused, 422)
    assert refused.json["errors"] == [
        {"pointer": "#/a~1b", "field": "a/b", "detail": "There is no such field."},
    ]
    refused = answer(program, "POST", "/claims", {"statement": "", "kind": "treatment", "status": "draft"})
    assert refused.json["errors"] == [
        {"pointer": "#/statement", "field": "statement", "detail": "Enter a statement."}
    ]


def test_a_wrong_token_is_challenged_and_a_wrong_method_names_the_others(program: Program) -> None:
    refused = answer(program, "GET", "/claims", Authorization="Bearer wrong")
    assert_is_problem(refused, 401)
    assert "invalid_token" in refused.headers["WWW-Authenticate"]
    refused = answer(program, "PUT", "/claims", {})
    assert_is_problem(refused, 405)
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    missing = answer(program, "POST", "/claims", {}, Authorization="")
    assert_is_problem(missing, 401)
    assert missing.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("reader", [True, False])
def test_the_tag_of_a_record_says_its_version_and_changes_with_its_level(
    program: Program, reader: bool
) -> None:
    anybody = {"Authorization": ""} if reader else {}
    tag = answer(program, "GET", "/claims/CLM-1", **anybody).headers["ETag"]
    assert tag.startswith('"CLM-1.v1:')
    assert answer(program, "GET", "/claims/CLM-1", **anybody, **{"If-None-Match": tag}).status_int == 304
    with program.browser.database.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1))
    now = answer(program, "GET", "/claims/CLM-1", **anybody, **{"If-None-Match": tag})
    assert (now.status_int, now.json["evidence_level"]) == (200, "low")
    assert now.headers["ETag"].startswith('"CLM-1.v1:')


def test_a_change_is_made_only_to_the_version_in_if_match(program: Program) -> None:
    sent = {"outcome": "Pain", "edit_summary": "More exact."}
    tag = answer(program, "GET", "/claims/CLM-1").headers["ETag"]
    assert "or send If-Match" in answer(program, "PATCH", "/claims/CLM-1", sent).json["detail"]
    changed = answer(program, "PATCH", "/claims/CLM-1", sent, **{"If-Match": tag})
    assert (changed.status_int, changed.json["version"]) == (200, 2)
    newer = changed.headers["ETag"]
    again = answer(program, "PATCH", "/claims/CLM-1", {**sent, "outcome": "Sleep"}, **{"If-Match": tag})
    assert_is_problem(again, 412)
    for wrong in (f"W/{newer}", '"CLM-2.v2:0"', '"nonsense"', '""', ","):
        assert_is_problem(answer(program, "PATCH", "/claims/CLM-1", sent, **{"If-Match": wrong}), 412)
    gone = {"edit_summary": "A test."}
    assert_is_problem(answer(program, "DELETE", "/limitations/LIM-1", gone, **{"If-Match": newer}), 412)
    tag = answer(program, "GET", "/limitations/LIM-1").headers["ETag"]
    assert answer(program, "DELETE", "/limitations/LIM-1", gone, **{"If-Match": tag}).status_int == 204


def test_a_new_record_has_the_tag_that_changes_it(program: Program) -> None:
    sent = {"statement": "Sleep is worse.", "kind": "association", "status": "active"}
    made = answer(program, "POST", "/claims", sent)
    change = {"outcome": "Sleep", "edit_summary": "More exact."}
    tag = {"If-Match": made.headers["ETag"]}
    assert answer(program, "PATCH", made.headers["Location"][7:], change, **tag).status_int == 200


@on_one_database
def test_only_the_fields_that_are_asked_for_are_sent(program: Program) -> None:
    one = answer(program, "GET", "/claims/CLM-1?fields=statement,kind").json
    assert set(one) == {"claim_id", "statement", "kind"}
    page = answer(program, "GET", "/claims?fields=kind&per_page=1").json
    assert [set(item) for item in page["items"]] == [{"claim_id", "kind"}]
    refused = answer(program, "GET", "/claims?fields=kind,colour")
    assert_is_problem(refused, 400)
    assert "“colour” is not a field" in refused.json["detail"]


@on_one_database
def test_the_header_link_leads_through_all_pages_and_back(program: Program) -> None:
    with program.browser.database.writing(BY_TEST) as session:
        for _ in range(4):
            make_claim(session)
    path, seen = "/claims?per_page=2&fields=kind&sort=newest", []
    while path:
        page = answer(program, "GET", path)
        seen += [item["claim_id"] for item in page.json["items"]]
        links = {
            name: address for address, name in re.findall('<([^>]*)>; rel="([a-z]*)"', page.headers["Link"])
        }
        assert links.get("next") == page.json["next"]
        path = links.get("next", "").removeprefix("/api/v1")
    assert seen == [f"CLM-{number}" for number in (5, 4, 3, 2, 1)]
    back = answer(program, "GET", links["prev"].removeprefix("/api/v1"))
    assert [item["claim_id"] for item in back.json["items"]] == ["CLM-3", "CLM-2"]
    assert (
        answer(program, "GET", links["first"].removeprefix("/api/v1")).json["items"][0]["claim_id"] == "CLM-5"
    )
