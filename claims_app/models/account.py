"""Accounts, and forms that were already sent."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import UtcDateTime, shown, term_check, term_type, utc_now
from claims_app.rules.accounts import EMAIL_SQL, FULL_NAME_SQL, ORCID_SQL, USERNAME_SQL
from claims_app.vocabulary import Role


class User(Base):
    """Somebody with an account. Accounts are disabled, not deleted: their name stands in the history."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("username"),
        UniqueConstraint("email"),
        UniqueConstraint("orcid"),
        CheckConstraint(USERNAME_SQL, name="username_form"),
        CheckConstraint(EMAIL_SQL, name="email_form"),
        CheckConstraint(ORCID_SQL, name="orcid_form"),
        CheckConstraint(FULL_NAME_SQL, name="full_name_length"),
        term_check("role", Role),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column()
    role: Mapped[Role] = mapped_column(term_type(Role))
    password_hash: Mapped[str] = mapped_column()
    is_active: Mapped[bool] = mapped_column(default=True)
    email: Mapped[str | None] = mapped_column(doc="Where a link for a new password is mailed to.")
    orcid: Mapped[str | None] = mapped_column(
        doc="The ORCID iD that opens the account, as orcid.org confirmed it."
    )
    full_name: Mapped[str | None] = mapped_column(
        doc="Family name first, as in the lists of authors; tells curators of studies of their own."
    )
    created_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
    seen_revision_id: Mapped[int | None] = mapped_column(
        doc="The newest revision that the user has looked at; none before the first look."
    )

    def __repr__(self) -> str:
        return shown(self, "id", "username", "role")


class FormSubmission(Base):
    """A form that was sent and saved; sending it again leads to what was saved the first time."""

    __tablename__ = "form_submissions"
    __table_args__ = (Index(None, "sent_at"),)

    token: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    location: Mapped[str] = mapped_column(doc="The address that the first sending led to.")
    sent_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
