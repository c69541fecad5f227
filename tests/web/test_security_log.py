"""The log of security events: each event of the vocabulary, and that no secret and nothing forged is in it."""

import ast
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import claims_app
from claims_app.config import MailSettings, Settings
from claims_app.lookup import hooks as sending
from claims_app.security_log import LOGGER, SecurityEvent, log_event
from claims_app.services.accounts import resets, tokens, users
from claims_app.services.hooks import webhooks
from claims_app.services.hooks.webhooks import Wanted
from claims_app.services.system.safety import log_unsafe_settings
from claims_app.vocabulary import Role, TokenScope
from tests.conftest import BY_TEST, OpenSite
from tests.support.browsing import PASSWORD, Browser, add_account
from tests.support.orcid import SOFIA

PROVEN: set[SecurityEvent] = set()
"""The events that a test of this module is about."""


def proves(*events: SecurityEvent) -> Callable[[Any], Any]:
    """Mark the test of these events."""
    PROVEN.update(events)
    return lambda test: test


class Log:
    """The security events that were logged during a test."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self._caplog = caplog

    @property
    def records(self) -> list[logging.LogRecord]:
        """The lines of the log."""
        return [record for record in self._caplog.records if record.name == LOGGER]

    @property
    def events(self) -> list[str]:
        """The names of the events, in order."""
        return [vars(record)["event"] for record in self.records]

    def one(self, event: SecurityEvent) -> dict[str, Any]:
        """Return the fields of the only line with this event."""
        [record] = [record for record in self.records if vars(record)["event"] == event]
        return vars(record)

    @property
    def text(self) -> str:
        """Everything that the lines say."""
        return " ".join(str(vars(record)) for record in self.records)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    caplog.set_level(logging.INFO, LOGGER)
    return Log(caplog)


@proves(SecurityEvent.LOGIN_SUCCEEDED, SecurityEvent.LOGIN_FAILED, SecurityEvent.LOGOUT)
def test_logging_in_and_out(browser: Browser, log: Log) -> None:
    add_account(browser.database, "ada", Role.CURATOR)
    browser.try_log_in("ada", "wrong password", 422)
    browser.try_log_in("ada", PASSWORD, 303)
    browser.log_out()
    assert log.events == ["login.failed", "login.succeeded", "logout"]
    failed, done = log.one(SecurityEvent.LOGIN_FAILED), log.one(SecurityEvent.LOGIN_SUCCEEDED)
    assert (failed["account"], failed["address"], failed["method"]) == ("ada", "127.0.0.1", "password")
    assert (done["account"], done["via"]) == ("ada", "web")
    assert "wrong password" not in log.text
    assert PASSWORD not in log.text


def test_a_password_typed_as_the_user_name_is_not_logged(browser: Browser, log: Log) -> None:
    browser.try_log_in("my-secret-password", "x", 422)
    assert log.one(SecurityEvent.LOGIN_FAILED)["account"] is None
    assert "my-secret" not in log.text


@proves(SecurityEvent.LOGIN_THROTTLED)
def test_too_many_attempts_to_log_in(browser: Browser, log: Log) -> None:
    add_account(browser.database, "ada", Role.CURATOR)
    for _ in range(5):
        browser.try_log_in("ada", "wrong", 422)
    browser.try_log_in("ada", PASSWORD, 429)
    assert log.events[5:] == ["login.throttled"]
    assert log.one(SecurityEvent.LOGIN_THROTTLED)["account"] == "ada"


@proves(SecurityEvent.PASSWORD_CONFIRMED, SecurityEvent.PASSWORD_NOT_CONFIRMED, SecurityEvent.EMAIL_CHANGED)
def test_a_change_that_needs_the_password(browser: Browser, log: Log) -> None:
    form = browser.log_in().form("/account/email")
    form["email"], form["present_password"] = "ada@example.org", "wrong"
    form = form.submit(status=422).forms["record"]
    form["present_password"] = PASSWORD
    form.submit(status=303)
    assert log.events == ["password.not_confirmed", "password.confirmed", "account.email_changed"]
    assert "example.org" not in log.text


@proves(SecurityEvent.SESSIONS_ENDED)
def test_ending_sessions(browser: Browser, log: Log) -> None:
    boss = Browser(browser.app).log_in(Role.ADMIN, "boss")
    browser.log_in().get("/account").forms["end-all"].submit(status=303)
    boss.get("/users/ada").forms["sign-out"].submit(status=303)
    assert [(one.__dict__["event"], one.__dict__["account"]) for one in log.records] == [
        ("sessions.ended", "ada"),
        ("sessions.ended", "ada"),
    ]


@proves(
    SecurityEvent.ACCOUNT_CREATED,
    SecurityEvent.ROLE_CHANGED,
    SecurityEvent.PASSWORD_CHANGED,
    SecurityEvent.ACCOUNT_DISABLED,
    SecurityEvent.ACCOUNT_ENABLED,
    SecurityEvent.ORCID_LINKED,
    SecurityEvent.ORCID_UNLINKED,
)
def test_changes_of_accounts(browser: Browser, log: Log) -> None:
    with browser.database.writing(BY_TEST) as session:
        users.add_user(session, "ada", Role.CURATOR, PASSWORD)
        users.set_role(session, "ada", Role.EDITOR)
        users.set_password(session, "ada", "another password")
        ada = users.find_user(session, "ada")
        users.link_orcid(session, ada, SOFIA)
        users.unlink_orcid(session, ada)
        users.disable_user(session, "ada")
        users.enable_user(session, "ada")
        assert log.events == []  # nothing is saved yet
    assert log.events == [
        "account.created",
        "account.role_changed",
        "password.changed",
        "account.orcid_linked",
        "account.orcid_unlinked",
        "account.disabled",
        "account.enabled",
    ]
    changed = log.one(SecurityEvent.ROLE_CHANGED)
    assert (changed["account"], changed["before"], changed["role"]) == ("ada", "curator", "editor")
    assert changed["via"] == "command"
    assert "another password" not in log.text


def test_what_is_not_saved_is_not_logged(browser: Browser, log: Log) -> None:
    def add_and_fail() -> None:
        with browser.database.writing(BY_TEST) as session:
            users.add_user(session, "ada", Role.CURATOR, PASSWORD)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        add_and_fail()
    assert log.events == []


@proves(SecurityEvent.RESET_REQUESTED, SecurityEvent.RESET_LINK_CREATED)
def test_resetting_a_password(open_site: OpenSite, log: Log) -> None:
    browser = open_site(mail=MailSettings(host="127.0.0.1", port=1, sender="claims@example.org"))
    form = browser.get("/login/forgot").forms["forgot"]
    form["username"] = "my-secret-password"
    form.submit(status=303)
    add_account(browser.database, "ada", Role.CURATOR)
    with browser.database.writing(BY_TEST) as session:
        secret = resets.give_out(session, users.find_user(session, "ada"))
    assert log.events == ["reset.requested", "reset.link_created"]
    assert secret not in log.text
    assert "my-secret" not in log.text


@proves(
    SecurityEvent.TOKEN_CREATED,
    SecurityEvent.TOKEN_NEW_ADDRESS,
    SecurityEvent.TOKEN_REVOKED,
    SecurityEvent.TOKEN_REFUSED,
)
def test_the_life_of_a_token(browser: Browser, log: Log) -> None:
    add_account(browser.database, "ada", Role.CURATOR)
    with browser.database.writing(BY_TEST) as session:
        token, text = tokens.make_token(
            session, users.find_user(session, "ada"), TokenScope.READ, "for a test", 30
        )
    headers = {"Authorization": f"Bearer {text}"}
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        Browser(browser.app, address).get("/api/v1/claims", headers=headers)
    with browser.database.writing(BY_TEST) as session:
        tokens.revoke(session, token.id)
    browser.get("/api/v1/claims", headers=headers, status=401)
    assert log.events == [
        "token.created",
        "token.new_address",
        "token.new_address",
        "token.revoked",
        "token.refused",
    ]
    assert text not in log.text


@proves(SecurityEvent.ACCESS_REFUSED)
def test_a_refused_page(browser: Browser, log: Log) -> None:
    browser.log_in(Role.READER, "rita").get("/users", status=403)
    assert log.events == ["access.refused"]


@proves(SecurityEvent.CSRF_REFUSED)
def test_a_forged_form(browser: Browser, log: Log) -> None:
    browser.post("/login", {"username": "ada", "password": PASSWORD}, status=400)
    browser.post("/claims/new", {"statement": "forged"}, status=403)
    assert log.events == ["csrf.refused", "csrf.refused"]


@proves(SecurityEvent.INPUT_REFUSED)
def test_a_request_that_no_form_makes(browser: Browser, log: Log) -> None:
    browser.get("/claims?q=%FF", status=400)
    refused = log.one(SecurityEvent.INPUT_REFUSED)
    assert (refused["reason"], refused["address"]) == ("BadRequest", "127.0.0.1")


@proves(SecurityEvent.RATE_LIMITED)
def test_too_many_requests(open_site: OpenSite, log: Log) -> None:
    browser = open_site(api_reader_limit=1)
    browser.get("/api/v1/claims")
    browser.get("/api/v1/claims", status=429)
    assert log.events == ["rate.limited"]


@proves(SecurityEvent.OUTGOING_REFUSED)
def test_a_webhook_to_a_private_address(log: Log) -> None:
    with pytest.raises(sending.NotSent):
        sending.post(
            "https://hooks.example.org/",
            b"{}",
            {},
            private_allowed=False,
            resolve=lambda host, port: ["127.0.0.1"],
        )
    assert log.one(SecurityEvent.OUTGOING_REFUSED)["host"] == "hooks.example.org"


@proves(
    SecurityEvent.WEBHOOK_ADDED,
    SecurityEvent.WEBHOOK_CHANGED,
    SecurityEvent.WEBHOOK_SECRET,
    SecurityEvent.WEBHOOK_PAUSED,
    SecurityEvent.WEBHOOK_RESUMED,
    SecurityEvent.WEBHOOK_DELETED,
)
def test_changes_of_webhooks(browser: Browser, log: Log) -> None:
    wanted = Wanted("https://example.org/a-secret-path", ["claim.created"])
    with browser.database.writing(BY_TEST) as session:
        hook, secret = webhooks.add(session, wanted, "site key", private_allowed=False)
        webhooks.change(session, hook.id, wanted, private_allowed=False)
        webhooks.new_secret(session, hook.id, "site key")
        webhooks.pause(session, hook.id)
        webhooks.resume(session, hook.id)
        webhooks.delete(session, hook.id)
    assert log.events == [
        f"webhook.{what}" for what in ("added", "changed", "secret_replaced", "paused", "resumed", "deleted")
    ]
    assert log.one(SecurityEvent.WEBHOOK_ADDED)["host"] == "example.org"
    assert secret not in log.text
    assert "a-secret-path" not in log.text


@proves(SecurityEvent.SETTING_UNSAFE)
@pytest.mark.parametrize(
    ("unsafe", "about"),
    [
        ({"base_url": "http://claims.example.org"}, "CLAIMS_BASE_URL"),
        ({"base_url": "https://claims.example.org"}, "CLAIMS_PROXIES"),
        ({"webhooks_private": True}, "CLAIMS_WEBHOOKS_PRIVATE"),
        ({"database_url": "postgresql+psycopg://u:p@db.example.org/claims"}, "DATABASE_URL"),
        (
            {
                "database_url": "postgresql+psycopg://u:p@/claims?host=127.0.0.1:5432&host=db.example.org:5432&sslmode=require"
            },
            "DATABASE_URL",
        ),
    ],
)
def test_an_unsafe_setting(unsafe: dict[str, Any], about: str, tmp_path: Path, log: Log) -> None:
    safe: dict[str, Any] = {
        "instance": tmp_path,
        "database_url": "postgresql+psycopg://u:p@db.example.org/claims?sslmode=verify-full",
        "secret_key": "0123456789abcdef" * 2,
    }
    log_unsafe_settings(Settings(**safe))
    assert log.events == []
    log_unsafe_settings(Settings(**{**safe, **unsafe}))
    assert about in log.one(SecurityEvent.SETTING_UNSAFE)["reason"]


def test_a_key_that_others_can_read_is_unsafe(tmp_path: Path, log: Log) -> None:
    settings = Settings.from_environment({}, tmp_path)
    log_unsafe_settings(settings)
    assert log.events == []
    (settings.instance / "secret_key").chmod(0o644)
    log_unsafe_settings(settings)
    assert "secret_key" in log.one(SecurityEvent.SETTING_UNSAFE)["reason"]


def test_nothing_that_is_logged_begins_a_line(log: Log) -> None:
    log_event(SecurityEvent.LOGIN_FAILED, account="ada\nlogin.succeeded account=boss\x1b[2J\u202e")
    assert log.one(SecurityEvent.LOGIN_FAILED)["account"].isprintable()


def test_each_event_has_a_test_and_is_logged_somewhere() -> None:
    root = Path(claims_app.__file__).parent
    logged = {
        node.attr
        for path in root.rglob("*.py")
        if path.name != "security_log.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "SecurityEvent"
    }
    assert logged == set(SecurityEvent.__members__)
    assert set(SecurityEvent) == PROVEN
