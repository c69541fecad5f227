"""Accounts: constraints of the database, and concurrent requests."""

import datetime
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from claims_app.database import Database, WriteSession
from claims_app.engines import BUSY_SECONDS
from claims_app.models import ApiToken, User, UserSession
from claims_app.models.types import utc_now
from claims_app.services.accounts import passwords, resets, sessions, throttling, tokens, users
from claims_app.services.core.errors import Invalid, NotFound, Refused, TooManyAttempts
from claims_app.vocabulary import AttemptKind, Role, TokenScope
from tests.conftest import BY_TEST


def add(session: WriteSession, name: str = "ada", role: Role = Role.CURATOR) -> User:
    """Add an account without a password."""
    return users.add_user(session, name, role)


@pytest.mark.parametrize(
    "values",
    [
        {"username": "Ada"},
        {"email": "Ada@example.org"},
        {"email": "nonsense"},
        {"email": ""},
        {"orcid": ""},
        {"orcid": "0000-0002-1825-009"},
        {"orcid": "0000-0002-1825-009a"},
        {"orcid": "0000-0002-18X5-0097"},
        {"orcid": "0000x0002x1825x0097"},
        {"role": "king"},
    ],
    ids=str,
)
def test_the_database_refuses_invalid_accounts(database: Database, values: dict[str, str]) -> None:
    with database.writing(BY_TEST) as session:
        add(session)
    (name,) = values
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(text(f"UPDATE users SET {name} = :{name}"), values)


@pytest.mark.parametrize("values", [{"orcid": "0000-0002-1694-233X"}, {"email": "a@b.co"}], ids=str)
def test_the_database_keeps_orcids_and_emails_unique(database: Database, values: dict[str, str]) -> None:
    with database.writing(BY_TEST) as session:
        for name in ("ada", "bob"):
            add(session, name)
    with database.engine.begin() as connection:
        connection.execute(update(User).where(User.username == "ada").values(values))
    with pytest.raises(IntegrityError), database.engine.begin() as connection:
        connection.execute(update(User).where(User.username == "bob").values(values))


def test_the_database_refuses_a_token_that_is_not_hashed(session: WriteSession) -> None:
    user = add(session)
    session.add(ApiToken(user_id=user.id, label="x", scope=TokenScope.READ, token_hash="claims_secret"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_sessions_of_a_disabled_account_are_not_found(session: WriteSession) -> None:
    user = add(session)
    secret = sessions.begin(session, user, None)
    assert sessions.find(session, secret) is not None
    session.execute(update(User).values(is_active=False))
    session.expire_all()
    assert sessions.find(session, secret) is None


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Run all tasks at the same moment; return the result or the refusal of each."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return task()
        except (Refused, TooManyAttempts) as refused:
            return refused

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_two_admins_cannot_disable_each_other_at_once(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        for name in ("ada", "bob"):
            add(session, name, Role.ADMIN)

    def disable(name: str) -> None:
        with database.writing(BY_TEST) as session:
            users.disable_user(session, name)

    done = at_once(lambda: disable("ada"), lambda: disable("bob"))
    assert sorted(map(type, done), key=str) == [type(None), Refused]
    with database.reading() as session:
        assert [user.is_active for user in users.list_users(session)].count(True) == 1


def test_a_reset_link_used_twice_at_once_works_once(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        secret = resets.give_out(session, add(session))
    hashes = [passwords.no_password(), passwords.no_password()]

    def use(hashed: str) -> str:
        with database.writing(BY_TEST) as session:
            resets.use(session, secret, hashed)
        return hashed

    done = at_once(lambda: use(hashes[0]), lambda: use(hashes[1]))
    (used,) = (hashed for hashed in done if isinstance(hashed, str))
    with database.reading() as session:
        assert users.find_user(session, "ada").password_hash == used


def test_attempts_at_once_are_all_counted(database: Database) -> None:
    def attempt() -> None:
        with database.writing(BY_TEST) as session:
            throttling.note(session, AttemptKind.LOGIN, "ada", "192.0.2.1")

    done = [outcome for _ in range(3) for outcome in at_once(*[attempt] * 6)]
    allowed = [outcome for outcome in done if outcome is None]
    # Exactly five on SQLite; on PostgreSQL attempts made at the same moment may pass.
    assert 5 <= len(allowed) <= (5 if database.is_sqlite else 10)


def test_a_write_in_passing_does_not_wait_for_a_lock(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        sessions.begin(session, add(session), None)
    with database.writing(BY_TEST) as session:
        session.execute(update(UserSession).values(agent="locked"))
        assert not database.try_write(update(UserSession).values(agent="in passing"))
    assert database.try_write(update(UserSession).values(agent="in passing"))


def test_a_write_in_passing_restores_the_lock_timeout(database: Database) -> None:
    assert database.try_write(update(User).values(is_active=True))
    if database.is_sqlite:
        with database.engine.connect() as one, database.engine.connect() as other:
            for connection in (one, other):
                assert connection.scalar(text("PRAGMA busy_timeout")) == BUSY_SECONDS * 1000
    else:
        with database.engine.connect() as connection:
            assert connection.scalar(text("SHOW lock_timeout")) == "0"


def test_attempts_in_a_known_browser_do_not_count_against_others(session: WriteSession) -> None:
    for number in range(49):
        throttling.note(session, AttemptKind.LOGIN, "ada", f"192.0.2.{number}")
    for key in ("one", "two"):
        throttling.note(session, AttemptKind.LOGIN, "ada", throttling.known_source(key))
    throttling.note(session, AttemptKind.LOGIN, "ada", "192.0.2.100")
    with pytest.raises(TooManyAttempts):
        throttling.note(session, AttemptKind.LOGIN, "ada", "192.0.2.101")


def test_nobody_waits_for_longer_because_the_clock_was_set_back(
    session: WriteSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        throttling.note(session, AttemptKind.LOGIN, "ada", "192.0.2.1")
    with pytest.raises(TooManyAttempts) as before:
        throttling.note(session, AttemptKind.LOGIN, "ada", "192.0.2.1")
    an_hour_ago = utc_now() - datetime.timedelta(hours=1)
    monkeypatch.setattr(throttling, "utc_now", lambda: an_hour_ago)
    with pytest.raises(TooManyAttempts) as after:
        throttling.note(session, AttemptKind.LOGIN, "ada", "192.0.2.1")
    assert after.value.wait <= before.value.wait + datetime.timedelta(seconds=1)


def test_a_write_in_passing_is_skipped_if_it_fails(database: Database) -> None:
    assert not database.try_write(text("UPDATE nothing SET nowhere = 1"))


def test_the_last_admin_is_neither_disabled_nor_demoted(session: WriteSession) -> None:
    add(session, "boss", Role.ADMIN)
    for refused in (
        lambda: users.disable_user(session, "boss"),
        lambda: users.set_role(session, "boss", Role.READER),
    ):
        with pytest.raises(Refused, match="last admin"):
            refused()
    add(session, "other", Role.ADMIN)
    users.disable_user(session, "boss")


@pytest.mark.parametrize("days", [0, -1, 4000])
def test_a_token_with_an_invalid_lifetime_is_refused(session: WriteSession, days: int) -> None:
    with pytest.raises(Invalid, match="number of days"):
        tokens.make_token(session, add(session), TokenScope.READ, "tests", days)


def test_a_disabled_account_gets_no_token(session: WriteSession) -> None:
    add(session)
    users.disable_user(session, "ada")
    with pytest.raises(Refused, match="disabled"):
        tokens.make_token(session, users.find_user(session, "ada"), TokenScope.READ, "tests", None)


def test_revoking_an_unknown_token_raises_not_found(session: WriteSession) -> None:
    with pytest.raises(NotFound):
        tokens.revoke(session, 7)
