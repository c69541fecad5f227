"""After logging in, a visitor is back on the page where they were, whichever way they took."""

import pytest
from flask import Flask

from claims_app.vocabulary import Role
from tests.conftest import BY_TEST
from tests.factories import make_claim
from tests.support.browsing import PASSWORD, Browser, add_account


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """A visitor without a session; there is CLM-1, and an account for ada."""
    browser = Browser(app)
    add_account(browser.database, "ada", Role.CURATOR)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    return browser


def log_in(page: object) -> str:
    """Fill in the login page, and return where that leads."""
    form = page.forms["login"]  # type: ignore[attr-defined]
    form["username"], form["password"] = "ada", PASSWORD
    return str(form.submit(status=303).location)


@pytest.mark.parametrize(
    "address", ["/claims/CLM-1", "/claims?kind=association&q=a%26b", "/method", "/claims/CLM-9"]
)
def test_the_link_in_the_header_leads_back(visitor: Browser, address: str) -> None:
    page = visitor.get(address, "*", expect_errors=True).click("Log in", index=0)
    assert log_in(page) == address


def test_a_mistake_and_a_look_at_the_forgotten_password_do_not_lose_the_page(visitor: Browser) -> None:
    page = visitor.get("/claims/CLM-1").click("Log in", index=0)
    page = page.forms["login"].submit(status=422)
    page = page.click("Forgot your password").click("Back to login")
    assert log_in(page) == "/claims/CLM-1"


def test_a_page_for_accounts_leads_back_with_its_query(visitor: Browser) -> None:
    assert log_in(visitor.get("/watches/new?claim=CLM-1", 303).follow()) == "/watches/new?claim=CLM-1"


@pytest.mark.parametrize(
    ("address", "form_name", "leads_to"),
    [
        ("/studies/new?doi=10.1000/1", "record", "/studies/new?doi=10.1000/1"),
        ("/claims/CLM-1?from=x", "comment", "/comments/on/CLM-1"),
    ],
)
def test_a_form_sent_after_the_session_ended_leads_back_to_the_form(
    visitor: Browser, address: str, form_name: str, leads_to: str
) -> None:
    form = visitor.log_in().get(address).forms[form_name]
    visitor.forget("claims_session")
    page = form.submit(status=403)
    assert log_in(page.goto(page.html.select_one("main .button--primary")["href"])) == leads_to


def test_a_button_leads_back_to_the_page_that_it_was_on(visitor: Browser) -> None:
    where = {"Referer": "http://localhost/inbox/1?assigned=me"}
    page = visitor.post("/inbox/1/later", {}, 403, headers=where, expect_errors=True)
    assert log_in(page.click("Log in", index=-1)) == "/inbox/1?assigned=me"


def test_no_button_leads_to_another_site(visitor: Browser) -> None:
    where = {"Referer": "https://evil.example/inbox"}
    page = visitor.post("/inbox/1/later", {}, 403, headers=where, expect_errors=True)
    assert log_in(page.click("Log in", index=-1)) == "/"
