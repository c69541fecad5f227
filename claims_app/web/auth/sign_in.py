"""Password checks with rate limiting, and starting a session."""

from flask import request
from flask import session as cookie
from flask_login import login_user

from claims_app.database import WriteSession
from claims_app.models import User
from claims_app.rules.accounts import normal_username
from claims_app.services.accounts import passwords, sessions, throttling
from claims_app.vocabulary import AttemptKind
from claims_app.web import request_origin
from claims_app.web.access import SignedInUser
from claims_app.web.session import database, release, writing

SESSION_SECRET = "_user_id"
"""The key under which Flask-Login stores the session secret in the cookie."""


def check_password(username: str, password: str) -> User | None:
    """Return the account with this user name and password, or None. Raises TooManyAttempts and TooBusy.

    The attempt is counted first and forgotten on success: hashing is slow and must not hold a lock or a connection,
    and concurrent attempts must all be counted. One that finds the queue full is not counted.
    """
    name, source = normal_username(username), request_origin.source_for(username)
    release()
    with passwords.place():
        with writing() as transaction:
            throttling.note(transaction, AttemptKind.LOGIN, name, source)
        with database().reading() as session:
            user = passwords.account_opened_by(session, username, password)
    if user is not None:
        with writing() as transaction:
            throttling.forget(transaction, AttemptKind.LOGIN, name, source)
    return user


def open_account(transaction: WriteSession, user: User) -> None:
    """Log the browser in as `user` with a new session."""
    secret = sessions.begin(
        transaction, user, request.headers.get("User-Agent"), instead_of=cookie.get(SESSION_SECRET)
    )
    # Prevent session fixation: discard the cookie content from before the login.
    cookie.clear()
    cookie.permanent = True
    login_user(SignedInUser.of(user, secret=secret))
