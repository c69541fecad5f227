"""Checking passwords without letting anybody guess, and what happens in a browser when an account is opened."""

from flask import request, session
from flask_login import login_user
from sqlalchemy.orm import Session

from claims_app.models import User
from claims_app.rules.accounts import normal_username
from claims_app.services.accounts import passwords, sessions, throttling
from claims_app.vocabulary import AttemptKind
from claims_app.web import request_origin
from claims_app.web.access import SignedInUser
from claims_app.web.session import reading, writing

SESSION_SECRET = "_user_id"
"""Where Flask-Login keeps the secret of the session in the cookie."""


def check_password(username: str, password: str) -> User | None:
    """Return the account that name and password open, or None. Raises TooManyAttempts.

    The attempt is counted first, and forgotten if it went well: hashing takes long and must hold no
    lock, and of a thousand attempts at once none may go uncounted.
    """
    name, source = normal_username(username), request_origin.source_for(username)
    with writing() as transaction:
        throttling.note(transaction, AttemptKind.LOGIN, name, source)
    user = passwords.account_opened_by(reading(), username, password)
    if user is not None:
        with writing() as transaction:
            throttling.forget(transaction, AttemptKind.LOGIN, name, source)
    return user


def open_account(transaction: Session, user: User) -> None:
    """Log the browser of this request in as `user`, with a session that nobody knew before."""
    secret = sessions.begin(
        transaction, user, request.headers.get("User-Agent"), instead_of=session.get(SESSION_SECRET)
    )
    # What was in the cookie before the log-in must not be carried over into it.
    session.clear()
    session.permanent = True
    login_user(SignedInUser.of(user, secret=secret))
