"""Work that is still to be done in the background."""

import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, utc_now


class Job(Base):
    """Work that is waiting, being done, or has failed. What is done or cancelled has no row."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        CheckConstraint("length(kind) >= 1 AND length(kind) <= 40", name="kind_length"),
        CheckConstraint("(holder IS NULL) = (held_until IS NULL)", name="held_when"),
        CheckConstraint("problem IS NULL OR holder IS NULL", name="failed_when"),
        CheckConstraint("(measured_at IS NULL) = (measured_done IS NULL)", name="measured_when"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(doc="The name of what is done.")
    subject: Mapped[int] = mapped_column(doc="The number of what it is done to, such as that of an import.")
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    asked: Mapped[int] = mapped_column(default=1, doc="How often it was asked for since it began to wait.")
    tries: Mapped[int] = mapped_column(default=0, doc="How often it was begun since it last got on.")
    due_at: Mapped[datetime.datetime] = mapped_column(doc="It does not begin before this moment.")
    holder: Mapped[str | None] = mapped_column(doc="Who does it now: a new name each time it is begun.")
    held_until: Mapped[datetime.datetime | None] = mapped_column(
        doc="When another process may take it over, unless its holder says that it is still at work."
    )
    done: Mapped[int] = mapped_column(default=0, doc="How many steps are done.")
    total: Mapped[int | None] = mapped_column(doc="How many steps there are, once that is known.")
    measured_at: Mapped[datetime.datetime | None] = mapped_column(
        doc="When the holder had done `measured_done` steps; what is left is estimated from that."
    )
    measured_done: Mapped[int | None]
    problem: Mapped[str | None] = mapped_column(doc="Why it failed, in words for the person who asked.")
    queued_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    def __repr__(self) -> str:
        return short_repr(self, "id", "kind", "subject")
