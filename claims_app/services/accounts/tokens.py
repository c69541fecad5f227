"""API tokens: shown once, kept as a hash, for a program that does what its account may do."""

import datetime
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from claims_app.database import Database
from claims_app.models import ApiToken, User
from claims_app.models.types import utc_now
from claims_app.rules.accounts import LONGEST_LABEL
from claims_app.rules.fields import Text
from claims_app.services.accounts.secret import digest, new_secret
from claims_app.services.accounts.sessions import NOTED_EVERY
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.vocabulary import TokenScope

PREFIX = "claims_"
"""What every token begins with, so that people, and programs that look for leaked secrets, know it for one."""

LONGEST_DAYS = 3650

_LABEL = Text(name="label", label="What it is for", max_length=LONGEST_LABEL, required=True)


def make_token(
    session: Session, user: User, scope: TokenScope, label: str, days: int | None
) -> tuple[ApiToken, str]:
    """Make a token, and return it with the text that is shown once. Raises Invalid, and Refused for a disabled account.

    It ends after `days`; with None it does not end by itself.
    """
    if not user.is_active:
        raise Refused(f"The account {user.username} is disabled. Enable it first.")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid({"days": [f"Write a number of days from 1 to {LONGEST_DAYS:,}."]})
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
    return token, text


def find(session: Session, text: str) -> ApiToken | None:
    """Return the token with this text, with its account, if it is alive and the account is open."""
    token = session.scalar(
        select(ApiToken)
        .where(ApiToken.token_hash == digest(text))
        .options(joinedload(ApiToken.user, innerjoin=True))
    )
    return token if token is not None and token.is_alive and token.user.is_active else None


def note_use(database: Database, token: ApiToken) -> None:
    """Note that a token was used, if that was not noted lately; a database that cannot be written now is no error."""
    now = utc_now()
    if token.used_at is None or token.used_at <= now - NOTED_EVERY:
        database.in_passing(update(ApiToken).where(ApiToken.id == token.id).values(used_at=now))


def list_tokens(session: Session, user_id: int | None = None) -> Sequence[ApiToken]:
    """Return the tokens of an account, or of all, those that are alive first."""
    query = select(ApiToken).options(joinedload(ApiToken.user, innerjoin=True)).order_by(ApiToken.id)
    if user_id is not None:
        query = query.where(ApiToken.user_id == user_id)
    return sorted(session.scalars(query), key=lambda token: not token.is_alive)


def revoke(session: Session, token_id: int, user_id: int | None = None) -> ApiToken:
    """End a token (of the account `user_id`). Raises NotFound."""
    token = session.get(ApiToken, token_id)
    if token is None or (user_id is not None and token.user_id != user_id):
        raise NotFound(f"There is no token {token_id}.")
    if token.revoked_at is None:
        token.revoked_at = utc_now()
        session.flush()
    return token
