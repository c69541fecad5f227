"""User accounts, and forms that were already submitted."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.rules.accounts import EMAIL_SQL, FULL_NAME_SQL, ORCID_SQL, USERNAME_SQL
from claims_app.vocabulary import Role


class User(Base):
    """A user account. Accounts are disabled, not deleted, because the history names them."""

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
    username: Mapped[str]
    role: Mapped[Role]
    password_hash: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
    email: Mapped[str | None] = mapped_column(doc="Receives the link for a new password.")
    orcid: Mapped[str | None] = mapped_column(
        doc="The ORCID iD that logs the user in, as confirmed by orcid.org."
    )
    full_name: Mapped[str | None] = mapped_column(
        doc="Family name first, as in author lists; used to warn curators about their own studies."
    )
    created_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    seen_revision_id: Mapped[int | None] = mapped_column(
        doc="The newest revision that the user has seen; empty before the first visit."
    )

    def __repr__(self) -> str:
        return short_repr(self, "id", "username", "role")


class FormSubmission(Base):
    """A submitted form; submitting the same content again redirects to the result of the first time."""

    __tablename__ = "form_submissions"
    __table_args__ = (Index(None, "sent_at"),)

    key: Mapped[str] = mapped_column(
        "token", primary_key=True, doc="A digest of the user, the form, its token and its content."
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    location: Mapped[str] = mapped_column(doc="The URL that the first submission redirected to.")
    sent_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
