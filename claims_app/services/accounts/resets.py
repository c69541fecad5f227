"""Links for a new password: given out by an operator or by mail, good for a day and for one time."""

import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import PasswordReset, User
from claims_app.models.types import utc_now
from claims_app.rules.accounts import normal_username
from claims_app.services.accounts import throttling, users
from claims_app.services.accounts.mail import Letter
from claims_app.services.accounts.secret import digest, new_secret
from claims_app.services.core.errors import Refused
from claims_app.vocabulary import AttemptKind

GOOD_FOR = datetime.timedelta(hours=24)
HOURS = int(GOOD_FOR.total_seconds() // 3600)

MOST_AT_ONCE = 5
"""How many links of one account are good at once, if each was asked for by mail."""


def path_of(secret: str) -> str:
    """Return where on the site a link for a new password leads to."""
    return f"/reset/{secret}"


def give_out(session: Session, user: User) -> str:
    """Return the secret of a new link for `user`. Raises Refused for an account that is disabled."""
    if not user.is_active:
        raise Refused(f"The account {user.username} is disabled. Enable it first.")
    now = utc_now()
    session.execute(delete(PasswordReset).where(PasswordReset.ends_at < now))
    secret = new_secret()
    session.add(
        PasswordReset(token_hash=digest(secret), user_id=user.id, made_at=now, ends_at=now + GOOD_FOR)
    )
    session.flush()
    return secret


def may_be_mailed(session: Session, user: User) -> bool:
    """Return whether another link may be mailed to an account: nobody's inbox is filled by others."""
    good = select(func.count(PasswordReset.id)).where(
        PasswordReset.user_id == user.id, PasswordReset.ends_at > utc_now()
    )
    return user.email is not None and (session.scalar(good) or 0) < MOST_AT_ONCE


def find(session: Session, secret: str) -> PasswordReset | None:
    """Return the link with this secret, with its account, if it is still good."""
    found = session.scalar(
        select(PasswordReset)
        .where(PasswordReset.token_hash == digest(secret), PasswordReset.ends_at > utc_now())
        .options(joinedload(PasswordReset.user, innerjoin=True))
    )
    return found if found is not None and found.user.is_active else None


def use(session: Session, secret: str, hashed: str) -> User:
    """Give the account of a link the password with the hash `hashed`, once. Raises Refused if it is not good any more.

    The caller has hashed the password before, since that takes long and must not hold a lock.
    """
    reset = find(session, secret)
    # Of two who use it at once, one deletes it.
    used = reset and session.execute(delete(PasswordReset).where(PasswordReset.id == reset.id))
    if reset is None or not getattr(used, "rowcount", 0):
        raise Refused("This link was used already, or is older than a day. Ask for a new one.")
    user = session.get_one(User, reset.user_id)
    users.replace_password(session, user, hashed)
    throttling.forget(session, AttemptKind.LOGIN, user.username)
    return user


def letter(user: User, address: str) -> Letter | None:
    """Return the mail that takes the link at `address` to `user`, or None for an account without an address."""
    if user.email is None:
        return None
    text = (
        f"Somebody, probably you, asked for a new password for the account “{user.username}”.\n\n"
        f"Choose one here:\n{address}\n\n"
        f"The link works once, within {HOURS} hours. If it was not you, leave this mail alone: nothing changes."
    )
    return Letter(user.email, "A new password", text)


def for_name(session: Session, name: str) -> User | None:
    """Return the open account that somebody means who types `name`: its name, or its address for mail."""
    typed = normal_username(name) if "@" not in name else name.strip().lower()[:254].replace("\0", "")
    users_meant = session.scalars(
        select(User).where((User.username == typed) | (User.email == typed)).order_by(User.username != typed)
    )
    user = users_meant.first()
    return user if user is not None and user.is_active else None
