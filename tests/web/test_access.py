"""Access: login, logout, roles, forged forms, and the headers of every response."""

import itertools
import re
from pathlib import Path

import pytest
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from werkzeug.routing import Rule

from claims_app.database import Change
from claims_app.services.accounts import users
from claims_app.services.records import topics
from claims_app.vocabulary import Role, Via
from tests.conftest import BY_TEST, OpenSite, on_both_databases, on_one_database
from tests.factories import make_claim, make_evidence, make_limitation, make_watch, make_webhook
from tests.support.addresses import address
from tests.support.browsing import PASSWORD, Browser, add_account, errors

TEMPLATES = Path(__file__).parents[2] / "claims_app" / "templates"
OPEN_TO_ALL = {"auth.login", "auth.logout", "auth.forgot", "auth.reset", "reports.report"}
READ_BY_ALL = {"history.show", "review.show"}
"""Blueprints with pages for everyone and forms for some."""

FOR_EVERY_ACCOUNT = {"history", "account", "orcid", "drafts", "views"}
"""Blueprints in which some views need an account of any role."""


def written_to(app: Flask) -> list[Rule]:
    """Return the rules that accept a form; for the API, see `test_api`."""
    rules = (rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ()))
    return [
        rule for rule in rules if rule.endpoint not in OPEN_TO_ALL and not rule.endpoint.startswith("api.")
    ]


def forms_of(app: Flask) -> list[Rule]:
    """Return the rules that also show a form; the others are buttons on another page."""
    rules = (rule for rule in written_to(app) if "GET" in (rule.methods or ()))
    return [rule for rule in rules if rule.endpoint not in READ_BY_ALL]


def is_for_every_account(rule: Rule) -> bool:
    """Return whether an account of any role is enough."""
    blueprint, name = rule.endpoint.split(".")
    if blueprint == "discussion":
        return name not in ("hide", "resolve")
    return blueprint in FOR_EVERY_ACCOUNT and (blueprint != "history" or name == "look")


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """A database with one record of each type, and a webhook."""
    with browser.database.writing(BY_TEST) as session:
        item = make_evidence(session)
        make_limitation(session, item)
        make_watch(session, item.claim)
        make_webhook(session)
        topics.create_topic(session, {"slug": "pain", "name": "Pain"})
    return browser


def test_there_are_addresses_that_take_forms(app: Flask) -> None:
    assert len(written_to(app)) >= 12


@on_one_database
def test_no_form_is_shown_without_login(filled: Browser) -> None:
    for rule in forms_of(filled.app):
        # Pages of ORCID are on the way to a session, so nobody is led back to them.
        login = "/login" if rule.endpoint.startswith("orcid.") else "/login?next="
        assert login in filled.get(address(rule), status=303).location, rule


@on_one_database
def test_a_form_without_a_session_is_rejected(filled: Browser) -> None:
    for rule in written_to(filled.app):
        page = filled.post(address(rule), {"statement": "typed"}, status=403)
        assert "You are not logged in" in page.text, rule
        assert "typed" in page.text


@on_one_database
def test_a_reader_reaches_no_form(filled: Browser) -> None:
    filled.log_in(Role.READER, "rita")
    for rule in forms_of(filled.app):
        if is_for_every_account(rule):
            continue
        assert "A reader cannot" in filled.get(address(rule), status=403).text, rule


@on_one_database
def test_a_reader_sends_nothing(filled: Browser) -> None:
    filled.log_in(Role.READER, "rita")
    token = filled.get("/").forms["logout"]["csrf_token"].value
    for rule in written_to(filled.app):
        if is_for_every_account(rule):
            continue
        page = filled.post(address(rule), {"csrf_token": token}, status=403)
        assert "A reader cannot" in page.text, rule


@on_one_database
def test_a_forged_form_is_rejected(filled: Browser) -> None:
    filled.log_in()
    for rule in written_to(filled.app):
        page = filled.post(address(rule), {"statement": "forged", "csrf_token": "guessed"}, status=400)
        assert "nothing was saved" in page.text, rule


def test_login_returns_to_the_requested_page(browser: Browser) -> None:
    add_account(browser.database, "ada", Role.CURATOR)
    form = browser.get("/claims/new", status=303).follow().forms["login"]
    form["username"], form["password"] = "Ada ", PASSWORD
    assert form.submit(status=303).location.endswith("/claims/new")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/[evil"]
)
def test_login_never_redirects_to_another_site(browser: Browser, elsewhere: str) -> None:
    add_account(browser.database, "ada", Role.CURATOR)
    form = browser.get("/login", params={"next": elsewhere}).forms["login"]
    form["username"], form["password"] = "ada", PASSWORD
    assert "evil" not in form.submit(status=303).location


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("nobody", PASSWORD)])
def test_a_wrong_user_name_or_password_is_rejected(browser: Browser, name: str, password: str) -> None:
    add_account(browser.database, "ada", Role.CURATOR)
    assert "Wrong user name or password" in browser.try_log_in(name, password, 422).text
    browser.get("/claims/new", status=303)


def test_a_new_password_ends_the_sessions_of_the_old_one(browser: Browser) -> None:
    browser.log_in()
    with browser.database.writing(Change(via=Via.COMMAND)) as session:
        users.set_password(session, "ada", "another password")
    browser.get("/claims/new", status=303)


def test_a_disabled_account_is_logged_out_at_once_and_stays_in_the_history(browser: Browser) -> None:
    browser.log_in()
    form = browser.form("/claims/new")
    form["statement"], form["kind"] = "By Ada", "mechanism"
    form.submit(status=303)
    with browser.database.writing(Change(via=Via.COMMAND)) as session:
        users.disable_user(session, "ada")
    browser.get("/claims/new", status=303)
    assert "ada" in browser.get("/claims/CLM-1").text
    assert "Wrong user name or password" in browser.try_log_in("ada", PASSWORD, 422).text


def test_a_cookie_from_before_the_login_is_invalid_after_it(browser: Browser) -> None:
    browser.get("/login")
    before = browser._web.cookies["claims_session"]
    browser.log_in()
    assert browser._web.cookies["claims_session"] != before
    thief = Browser(browser.app)
    thief._web.set_cookie("claims_session", before)
    thief.get("/claims/new", status=303)


@on_one_database
def test_every_answer_carries_the_security_headers(filled: Browser) -> None:
    for where, status in (
        ("/", 200),
        ("/claims/CLM-9", 404),
        ("/claims.csv", 200),
        ("/static/style.css", 200),
    ):
        headers = filled.get(where, status=status).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "charset=utf-8" in headers["Content-Type"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_with_https_browsers_use_nothing_else(open_site: OpenSite) -> None:
    headers = open_site(base_url="https://claims.example.org").get("/").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_no_browser_keeps_a_page_of_an_account(browser: Browser) -> None:
    browser.log_in(Role.ADMIN, "boss")
    for where in ("/account", "/account/password", "/users", "/users/boss", "/webhooks", "/login"):
        assert browser.get(where).headers["Cache-Control"] == "no-store", where


@pytest.mark.parametrize(("page", "form"), [("/", "logout"), ("/account", "end-all")])
def test_after_logging_out_the_browser_keeps_nothing(browser: Browser, page: str, form: str) -> None:
    answer = browser.log_in().get(page).forms[form].submit(status=303)
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'


def test_methods_of_no_use_are_refused(browser: Browser) -> None:
    answer = browser._web.request("/", method="TRACE", status="*", headers={"X-Secret": "echoed"})
    assert answer.status_code == 405
    assert "echoed" not in answer.text


@pytest.mark.parametrize(
    ("lines", "error", "length"),
    [
        ([b"Content-Length: 5", b"Content-Length: 6"], True, None),
        ([b"Content-Length: 5, 6"], True, None),
        ([b"Content-Length: +5"], True, None),
        ([b"Transfer-Encoding: xchunked"], True, None),
        ([b"Transfer-Encoding : chunked"], True, None),
        ([b"Content-Length: 5", b"Transfer-Encoding: chunked"], False, 0),
        ([b"Content-Length: 5"], False, 5),
    ],
)
def test_the_end_of_a_request_is_never_in_doubt(lines: list[bytes], error: bool, length: int | None) -> None:
    parser = HTTPRequestParser(Adjustments())
    parser.received(b"\r\n".join([b"POST / HTTP/1.1", b"Host: here", *lines, b"", b""]))
    assert (parser.error is not None) is error
    assert length is None or parser.content_length == length


def test_the_host_that_a_visitor_names_is_in_no_page(browser: Browser) -> None:
    for where in ("/", "/claims", "/login", "/feed.atom", "/sitemap.xml", "/robots.txt", "/api/docs"):
        answer = browser.get(
            where, status="*", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
        )
        assert "evil.example" not in answer.text, where
        assert "evil.example" not in str(answer.headers), where


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Browser) -> None:
    browser.get("/login")
    cookie = next(c for c in browser._web.cookiejar if c.name == "claims_session")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"


def test_input_is_escaped(browser: Browser) -> None:
    browser.log_in()
    form = browser.form("/claims/new")
    form["statement"], form["kind"] = "<script>alert(1)</script>", "mechanism"
    page = form.submit(status=303).follow()
    assert "<script>" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_a_request_over_the_size_limit_is_rejected(browser: Browser) -> None:
    browser.log_in()
    page = browser.post("/claims/new", {"statement": "x" * (9 * 1024 * 1024)}, status=413)
    assert "8 MB" in page.text


@pytest.mark.parametrize("where", ["/nowhere", "/claims/CLM-1/nothing", "/evidence/EVD-7", "/studies/STU-7"])
def test_an_unknown_address_is_a_page_with_links(browser: Browser, where: str) -> None:
    page = browser.get(where, status=404)
    assert page.html.find("a", href="/claims") is not None


@on_one_database
def test_every_page_has_a_title_one_main_heading_and_no_skipped_level(filled: Browser) -> None:
    filled.log_in(Role.ADMIN)
    where = ["/", "/claims", "/studies", "/claims/CLM-1", "/studies/STU-1", "/login"]
    where += [
        "/account",
        "/users/ada",
        "/login/forgot",
        "/method",
        "/appraisals",
        "/claims/CLM-1/appraisals",
        "/studies/overlaps",
    ]
    where += ["/changes", "/claims/CLM-1/history", "/review", "/topics", "/matrix", "/views"]
    # Forms for records that this database does not have: texts, merges, comments, flags and views.
    without = (
        "studies.delete_text",
        "merging.unmerge",
        "discussion.hide",
        "discussion.resolve",
        "views.edit",
    )
    where += [address(rule) for rule in forms_of(filled.app) if rule.endpoint not in without]
    for page in map(filled.get, where):
        assert page.html.title.get_text(strip=True) != "· Claims", page.request.path
        assert len(page.html("h1")) == 1, page.request.path
        steps = [int(heading.name[1]) for heading in page.html(re.compile("^h[1-6]$"))]
        assert all(to <= since + 1 for since, to in itertools.pairwise(steps)), (page.request.path, steps)


def test_every_form_that_writes_has_a_csrf_token() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        if 'method="post"' in text:
            assert "csrf_token" in text or "hidden(" in text, path


def test_no_template_has_an_inline_script_or_style() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        # A data block is not run.
        assert not re.search(
            r'<script\b(?! type="application/ld\+json">\{\{ page_data.script)[^>]*>[^<]', text
        ), path
        assert not re.search(r"\son[a-z]+=", text), path
        assert " style=" not in text, path
        assert "|safe" not in text.replace(" ", ""), path


@on_both_databases
def test_a_malformed_version_shows_the_form_again(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    browser.log_in()
    form = browser.form("/claims/CLM-1/edit")
    form["version"] = "not a number"
    page = form.submit(status=409)
    assert errors(page) == {}
    assert page.forms["record"]["version"].value == "1"
