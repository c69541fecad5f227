"""Hashing and checking passwords."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from claims_app.models import User
from claims_app.rules.accounts import LONGEST_PASSWORD, check_password, normal_username
from claims_app.services.core.errors import Invalid

HASH_METHOD = "scrypt:131072:8:1"
"""The first scrypt setting listed in OWASP's Password Storage Cheat Sheet. It uses 128 MiB for each hash."""


def hash_password(password: str) -> str:
    """Return the salted hash of a password. Raises Invalid if the password is too short or too long."""
    try:
        check_password(password)
    except ValueError as refused:
        raise Invalid({"password": [str(refused)]}) from None
    return generate_password_hash(password, method=HASH_METHOD)


def no_password() -> str:
    """Return a hash that matches no password and takes as long to check as any other."""
    return f"{HASH_METHOD}${secrets.token_hex(8)}${'0' * 128}"


def is_still_that_of(session: Session, user: User) -> bool:
    """Return whether `user` is active and still has the password that was checked; lock the account until commit.

    A password change must also stop logins that were in progress when it was made.
    """
    now = session.scalar(
        select(User.password_hash).where(User.id == user.id, User.is_active.is_(True)).with_for_update()
    )
    return now == user.password_hash


def account_opened_by(session: Session, username: str, password: str) -> User | None:
    """Return the active account with this username and password, or None.

    Unknown names and disabled accounts take as long as a wrong password, so that response times do not reveal
    which names exist. Hashing is slow: call this without holding a lock.
    """
    user = session.scalar(select(User).where(User.username == normal_username(username)))
    matches = check_password_hash(user.password_hash if user else no_password(), password[:LONGEST_PASSWORD])
    return user if user is not None and matches and user.is_active else None
