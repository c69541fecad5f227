"""Accounts: adding, changing, disabling them. What opens one stands in `services.accounts`."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from claims_app.models import ApiToken, PasswordReset, User
from claims_app.models.types import utc_now
from claims_app.rules.accounts import FULL_NAME_LENGTH, clean_email, clean_username, normal_username
from claims_app.rules.fields import Text
from claims_app.rules.identifiers import normalise_orcid
from claims_app.services.accounts import sessions
from claims_app.services.accounts.passwords import hash_password, no_password
from claims_app.services.core.errors import Invalid, NotFound, Refused
from claims_app.services.core.records import save
from claims_app.vocabulary import Role

_FULL_NAME = Text(name="full_name", label="Your name", max_length=FULL_NAME_LENGTH)


def add_user(
    session: Session, username: str, role: Role, password: str | None = None, email: str = ""
) -> User:
    """Make an account; without a password nobody can log in to it before a link for one was used.

    Raises Invalid for a name, an address or a password that will not do, or a name or an address that is taken.
    """
    try:
        name = clean_username(username)
    except ValueError as refused:
        raise Invalid({"username": [str(refused)]}) from None
    if session.scalar(select(User.id).where(User.username == name)) is not None:
        raise Invalid({"username": [f"There is an account “{name}” already."]})
    user = User(
        username=name,
        role=role,
        email=_free_email(session, email, None),
        password_hash=no_password() if password is None else hash_password(password),
    )
    session.add(user)
    save(session)
    return user


def find_user(session: Session, username: str) -> User:
    """Return an account by its name. Raises NotFound."""
    user = session.scalar(select(User).where(User.username == normal_username(username)))
    if user is None:
        raise NotFound(f"There is no account “{username}”.")
    return user


def list_users(session: Session) -> Sequence[User]:
    """Return all accounts by name."""
    return session.scalars(select(User).order_by(User.username)).all()


def has_admin(session: Session) -> bool:
    """Return whether anybody can manage accounts."""
    return bool(
        session.scalar(select(func.count(User.id)).where(User.role == Role.ADMIN, User.is_active.is_(True)))
    )


def set_password(session: Session, username: str, password: str) -> User:
    """Give an account a new password and sign it out everywhere. Raises NotFound and Invalid."""
    user = find_user(session, username)
    replace_password(session, user, hash_password(password))
    return user


def replace_password(session: Session, user: User, hashed: str) -> None:
    """Give an account the password with this hash: its sessions end, and so do links for another one."""
    user.password_hash = hashed
    sessions.end_all(session, user.id)
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user.id))
    save(session)


def set_full_name(session: Session, user: User, name: str) -> None:
    """Set the name of an account as it stands in lists of authors; an empty one removes it. Raises Invalid."""
    try:
        told = _FULL_NAME.clean(name)
    except ValueError as refused:
        raise Invalid({"full_name": [str(refused)]}) from None
    user.full_name = None if told is None else str(told)
    save(session)


def set_email(session: Session, user: User, email: str) -> None:
    """Set where mail for an account goes; an empty text takes the address away. Raises Invalid.

    Links that were mailed to the old address do not work any more.
    """
    user.email = _free_email(session, email, user.id)
    session.execute(delete(PasswordReset).where(PasswordReset.user_id == user.id))
    save(session)


def set_role(session: Session, username: str, role: Role) -> User:
    """Give an account another role and sign it out everywhere.

    Raises NotFound, and Refused for the last admin.
    """
    user = find_user(session, username)
    if user.role is role:
        return user
    if role is not Role.ADMIN:
        _refuse_last_admin(session, user)
    user.role = role
    sessions.end_all(session, user.id)
    save(session)
    return user


def disable_user(session: Session, username: str) -> User:
    """Close an account: its sessions, tokens and links end, and what it did stays in the history.

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
    return user


def enable_user(session: Session, username: str) -> User:
    """Open an account again; its tokens stay revoked. Raises NotFound."""
    user = find_user(session, username)
    user.is_active = True
    save(session)
    return user


def account_of_orcid(session: Session, orcid: str) -> User | None:
    """Return the open account that is linked with an ORCID iD, or None."""
    return session.scalar(select(User).where(User.orcid == orcid, User.is_active.is_(True)))


def link_orcid(session: Session, user: User, orcid: str) -> None:
    """Let an ORCID iD, as orcid.org has confirmed it, open an account. Raises Refused if it opens another one."""
    orcid = normalise_orcid(orcid)
    taken = Refused(f"The ORCID iD {orcid} is linked with another account already.")
    if session.scalar(select(User.id).where(User.orcid == orcid, User.id != user.id)) is not None:
        raise taken
    user.orcid = orcid
    try:
        session.flush()
    except IntegrityError:
        raise taken from None


def unlink_orcid(session: Session, user: User) -> None:
    """Let the ORCID iD of an account open it no more."""
    user.orcid = None
    save(session)


def _free_email(session: Session, email: str, user_id: int | None) -> str | None:
    """Return the address in the form that is stored. Raises Invalid if it will not do, or if another account has it."""
    try:
        address = clean_email(email)
    except ValueError as refused:
        raise Invalid({"email": [str(refused)]}) from None
    if address is not None:
        owner = session.scalar(select(User.id).where(User.email == address))
        if owner is not None and owner != user_id:
            raise Invalid({"email": ["Another account has this address already."]})
    return address


def _refuse_last_admin(session: Session, user: User) -> None:
    """Raise Refused if nobody could manage accounts without `user`.

    The admins are locked, so that of two who close each other's account at once, the second is refused.
    """
    admins = select(User.id).where(User.role == Role.ADMIN, User.is_active.is_(True)).order_by(User.id)
    numbers = session.scalars(admins.with_for_update()).all()
    if list(numbers) == [user.id]:
        raise Refused(f"{user.username} is the last admin. Make another one first.")
