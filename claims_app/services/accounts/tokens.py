"""API tokens: shown once, stored as hashes. A token acts with the permissions of its account."""

import datetime
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from claims_app.database import Database, WriteSession
from claims_app.models import ApiToken, User
from claims_app.models.types import utc_now
from claims_app.rules.accounts import LONGEST_LABEL
from claims_app.rules.fields import Text
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts.secret import digest, new_secret
from claims_app.services.accounts.sessions import NOTED_EVERY
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.vocabulary import TokenScope

PREFIX = "claims_"
"""The prefix of every token, so that people and secret scanners recognise it."""

LONGEST_DAYS = 3650

_LABEL = Text(name="label", label="Label", max_length=LONGEST_LABEL, required=True)


def make_token(
    session: WriteSession, user: User, scope: TokenScope, label: str, days: int | None
) -> tuple[ApiToken, str]:
    """Create a token and return it with its text, which is shown once.

    It expires after `days`, or never if `days` is None. Raises Invalid, and Refused if the account is disabled.
    """
    if not user.is_active:
        raise Refused(f"The account {user.username} is disabled. Enable it first.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid({"days": [f"Enter a number of days from 1 to {LONGEST_DAYS:,}."]})
    try:
        cleaned = str(_LABEL.clean(label))
    except ValueError as refused:
        raise Invalid({"label": [str(refused)]}) from None
    text = PREFIX + new_secret()
    now = utc_now()
    token = ApiToken(
        user_id=user.id,
        label=cleaned,
        scope=scope,
        token_hash=digest(text),
        made_at=now,
        ends_at=now + datetime.timedelta(days=days) if days is not None else None,
    )
    session.add(token)
    session.flush()
    session.log_when_saved(
        SecurityEvent.TOKEN_CREATED, account=user.username, token=token.id, scope=scope.value, days=days
    )
    return token, text


def find(session: Session, text: str) -> ApiToken | None:
    """Return the token with this text and its account, or None if it is not valid or the account is disabled."""
    token = session.scalar(
        select(ApiToken)
        .where(ApiToken.token_hash == digest(text))
        .options(joinedload(ApiToken.user, innerjoin=True))
    )
    return token if token is not None and token.is_usable and token.user.is_active else None


def note_use(database: Database, token: ApiToken) -> None:
    """Record that a token was used, at most every NOTED_EVERY; skipped if the database cannot be written."""
    now = utc_now()
    if token.used_at is None or token.used_at <= now - NOTED_EVERY:
        database.try_write(update(ApiToken).where(ApiToken.id == token.id).values(used_at=now))


def list_tokens(session: Session, user_id: int | None = None) -> Sequence[ApiToken]:
    """Return the tokens of an account, or of all accounts, valid ones first."""
    query = select(ApiToken).options(joinedload(ApiToken.user, innerjoin=True)).order_by(ApiToken.id)
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    return sorted(session.scalars(query), key=lambda token: not token.is_usable)


def revoke(session: WriteSession, token_id: int, user_id: int | None = None) -> ApiToken:
    """Revoke a token and return it. Raises NotFound if there is none, or it is not one of `user_id` (if given)."""
    token = session.get(ApiToken, token_id)
    if token is None or (user_id is not None and token.user_id != user_id):
        raise NotFound(f"There is no token {token_id}.")
    if token.revoked_at is None:
        token.revoked_at = utc_now()
        session.flush()
        session.log_when_saved(SecurityEvent.TOKEN_REVOKED, token=token.id)
    return token
