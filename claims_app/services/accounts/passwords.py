"""Passwords: their hashes, and whether one belongs to an account."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from claims_app.models import User
from claims_app.rules.accounts import LONGEST_PASSWORD, check_password, normal_username
from claims_app.services.core.errors import Invalid

HASH_METHOD = "scrypt:131072:8:1"
"""Memory-hard, 128 MiB a hash: the first of the scrypt settings that OWASP's Password Storage Cheat Sheet names."""


def hash_password(password: str) -> str:
    """Return the salted hash of a password. Raises Invalid for one that is too short or too long."""
    try:
        check_password(password)
    except ValueError as refused:
        raise Invalid({"password": [str(refused)]}) from None
    return generate_password_hash(password, method=HASH_METHOD)


def no_password() -> str:
    """Return a hash that no password has, and that takes as long to compare as any."""
    return f"{HASH_METHOD}${secrets.token_hex(8)}${'0' * 128}"


def is_still_that_of(session: Session, user: User) -> bool:
    """Return whether the password of `user` is what it was when it was checked, and keep it so in this transaction.

    Somebody who is shut out by a new password must not come in by a log-in that began just before.
    """
    now = session.scalar(
        select(User.password_hash).where(User.id == user.id, User.is_active.is_(True)).with_for_update()
    )
    return now == user.password_hash


def account_opened_by(session: Session, username: str, password: str) -> User | None:
    """Return the account that `username` and `password` open, or None.

    A name that does not exist, and an account that is disabled, take as long as a wrong password, so
    that names cannot be found out by the clock. That is long: no lock must be held meanwhile.
    """
    user = session.scalar(select(User).where(User.username == normal_username(username)))
    known = check_password_hash(user.password_hash if user else no_password(), password[:LONGEST_PASSWORD])
    return user if user is not None and known and user.is_active else None
