"""Saved views: lists with filters that somebody wants to see again."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.rules.saved_views import NAME_LENGTH, QUERY_LENGTH
from claims_app.vocabulary import ViewOf


class SavedView(Base):
    """A list with its filters and order, under a name. Only its author sees it; it has no history."""

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("author_id", "name"),
        CheckConstraint(f"length(trim(name)) >= 1 AND length(name) <= {NAME_LENGTH}", name="name_length"),
        CheckConstraint(f"length(query) <= {QUERY_LENGTH}", name="query_length"),
        term_check("section", ViewOf),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    section: Mapped[ViewOf]
    query: Mapped[str] = mapped_column(
        doc="The filters and the order as in the address, without a question mark."
    )
    saved_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    @property
    def address(self) -> str:
        """The address of the list."""
        return f"/{self.section.value}" + (f"?{self.query}" if self.query else "")

    def __repr__(self) -> str:
        return short_repr(self, "id", "author_id", "name")
