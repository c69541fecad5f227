"""The user's own account: contributions, sessions, password, email address and tokens."""

import re

import pytest
from sqlalchemy import select

from claims_app.models import User
from claims_app.services.accounts import users
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import PASSWORD, Browser, errors

NEW = "another password"


def me(browser: Browser, name: str = "ada") -> User:
    """Return an account from the database."""
    with browser.database.reading() as session:
        return users.find_user(session, name)


def send(browser: Browser, address: str, status: int, **values: str) -> object:
    """Fill in and submit a form of the account, by default with the right password."""
    form = browser.form(address)
    for name, value in {"present_password": PASSWORD, **values}.items():
        form[name] = value
    return form.submit(status=status)


@pytest.fixture
def ada(browser: Browser) -> Browser:
    """A browser logged in as ada, a curator."""
    return browser.log_in()


def test_only_signed_in_users_have_access(browser: Browser) -> None:
    assert "/login?next=/account" in browser.get("/account", status=303).location


def test_it_shows_the_profile(ada: Browser) -> None:
    facts = ada.get("/account").html.select_one(".facts").get_text(" ", strip=True)
    assert "ada" in facts
    assert "Curator" in facts


@on_both_databases
def test_it_shows_only_the_users_own_contributions(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        make_claim(session, statement="Made by a program.")
    form = ada.form("/claims/new")
    form["statement"], form["kind"] = "Made by ada.", "mechanism"
    form.submit(status=303)
    page = ada.get("/account")
    work = page.html.select_one("section[aria-labelledby=work]")
    assert "1 change : claim 1" in work.get_text(" ", strip=True)
    assert [tag["href"] for tag in work.select("p a[href^='/changes']")] == [
        "/changes?by=ada",
        "/changes?by=ada&record=claim",
    ]
    assert "CLM-2" in work.get_text()
    assert "CLM-1" not in work.get_text()
    assert "1</strong> change" in ada.get("/changes?by=ada&record=claim").text


def test_a_draft_can_be_continued_after_login(ada: Browser) -> None:
    with ada.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="case_control"))
    form = ada.get("/claims/CLM-1/appraise").forms["appraisal"]
    fields = dict(form.submit_fields()) | {"intent": "draft"}
    ada.post("/claims/CLM-1/appraise", fields, 303)
    assert ada.get("/account").html.find("a", href="/claims/CLM-1/appraise") is not None


class TestSessions:
    def test_they_are_listed_with_this_one_marked(self, ada: Browser) -> None:
        other = Browser(ada.app, HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/150.0")
        other.log_in()
        listed = [tag.get_text(" ", strip=True) for tag in ada.get("/account").html.select("li.with-button")]
        assert len(listed) == 2
        assert [("this browser" in text, "Firefox on Windows" in text) for text in listed] in (
            [[True, False], [False, True]],
            [(True, False), (False, True)],
            [(False, True), (True, False)],
        )

    def test_one_session_is_ended(self, ada: Browser) -> None:
        other = Browser(ada.app).log_in()
        page = ada.get("/account")
        form = next(form for form in page.forms.values() if re.search(r"/sessions/\d+/end", form.action))
        form.submit(status=303)
        other.get("/account", status=303)
        ada.get("/account")

    def test_users_cannot_end_sessions_of_others(self, ada: Browser) -> None:
        other = Browser(ada.app).log_in(name="bob")
        token = ada.get("/account").forms["end-all"]["csrf_token"].value
        for number in (1, 2):
            other_token = other.get("/account").forms["end-all"]["csrf_token"].value
            assert other_token != token
            other.post(f"/account/sessions/{number}/end", {"csrf_token": other_token}, 303)
            if number == 1:
                ada.get("/account")

    def test_logout_everywhere_ends_all_sessions(self, ada: Browser) -> None:
        other, copied = Browser(ada.app).log_in(), ada.twin()
        ada.get("/account").forms["end-all"].submit(status=303)
        for browser in (ada, other, copied):
            browser.get("/account", status=303)


class TestPassword:
    def test_a_new_password_ends_all_other_sessions_and_renews_this_one(self, ada: Browser) -> None:
        other, copied = Browser(ada.app).log_in(), ada.twin()
        send(ada, "/account/password", 303, new_password=NEW, again=NEW)
        ada.get("/account")
        other.get("/account", status=303)
        copied.get("/account", status=303)
        Browser(ada.app).try_log_in("ada", NEW, 303)
        Browser(ada.app).try_log_in("ada", PASSWORD, 422)

    def test_it_needs_the_current_password(self, ada: Browser) -> None:
        page = send(ada, "/account/password", 422, present_password="wrong", new_password=NEW, again=NEW)
        assert "not your current password" in errors(page)["present_password"]  # type: ignore[arg-type]
        Browser(ada.app).try_log_in("ada", PASSWORD, 303)

    def test_guessing_the_current_password_is_limited_too(self, ada: Browser) -> None:
        for _ in range(5):
            send(ada, "/account/password", 422, present_password="wrong", new_password=NEW, again=NEW)
        page = send(ada, "/account/password", 429, present_password="guess", new_password=NEW, again=NEW)
        assert "guess" not in page.text  # type: ignore[attr-defined]
        assert NEW not in page.text  # type: ignore[attr-defined]

    @pytest.mark.parametrize("address", ["/account/password", "/account/email", "/account/tokens/new"])
    def test_an_empty_current_password_is_no_attempt(self, ada: Browser, address: str) -> None:
        for _ in range(6):
            page = send(ada, address, 422, present_password="")
        assert errors(page)["present_password"] == "Enter your current password."  # type: ignore[arg-type]
        Browser(ada.app).try_log_in("ada", PASSWORD, 303)

    @pytest.mark.parametrize(
        ("new", "again", "field"), [("short", "short", "new_password"), (NEW, "else", "again")]
    )
    def test_invalid_input_is_an_error_at_its_field(
        self, ada: Browser, new: str, again: str, field: str
    ) -> None:
        page = send(ada, "/account/password", 422, new_password=new, again=again)
        assert list(errors(page)) == [field]  # type: ignore[arg-type]


class TestMail:
    def test_an_email_address_is_set_changed_and_removed(self, ada: Browser) -> None:
        for typed, kept in (
            (" Ada@Example.org", "ada@example.org"),
            ("a@b.example", "a@b.example"),
            ("", None),
        ):
            send(ada, "/account/email", 303, email=typed)
            assert me(ada).email == kept

    def test_it_needs_the_password(self, ada: Browser) -> None:
        send(ada, "/account/email", 422, email="mallory@example.org", present_password="wrong")
        assert me(ada).email is None

    @pytest.mark.parametrize(
        "typed",
        ["ada", "ada@", "@example.org", "a b@example.org", "a@b@example.org", "ada@x..org", "ä@ö.org"],
    )
    def test_an_invalid_email_address_is_an_error(self, ada: Browser, typed: str) -> None:
        page = send(ada, "/account/email", 422, email=typed)
        assert "Enter an e-mail address such as" in errors(page)["email"]  # type: ignore[arg-type]

    def test_an_address_belongs_to_one_account(self, ada: Browser) -> None:
        with ada.database.writing(BY_TEST) as session:
            users.add_user(session, "bob", Role.CURATOR, None, "bob@example.org")
        page = send(ada, "/account/email", 422, email="BOB@example.org")
        assert "Another account uses" in errors(page)["email"]  # type: ignore[arg-type]


class TestTokens:
    def test_a_token_is_shown_once(self, ada: Browser) -> None:
        page = send(ada, "/account/tokens/new", 200, label="my script", scope="write")
        text = page.html.find(id="token").get_text()  # type: ignore[attr-defined]
        assert text.startswith("claims_")
        assert page.headers["Cache-Control"] == "no-store"  # type: ignore[attr-defined]
        listed = ada.get("/account").text
        assert "my script" in listed
        assert text not in listed

    def test_it_needs_the_password_and_a_purpose(self, ada: Browser) -> None:
        page = send(ada, "/account/tokens/new", 422, label="my script", present_password="wrong")
        assert list(errors(page)) == ["present_password"]  # type: ignore[arg-type]
        page = send(ada, "/account/tokens/new", 422, label=" ")
        assert list(errors(page)) == ["label"]  # type: ignore[arg-type]

    def test_a_token_is_revoked(self, ada: Browser) -> None:
        page = send(ada, "/account/tokens/new", 200, label="my script")
        text = page.html.find(id="token").get_text()  # type: ignore[attr-defined]
        program = Browser(ada.app)
        program.get("/", headers={"Authorization": f"Bearer {text}"})
        listed = ada.get("/account")
        next(form for form in listed.forms.values() if form.action.endswith("/revoke")).submit(status=303)
        program.get("/", status=401, headers={"Authorization": f"Bearer {text}"})
        assert "revoked" in ada.get("/account").text

    def test_users_cannot_revoke_tokens_of_others(self, ada: Browser) -> None:
        send(ada, "/account/tokens/new", 200, label="my script")
        other = Browser(ada.app).log_in(name="bob")
        token = other.get("/account").forms["end-all"]["csrf_token"].value
        other.post("/account/tokens/1/revoke", {"csrf_token": token}, 404)


def test_accounts_are_not_in_the_history(ada: Browser) -> None:
    send(ada, "/account/email", 303, email="ada@example.org")
    send(ada, "/account/password", 303, new_password=NEW, again=NEW)
    assert "0</strong> changes" in ada.get("/changes").text
    with ada.database.reading() as session:
        assert session.scalars(select(User.username)).all() == ["ada"]
