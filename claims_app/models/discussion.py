"""Comments, flags and reader reports about records. They are not records: nobody edits them.

They reference a record by type and number, without a foreign key, so that they outlive it.
"""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import checks, short_repr, utc_now
from claims_app.rules import schemas
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import FlagKind, RecordType


class Comment(Base):
    """A comment on a claim, an evidence item or a proposal.

    When its author withdraws it or an editor hides it, its text is kept but no longer shown.
    """

    __tablename__ = "comments"
    __table_args__ = (
        *checks(schemas.COMMENT),
        *checks(schemas.HIDING),
        CheckConstraint("record_type IN ('claim', 'evidence', 'proposal')", name="record_type_term"),
        CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_reason IS NULL)",
            name="hidden_with_reason",
        ),
        Index(None, "record_type", "record_id", "id"),
        Index(None, "claim_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    record_id: Mapped[int]
    claim_id: Mapped[int | None] = mapped_column(
        doc="The claim that the record is, or belonged to at the time."
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    text: Mapped[str]
    written_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    withdrawn_at: Mapped[datetime.datetime | None]
    hidden_at: Mapped[datetime.datetime | None]
    hidden_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    hidden_reason: Mapped[str | None]

    author: Mapped[User] = relationship(foreign_keys=author_id)
    hidden_by: Mapped[User | None] = relationship(foreign_keys=hidden_by_id)
    mentions: Mapped[list["Mention"]] = relationship(back_populates="comment", order_by="Mention.id")

    @property
    def record_name(self) -> str:
        """The public identifier of the record that it is about."""
        return public_id(self.record_type, self.record_id)

    @property
    def is_shown(self) -> bool:
        """Whether its text is public."""
        return self.withdrawn_at is None and self.hidden_at is None

    @property
    def names(self) -> set[str]:
        """The names of the accounts that it mentions."""
        return {mention.user.username for mention in self.mentions}

    def __repr__(self) -> str:
        return short_repr(self, "id", "record_type", "record_id", "author_id")


class Mention(Base):
    """A user who is mentioned in a comment, and when that user read it."""

    __tablename__ = "mentions"
    __table_args__ = (
        UniqueConstraint("comment_id", "user_id"),
        Index(None, "user_id", "read_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comments.id", ondelete="RESTRICT"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    read_at: Mapped[datetime.datetime | None]

    comment: Mapped[Comment] = relationship(back_populates="mentions")
    user: Mapped[User] = relationship()


class Flag(Base):
    """A problem with a claim or an evidence item; open until an editor resolves it.

    A flag without an author comes from a reader without an account. An author may withdraw a flag, which closes
    it without a resolution.
    """

    __tablename__ = "flags"
    __table_args__ = (
        *checks(schemas.FLAG),
        *checks(schemas.RESOLUTION),
        CheckConstraint("record_type IN ('claim', 'evidence')", name="record_type_term"),
        CheckConstraint("(closed_at IS NULL) = (closed_by_id IS NULL)", name="closed_by_somebody"),
        CheckConstraint("resolution IS NULL OR closed_at IS NOT NULL", name="resolved_when_closed"),
        CheckConstraint(
            "closed_at IS NULL OR resolution IS NOT NULL OR (author_id IS NOT NULL AND closed_by_id = author_id)",
            name="closed_with_resolution",
        ),
        Index(None, "record_type", "record_id"),
        Index(None, "closed_at", "record_type"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    record_id: Mapped[int]
    claim_id: Mapped[int] = mapped_column(doc="The claim that the record is, or belonged to at the time.")
    kind: Mapped[FlagKind]
    text: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    raised_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    closed_at: Mapped[datetime.datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    resolution: Mapped[str | None]

    author: Mapped[User | None] = relationship(foreign_keys=author_id)
    closed_by: Mapped[User | None] = relationship(foreign_keys=closed_by_id)

    @property
    def record_name(self) -> str:
        """The public identifier of the record that it is about."""
        return public_id(self.record_type, self.record_id)

    @property
    def is_open(self) -> bool:
        """Whether it waits for an editor."""
        return self.closed_at is None

    def __repr__(self) -> str:
        return short_repr(self, "id", "kind", "record_type", "record_id")


class ReaderReport(Base):
    """A problem reported by a reader without an account. Only editors see it; if accepted, it becomes a flag."""

    __tablename__ = "reader_reports"
    __table_args__ = (
        *checks(schemas.REPORT),
        *checks(schemas.DISMISSAL),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint(
            "(decided_at IS NULL AND flag_id IS NULL AND dismissal IS NULL) OR "
            "(decided_at IS NOT NULL AND (flag_id IS NULL) <> (dismissal IS NULL))",
            name="accepted_or_dismissed",
        ),
        UniqueConstraint("flag_id"),
        Index(None, "decided_at", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int]
    text: Mapped[str]
    contact: Mapped[str | None] = mapped_column(doc="Contact details given by the sender; never public.")
    sent_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    decided_at: Mapped[datetime.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    dismissal: Mapped[str | None] = mapped_column(doc="Why it was dismissed.")
    flag_id: Mapped[int | None] = mapped_column(ForeignKey("flags.id", ondelete="RESTRICT"))

    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    flag: Mapped[Flag | None] = relationship()

    @property
    def claim_name(self) -> str:
        """The public identifier of the claim."""
        return public_id(RecordType.CLAIM, self.claim_id)

    def __repr__(self) -> str:
        return short_repr(self, "id", "claim_id")
