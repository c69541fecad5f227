"""Idempotent form submissions: the same content of a form is saved once even if it is submitted several times."""

import datetime
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import FormSubmission
from claims_app.models.types import utc_now

KEPT_FOR = datetime.timedelta(days=2)


class AlreadySent(Exception):
    """This submission has already been saved."""


@dataclass(frozen=True)
class Submission:
    """What somebody submits: the person, the address of the form, the token of its page, and its content.

    Another person, form, record or content makes it another submission, also with the same token: browsers show a
    form with its old token after “Back”, and what is then typed must not be taken for what was saved before.
    """

    user_id: int
    address: str
    token: str
    content: Mapping[str, Sequence[str]]

    @cached_property
    def key(self) -> str:
        """The key under which it is kept."""
        typed = sorted(
            (name, [value.replace("\r\n", "\n") for value in values]) for name, values in self.content.items()
        )
        whole = json.dumps([self.user_id, self.address, self.token, typed])
        return hashlib.sha256(whole.encode()).hexdigest()


def new_token() -> str:
    """Return a token for a new form."""
    return secrets.token_urlsafe(16)


def valid(token: str | None) -> str:
    """Return `token` if it is well-formed, otherwise a new one: scripts need not send a token."""
    return token if token and re.fullmatch(r"[A-Za-z0-9_-]{1,64}", token) else new_token()


def begin(session: WriteSession, submission: Submission) -> FormSubmission:
    """Reserve `submission` in this transaction and return its row; the caller sets the location of the result.

    If it arrives twice at once, the second waits here for the first. Raises AlreadySent if it has been saved.
    """
    session.execute(delete(FormSubmission).where(FormSubmission.sent_at < utc_now() - KEPT_FOR))
    row = FormSubmission(key=submission.key, user_id=submission.user_id, location="")
    session.add(row)
    try:
        session.flush()
    except IntegrityError:
        raise AlreadySent from None
    return row


def location_of(session: Session, submission: Submission) -> str | None:
    """Return the location that `submission` redirected to, or None if it was not saved."""
    row = session.get(FormSubmission, submission.key)
    return row.location if row else None
