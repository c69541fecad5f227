"""Retraction notices from Retraction Watch, and when they were loaded.

They cover all papers, whether or not these are in the database. They are not records: each load replaces them all.
"""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.vocabulary import NoticeNature


class RetractionLoad(Base):
    """One load of a file; without `ended_at`, it was interrupted or is still running."""

    __tablename__ = "retraction_loads"
    __table_args__ = (
        CheckConstraint("length(sha256) = 64 AND ltrim(sha256, '0123456789abcdef') = ''", name="sha256_form"),
        CheckConstraint("length(file_name) >= 1 AND length(file_name) <= 300", name="file_name_length"),
        CheckConstraint(
            "n_loaded >= 0 AND n_without_identifier >= 0 AND n_refused >= 0", name="counts_range"
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    begun_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime.datetime | None]
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(doc="The SHA-256 of the file, in hexadecimal digits.")
    n_loaded: Mapped[int] = mapped_column(default=0)
    n_without_identifier: Mapped[int] = mapped_column(default=0)
    n_refused: Mapped[int] = mapped_column(default=0)

    def __repr__(self) -> str:
        return short_repr(self, "id", "file_name", "ended_at")


class RetractionNotice(Base):
    """A notice about a paper: its nature, date and reasons. `number` is the identifier of Retraction Watch."""

    __tablename__ = "retraction_notices"
    __table_args__ = (
        CheckConstraint("number > 0", name="number_range"),
        term_check("nature", NoticeNature),
        CheckConstraint("original_doi IS NOT NULL OR original_pmid IS NOT NULL", name="about_a_known_paper"),
        Index(None, "original_doi"),
        Index(None, "original_pmid"),
        Index(None, "load_id"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    load_id: Mapped[int] = mapped_column(
        ForeignKey("retraction_loads.id", ondelete="RESTRICT"), doc="The newest load that contained it."
    )
    nature: Mapped[NoticeNature]
    noticed_on: Mapped[datetime.date | None]
    notice_doi: Mapped[str | None]
    notice_pmid: Mapped[str | None]
    original_doi: Mapped[str | None]
    original_pmid: Mapped[str | None]
    reasons: Mapped[str | None]
    title: Mapped[str | None]

    def __repr__(self) -> str:
        return short_repr(self, "number", "nature", "original_doi", "original_pmid")
