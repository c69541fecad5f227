"""Getting in again: links for a new password, by an admin or by mail."""

import datetime
import re

import pytest
from sqlalchemy import select, update

from claims_app.models import Attempt, PasswordReset, User
from claims_app.models.types import utc_now
from claims_app.rules.throttling import LIMITS
from claims_app.services.accounts import mail, resets, users
from claims_app.services.accounts.mail import Letter
from claims_app.vocabulary import AttemptKind, Role
from config import MailSettings
from tests.conftest import BY_TEST, OpenSite
from tests.support.browsing import PASSWORD, Browser, add_account, errors
from tests.support.smtp import Inbox

NEW = "a new password"


def link_for(browser: Browser, name: str = "ada") -> str:
    """Give out a link for an account and return its path."""
    with browser.database.writing(BY_TEST) as session:
        return resets.path_of(resets.give_out(session, users.find_user(session, name)))


def choose(browser: Browser, path: str, password: str = NEW, status: int = 303) -> object:
    """Choose a password by a link."""
    form = browser.get(path).forms["reset"]
    form["new_password"] = form["again"] = password
    return form.submit(status=status)


@pytest.fixture
def ada(browser: Browser) -> Browser:
    """Somebody who has the account ada, and is not logged in."""
    add_account(browser.database, "ada", Role.CURATOR)
    return browser


class TestLinks:
    def test_a_link_gives_a_new_password_once(self, ada: Browser) -> None:
        path = link_for(ada)
        choose(ada, path)
        ada.try_log_in("ada", PASSWORD, 422)
        ada.try_log_in("ada", NEW, 303)
        ada.get(path, status=410)

    def test_of_a_link_the_database_has_the_hash_alone(self, ada: Browser) -> None:
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

    def test_of_two_who_have_it_open_the_first_one_uses_it(self, ada: Browser) -> None:
        path = link_for(ada)
        form = ada.get(path).forms["reset"]
        form["new_password"] = form["again"] = "another one's"
        choose(Browser(ada.app), path)
        form.submit(status=410)
        ada.try_log_in("ada", NEW, 303)

    def test_a_made_up_link_opens_nothing(self, ada: Browser) -> None:
        for made_up in ("x", "0" * 43, "%00", "%C3%A9"):
            ada.get(f"/reset/{made_up}", status=410)

    def test_all_sessions_end(self, ada: Browser) -> None:
        other = Browser(ada.app).log_in()
        choose(ada, link_for(ada))
        other.get("/claims/new", status=303)

    def test_whoever_was_shut_out_by_mistakes_gets_in_at_once(self, ada: Browser) -> None:
        for _ in range(5):
            ada.try_log_in("ada", "wrong", 422)
        choose(ada, link_for(ada))
        ada.try_log_in("ada", NEW, 303)

    def test_a_password_that_will_not_do_leaves_the_link_good(self, ada: Browser) -> None:
        path = link_for(ada)
        assert "8 to 1000" in errors(choose(ada, path, "short", 422))["new_password"]  # type: ignore[arg-type]
        form = ada.get(path).forms["reset"]
        form["new_password"], form["again"] = NEW, "something else"
        assert "the same" in errors(form.submit(status=422))["again"]
        choose(ada, path)

    def test_the_page_is_kept_nowhere_and_its_address_told_to_nobody(self, ada: Browser) -> None:
        headers = ada.get(link_for(ada)).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"


@pytest.fixture
def inbox() -> Inbox:
    """A mail server that runs while the test does."""
    return Inbox()


def mailing(open_site: OpenSite, inbox: Inbox, **more: object) -> Browser:
    """Return somebody at a site that mails to `inbox`."""
    server = MailSettings(host="127.0.0.1", port=inbox.port, sender="claims@example.org")
    browser = open_site(mail=server, base_url="https://claims.example", **more)
    return Browser(browser.app, **{"wsgi.url_scheme": "https"})


def add_ada(browser: Browser, email: str = "ada@example.org") -> None:
    """Add ada with an address."""
    with browser.database.writing(BY_TEST) as session:
        users.add_user(session, "ada", Role.CURATOR, PASSWORD, email)


def ask(browser: Browser, name: str, status: int = 303) -> str:
    """Ask for a link, wait until mail is sent, and return the text of the page that follows."""
    form = browser.get("/login/forgot").forms["forgot"]
    form["username"] = name
    answer = form.submit(status=status)
    browser.app.extensions["claims_post"].wait()
    return str(answer.follow().text if status == 303 else answer.text)


class TestMail:
    def test_a_link_is_mailed_and_works(self, open_site: OpenSite, inbox: Inbox) -> None:
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

    def test_an_address_will_do_instead_of_the_name(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            ask(browser, "ADA@example.org ")
            assert len(inbox.messages) == 1

    def test_the_link_leads_to_the_site_whatever_the_request_says_it_is(
        self, open_site: OpenSite, inbox: Inbox
    ) -> None:
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

    def test_the_answer_is_the_same_for_all(self, open_site: OpenSite, inbox: Inbox) -> None:
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

    def test_nobodys_inbox_is_filled_and_nothing_tells_so(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            for number in range(5):
                other = Browser(browser.app, f"192.0.2.{number}", **{"wsgi.url_scheme": "https"})
                assert "is on its way" in ask(other, "ada")
            assert len(inbox.messages) == 3

    def test_name_and_address_in_turn_do_not_fill_it_either(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            for _ in range(3):
                ask(browser, "ada")
                ask(browser, "ada@example.org")
            assert len(inbox.messages) == resets.MOST_AT_ONCE

    def test_one_place_asks_for_so_many_links_and_no_more(self, open_site: OpenSite, inbox: Inbox) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            for number in range(10):
                ask(browser, f"name{number}")
            assert "Wait" in ask(browser, "another", status=429)

    def test_an_empty_name_asked_for_by_many_shuts_nobody_out(
        self, open_site: OpenSite, inbox: Inbox
    ) -> None:
        with inbox:
            browser = mailing(open_site, inbox)
            for _ in range(4):
                ask(browser, "")
            for _ in range(4):
                assert "is on its way" in ask(browser, "ada")

    def test_a_mail_that_is_not_taken_stands_in_the_log_without_its_link(
        self, open_site: OpenSite, inbox: Inbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        inbox.refuses = True
        with inbox:
            browser = mailing(open_site, inbox)
            add_ada(browser)
            assert "is on its way" in ask(browser, "ada")
        assert "mail was not sent" in caplog.text
        assert "/reset/" not in caplog.text

    def test_where_no_mail_is_sent_the_page_says_whom_to_ask(self, browser: Browser) -> None:
        page = browser.get("/login/forgot")
        assert "the operator of the site" in page.text
        assert "forgot" not in page.forms
        with browser.database.reading() as session:
            assert session.scalars(select(Attempt)).all() == []

    def test_a_server_with_a_password_is_given_it(self) -> None:
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

    def test_a_changed_address_ends_the_links_to_the_old_one(self, ada: Browser) -> None:
        path = link_for(ada)
        with ada.database.writing(BY_TEST) as session:
            users.set_email(session, session.scalars(select(User)).one(), "new@example.org")
        ada.get(path, status=410)


def test_asking_for_links_is_slower_than_logging_in() -> None:
    (limit, _) = LIMITS[AttemptKind.RESET]
    assert limit.wait(3) == datetime.timedelta(hours=1)
