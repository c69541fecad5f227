"""Unfinished forms, saved before they are submitted."""

import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, utc_now
from claims_app.rules.drafts import ADDRESS_LENGTH, LABEL_LENGTH


class Draft(Base):
    """The content of a form that was not submitted yet. Only its author sees it; it has no history."""

    __tablename__ = "drafts"
    __table_args__ = (
        UniqueConstraint("author_id", "address"),
        CheckConstraint(
            f"address LIKE '/_%' AND address NOT LIKE '//%' AND length(address) <= {ADDRESS_LENGTH}",
            name="address_form",
        ),
        CheckConstraint(f"length(trim(label)) >= 1 AND length(label) <= {LABEL_LENGTH}", name="label_length"),
        Index(None, "author_id", "saved_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(doc="The path of the form.")
    label: Mapped[str] = mapped_column(doc="The title of the form.")
    content: Mapped[dict[str, list[str]]] = mapped_column(JSON, doc="What was typed, by field.")
    state: Mapped[int] = mapped_column(
        doc="Incremented on each save, so that two windows do not overwrite each other."
    )
    begun_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    saved_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    @property
    def words(self) -> str:
        """Its longest value, to recognise it by."""
        typed = (value for name, values in self.content.items() if name != "version" for value in values)
        return max(typed, key=len, default="")

    def __repr__(self) -> str:
        return short_repr(self, "id", "author_id", "address")
