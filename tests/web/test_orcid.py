"""Login with ORCID, with a provider that behaves like orcid.org and with faulty ones."""

import logging
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import OctKey

from claims_app.config import OrcidSettings
from claims_app.models import User
from claims_app.services.accounts import users
from claims_app.vocabulary import Role
from claims_app.web.auth import orcid as pages
from tests.conftest import BY_TEST, OpenSite, on_both_databases, on_one_database
from tests.support.browsing import PASSWORD, Browser, add_account, errors
from tests.support.orcid import CLIENT_ID, CLIENT_SECRET, FOREIGN_KEY, SOFIA, Orcid

OTHER = "0000-0002-1825-0097"


@pytest.fixture
def orcid() -> Iterator[Orcid]:
    """A provider that runs during the test."""
    with Orcid() as provider:
        yield provider


@pytest.fixture
def browser(open_site: OpenSite, orcid: Orcid) -> Browser:
    """A browser of a site with ORCID login; ada has an account that is linked to an iD."""
    settings = OrcidSettings(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, issuer=orcid.issuer)
    site = open_site(orcid=settings)
    add_account(site.database, "ada", Role.CURATOR)
    with site.database.writing(BY_TEST) as session:
        users.link_orcid(session, users.find_user(session, "ada"), SOFIA)
    return site


def begin(browser: Browser, address: str = "/login/orcid") -> str:
    """Start the login, and return the address at ORCID."""
    return str(browser.get(address, status=302).location)


def sign_in(browser: Browser, orcid: Orcid, address: str = "/login/orcid") -> str:
    """Start the login, visit ORCID, and return the address of the redirect back."""
    return orcid.visit(begin(browser, address))


def is_in(browser: Browser) -> bool:
    """Return whether the browser is logged in."""
    return "logout" in browser.get("/").forms


def account(browser: Browser, name: str = "ada") -> User:
    """Return an account from the database."""
    with browser.database.reading() as session:
        return users.find_user(session, name)


class TestSigningIn:
    def test_login_with_orcid_signs_in_the_linked_account(self, browser: Browser, orcid: Orcid) -> None:
        page = browser.get(sign_in(browser, orcid), status=303).follow()
        assert "You are logged in as ada" in page.text

    @pytest.mark.parametrize("where", ["cross-site", "same-site"])
    def test_no_other_site_begins_a_login(self, browser: Browser, where: str) -> None:
        answer = browser.get("/login/orcid", status=303, headers={"Sec-Fetch-Site": where})
        assert answer.location == "/login"

    def test_the_login_page_offers_orcid(self, browser: Browser) -> None:
        page = browser.get("/login", params={"next": "/claims/new"})
        assert page.html.find("a", string="Log in with ORCID")["href"] == "/login/orcid?next=/claims/new"

    @on_both_databases
    def test_login_returns_to_the_requested_page_but_to_no_other_site(
        self, browser: Browser, orcid: Orcid
    ) -> None:
        back = sign_in(browser, orcid, "/login/orcid?next=/claims/new")
        assert browser.get(back, status=303).location.endswith("/claims/new")
        back = sign_in(browser, orcid, "/login/orcid?next=//evil.example/")
        assert "evil" not in browser.get(back, status=303).location

    def test_orcid_is_asked_for_the_identity_only_and_with_pkce(self, browser: Browser, orcid: Orcid) -> None:
        sign_in(browser, orcid)
        (asked,) = orcid.requests
        assert asked["scope"] == "openid"
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["redirect_uri"] == "http://127.0.0.1:8000/login/orcid/back"
        assert len(asked["state"]) >= 20
        assert len(asked["nonce"]) >= 20

    def test_an_unknown_id_gets_an_explanation_and_no_account(self, browser: Browser, orcid: Orcid) -> None:
        orcid.person = OTHER
        page = browser.get(sign_in(browser, orcid), status=403)
        assert f"No account is linked to {OTHER}" in page.text
        assert not is_in(browser)
        with browser.database.reading() as session:
            assert len(users.list_users(session)) == 1

    def test_a_disabled_account_cannot_be_reset(self, browser: Browser, orcid: Orcid) -> None:
        with browser.database.writing(BY_TEST) as session:
            users.disable_user(session, "ada")
        browser.get(sign_in(browser, orcid), status=403)
        assert not is_in(browser)

    def test_login_starts_a_new_session(self, browser: Browser, orcid: Orcid) -> None:
        back = sign_in(browser, orcid)
        prepared = browser.twin()
        browser.get(back, status=303)
        assert is_in(browser)
        assert not is_in(prepared)

    def test_without_configuration_orcid_is_not_available(self, open_site: OpenSite) -> None:
        site = open_site()
        for address in ("/login/orcid", "/login/orcid/back"):
            site.get(address, status=404)
        assert "ORCID" not in site.get("/login").text


@on_one_database
class TestWrongAnswers:
    def refused(self, browser: Browser, back: str) -> None:
        """Return from ORCID and check that the login is rejected."""
        page = browser.get(back, status=502)
        assert "ORCID login failed" in page.text
        assert not is_in(browser)

    @pytest.mark.parametrize(
        "claims",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"iss": "https://orcid.org"},
            {"iss": None},
            {"aud": "APP-ANOTHER"},
            {"aud": ["APP-ANOTHER", "APP-THIRD"]},
            {"aud": ["APP-ANOTHER"], "azp": CLIENT_ID},
            {"aud": None},
            {"exp": -3600, "iat": -7200},
            {"exp": None},
            {"iat": 3600},
            {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
            {"sub": None},
            {"sub": "ada"},
            {"sub": "0000-0001-5109-3701"},
        ],
        ids=str,
    )
    def test_an_id_token_for_another_audience_or_time_is_rejected(
        self, browser: Browser, orcid: Orcid, claims: dict[str, object]
    ) -> None:
        # Times are given in seconds from now, so that the test has the same name whenever it is collected.
        orcid.claims = {
            name: int(time.time()) + value if isinstance(value, int) else value
            for name, value in claims.items()
        }
        self.refused(browser, sign_in(browser, orcid))

    def test_an_id_token_signed_by_another_issuer_is_rejected(self, browser: Browser, orcid: Orcid) -> None:
        orcid.key = FOREIGN_KEY
        self.refused(browser, sign_in(browser, orcid))

    def test_an_id_token_signed_with_our_own_secret_is_rejected(self, browser: Browser, orcid: Orcid) -> None:
        orcid.metadata = {"id_token_signing_alg_values_supported": ["RS256", "HS256", "none"]}
        orcid.algorithm, orcid.key = "HS256", OctKey.import_key(CLIENT_SECRET)
        self.refused(browser, sign_in(browser, orcid))

    def test_an_unsigned_id_token_is_rejected(self, browser: Browser, orcid: Orcid) -> None:
        orcid.metadata = {"id_token_signing_alg_values_supported": ["RS256", "none"]}
        orcid.algorithm = "none"
        self.refused(browser, sign_in(browser, orcid))

    def test_a_code_works_once(self, browser: Browser, orcid: Orcid) -> None:
        back = sign_in(browser, orcid)
        thief = browser.twin()
        browser.get(back, status=303)
        self.refused(thief, back)
        browser.log_out()
        self.refused(browser, back)

    def test_a_code_from_another_browser_is_rejected(self, browser: Browser, orcid: Orcid) -> None:
        self.refused(Browser(browser.app), sign_in(browser, orcid))

    def test_a_code_with_another_state_is_rejected(self, browser: Browser, orcid: Orcid) -> None:
        victim = Browser(browser.app)
        begin(victim)
        self.refused(victim, sign_in(browser, orcid))

    def test_an_injected_code_is_rejected_without_its_verifier(self, browser: Browser, orcid: Orcid) -> None:
        stolen = parse_qs(urlsplit(sign_in(Browser(browser.app), orcid)).query)["code"][0]
        mine = parse_qs(urlsplit(sign_in(browser, orcid)).query)["state"][0]
        self.refused(browser, f"/login/orcid/back?code={stolen}&state={mine}")

    @pytest.mark.parametrize(
        "answer",
        [
            (400, b'{"error":"invalid_grant","error_description":"Reused authorization code"}'),
            (401, b'{"error":"invalid_client"}'),
            (500, b"<html>Internal error</html>"),
            (200, b"not json"),
            (200, b"[]"),
            (200, b"{}"),
            (200, b'{"access_token":"a","token_type":"bearer","orcid":"0000-0001-5109-3700"}'),
            (200, b'{"access_token":"a","token_type":"bearer","id_token":"a.b.c"}'),
            (200, b'{"access_token":"a","token_type":"bearer","id_token":7}'),
        ],
        ids=str,
    )
    def test_a_meaningless_answer_is_explained(
        self, browser: Browser, orcid: Orcid, answer: tuple[int, bytes]
    ) -> None:
        orcid.answer = answer
        self.refused(browser, sign_in(browser, orcid))

    @pytest.mark.parametrize("query", ["", "code=x", "state=x", "code=x&state=y", "error=server_error"])
    def test_an_unexpected_return_is_explained(self, browser: Browser, query: str) -> None:
        self.refused(browser, f"/login/orcid/back?{query}")

    def test_denied_access_is_explained(self, browser: Browser, orcid: Orcid) -> None:
        orcid.refuses = True
        assert "You did not grant access" in browser.get(sign_in(browser, orcid), status=403).text

    def test_a_late_return_from_orcid_is_rejected(
        self, browser: Browser, orcid: Orcid, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        back = sign_in(browser, orcid)
        monkeypatch.setattr(pages, "SECONDS", 0)
        self.refused(browser, back)

    def test_metadata_of_another_issuer_is_rejected(self, browser: Browser, orcid: Orcid) -> None:
        orcid.metadata = {"issuer": "https://orcid.org"}
        browser.get("/login/orcid", status=502)
        orcid.metadata = {}
        browser.get(sign_in(browser, orcid), status=303)

    def test_a_provider_that_does_not_answer_is_explained(self, browser: Browser, orcid: Orcid) -> None:
        orcid.__exit__()
        browser.get("/login/orcid", status=502)
        browser.try_log_in("ada", PASSWORD, 303)

    def test_no_secret_is_logged(
        self, browser: Browser, orcid: Orcid, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG, logger="claims_app"):
            browser.get(sign_in(browser, orcid), status=303)
            orcid.claims = {"nonce": "another"}
            browser.get(sign_in(browser, orcid), status=502)
        assert CLIENT_SECRET not in caplog.text
        assert "sign-in with ORCID failed" in caplog.text
        assert CLIENT_SECRET not in repr(browser.app.extensions["claims_settings"])


class TestLinking:
    @pytest.fixture
    def bob(self, browser: Browser, orcid: Orcid) -> Browser:
        """A browser logged in as bob, who has no linked iD but another one at ORCID."""
        orcid.person = OTHER
        return browser.log_in(name="bob")

    def test_an_id_is_linked_after_confirmation_with_the_password(self, bob: Browser, orcid: Orcid) -> None:
        page = bob.get(sign_in(bob, orcid, "/account/orcid"), status=303).follow()
        assert OTHER in page.html.select_one(".lead").get_text()
        form = page.forms["record"]
        form["present_password"] = PASSWORD
        assert "You can now log in with the ORCID iD" in form.submit(status=303).follow().text
        assert account(bob, "bob").orcid == OTHER
        bob.log_out()
        bob.get(sign_in(bob, orcid), status=303)
        assert is_in(bob)

    def test_returning_from_orcid_does_not_link_without_confirmation(
        self, bob: Browser, orcid: Orcid
    ) -> None:
        bob.get(sign_in(bob, orcid, "/account/orcid"), status=303)
        assert account(bob, "bob").orcid is None

    def test_without_the_password_nothing_is_linked(self, bob: Browser, orcid: Orcid) -> None:
        form = bob.get(sign_in(bob, orcid, "/account/orcid"), status=303).follow().forms["record"]
        form["present_password"] = "wrong"
        assert list(errors(form.submit(status=422))) == ["present_password"]
        assert account(bob, "bob").orcid is None

    def test_an_id_that_orcid_did_not_confirm_is_not_linked(self, bob: Browser) -> None:
        token = bob.get("/account").forms["end-all"]["csrf_token"].value
        fields = {"csrf_token": token, "present_password": PASSWORD, "orcid": OTHER}
        assert "Try again" in bob.post("/account/orcid", fields, 303).follow().text
        assert account(bob, "bob").orcid is None

    def test_an_id_confirmed_for_one_account_is_not_linked_to_another(
        self, bob: Browser, orcid: Orcid
    ) -> None:
        bob.get(sign_in(bob, orcid, "/account/orcid"), status=303)
        bob.try_log_in("ada", PASSWORD, 303)
        token = bob.get("/account").forms["end-all"]["csrf_token"].value
        bob.post("/account/orcid", {"csrf_token": token, "present_password": PASSWORD}, 303)
        assert account(bob).orcid == SOFIA

    def test_an_id_belongs_to_one_account(self, bob: Browser, orcid: Orcid) -> None:
        orcid.person = SOFIA
        form = bob.get(sign_in(bob, orcid, "/account/orcid"), status=303).follow().forms["record"]
        form["present_password"] = PASSWORD
        assert "linked to another account" in form.submit(status=303).follow().text
        assert account(bob, "bob").orcid is None

    def test_unlinking_needs_the_password(self, browser: Browser) -> None:
        form = browser.log_in().form("/account/orcid/unlink")
        form["present_password"] = "wrong"
        assert "not your current password" in errors(form.submit(status=422))["present_password"]
        assert account(browser).orcid == SOFIA

    def test_an_unlinked_id_cannot_log_in(self, browser: Browser, orcid: Orcid) -> None:
        browser.log_in()
        form = browser.form("/account/orcid/unlink")
        form["present_password"] = PASSWORD
        form.submit(status=303)
        assert account(browser).orcid is None
        browser.log_out()
        browser.get(sign_in(browser, orcid), status=403)

    def test_only_signed_in_users_have_access(self, browser: Browser) -> None:
        assert "/login" in browser.get("/account/orcid", status=303).location
