"""Decisions that two studies do not share participants."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import utc_now


class OverlapDismissal(Base):
    """A rejected suggestion that two studies are one line of evidence. The pair is not suggested again."""

    __tablename__ = "overlap_dismissals"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="in_order"),
        CheckConstraint("length(trim(reason)) >= 1 AND length(reason) <= 500", name="reason_length"),
        Index(None, "second_id"),
    )

    first_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    decided_by: Mapped[User | None] = relationship()
