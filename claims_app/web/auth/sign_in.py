"""Password checks with rate limiting, and starting a session."""

from flask import request
from flask import session as cookie
from flask_login import login_user
from sqlalchemy import select

from claims_app.database import WriteSession
from claims_app.models import User
from claims_app.rules.accounts import normal_username
from claims_app.security_log import SecurityEvent, log_event
from claims_app.services.accounts import passwords, sessions, throttling
from claims_app.services.core.errors import TooManyAttempts
from claims_app.vocabulary import AttemptKind
from claims_app.web import request_origin, security_events
from claims_app.web.access import SignedInUser
from claims_app.web.session import database, release, writing

SESSION_SECRET = "_user_id"  # nosec B105 - a name, no secret
"""The key under which Flask-Login stores the session secret in the cookie."""


def check_password(username: str, password: str) -> User | None:
    """Return the account with this user name and password, or None. Raises TooManyAttempts and TooBusy.

    The attempt is counted first and forgotten on success: hashing is slow and must not hold a lock or a connection,
    and concurrent attempts must all be counted. One that finds the queue full is not counted.
    """
    return _check(username, password, SecurityEvent.LOGIN_FAILED)


def confirm_password(username: str, password: str) -> User | None:
    """Return the account if this is its password, which somebody who is logged in enters before a change.

    Raises TooManyAttempts and TooBusy.
    """
    user = _check(username, password, SecurityEvent.PASSWORD_NOT_CONFIRMED)
    if user is not None:
        log_event(SecurityEvent.PASSWORD_CONFIRMED, account=user.username)
    return user


def _check(username: str, password: str, failure: SecurityEvent) -> User | None:
    """Return the account, or None after logging the `failure` with its name, if there is such an account."""
    name, source = normal_username(username), request_origin.source_for(username)
    release()
    with passwords.place():
        try:
            with writing() as transaction:
                throttling.note(transaction, AttemptKind.LOGIN, name, source)
        except TooManyAttempts:
            security_events.log_refusal(SecurityEvent.LOGIN_THROTTLED, account=_known(name))
            raise
        with database().reading() as session:
            user = passwords.account_opened_by(session, username, password)
    if user is None:
        log_event(failure, account=_known(name), method="password")
        return None
    with writing() as transaction:
        throttling.forget(transaction, AttemptKind.LOGIN, name, source)
    return user


def _known(name: str) -> str | None:
    """Return a user name for the log if it is one; anything else may be a password in the wrong field."""
    with database().reading() as session:
        return session.scalar(select(User.username).where(User.username == name))


def open_account(transaction: WriteSession, user: User) -> None:
    """Log the browser in as `user` with a new session."""
    secret = sessions.begin(
        transaction, user, request.headers.get("User-Agent"), instead_of=cookie.get(SESSION_SECRET)
    )
    # Prevent session fixation: discard the cookie content from before the login.
    cookie.clear()
    cookie.permanent = True
    login_user(SignedInUser.of(user, secret=secret))
