"""Login sessions, stored in the database so that they can be listed and ended."""

import datetime
from collections.abc import Sequence

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, joinedload

from claims_app.database import Database, WriteSession
from claims_app.models import User, UserSession
from claims_app.models.types import utc_now
from claims_app.rules.user_agent import agent_name
from claims_app.services.accounts.secret import digest, new_secret

LONGEST = datetime.timedelta(days=14)
"""Maximum length of a session."""

IDLE = datetime.timedelta(hours=12)
"""How long a session lasts without being used."""

NOTED_EVERY = datetime.timedelta(minutes=5)
"""How often the time of last use is updated, so that reading pages does not write on every request."""


def begin(session: WriteSession, user: User, agent: str | None, instead_of: str | None = None) -> str:
    """Start a session for `user` and return its secret.

    `agent` is the User-Agent header; `instead_of` is the secret of the browser's previous session, which ends.
    """
    now = utc_now()
    session.execute(
        delete(UserSession).where(or_(UserSession.ends_at < now, UserSession.seen_at < now - IDLE))
    )
    if instead_of is not None:
        end(session, instead_of)
    secret = new_secret()
    session.add(
        UserSession(
            token_hash=digest(secret),
            user_id=user.id,
            agent=agent_name(agent),
            began_at=now,
            seen_at=now,
            ends_at=now + LONGEST,
        )
    )
    session.flush()
    return secret


def find(session: Session, secret: str) -> UserSession | None:
    """Return the session with this secret and its account, or None if it has ended or the account is disabled."""
    found = session.scalar(
        select(UserSession)
        .where(UserSession.token_hash == digest(secret))
        .options(joinedload(UserSession.user, innerjoin=True))
    )
    now = utc_now()
    if found is None or found.ends_at <= now or found.seen_at <= now - IDLE or not found.user.is_active:
        return None
    return found


def note_use(database: Database, used: UserSession) -> None:
    """Record that a session was used, at most every NOTED_EVERY; skipped if the database cannot be written."""
    now = utc_now()
    if used.seen_at <= now - NOTED_EVERY:
        database.try_write(update(UserSession).where(UserSession.id == used.id).values(seen_at=now))


def list_sessions(session: Session, user_id: int) -> Sequence[UserSession]:
    """Return the active sessions of an account, most recently used first."""
    now = utc_now()
    return session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ends_at > now, UserSession.seen_at > now - IDLE)
        .order_by(UserSession.seen_at.desc(), UserSession.id.desc())
    ).all()


def end(session: Session, secret: str) -> None:
    """End the session with this secret, if there is one."""
    session.execute(delete(UserSession).where(UserSession.token_hash == digest(secret)))


def end_one(session: Session, user_id: int, session_id: int) -> None:
    """End one session of an account, if it has not ended yet."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id, UserSession.id == session_id))


def end_all(session: Session, user_id: int) -> None:
    """End all sessions of an account."""
    session.execute(delete(UserSession).where(UserSession.user_id == user_id))
