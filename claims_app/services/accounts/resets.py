"""Password reset links: issued by an operator or by mail, valid once and for a day."""

import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import PasswordReset, User
from claims_app.models.types import utc_now
from claims_app.rules.accounts import normal_username
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts import throttling, users
from claims_app.services.accounts.mail import Letter
from claims_app.services.accounts.secret import digest, new_secret
from claims_app.services.core.errors import Refused
from claims_app.vocabulary import AttemptKind

GOOD_FOR = datetime.timedelta(hours=24)
HOURS = int(GOOD_FOR.total_seconds() // 3600)

MOST_AT_ONCE = 5
"""How many valid links one account can have before no more are mailed."""


def path_of(secret: str) -> str:
    """Return the path of the password reset page for this secret."""
    return f"/reset/{secret}"


def give_out(session: WriteSession, user: User) -> str:
    """Create a link for `user` and return its secret. Raises Refused if the account is disabled."""
    if not user.is_active:
        raise Refused(f"The account {user.username} is disabled. Enable it first.")
    now = utc_now()
    session.execute(delete(PasswordReset).where(PasswordReset.ends_at < now))
    secret = new_secret()
    session.add(
        PasswordReset(token_hash=digest(secret), user_id=user.id, made_at=now, ends_at=now + GOOD_FOR)
    )
    session.flush()
    session.log_when_saved(SecurityEvent.RESET_LINK_CREATED, account=user.username)
    return secret


def may_be_mailed(session: Session, user: User) -> bool:
    """Return whether `user` has an email address and few enough valid links: strangers must not flood an inbox."""
    valid = select(func.count(PasswordReset.id)).where(
        PasswordReset.user_id == user.id, PasswordReset.ends_at > utc_now()
    )
    return user.email is not None and (session.scalar(valid) or 0) < MOST_AT_ONCE


def find(session: Session, secret: str) -> PasswordReset | None:
    """Return the link with this secret and its account, or None if it has expired or the account is disabled."""
    found = session.scalar(
        select(PasswordReset)
        .where(PasswordReset.token_hash == digest(secret), PasswordReset.ends_at > utc_now())
        .options(joinedload(PasswordReset.user, innerjoin=True))
    )
    return found if found is not None and found.user.is_active else None


def use(session: WriteSession, secret: str, hashed: str) -> User:
    """Set the password of the link's account to the one hashed as `hashed`, and delete the link.

    Returns the account. Raises Refused if the link has been used or has expired. Hash the password before calling:
    that is slow and must not hold a lock.
    """
    reset = find(session, secret)
    # If two requests use the link at once, only one of them deletes it.
    used = reset and session.execute(delete(PasswordReset).where(PasswordReset.id == reset.id))
    if reset is None or not getattr(used, "rowcount", 0):
        raise Refused("This link has been used or has expired. Request a new one.")
    user = session.get_one(User, reset.user_id)
    users.replace_password(session, user, hashed)
    throttling.forget(session, AttemptKind.LOGIN, user.username)
    return user


def letter(user: User, address: str) -> Letter | None:
    """Return the mail that sends the link at `address` to `user`, or None if the account has no email address."""
    if user.email is None:
        return None
    text = (
        f"A password reset was requested for the account “{user.username}”.\n\n"
        f"Choose a new password here:\n{address}\n\n"
        f"The link works once and expires after {HOURS} hours. If you did not request it, ignore this mail: "
        "your password stays the same."
    )
    return Letter(user.email, "Reset your password", text)


def for_name(session: Session, name: str) -> User | None:
    """Return the active account whose username or email address is `name`, or None."""
    typed = normal_username(name) if "@" not in name else name.strip().lower()[:254].replace("\0", "")
    matching = session.scalars(
        select(User).where((User.username == typed) | (User.email == typed)).order_by(User.username != typed)
    )
    user = matching.first()
    return user if user is not None and user.is_active else None
