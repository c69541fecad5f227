"""Accounts: adding them, changing passwords, and logging in."""

import datetime
import functools
import re
from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from claims_app.models import LoginFailure, User
from claims_app.models.types import utc_now
from claims_app.services.errors import Invalid, NotFound, TooManyAttempts
from claims_app.services.records import save
from claims_app.vocabulary import Role

HASH_METHOD = "scrypt:131072:8:1"
"""Memory-hard, 128 MiB a hash: the first of the scrypt settings that OWASP's Password Storage Cheat Sheet names."""

SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 1000
FAILURES_ALLOWED = 10
FAILURE_WINDOW = datetime.timedelta(minutes=15)

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


def add_user(session: Session, username: str, role: Role, password: str) -> User:
    """Make an account. Raises Invalid for a name or a password that will not do, or a name that is taken."""
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Invalid(
            {"username": ["Use 2 to 64 of the characters a-z, 0-9, dot, @, underscore and hyphen."]}
        )
    if session.scalar(select(User.id).where(User.username == username)) is not None:
        raise Invalid({"username": [f"There is an account “{username}” already."]})
    user = User(username=username, role=role, password_hash=hash_password(password))
    session.add(user)
    save(session)
    return user


def set_password(session: Session, username: str, password: str) -> User:
    """Give an account a new password and sign it out everywhere. Raises NotFound and Invalid."""
    user = _account(session, username)
    user.password_hash = hash_password(password)
    user.session_number += 1
    save(session)
    return user


def disable_user(session: Session, username: str) -> User:
    """Close an account and sign it out everywhere; what it did stays in the history. Raises NotFound."""
    user = _account(session, username)
    user.is_active = False
    user.session_number += 1
    save(session)
    return user


def list_users(session: Session) -> Sequence[User]:
    """Return all accounts by name."""
    return session.scalars(select(User).order_by(User.username)).all()


def hash_password(password: str) -> str:
    """Return the salted hash of a password. Raises Invalid for one that is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(
            {"password": [f"Use {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters for a password."]}
        )
    if not password.isprintable():
        raise Invalid({"password": ["Use characters that can be typed."]})
    return generate_password_hash(password, method=HASH_METHOD)


def check_login(session: Session, username: str, password: str) -> User | None:
    """Return the account that `username` and `password` open, or None. It only reads.

    Hashing takes long and must not hold a lock, so the caller notes the outcome afterwards, with
    `note_failure` or `forget_failures`. Raises TooManyAttempts after too many failures for this name.
    """
    username = _normal(username)
    failures = session.scalar(
        select(func.count())
        .select_from(LoginFailure)
        .where(LoginFailure.username == username, LoginFailure.failed_at > utc_now() - FAILURE_WINDOW)
    )
    if (failures or 0) >= FAILURES_ALLOWED:
        minutes = int(FAILURE_WINDOW.total_seconds() // 60)
        raise TooManyAttempts(f"Too many log-ins failed for this name. Wait {minutes} minutes and try again.")
    user = session.scalar(select(User).where(User.username == username))
    # An unknown name takes as long as a wrong password, so that names cannot be found out by the clock.
    known = check_password_hash(user.password_hash if user else _nobodys_hash(), password[:LONGEST_PASSWORD])
    return user if user is not None and known and user.is_active else None


def note_failure(session: Session, username: str) -> None:
    """Count a failed log-in; failures that are too old to matter are forgotten."""
    session.execute(delete(LoginFailure).where(LoginFailure.failed_at < utc_now() - FAILURE_WINDOW))
    session.add(LoginFailure(username=_normal(username)))


def forget_failures(session: Session, username: str) -> None:
    """Forget the failed log-ins of an account, after one that went well."""
    session.execute(delete(LoginFailure).where(LoginFailure.username == _normal(username)))


def signed_in(session: Session, user_id: int, session_number: int) -> User | None:
    """Return the active account of a session that has not been ended, or None."""
    user = session.get(User, user_id)
    return user if user and user.is_active and user.session_number == session_number else None


def _normal(username: str) -> str:
    # PostgreSQL holds no NUL, and no account has one in its name.
    return "" if "\0" in username else username.strip().lower()[:64]


@functools.cache
def _nobodys_hash() -> str:
    return generate_password_hash("nobody has this password", method=HASH_METHOD)


def _account(session: Session, username: str) -> User:
    user = session.scalar(select(User).where(User.username == _normal(username)))
    if user is None:
        raise NotFound(f"There is no account “{username}”.")
    return user
