"""Forms that were sent: each is saved once, however often it arrives."""

import datetime
import re
import secrets

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.models import FormSubmission
from claims_app.models.types import utc_now

KEPT_FOR = datetime.timedelta(days=2)


class AlreadySent(Exception):
    """This very form was saved before."""


def new_token() -> str:
    """Return a token for a form that is about to be shown."""
    return secrets.token_urlsafe(16)


def valid(token: str | None) -> str:
    """Return `token` if it can be one of ours, else a new one: a script need not send any."""
    return token if token and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token) else new_token()


def begin(session: Session, token: str, user_id: int) -> FormSubmission:
    """Claim `token` for the transaction of `session`; the caller sets where the form led to.

    Raises AlreadySent if the form was saved before. Of two that arrive at once, the second waits for
    the first one here.
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
    """Return where the form with `token` led its sender to, or None if it was not saved."""
    submission = session.get(FormSubmission, token)
    return submission.location if submission and submission.user_id == user_id else None
