"""Hashing and checking passwords.

A hash takes most of a second of one processor and much memory. So few are computed at a time, which leaves
processors to all other requests, and those who wait hold no connection to the database.
"""

import os
import secrets
from collections.abc import Collection
from contextlib import AbstractContextManager

from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from claims_app.models import User
from claims_app.rules.accounts import LONGEST_PASSWORD, check_password, normal_username
from claims_app.services.accounts.turns import Turns
from claims_app.services.core.errors import Invalid

HASH_METHOD = "scrypt:131072:8:1"
"""The first scrypt setting listed in OWASP's Password Storage Cheat Sheet. It uses 128 MiB for each hash."""

AT_ONCE = max(1, min(4, (os.cpu_count() or 1) // 2))
"""How many hashes are computed at a time: on half of the processors, and in half a GiB at most."""

WAITING = 10
"""How many wait for that; fewer than the server has threads, so that some are always left for other requests."""

_turns = Turns(AT_ONCE, WAITING)


def place() -> AbstractContextManager[None]:
    """Keep a place in the queue for computing one hash during the block. Raises TooBusy if the queue is full."""
    return _turns.place()


def check_rules(password: str, about: Collection[str] = ()) -> None:
    """Raise Invalid if a new password is too short, too long or easy to guess by those who know what it is `about`."""
    try:
        check_password(password, about)
    except ValueError as refused:
        raise Invalid({"password": [str(refused)]}) from None


def hash_password(password: str, about: Collection[str] = ()) -> str:
    """Return the salted hash of a password, when it is its turn.

    Raises Invalid if the password breaks the rules, and TooBusy.
    """
    check_rules(password, about)
    with place(), _turns.turn():
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
    which names exist. Hashing is slow: call this without holding a lock, within a `place`. The connection of
    `session`, which only reads, is given back before.
    """
    user = session.scalar(select(User).where(User.username == normal_username(username)))
    session.close()
    with _turns.turn():
        # No account has a longer one, and a shortened one would be another password.
        stored = user.password_hash if user and len(password) <= LONGEST_PASSWORD else no_password()
        matches = check_password_hash(stored, password[:LONGEST_PASSWORD])
    return user if user is not None and matches and user.is_active else None
