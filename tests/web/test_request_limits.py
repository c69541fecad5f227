"""What a request may hold: nothing that anyone can send, to any address, makes the program fail."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from claims_app.models import Claim, EvidenceItem
from claims_app.services.accounts import tokens, users
from claims_app.services.core.errors import Invalid
from claims_app.vocabulary import RecordType, Role, TokenScope
from claims_app.web.api.routes import SECTIONS
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_limitation, make_watch
from tests.fuzz.wire import Field, Request, send
from tests.support.browsing import Browser

WRITES = ("POST", "PATCH", "PUT", "DELETE")
BIG = "9" * 20
DEEP = "[" * 100_000
_IDENTIFIERS = {term.section: f"{term.prefix}-1" for term in RecordType}


def address(rule: Rule, given: str | None = None) -> str:
    """Return an address for `rule`, with `given` in place of each of its parts, or else with records that exist."""

    def part(match: re.Match[str]) -> str:
        converter, arguments, name = match.groups()
        if converter == "any":
            return str(arguments).split(",")[0].strip()
        if given is not None or converter == "int":
            return given or "1"
        section = rule.rule.removeprefix("/api/v1").split("/")[1]
        return {"username": "ada", "text_identifier": "TXT-1"}.get(name, _IDENTIFIERS.get(section, "CLM-1"))

    return re.sub(r"<(?:(\w+)(?:\((.*?)\))?:)?(\w+)>", part, rule.rule)


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield each rule of the program with each method that it knows, so that no page can be forgotten."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield rule, method


def judged(app: Flask, method: str, path: str, **what: Any) -> int:
    """Return the status with which a request is refused before its view is called, or 200."""
    # Werkzeug's own way to make a request would mend the bytes of the path.
    raw = {"PATH_INFO": unquote_to_bytes(path.partition("?")[0]).decode("latin-1")}
    with app.test_request_context(path, method=method, environ_overrides=raw, **what) as context:
        try:
            app.before_request_funcs[None][0]()
            if context.request.routing_exception is not None:
                raise context.request.routing_exception
        except HTTPException as refused:
            return refused.code or 0
        except Invalid:
            return 422
    return 200


@on_one_database
@pytest.mark.parametrize("part", ["%00", "CLM-1%00", "%ff", "%ed%a0%80"])
def test_an_address_that_is_no_text_is_no_page(app: Flask, part: str) -> None:
    for rule, method in rules(app):
        if re.search("<(?!any)", rule.rule):
            assert judged(app, method, address(rule, part)) == 404, rule


@on_one_database
@pytest.mark.parametrize("number", ["2147483648", "9223372036854775808", "9" * 5000, "-1", "٣"])
def test_a_number_that_no_record_can_have_is_no_page(app: Flask, number: str) -> None:
    for rule, method in rules(app):
        if "<int" in rule.rule:
            assert judged(app, method, address(rule, number)) in (404, 405), rule


@on_one_database
@pytest.mark.parametrize("query", ["q=%00", "%00=1", "q=%ff", "q=%ed%a0%80", "&" * 10_000])
def test_a_query_that_is_no_text_is_refused_everywhere(app: Flask, query: str) -> None:
    for rule, method in rules(app):
        assert judged(app, method, f"{address(rule)}?{query}") == 400, rule


@on_one_database
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"statement=a%00b", 422),
        (b"a%00b=statement", 422),
        (b"statement=%ff", 400),
        (b"statement=\xff", 400),
        (b"statement=%ed%a0%80", 400),
        (b"&" * 10_000, 413),
    ],
)
def test_a_form_that_is_no_text_is_refused_everywhere(app: Flask, content: bytes, status: int) -> None:
    for rule, method in rules(app):
        if method in WRITES:
            kind = "application/x-www-form-urlencoded"
            assert judged(app, method, address(rule), data=content, content_type=kind) == status, rule


@on_one_database
@pytest.mark.parametrize("name", ["a.txt", "", "a\0.txt"])
def test_a_file_sent_for_a_text_is_refused_everywhere(app: Flask, name: str) -> None:
    for rule, method in rules(app):
        if method in WRITES:
            data = {"statement": (io.BytesIO(b"text"), name)}
            assert judged(app, method, address(rule), data=data) == 422, rule


@on_one_database
def test_a_form_in_parts_that_are_no_text_is_refused(app: Flask) -> None:
    def parts(content: bytes, name: bytes = b"statement", more: bytes = b"") -> dict[str, Any]:
        body = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n--x--\r\n' % (
            name,
            more,
            content,
        )
        return {"data": body, "content_type": "multipart/form-data; boundary=x"}

    assert judged(app, "POST", "/claims/new", **parts(b"a")) == 200
    assert judged(app, "POST", "/claims/new", **parts(b"a\0b")) == 422
    assert judged(app, "POST", "/claims/new", **parts(b"a\xffb")) == 400
    assert judged(app, "POST", "/studies/import", **parts(b"a", b"file", b'; filename="a.csv"')) == 200
    assert judged(app, "POST", "/studies/import", **parts(b"a", b"file", b'; filename="a%00.csv"')) == 200
    assert judged(app, "POST", "/studies/import", **parts(b"a", b"other", b'; filename="a.csv"')) == 422


@on_one_database
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (DEEP, 400),
        ('{"statement":' * 50_000, 400),
        ('{"statement": ' + "[" * 50 + "]" * 50 + "}", 422),
        ('{"version": 1e999}', 400),
        ('{"version": NaN}', 400),
        ('{"version": -Infinity}', 400),
        (f'{{"version": {BIG}}}', 400),
        (f'{{"version": {"9" * 5000}}}', 400),
        (r'{"statement": "a\u0000b"}', 422),
        (r'{"statement": ["\ud800"]}', 422),
        (r'{"statement": {"\udc00": 1}}', 422),
        (r'{"\u0000": 1}', 422),
        ("{", 400),
        (b'{"statement": "\xff"}', 400),
        (b"\xff\xfe{", 400),
    ],
)
def test_json_that_no_field_can_hold_is_refused_everywhere(
    app: Flask, content: str | bytes, status: int
) -> None:
    for rule, method in rules(app):
        if method in WRITES and rule.rule.startswith("/api/"):
            sent = judged(app, method, address(rule), data=content, content_type="application/json")
            assert sent == status, rule


@on_one_database
def test_a_header_with_nul_is_refused(app: Flask) -> None:
    with app.test_request_context("/") as context:
        context.request.environ["HTTP_USER_AGENT"] = "a\0b"
        with pytest.raises(HTTPException):
            app.preprocess_request()


@on_one_database
@pytest.mark.parametrize(
    "cookie",
    ["claims_session=\0", "claims_session=%00", r'claims_session="\000"', "a" * 9000, "=;=;", "\xff=\xff"],
)
def test_no_cookie_makes_the_program_fail(app: Flask, cookie: str) -> None:
    answer = app.test_client().get("/login", environ_overrides={"HTTP_COOKIE": cookie})
    assert answer.status_code in (200, 400)


@on_one_database
def test_a_form_of_which_a_part_never_arrives_is_refused(app: Flask) -> None:
    answer = send(
        app, Request("POST", "/login", fields=(Field(b"username", b"ada"),), missing=1), "127.0.0.1"
    )
    assert (answer.status, answer.error) == (400, None)


@on_one_database
def test_a_host_that_is_none_is_refused_without_an_error(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = app.test_client().get("/login", headers={"Host": "a" * 9000})
    assert (answer.status_code, caplog.records) == (400, [])


class Sender:
    """Sends anything to any address as an administrator, and lists the answers that are errors of the program."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        browser = Browser(app)
        with browser.database.writing(BY_TEST) as session:
            make_limitation(session, session.get_one(EvidenceItem, 1))
            make_watch(session, session.get_one(Claim, 1))
        browser.log_in(Role.ADMIN)
        with browser.database.writing(BY_TEST) as session:
            admin = users.find_user(session, "ada")
            token = tokens.make_token(session, admin, TokenScope.WRITE, "tests", None)[1]
        self.bearer = {"Authorization": f"Bearer {token}"}
        self.client: FlaskClient = app.test_client()
        cookie = browser.cookie("claims_session")
        self.client.set_cookie("claims_session", str(cookie and cookie.value))
        self.failed: list[str] = []

    def open(self, method: str, path: str, **what: Any) -> str:
        """Send a request, and return the content of the answer."""
        with self.client.open(path, method=method, **what) as answer:
            if answer.status_code >= 500:
                self.failed.append(f"{answer.status_code} {method} {path} {str(what)[:200]}")
            return answer.get_data().decode("utf-8", "replace")


@pytest.fixture
def sender(seeded_app: Flask) -> Sender:
    """A sender to a database with records of each kind that has pages."""
    return Sender(seeded_app)


@pytest.mark.parametrize("kind", ["postgresql"])  # it is the stricter one about types
def test_no_kind_of_json_makes_the_api_fail(sender: Sender) -> None:
    headers = {**sender.bearer, "Content-Type": "application/json"}
    values = (None, True, 7, -1, 1.5, 2**31, 2**63 - 1, "", "text", [], [[]], [7], {}, {"a": 1})
    taking = [each for section in SECTIONS for each in section if each.takes is not None]
    for place, operation in enumerate(taking):
        assert operation.takes is not None
        name = f"{operation.of.prefix}-1" if operation.of else ""
        path = f"/api/v1{operation.path.replace('{identifier}', name).replace('{number}', '1')}"
        names = [field.name for field in operation.takes.fields]
        options = [field.name for field in operation.takes.options]
        # The operations share their checks, so each gets a third of the values.
        for value in values[place % 3 :: 3]:
            # Options are checked before the fields are looked at, so that wrong ones say nothing about these.
            sent = {**dict.fromkeys(names or options, value), **({"version": 1} if names else {})}
            sender.open(operation.method, path, data=json.dumps(sent), headers=headers)
        sender.open(operation.method, path, data=json.dumps(values), headers=headers)
    assert sender.failed == []


@on_one_database
def test_a_refused_form_is_shown_with_its_field_and_what_was_typed(sender: Sender) -> None:
    page = sender.open("POST", "/claims/new", data={"statement": "typed\0here", "edit_summary": "and this"})
    assert "Statement: Remove the control character U+0000" in page
    assert "and this" in page


@on_one_database
def test_a_refused_request_to_the_api_is_answered_in_json(sender: Sender) -> None:
    headers = {**sender.bearer, "Content-Type": "application/json"}

    def error(method: str, path: str, **what: Any) -> str:
        return str(json.loads(sender.open(method, path, headers=headers, **what))["error"])

    assert error("POST", "/api/v1/claims", data=DEEP).endswith("it is nested too deeply.")
    assert error("POST", "/api/v1/claims", data='{"kind":\n}').endswith("this is not JSON in UTF-8 (line 2).")
    assert error("GET", "/api/v1/nowhere") == "There is nothing at this address of the API."
    assert "Allow" in error("POST", "/api/v1/claims/CLM-1")
