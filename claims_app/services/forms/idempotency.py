"""Idempotent form submissions: a form is saved once even if it is submitted several times."""

import datetime
import re
import secrets

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import FormSubmission
from claims_app.models.types import utc_now

KEPT_FOR = datetime.timedelta(days=2)


class AlreadySent(Exception):
    """The form with this token has already been saved."""


def new_token() -> str:
    """Return a token for a new form."""
    return secrets.token_urlsafe(16)


def valid(token: str | None) -> str:
    """Return `token` if it is well-formed, otherwise a new one: scripts need not send a token."""
    return token if token and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token) else new_token()


def begin(session: WriteSession, token: str, user_id: int) -> FormSubmission:
    """Reserve `token` in this transaction and return its row; the caller sets the location of the result.

    If two submissions arrive at once, the second waits here for the first. Raises AlreadySent if the form has
    been saved.
    """
    session.execute(delete(FormSubmission).where(FormSubmission.sent_at < utc_now() - KEPT_FOR))
    submission = FormSubmission(token=token, user_id=user_id, location="")
    session.add(submission)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadySent from None
    return submission


def location_of(session: Session, token: str, user_id: int) -> str | None:
    """Return the location that the form with `token` redirected this user to, or None if it was not saved."""
    submission = session.get(FormSubmission, token)
    return submission.location if submission and submission.user_id == user_id else None
