"""Watches (saved literature searches) and their runs."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.claim import Claim
from claims_app.models.record import Link, Record
from claims_app.models.review import Reviewed, review_constraints
from claims_app.models.topic import Topic
from claims_app.models.types import checks, short_repr, term_check
from claims_app.rules import schemas
from claims_app.vocabulary import RecordType, WatchService, WatchState

_IS_OPEN = text("ended_at IS NULL")


class Watch(Record, Reviewed, Base):
    """A saved search of one service for papers about one claim or one topic."""

    __tablename__ = "watches"
    __table_args__ = (
        *checks(schemas.WATCH),
        Index(None, "claim_id"),
        Index(None, "topic_id"),
        *review_constraints(),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.WATCH
    links = (Link("claim_id", "watches"),)

    service: Mapped[WatchService]
    query: Mapped[str]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="RESTRICT"))
    state: Mapped[WatchState]
    note: Mapped[str | None]

    claim: Mapped[Claim | None] = relationship()
    topic: Mapped[Topic | None] = relationship()

    @property
    def runs(self) -> bool:
        """Whether `claims watch run` runs it."""
        return self.state is WatchState.ACTIVE and self.is_accepted

    @property
    def in_short(self) -> str:
        """The watch in one line."""
        return self.query

    def __repr__(self) -> str:
        return short_repr(self, "id", "service", "query")


class WatchRun(Base):
    """One run of a watch: its query and its result.

    A watch has at most one open run. Each page that arrives extends `alive_until`; once that has passed, the next
    run closes an interrupted one. The watch is referenced by number, without a foreign key, so that its runs
    outlive it.
    """

    __tablename__ = "watch_runs"
    __table_args__ = (
        term_check("service", WatchService),
        CheckConstraint(
            "n_found >= 0 AND n_new >= 0 AND n_known >= 0 AND n_not_relevant >= 0", name="counts_range"
        ),
        CheckConstraint("error IS NULL OR ended_at IS NOT NULL", name="error_at_its_end"),
        CheckConstraint("length(trim(error)) >= 1 AND length(error) <= 500", name="error_length"),
        Index(None, "watch_id", "id"),
        Index(
            "uq_watch_runs_open", "watch_id", unique=True, sqlite_where=_IS_OPEN, postgresql_where=_IS_OPEN
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    watch_id: Mapped[int]
    service: Mapped[WatchService]
    query: Mapped[str] = mapped_column(doc="The query that was run; the watch may have changed since.")
    began_at: Mapped[datetime.datetime]
    alive_until: Mapped[datetime.datetime]
    ended_at: Mapped[datetime.datetime | None]
    since: Mapped[datetime.date] = mapped_column(
        doc="The run asked for papers added to the service on this day or later."
    )
    until: Mapped[datetime.date] = mapped_column(
        doc="The day on which the run began; later days are incomplete."
    )
    n_found: Mapped[int] = mapped_column(default=0)
    n_new: Mapped[int] = mapped_column(default=0)
    n_known: Mapped[int] = mapped_column(default=0)
    n_not_relevant: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(doc="Why it is incomplete.")

    @property
    def is_complete(self) -> bool:
        """Whether it ended without an error."""
        return self.ended_at is not None and self.error is None

    def __repr__(self) -> str:
        return short_repr(self, "id", "watch_id", "began_at", "ended_at", "error")
