"""Login: sessions that end on the server, cookies, and rate limiting."""

import datetime
import logging
import re
import time

import pytest
from flask import session as cookie_session
from itsdangerous import TimestampSigner
from sqlalchemy import event, select, update

from claims_app.database import Database
from claims_app.models import Attempt, UserSession
from claims_app.models.types import utc_now
from claims_app.services.accounts import passwords, sessions, users
from claims_app.services.accounts.turns import Turns
from claims_app.vocabulary import AttemptKind, Role
from tests.conftest import BY_TEST, OpenSite, on_both_databases
from tests.support.browsing import PASSWORD, Browser, add_account, errors

ELSEWHERE = "198.51.100.7"


def rows(database: Database) -> list[UserSession]:
    """Return the sessions in the database."""
    with database.reading() as session:
        return list(session.scalars(select(UserSession).order_by(UserSession.id)))


def age(database: Database, **values: datetime.timedelta) -> None:
    """Move columns of all sessions into the past."""
    with database.engine.begin() as connection:
        connection.execute(update(UserSession).values({n: utc_now() - ago for n, ago in values.items()}))


def age_attempts(database: Database, by: datetime.timedelta) -> None:
    """Move all attempts into the past."""
    with database.writing(BY_TEST) as session:
        for attempt in session.scalars(select(Attempt)):
            attempt.made_at -= by


def is_in(browser: Browser) -> bool:
    """Return whether the browser is logged in."""
    return "logout" in browser.get("/").forms


class TestSessions:
    def test_only_the_hash_of_the_secret_is_stored(self, browser: Browser) -> None:
        browser.log_in()
        (row,) = rows(browser.database)
        cookie = browser.cookie("claims_session")
        assert cookie is not None
        assert row.token_hash not in str(cookie.value)
        assert len(row.token_hash) == 64

    def test_the_cookie_contains_nothing_about_the_account(self, browser: Browser) -> None:
        browser.log_in()
        with browser.app.test_request_context(headers={"Cookie": f"claims_session={value(browser)}"}):
            assert len(cookie_session["_user_id"]) == 43
            kept = {name: text for name, text in cookie_session.items() if name != "_flashes"}
            assert "ada" not in str(kept)

    def test_a_copied_cookie_is_invalid_after_logout(self, browser: Browser) -> None:
        thief = browser.log_in().twin()
        assert is_in(thief)
        browser.log_out()
        assert not is_in(thief)
        assert rows(browser.database) == []

    def test_each_login_has_a_new_secret_and_ends_the_old_session(self, browser: Browser) -> None:
        thief = browser.log_in().twin()
        browser.try_log_in("ada", PASSWORD, 303)
        assert is_in(browser)
        assert not is_in(thief)

    def test_a_form_from_before_the_login_is_invalid_after_it(self, browser: Browser) -> None:
        before = browser.get("/login").forms["login"]["csrf_token"].value
        browser.log_in()
        browser.post("/logout", {"csrf_token": before}, 400)
        assert is_in(browser)

    def test_a_session_that_is_not_used_ends(self, browser: Browser) -> None:
        browser.log_in()
        age(browser.database, seen_at=sessions.IDLE - datetime.timedelta(minutes=1))
        assert is_in(browser)
        age(browser.database, seen_at=sessions.IDLE)
        assert not is_in(browser)

    def test_a_session_ends_however_much_it_is_used(self, browser: Browser) -> None:
        browser.log_in()
        age(browser.database, ends_at=datetime.timedelta(0))
        assert not is_in(browser)

    def test_a_session_lasts_fourteen_days_at_most(self, browser: Browser) -> None:
        browser.log_in()
        (row,) = rows(browser.database)
        assert row.ends_at - row.began_at == datetime.timedelta(days=14)

    @on_both_databases
    def test_the_last_use_is_recorded_every_few_minutes(self, browser: Browser) -> None:
        browser.log_in()
        before = rows(browser.database)[0].seen_at
        browser.get("/")
        assert rows(browser.database)[0].seen_at == before
        age(browser.database, seen_at=datetime.timedelta(minutes=6))
        browser.get("/")
        assert utc_now() - rows(browser.database)[0].seen_at < datetime.timedelta(minutes=1)

    @on_both_databases
    def test_reading_works_while_another_transaction_writes(self, browser: Browser) -> None:
        browser.log_in()
        age(browser.database, seen_at=datetime.timedelta(minutes=6))
        before = rows(browser.database)[0].seen_at
        with browser.database.writing(BY_TEST) as session:
            session.execute(update(UserSession).values(agent="locked"))
            began = time.monotonic()
            assert is_in(browser)
            assert time.monotonic() - began < 5
        assert rows(browser.database)[0].seen_at == before

    def test_a_page_costs_a_signed_in_user_one_more_query(self, browser: Browser) -> None:
        browser.log_in()
        seen: list[str] = []
        event.listen(
            browser.database.engine, "before_cursor_execute", lambda *given: seen.append(str(given[2]))
        )
        browser.get("/method")
        assert len([sql for sql in seen if "sessions" in sql]) == 1
        browser.log_out()
        seen.clear()
        browser.get("/method")
        assert not [sql for sql in seen if "sessions" in sql or "users" in sql]

    def test_a_role_change_ends_the_sessions_with_the_old_role(self, browser: Browser) -> None:
        browser.log_in()
        with browser.database.writing(BY_TEST) as session:
            users.set_role(session, "ada", Role.READER)
        assert not is_in(browser)

    def test_old_sessions_are_cleared_away(self, browser: Browser) -> None:
        browser.log_in()
        age(browser.database, ends_at=datetime.timedelta(days=1))
        Browser(browser.app).log_in(name="bob")
        assert len(rows(browser.database)) == 1


def value(browser: Browser) -> str:
    """Return the value of the session cookie."""
    cookie = browser.cookie("claims_session")
    assert cookie is not None
    return str(cookie.value).strip('"')


class TestCookies:
    @pytest.mark.parametrize("ahead", [2, 3600])
    def test_the_cookie_of_a_host_whose_clock_is_ahead_is_good(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch, ahead: int
    ) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(TimestampSigner, "get_timestamp", lambda _: int(time.time()) + ahead)
            browser.log_in()
        assert "Log out" in browser.get("/account").text

    def test_an_old_cookie_has_ended_whatever_the_database_says(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        browser.log_in()
        later = int(time.time() + sessions.LONGEST.total_seconds()) + 60
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: later)
        browser.get("/account", status=303)

    def test_with_https_no_other_site_can_set_or_read_cookies(self, open_site: OpenSite) -> None:
        here = open_site(base_url="https://claims.example")
        browser = Browser(here.app, **{"wsgi.url_scheme": "https", "HTTP_HOST": "claims.example"})
        add_account(here.database, "ada", Role.CURATOR)
        answers = [browser.get("/login"), browser.try_log_in("ada", PASSWORD, 303)]
        set_cookies = [line for answer in answers for line in answer.headers.getall("Set-Cookie")]
        assert {line.split("=")[0] for line in set_cookies} == {
            "__Host-claims_session",
            "__Host-claims_browser",
        }
        for line in set_cookies:
            attributes = {part.strip() for part in line.split(";")[1:]}
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= attributes, line
            assert "Domain" not in line
        assert is_in(browser)

    def test_without_https_cookies_are_protected_from_scripts_and_other_sites(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        answer = browser.try_log_in("ada", PASSWORD, 303)
        for line in answer.headers.getall("Set-Cookie"):
            assert "HttpOnly" in line
            assert "SameSite=Lax" in line
            assert "Secure" not in line

    def test_readers_get_none(self, browser: Browser) -> None:
        for address in ("/", "/claims", "/studies", "/changes", "/method"):
            assert "Set-Cookie" not in browser.get(address).headers

    def test_a_prepared_session_is_not_used_after_login(self, browser: Browser) -> None:
        attacker = Browser(browser.app).log_in(name="mallory")
        victim = attacker.twin()
        add_account(browser.database, "ada", Role.CURATOR)
        victim.try_log_in("ada", PASSWORD, 303)
        assert not is_in(attacker)
        assert [row.user_id for row in rows(browser.database)] == [2]


class TestGuessing:
    def test_after_a_few_mistakes_each_attempt_has_to_wait_longer(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        for _ in range(5):
            browser.try_log_in("ada", "wrong", 422)
        waits = []
        for _ in range(3):
            answer = browser.try_log_in("ada", PASSWORD, 429)
            waits.append(int(answer.headers["Retry-After"]))
            age_attempts(browser.database, datetime.timedelta(seconds=waits[-1]))
            browser.try_log_in("ada", "wrong", 422)
        assert [round(wait / 15) for wait in waits] == [1, 2, 4]

    @pytest.mark.parametrize(("name", "password"), [("ada", ""), ("", PASSWORD), ("", "")])
    def test_an_empty_field_is_no_attempt(self, browser: Browser, name: str, password: str) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        page = browser.try_log_in(name, password, 422)
        wrong = {field for field, typed in (("username", name), ("password", password)) if not typed}
        assert set(errors(page)) == wrong
        with browser.database.reading() as session:
            assert session.scalars(select(Attempt)).all() == []

    def test_an_attempt_that_finds_the_queue_full_is_told_when_to_return_and_not_counted(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        monkeypatch.setattr(passwords, "_turns", Turns(1, 0))
        with passwords.place():
            page = browser.try_log_in("ada", PASSWORD, 503)
        assert page.headers["Retry-After"] == "5"
        assert page.forms["login"]["username"].value == "ada"
        with browser.database.reading() as session:
            assert session.scalars(select(Attempt)).all() == []
        browser.try_log_in("ada", PASSWORD, 303)

    def test_attackers_do_not_lock_the_owner_out(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        attacker = Browser(browser.app, ELSEWHERE)
        for _ in range(5):
            attacker.try_log_in("ada", "wrong", 422)
        attacker.try_log_in("ada", "wrong", 429)
        browser.try_log_in("ada", PASSWORD, 303)

    def test_a_login_resets_only_the_attempts_of_its_own_account(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        attacker = Browser(browser.app, ELSEWHERE)
        for _ in range(5):
            attacker.try_log_in("ada", "wrong", 422)
        for _ in range(4):
            browser.try_log_in("ada", "wrong", 422)
        browser.try_log_in("ada", PASSWORD, 303)
        for _ in range(4):
            browser.try_log_in("ada", "wrong", 422)
        attacker.try_log_in("ada", "wrong", 429)

    def test_one_address_cannot_guess_many_accounts(self, browser: Browser) -> None:
        with browser.database.writing(BY_TEST) as session:
            session.add_all(
                Attempt(kind=AttemptKind.LOGIN, subject=f"name{n}", source="127.0.0.1") for n in range(99)
            )
        browser.try_log_in("name99", "wrong", 422)
        browser.try_log_in("another", "wrong", 429)

    def test_many_addresses_cannot_guess_one_account_without_limit(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        for number in range(50):
            Browser(browser.app, f"203.0.113.{number}").try_log_in("ada", "wrong", 422)
        Browser(browser.app, "203.0.113.99").try_log_in("ada", "wrong", 429)

    def test_in_a_known_browser_the_owner_can_still_log_in(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        browser.try_log_in("ada", PASSWORD, 303)
        browser.log_out()
        for number in range(50):
            Browser(browser.app, f"203.0.113.{number}").try_log_in("ada", "wrong", 422)
        Browser(browser.app, "203.0.113.99").try_log_in("ada", PASSWORD, 429)
        browser.try_log_in("ada", PASSWORD, 303)

    def test_a_known_browser_has_no_more_attempts_than_others(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        browser.try_log_in("ada", PASSWORD, 303)
        browser.log_out()
        for _ in range(5):
            browser.try_log_in("ada", "wrong", 422)
        browser.try_log_in("ada", PASSWORD, 429)

    def test_a_device_cookie_is_valid_for_one_account_only(self, browser: Browser) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        browser.try_log_in("ada", PASSWORD, 303)
        browser.log_out()
        add_account(browser.database, "bob", Role.CURATOR)
        for number in range(50):
            Browser(browser.app, f"203.0.113.{number}").try_log_in("bob", "wrong", 422)
        browser.try_log_in("bob", PASSWORD, 429)

    def test_a_forged_device_cookie_is_ignored(self, browser: Browser) -> None:
        browser._web.set_cookie("claims_browser", "WyJhZGEiLCJrZXkiXQ.forged")
        add_account(browser.database, "ada", Role.CURATOR)
        browser.try_log_in("ada", "wrong", 422)
        with browser.database.reading() as session:
            assert session.scalars(select(Attempt.source)).all() == ["127.0.0.1"]

    def test_an_ipv6_network_is_one_place(self, browser: Browser) -> None:
        for number in range(5):
            Browser(browser.app, f"2001:db8::{number + 1}").try_log_in("ada", "wrong", 422)
        Browser(browser.app, "2001:db8::ffff").try_log_in("ada", "wrong", 429)
        Browser(browser.app, "2001:db8:0:1::1").try_log_in("ada", "wrong", 422)

    @on_both_databases
    def test_attempts_are_forgotten_after_a_day(self, browser: Browser) -> None:
        for _ in range(5):
            browser.try_log_in("ada", "wrong", 422)
        age_attempts(browser.database, datetime.timedelta(days=1))
        browser.try_log_in("ada", "wrong", 422)
        with browser.database.reading() as session:
            assert len(session.scalars(select(Attempt)).all()) == 1

    def test_behind_a_proxy_the_visitor_counts_where_the_setting_says_so(self, open_site: OpenSite) -> None:
        here = open_site(proxies=1)
        for _ in range(5):
            Browser(here.app, HTTP_X_FORWARDED_FOR=f"10.9.9.9, {ELSEWHERE}").try_log_in("ada", "wrong", 422)
        Browser(here.app, HTTP_X_FORWARDED_FOR=ELSEWHERE).try_log_in("ada", "wrong", 429)
        Browser(here.app, HTTP_X_FORWARDED_FOR="192.0.2.1").try_log_in("ada", "wrong", 422)

    def test_without_the_setting_what_a_visitor_says_of_itself_is_not_believed(
        self, browser: Browser
    ) -> None:
        for number in range(5):
            one = Browser(browser.app, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
            one.try_log_in("ada", "wrong", 422)
        Browser(browser.app, HTTP_X_FORWARDED_FOR="192.0.2.99").try_log_in("ada", "wrong", 429)


class TestPasswords:
    @pytest.mark.costly_passwords
    def test_they_are_hashed_as_owasp_asks(self) -> None:
        assert passwords.hash_password("a good password").startswith("scrypt:131072:8:1$")

    def test_a_login_that_started_before_a_password_change_fails(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        add_account(browser.database, "ada", Role.CURATOR)
        check = passwords.check_password_hash

        def slowly(hashed: str, password: str) -> bool:
            with browser.database.writing(BY_TEST) as session:
                users.set_password(session, "ada", "a new password")
            return check(hashed, password)

        monkeypatch.setattr(passwords, "check_password_hash", slowly)
        browser.try_log_in("ada", PASSWORD, 422)
        assert rows(browser.database) == []

    def test_no_connection_is_held_while_a_password_is_checked(
        self, browser: Browser, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        check, pool = passwords.check_password_hash, browser.database.engine.pool
        held: list[int] = []

        def note(hashed: str, password: str) -> bool:
            held.append(pool.checkedout())  # type: ignore[attr-defined]
            return check(hashed, password)

        browser.log_in()
        monkeypatch.setattr(passwords, "check_password_hash", note)
        Browser(browser.app).try_log_in("ada", PASSWORD, 303)
        form = browser.get("/account/email").forms["record"]
        form["present_password"], form["email"] = PASSWORD, "ada@example.org"
        form.submit(status=303)
        assert held == [0, 0]

    def test_an_account_without_a_password_cannot_log_in(self, browser: Browser) -> None:
        with browser.database.writing(BY_TEST) as session:
            users.add_user(session, "ada", Role.CURATOR)
        for password in ("", "!", "0" * 128):
            browser.try_log_in("ada", password, 422)

    @pytest.mark.parametrize("name", ["ada", "nobody", "bob"])
    def test_an_unknown_name_takes_as_much_work_as_a_wrong_password(
        self, database: Database, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        with database.writing(BY_TEST) as session:
            users.add_user(session, "ada", Role.CURATOR, "a good password")
            users.add_user(session, "bob", Role.CURATOR, "a good password")
            users.disable_user(session, "bob")
        compared: list[str] = []
        monkeypatch.setattr(
            passwords, "check_password_hash", lambda known, _typed: bool(compared.append(known))
        )
        with database.reading() as session:
            assert passwords.account_opened_by(session, name, "wrong") is None
        method, _salt, digest = compared[0].split("$")
        assert (len(compared), method, len(digest)) == (1, passwords.HASH_METHOD, 128)

    def test_no_secret_is_logged(self, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            browser.log_in()
            browser.try_log_in("ada", "my wrong password", 422)
        assert PASSWORD not in caplog.text
        assert "my wrong password" not in caplog.text
        assert value(browser)[:20] not in caplog.text

    def test_a_password_is_never_shown(self, browser: Browser) -> None:
        for _ in range(5):
            browser.try_log_in("ada", "my wrong password", 422)
        page = browser.try_log_in("ada", "my wrong password", 429)
        assert "my wrong password" not in page.text
        assert re.search(r"Wait \d+ seconds", page.text)

    def test_a_longer_password_is_not_cut_off(self, browser: Browser) -> None:
        with browser.database.writing(BY_TEST) as session:
            users.add_user(session, "ada", Role.CURATOR, "xy" * 500)
        browser.try_log_in("ada", "xy" * 500 + "z", 422)
        browser.try_log_in("ada", "xy" * 500, 303)

    def test_the_user_name_is_no_password(self, browser: Browser) -> None:
        form = browser.log_in(name="lovelace").form("/account/password")
        form["present_password"] = PASSWORD
        form["new_password"] = form["again"] = "Lovelace1815"
        assert "user name" in errors(form.submit(status=422))["new_password"]
