"""What opens an account, and what guards it. Of every secret the database has the hash alone."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import UtcDateTime, shown, term_check, term_type, utc_now
from claims_app.rules.accounts import HASH_SQL, LONGEST_LABEL
from claims_app.vocabulary import AttemptKind, TokenScope


class UserSession(Base):
    """A browser in which somebody is logged in. Deleting the row logs it out, wherever its cookie was copied to."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint(HASH_SQL, name="token_hash_form"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    agent: Mapped[str] = mapped_column(doc="The browser, in short words.")
    began_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
    seen_at: Mapped[datetime.datetime] = mapped_column(
        UtcDateTime, default=utc_now, doc="When it was used at last, give or take a few minutes."
    )
    ends_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return shown(self, "id", "user_id")


class PasswordReset(Base):
    """A link for a new password that was given out. It is deleted when it is used."""

    __tablename__ = "password_resets"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint(HASH_SQL, name="token_hash_form"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    made_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
    ends_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()


class ApiToken(Base):
    """A token by which a program does what its account may do."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint(HASH_SQL, name="token_hash_form"),
        CheckConstraint(
            f"length(trim(label)) >= 1 AND length(label) <= {LONGEST_LABEL}", name="label_length"
        ),
        term_check("scope", TokenScope),
        Index(None, "user_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    label: Mapped[str] = mapped_column(doc="What it is for, in the words of whoever made it.")
    scope: Mapped[TokenScope] = mapped_column(term_type(TokenScope))
    token_hash: Mapped[str] = mapped_column()
    made_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
    ends_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime.datetime | None] = mapped_column(
        UtcDateTime, doc="When it was used at last, give or take a few minutes."
    )
    revoked_at: Mapped[datetime.datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship()

    @property
    def is_alive(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > utc_now())

    def __repr__(self) -> str:
        return shown(self, "id", "user_id", "scope")


class Attempt(Base):
    """Something that somebody tried; too many in a short time have to wait. Kept for a day."""

    __tablename__ = "attempts"
    __table_args__ = (
        term_check("kind", AttemptKind),
        Index(None, "kind", "subject", "made_at"),
        Index(None, "kind", "source", "made_at"),
        Index(None, "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AttemptKind] = mapped_column(term_type(AttemptKind))
    subject: Mapped[str] = mapped_column(doc="The name that was tried; empty where none was given.")
    source: Mapped[str] = mapped_column(doc="The address it came from, or the known browser.")
    made_at: Mapped[datetime.datetime] = mapped_column(UtcDateTime, default=utc_now)
