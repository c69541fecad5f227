"""API tokens: what they allow, what they do not, and their independence of cookies and CSRF tokens."""

import datetime

import pytest
from sqlalchemy import select, update

from claims_app.models import ApiToken, Attempt, Revision
from claims_app.models.types import utc_now
from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import Role, TokenScope, Via
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim
from tests.support.browsing import Browser, add_account

CLAIM = {"statement": "Made by a program.", "kind": "mechanism", "status": "active"}


def bearing(text: str) -> dict[str, str]:
    """Return the header with a token."""
    return {"Authorization": f"Bearer {text}"}


def make_token(
    browser: Browser, scope: TokenScope = TokenScope.WRITE, name: str = "ada", days: int | None = None
) -> str:
    """Create a token and return its text."""
    with browser.database.writing(BY_TEST) as session:
        return tokens.make_token(session, users.find_user(session, name), scope, "tests", days)[1]


@pytest.fixture
def program(browser: Browser) -> Browser:
    """An API client; ada is a curator."""
    add_account(browser.database, "ada", Role.CURATOR)
    return browser


def test_a_token_writes_without_a_csrf_token_and_says_so_in_the_history(program: Browser) -> None:
    answer = program.post("/claims/new", CLAIM, 303, headers=bearing(make_token(program)))
    assert answer.location.endswith("/claims/CLM-1")
    with program.database.reading() as session:
        revision = session.scalars(select(Revision)).one()
        assert revision.actor is not None
        assert (revision.via, revision.actor.username, revision.actor_role) == (Via.API, "ada", Role.CURATOR)
    assert "1</strong> change" in program.get("/changes?via=api").text


def test_a_form_in_a_browser_still_says_web(program: Browser) -> None:
    program.log_in()
    form = program.form("/claims/new")
    form["statement"], form["kind"] = CLAIM["statement"], CLAIM["kind"]
    form.submit(status=303)
    with program.database.reading() as session:
        assert session.scalars(select(Revision.via)).all() == [Via.WEB]


def test_a_token_may_do_what_its_account_may_and_no_more(program: Browser) -> None:
    add_account(program.database, "rita", Role.READER)
    page = program.post("/claims/new", CLAIM, 403, headers=bearing(make_token(program, name="rita")))
    assert "A reader cannot" in page.text


def test_a_read_only_token_changes_nothing(program: Browser) -> None:
    headers = bearing(make_token(program, TokenScope.READ))
    program.get("/claims", headers=headers)
    answer = program.post("/claims/new", CLAIM, 403, headers=headers)
    assert "is read-only" in answer.text
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    with program.database.reading() as session:
        assert session.scalars(select(Revision)).all() == []


@pytest.mark.parametrize("text", ["", "claims_wrong", "wrong", "x" * 5000, "\xe9\xe9"])
def test_an_invalid_token_is_rejected_at_every_address(program: Browser, text: str) -> None:
    for address in ("/", "/claims.csv", "/nowhere", "/account"):
        answer = program.get(address, status=401, headers=bearing(text))
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_token_expires(program: Browser) -> None:
    headers = bearing(make_token(program, days=30))
    program.get("/", headers=headers)
    with program.database.engine.begin() as connection:
        connection.execute(update(ApiToken).values(ends_at=utc_now()))
    program.get("/", status=401, headers=headers)


def test_the_tokens_of_a_disabled_account_are_revoked_permanently(program: Browser) -> None:
    headers = bearing(make_token(program))
    with program.database.writing(BY_TEST) as session:
        users.disable_user(session, "ada")
    program.get("/", status=401, headers=headers)
    with program.database.writing(BY_TEST) as session:
        users.enable_user(session, "ada")
    program.get("/", status=401, headers=headers)


def test_a_valid_cookie_does_not_help_a_wrong_token(program: Browser) -> None:
    program.log_in()
    program.get("/account", status=401, headers=bearing("claims_wrong"))


def test_a_token_ignores_the_cookie(program: Browser) -> None:
    program.log_in(Role.ADMIN, "boss")
    headers = bearing(make_token(program))
    assert ">ada<" in program.get("/", headers=headers).text
    program.get("/users", status=403, headers=headers)
    answer = program.post("/claims/new", CLAIM, 303, headers=headers)
    assert "Set-Cookie" not in answer.headers
    assert ">boss<" in program.get("/").text


def test_other_authorization_schemes_are_ignored(program: Browser) -> None:
    program.get("/", headers={"Authorization": "Basic YTpi"})
    program.post("/claims/new", CLAIM, 403, headers={"Authorization": "Basic YTpi"})


@pytest.mark.parametrize("address", ["/account", "/account/tokens/new", "/account/password", "/users"])
def test_a_token_gives_no_access_to_the_account(program: Browser, address: str) -> None:
    add_account(program.database, "boss", Role.ADMIN)
    headers = bearing(make_token(program, name="boss"))
    assert "cannot be used for account settings" in program.get(address, status=403, headers=headers).text


def test_a_token_cannot_change_roles(program: Browser) -> None:
    add_account(program.database, "boss", Role.ADMIN)
    headers = bearing(make_token(program, name="boss"))
    program.post("/users/ada/role", {"role": "admin"}, 403, headers=headers)
    program.post("/users", {"username": "eve", "role": "admin"}, 403, headers=headers)
    with program.database.reading() as session:
        assert users.find_user(session, "ada").role is Role.CURATOR
        assert len(users.list_users(session)) == 2


def test_only_the_hash_of_a_token_is_stored(program: Browser) -> None:
    text = make_token(program)
    with program.database.reading() as session:
        (token,) = session.scalars(select(ApiToken))
    assert len(token.token_hash) == 64
    assert text not in token.token_hash


@on_both_databases
def test_the_last_use_is_recorded(program: Browser) -> None:
    headers = bearing(make_token(program))

    def used() -> datetime.datetime | None:
        with program.database.reading() as session:
            return session.scalars(select(ApiToken.used_at)).one()

    assert used() is None
    program.get("/", headers=headers)
    first = used()
    assert first is not None
    program.get("/", headers=headers)
    assert used() == first


def test_many_wrong_tokens_have_to_wait_but_a_valid_one_does_not(program: Browser) -> None:
    good = bearing(make_token(program))
    for number in range(20):
        program.get("/", status=401, headers=bearing(f"claims_{number}"))
    answer = program.get("/", status=429, headers=bearing("claims_another"))
    assert int(answer.headers["Retry-After"]) > 0
    program.get("/", headers=good)
    Browser(program.app, "192.0.2.1").get("/", status=401, headers=bearing("claims_another"))
    with program.database.reading() as session:
        assert len(session.scalars(select(Attempt)).all()) == 21


def test_a_shared_cache_distinguishes_tokens_and_cookies(program: Browser) -> None:
    with program.database.writing(BY_TEST) as session:
        make_claim(session)
    vary = program.get("/claims/CLM-1").headers["Vary"]
    assert {"Cookie", "Authorization"} <= {name.strip() for name in vary.split(",")}
