"""Creating, changing and disabling accounts."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import ApiToken, PasswordReset, User
from claims_app.models.types import utc_now
from claims_app.rules.accounts import FULL_NAME_LENGTH, clean_email, clean_username, normal_username
from claims_app.rules.fields import Text
from claims_app.rules.identifiers import normalise_orcid
from claims_app.security_log import SecurityEvent
from claims_app.services.accounts import sessions
from claims_app.services.accounts.passwords import hash_password, no_password
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.services.core.records import save
from claims_app.vocabulary import Role

_FULL_NAME = Text(name="full_name", label="Your name", max_length=FULL_NAME_LENGTH)


def add_user(
    session: WriteSession, username: str, role: Role, password: str | None = None, email: str = ""
) -> User:
    """Create an account and return it. Without a password, the user sets one through a reset link first.

    Raises Invalid if the name, the email address or the password is not allowed, or the name or address is taken.
    """
    # Before the first query, which begins the transaction: hashing is slow.
    hashed = no_password() if password is None else hash_password(password, (username, email))
    try:
        name = clean_username(username)
    except ValueError as refused:
        raise Invalid({"username": [str(refused)]}) from None
    if session.scalar(select(User.id).where(User.username == name)) is not None:
        raise Invalid({"username": [f"An account named “{name}” already exists."]})
    user = User(
        username=name,
        role=role,
        email=_free_email(session, email, None),
        password_hash=hashed,
    )
    session.add(user)
    save(session)
    session.log_when_saved(SecurityEvent.ACCOUNT_CREATED, account=name, role=role.value)
    return user


def find_user(session: Session, username: str) -> User:
    """Return the account with this username. Raises NotFound."""
    user = session.scalar(select(User).where(User.username == normal_username(username)))
    if user is None:
        raise NotFound(f"There is no account “{username}”.")
    return user


def list_users(session: Session) -> Sequence[User]:
    """Return all accounts, sorted by username."""
    return session.scalars(select(User).order_by(User.username)).all()


def has_admin(session: Session) -> bool:
    """Return whether there is an active admin."""
    admins = select(User.id).where(User.role == Role.ADMIN, User.is_active.is_(True))
    return session.scalar(admins.limit(1)) is not None


def set_password(session: WriteSession, username: str, password: str) -> User:
    """Set the password of an account, log it out everywhere, and return it. Raises NotFound and Invalid."""
    hashed = hash_password(password, (username,))  # before the first query, which begins the transaction
    user = find_user(session, username)
    replace_password(session, user, hashed)
    return user


def replace_password(session: WriteSession, user: User, hashed: str) -> None:
    """Set the password hash of an account; end its sessions and delete its reset links."""
    user.password_hash = hashed
    sessions.end_all(session, user.id)
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user.id))
    save(session)
    session.log_when_saved(SecurityEvent.PASSWORD_CHANGED, account=user.username)


def set_full_name(session: WriteSession, user: User, name: str) -> None:
    """Set the full name of an account, as shown in author lists; an empty text removes it. Raises Invalid."""
    try:
        cleaned = _FULL_NAME.clean(name)
    except ValueError as refused:
        raise Invalid({"full_name": [str(refused)]}) from None
    user.full_name = None if cleaned is None else str(cleaned)
    save(session)


def set_email(session: WriteSession, user: User, email: str) -> None:
    """Set the email address of an account; an empty text removes it. Raises Invalid.

    Deletes reset links, since they may have been mailed to the old address.
    """
    user.email = _free_email(session, email, user.id)
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user.id))
    save(session)
    session.log_when_saved(SecurityEvent.EMAIL_CHANGED, account=user.username)


def set_role(session: WriteSession, username: str, role: Role) -> User:
    """Set the role of an account, log it out everywhere if that changed it, and return it.

    Raises NotFound, and Refused for the last admin.
    """
    user = find_user(session, username)
    if user.role is role:
        return user
    if role is not Role.ADMIN:
        _refuse_last_admin(session, user)
    before, user.role = user.role, role
    sessions.end_all(session, user.id)
    save(session)
    session.log_when_saved(
        SecurityEvent.ROLE_CHANGED, account=user.username, before=before.value, role=role.value
    )
    return user


def disable_user(session: WriteSession, username: str) -> User:
    """Disable an account and return it. Its sessions, tokens and reset links end; its changes stay in the history.

    Raises NotFound, and Refused for the last admin.
    """
    user = find_user(session, username)
    _refuse_last_admin(session, user)
    user.is_active = False
    sessions.end_all(session, user.id)
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user.id))
    for token in session.scalars(
        select(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
    ):
        token.revoked_at = utc_now()
    save(session)
    session.log_when_saved(SecurityEvent.ACCOUNT_DISABLED, account=user.username)
    return user


def enable_user(session: WriteSession, username: str) -> User:
    """Enable an account again and return it. Its tokens stay revoked. Raises NotFound."""
    user = find_user(session, username)
    user.is_active = True
    save(session)
    session.log_when_saved(SecurityEvent.ACCOUNT_ENABLED, account=user.username)
    return user


def account_of_orcid(session: Session, orcid: str) -> User | None:
    """Return the active account linked to an ORCID iD, or None."""
    return session.scalar(select(User).where(User.orcid == orcid, User.is_active.is_(True)))


def link_orcid(session: WriteSession, user: User, orcid: str) -> None:
    """Link an ORCID iD, confirmed by orcid.org, to an account. Raises Refused if another account has it."""
    orcid = normalise_orcid(orcid)
    taken = Refused(f"The ORCID iD {orcid} is already linked to another account.")
    if session.scalar(select(User.id).where(User.orcid == orcid, User.id != user.id)) is not None:
        raise taken
    user.orcid = orcid
    try:
        session.flush()
    except IntegrityError:
        raise taken from None
    session.log_when_saved(SecurityEvent.ORCID_LINKED, account=user.username, orcid=orcid)


def unlink_orcid(session: WriteSession, user: User) -> None:
    """Remove the ORCID iD of an account."""
    user.orcid = None
    save(session)
    session.log_when_saved(SecurityEvent.ORCID_UNLINKED, account=user.username)


def _free_email(session: Session, email: str, user_id: int | None) -> str | None:
    """Return the normalised email address. Raises Invalid if it is not valid or another account has it."""
    try:
        address = clean_email(email)
    except ValueError as refused:
        raise Invalid({"email": [str(refused)]}) from None
    if address is not None:
        owner = session.scalar(select(User.id).where(User.email == address))
        if owner is not None and owner != user_id:
            raise Invalid({"email": ["Another account uses this address."]})
    return address


def _refuse_last_admin(session: Session, user: User) -> None:
    """Raise Refused if `user` is the only active admin.

    The admins are locked: if two disable each other at the same time, the second is refused.
    """
    admins = select(User.id).where(User.role == Role.ADMIN, User.is_active.is_(True)).order_by(User.id)
    numbers = session.scalars(admins.with_for_update()).all()
    if list(numbers) == [user.id]:
        raise Refused(f"{user.username} is the last admin. Make another user an admin first.")
