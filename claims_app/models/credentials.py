"""Sessions, password links, API tokens and login attempts. Only hashes of secrets are stored."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.rules.accounts import HASH_SQL, LONGEST_LABEL
from claims_app.vocabulary import AttemptKind, TokenScope


class UserSession(Base):
    """A logged-in browser. Deleting the row ends the session, even for a copied cookie."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint(HASH_SQL, name="token_hash_form"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    agent: Mapped[str] = mapped_column(doc="A short name of the browser.")
    began_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    seen_at: Mapped[datetime.datetime] = mapped_column(
        default=utc_now, doc="The last use, to within a few minutes."
    )
    ends_at: Mapped[datetime.datetime]

    user: Mapped[User] = relationship()

    def __repr__(self) -> str:
        return short_repr(self, "id", "user_id")


class PasswordReset(Base):
    """A one-time link for setting a new password. It is deleted on use."""

    __tablename__ = "password_resets"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint(HASH_SQL, name="token_hash_form"),
        Index(None, "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime.datetime]

    user: Mapped[User] = relationship()


class ApiToken(Base):
    """A token with which a program acts for a user account."""

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
    label: Mapped[str] = mapped_column(doc="Its purpose, as described by its creator.")
    scope: Mapped[TokenScope]
    token_hash: Mapped[str]
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime.datetime | None]
    used_at: Mapped[datetime.datetime | None] = mapped_column(doc="The last use, to within a few minutes.")
    revoked_at: Mapped[datetime.datetime | None]

    user: Mapped[User] = relationship()

    @property
    def is_usable(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.ends_at is None or self.ends_at > utc_now())

    def __repr__(self) -> str:
        return short_repr(self, "id", "user_id", "scope")


class ApiRequest(Base):
    """A request with an Idempotency-Key that saved something, with its answer. Kept for a day."""

    __tablename__ = "api_requests"
    __table_args__ = (
        CheckConstraint("length(key) = 64", name="key_form"),
        CheckConstraint("length(content_hash) = 64", name="content_hash_form"),
        CheckConstraint("status BETWEEN 200 AND 299", name="status_range"),
        Index(None, "token_id"),
        Index(None, "made_at"),
    )

    key: Mapped[str] = mapped_column(primary_key=True, doc="A digest of the token and the Idempotency-Key.")
    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id", ondelete="CASCADE"))
    content_hash: Mapped[str] = mapped_column(doc="A digest of the method, the address and the content.")
    status: Mapped[int]
    location: Mapped[str | None]
    tag: Mapped[str | None] = mapped_column(doc="The ETag of the answer.")
    body: Mapped[str]
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)


class Attempt(Base):
    """An attempt that is rate-limited, such as a login. Kept for a day."""

    __tablename__ = "attempts"
    __table_args__ = (
        term_check("kind", AttemptKind),
        Index(None, "kind", "subject", "made_at"),
        Index(None, "kind", "source", "made_at"),
        Index(None, "made_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[AttemptKind]
    subject: Mapped[str] = mapped_column(doc="The user name that was tried; empty if none was given.")
    source: Mapped[str] = mapped_column(doc="The network address, or the known browser.")
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
