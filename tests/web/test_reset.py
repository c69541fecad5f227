"""Password reset links, created by an admin or sent by email."""

import datetime
import re

import pytest
from sqlalchemy import select, update

from claims_app.config import MailSettings
from claims_app.models import Attempt, PasswordReset, User
from claims_app.models.types import utc_now
from claims_app.rules.throttling import LIMITS
from claims_app.services.accounts import mail, resets, users
from claims_app.services.accounts.mail import Letter
from claims_app.vocabulary import AttemptKind, Role
from tests.conftest import BY_TEST, OpenSite, on_both_databases
from tests.support.browsing import PASSWORD, Browser, add_account, errors
from tests.support.smtp import Inbox

NEW = "a new password"


def link_for(browser: Browser, name: str = "ada") -> str:
    """Create a reset link for an account and return its path."""
    with browser.database.writing(BY_TEST) as session:
        return resets.path_of(resets.give_out(session, users.find_user(session, name)))


def choose(browser: Browser, path: str, password: str = NEW, status: int = 303) -> object:
    """Set a password through a link."""
    form = browser.get(path).forms["reset"]
    form["new_password"] = form["again"] = password
    return form.submit(status=status)


@pytest.fixture
def ada(browser: Browser) -> Browser:
    """A browser that is not logged in; the account ada exists."""
    add_account(browser.database, "ada", Role.CURATOR)
    return browser


class TestLinks:
    def test_a_link_sets_a_new_password_once(self, ada: Browser) -> None:
        path = link_for(ada)
        choose(ada, path)
        ada.try_log_in("ada", PASSWORD, 422)
        ada.try_log_in("ada", NEW, 303)
        ada.get(path, status=410)

    def test_only_the_hash_of_a_link_is_stored(self, ada: Browser) -> None:
        secret = link_for(ada).rsplit("/", 1)[1]
        with ada.database.reading() as session:
            (row,) = session.scalars(select(PasswordReset))
        assert len(row.token_hash) == 64
        assert secret not in row.token_hash

    def test_a_link_ends_after_a_day(self, ada: Browser) -> None:
        path = link_for(ada)
        with ada.database.engine.begin() as connection:
            connection.execute(
                update(PasswordReset).values(ends_at=utc_now() + datetime.timedelta(minutes=1))
            )
        ada.get(path)
        with ada.database.engine.begin() as connection:
            connection.execute(update(PasswordReset).values(ends_at=utc_now()))
        ada.get(path, status=410)

    def test_a_link_ends_when_the_password_is_changed(self, ada: Browser) -> None:
        path = link_for(ada)
        with ada.database.writing(BY_TEST) as session:
            users.set_password(session, "ada", NEW)
        ada.get(path, status=410)

    def test_a_link_ends_when_the_account_is_disabled_and_stays_so(self, ada: Browser) -> None:
        path = link_for(ada)
        with ada.database.writing(BY_TEST) as session:
            users.disable_user(session, "ada")
            users.enable_user(session, "ada")
        ada.get(path, status=410)

    def test_a_link_opened_twice_works_for_the_first_submission(self, ada: Browser) -> None:
        path = link_for(ada)
        form = ada.get(path).forms["reset"]
        form["new_password"] = form["again"] = "another one's"
        choose(Browser(ada.app), path)
        form.submit(status=410)
        ada.try_log_in("ada", NEW, 303)

    def test_a_forged_link_is_rejected(self, ada: Browser) -> None:
        for made_up, status in (("x", 410), ("0" * 43, 410), ("%C3%A9", 410), ("%00", 404)):
            ada.get(f"/reset/{made_up}", status=status)

    def test_all_sessions_end(self, ada: Browser) -> None:
        other = Browser(ada.app).log_in()
        choose(ada, link_for(ada))
        other.get("/claims/new", status=303)

    def test_a_reset_ends_the_waiting_time(self, ada: Browser) -> None:
        for _ in range(5):
            ada.try_log_in("ada", "wrong", 422)
        choose(ada, link_for(ada))
        ada.try_log_in("ada", NEW, 303)

    def test_an_unsuitable_password_does_not_use_up_the_link(self, ada: Browser) -> None:
        path = link_for(ada)
        assert "8 to 1000" in errors(choose(ada, path, "short", 422))["new_password"]  # type: ignore[arg-type]
        form = ada.get(path).forms["reset"]
        form["new_password"], form["again"] = NEW, "something else"
        assert "do not match" in errors(form.submit(status=422))["again"]
        choose(ada, path)

    def test_the_page_is_not_cached_and_sends_no_referrer(self, ada: Browser) -> None:
        headers = ada.get(link_for(ada)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.fixture
def inbox() -> Inbox:
    """A mail server that runs during the test."""
    return Inbox()


def mailing(open_site: OpenSite, inbox: Inbox, **more: object) -> Browser:
    """Return a browser of a site that sends email to `inbox`."""
    server = MailSettings(host="127.0.0.1", port=inbox.port, sender="claims@example.org")
    browser = open_site(mail=server, base_url="https://claims.example", **more)
    return Browser(browser.app, **{"wsgi.url_scheme": "https"})


def add_ada(browser: Browser, email: str = "ada@example.org") -> None:
    """Add ada with an email address."""
    with browser.database.writing(BY_TEST) as session:
        users.add_user(session, "ada", Role.CURATOR, PASSWORD, email)


def ask(browser: Browser, name: str, status: int = 303) -> str:
    """Request a link, wait until the email is sent, and return the text of the next page."""
    form = browser.get("/login/forgot").forms["forgot"]
    form["username"] = name
    answer = form.submit(status=status)
    browser.app.extensions["claims_post"].wait()
    return str(answer.follow().text if status == 303 else answer.text)


class TestMail:
    @on_both_databases
    def test_an_emailed_link_works(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            assert "is on its way" in ask(browser, "Ada")
            (message,) = inbox.messages
            assert (message["To"], message["From"]) == ("ada@example.org", "claims@example.org")
            link = re.search(r"https://claims\.example(/reset/\S+)", message.get_content())
            assert link is not None
            choose(browser, link.group(1))
            browser.try_log_in("ada", NEW, 303)

    def test_the_email_address_works_instead_of_the_user_name(
        self, open_site: OpenSite, inbox: Inbox
    ) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            ask(browser, "ADA@example.org ")
            assert len(inbox.messages) == 1

    def test_the_link_uses_the_configured_base_url(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            form = browser.get("/login/forgot").forms["forgot"]
            form["username"] = "ada"
            form.submit(
                status=303, headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
            )
            browser.app.extensions["claims_post"].wait()
            assert "evil" not in inbox.messages[0].get_content()

    def test_the_response_is_the_same_for_all(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            with browser.database.writing(BY_TEST) as session:
                users.add_user(session, "bob", Role.CURATOR, PASSWORD)
                users.add_user(session, "eve", Role.CURATOR, PASSWORD, "eve@example.org")
                users.disable_user(session, "eve")
            pages = {
                re.sub(r"csrf_token.*", "", ask(browser, name))
                for name in ("ada", "bob", "eve", "nobody", "")
            }
            assert len(pages) == 1
            assert [message["To"] for message in inbox.messages] == ["ada@example.org"]

    def test_reset_emails_are_limited_without_revealing_it(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            for number in range(5):
                other = Browser(browser.app, f"192.0.2.{number}", **{"wsgi.url_scheme": "https"})
                assert "is on its way" in ask(other, "ada")
            assert len(inbox.messages) == 3

    def test_alternating_user_name_and_email_address_is_limited_too(
        self, open_site: OpenSite, inbox: Inbox
    ) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            for _ in range(3):
                ask(browser, "ada")
                ask(browser, "ada@example.org")
            assert len(inbox.messages) == resets.MOST_AT_ONCE

    def test_one_address_can_request_a_limited_number_of_links(
        self, open_site: OpenSite, inbox: Inbox
    ) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            for number in range(10):
                ask(browser, f"name{number}")
            assert "Wait" in ask(browser, "another", status=429)

    def test_an_empty_user_name_is_not_rate_limited_for_others(
        self, open_site: OpenSite, inbox: Inbox
    ) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            for _ in range(4):
                ask(browser, "")
            for _ in range(4):
                assert "is on its way" in ask(browser, "ada")

    def test_a_rejected_email_is_logged_without_its_link(
        self, open_site: OpenSite, inbox: Inbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        inbox.refuses = True
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            assert "is on its way" in ask(browser, "ada")
        assert "email was not sent" in caplog.text
        assert "/reset/" not in caplog.text

    def test_without_email_the_page_says_whom_to_ask(self, browser: Browser) -> None:
        page = browser.get("/login/forgot")
        assert "the site operator" in page.text
        assert "forgot" not in page.forms
        with browser.database.reading() as session:
            assert session.scalars(select(Attempt)).all() == []

    def test_a_mail_server_with_a_password_gets_it(self) -> None:
        with Inbox() as inbox:
            server = MailSettings(
                host="127.0.0.1", port=inbox.port, sender="c@example.org", username="me", password="postage"
            )
            mail.send(server, Letter("ada@example.org", "Hello", "Text"))
        assert any(line.startswith("AUTH PLAIN ") for line in inbox.commands)
        assert "postage" not in repr(server)

    def test_no_password_travels_to_another_machine_without_encryption(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Inbox() as inbox:
            monkeypatch.setattr(
                "socket.getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("127.0.0.1", inbox.port))]
            )
            server = MailSettings(
                host="mail.example.org",
                port=inbox.port,
                sender="c@example.org",
                username="me",
                password="postage",
            )
            with pytest.raises(OSError, match="does not support encryption"):
                mail.send(server, Letter("ada@example.org", "Hello", "Text"))
        assert not any(line.startswith("AUTH") for line in inbox.commands)

    @on_both_databases
    def test_a_changed_address_ends_the_links_to_the_old_one(self, ada: Browser) -> None:
        path = link_for(ada)
        with ada.database.writing(BY_TEST) as session:
            users.set_email(session, session.scalars(select(User)).one(), "new@example.org")
        ada.get(path, status=410)


def test_reset_links_are_limited_more_strictly_than_logins() -> None:
    (limit, _) = LIMITS[AttemptKind.RESET]
    assert limit.wait(3) == datetime.timedelta(hours=1)
