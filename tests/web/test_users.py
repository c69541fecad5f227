"""User accounts, managed by admins."""

import pytest

from claims_app.config import MailSettings
from claims_app.models import User
from claims_app.services.accounts import users
from claims_app.vocabulary import Role
from tests.conftest import BY_TEST, OpenSite
from tests.support.browsing import PASSWORD, Browser, add_account, errors
from tests.support.smtp import Inbox


@pytest.fixture
def boss(browser: Browser) -> Browser:
    """A browser logged in as boss, the only admin; ada is a curator."""
    add_account(browser.database, "ada", Role.CURATOR)
    return browser.log_in(Role.ADMIN, "boss")


def account(browser: Browser, name: str = "ada") -> User:
    """Return an account from the database."""
    with browser.database.reading() as session:
        return users.find_user(session, name)


def press(browser: Browser, button: str, name: str = "ada", status: int = 303) -> object:
    """Press a button on the page of an account."""
    return browser.get(f"/users/{name}").forms[button].submit(status=status)


@pytest.mark.parametrize("role", [Role.READER, Role.CURATOR, Role.EDITOR])
def test_only_admins_have_access(browser: Browser, role: Role) -> None:
    browser.log_in(role)
    for address in ("/users", "/users/ada"):
        assert " cannot " in browser.get(address, status=403).text
    token = browser.get("/account").forms["end-all"]["csrf_token"].value
    for action in ("role", "disable", "enable", "reset", "sign-out", "tokens/1/revoke"):
        browser.post(f"/users/ada/{action}", {"csrf_token": token, "role": "admin"}, 403)
    assert account(browser).role is role


def test_an_account_is_added_and_its_owner_chooses_the_password(boss: Browser) -> None:
    form = boss.form("/users")
    form["username"], form["role"] = "Bob", "editor"
    page = form.submit(status=200)
    assert page.headers["Cache-Control"] == "no-store"
    link = page.html.find(id="link").get_text()
    assert link.startswith("http://127.0.0.1:8000/reset/")
    bob = Browser(boss.app)
    choice = bob.get(link.removeprefix("http://127.0.0.1:8000")).forms["reset"]
    choice["new_password"] = choice["again"] = "bob's own password"
    choice.submit(status=303)
    bob.try_log_in("bob", "bob's own password", 303)
    assert account(boss, "bob").role is Role.EDITOR


def test_a_user_name_that_is_taken_is_an_error(boss: Browser) -> None:
    form = boss.form("/users")
    form["username"], form["email"] = "ADA", "nonsense"
    assert "already" in errors(form.submit(status=422))["username"]
    form["username"] = "bob"
    assert "Enter an e-mail address" in errors(form.submit(status=422))["email"]


def test_the_role_is_changed(boss: Browser) -> None:
    ada = Browser(boss.app).log_in()
    form = boss.get("/users/ada").forms["change-role"]
    form["role"] = "editor"
    form.submit(status=303)
    assert account(boss).role is Role.EDITOR
    ada.get("/account", status=303)


def test_an_admin_who_steps_down_stays_logged_in_with_a_new_session(boss: Browser) -> None:
    add_account(boss.database, "other", Role.ADMIN)
    copied = boss.twin()
    form = boss.get("/users/boss").forms["change-role"]
    form["role"] = "editor"
    form.submit(status=303)
    boss.get("/account")
    boss.get("/users", status=403)
    copied.get("/account", status=303)


def test_the_last_admin_cannot_be_removed(boss: Browser) -> None:
    page = press(boss, "disable", "boss", 409)
    assert "last admin" in page.text  # type: ignore[attr-defined]
    form = boss.get("/users/boss").forms["change-role"]
    form["role"] = "editor"
    assert "last admin" in form.submit(status=409).text
    assert account(boss, "boss").is_active
    assert account(boss, "boss").role is Role.ADMIN


def test_a_disabled_admin_does_not_count(boss: Browser) -> None:
    add_account(boss.database, "other", Role.ADMIN)
    press(boss, "disable", "other")
    press(boss, "disable", "boss", 409)


def test_an_account_is_disabled_and_enabled_again(boss: Browser) -> None:
    ada = Browser(boss.app).log_in()
    press(boss, "disable")
    ada.get("/account", status=303)
    ada.try_log_in("ada", PASSWORD, 422)
    assert "disabled" in boss.get("/users").text
    press(boss, "enable")
    ada.try_log_in("ada", PASSWORD, 303)


def test_a_disabled_account_keeps_its_name_in_the_history(boss: Browser) -> None:
    ada = Browser(boss.app).log_in()
    form = ada.form("/claims/new")
    form["statement"], form["kind"] = "By Ada", "mechanism"
    form.submit(status=303)
    press(boss, "disable")
    assert "ada (curator)" in boss.get("/claims/CLM-1/history").html.get_text()
    assert "1</strong> change" in boss.get("/changes?by=ada").text


def test_an_admin_logs_an_account_out_everywhere(boss: Browser) -> None:
    ada = Browser(boss.app).log_in()
    press(boss, "sign-out")
    ada.get("/account", status=303)


def test_a_link_is_shown_if_no_email_can_be_sent(boss: Browser) -> None:
    page = press(boss, "reset-link", status=200)
    assert "/reset/" in page.html.find(id="link").get_text()  # type: ignore[attr-defined]


def test_a_link_is_emailed_and_not_shown_if_possible(open_site: OpenSite) -> None:
    with Inbox() as inbox:
        server = MailSettings(host="127.0.0.1", port=inbox.port, sender="claims@example.org")
        boss = open_site(mail=server)
        with boss.database.writing(BY_TEST) as session:
            users.add_user(session, "ada", Role.CURATOR, None, "ada@example.org")
        boss.log_in(Role.ADMIN, "boss")
        page = press(boss, "reset-link").follow()  # type: ignore[attr-defined]
        boss.app.extensions["claims_post"].wait()
        assert "/reset/" not in page.text
        assert "/reset/" in inbox.messages[0].get_content()


def test_a_disabled_account_gets_no_link(boss: Browser) -> None:
    token = boss.get("/account").forms["end-all"]["csrf_token"].value
    press(boss, "disable")
    page = boss.post("/users/ada/reset", {"csrf_token": token}, 409)
    assert "disabled" in page.text


def test_an_unknown_account_is_not_found(boss: Browser) -> None:
    boss.get("/users/nobody", status=404)


def test_an_admin_revokes_a_token(boss: Browser) -> None:
    ada = Browser(boss.app).log_in()
    form = ada.form("/account/tokens/new")
    form["label"], form["present_password"] = "my script", PASSWORD
    text = form.submit(status=200).html.find(id="token").get_text()
    page = boss.get("/users/ada")
    assert "my script" in page.text
    next(form for form in page.forms.values() if form.action.endswith("/revoke")).submit(status=303)
    Browser(boss.app).get("/", status=401, headers={"Authorization": f"Bearer {text}"})
