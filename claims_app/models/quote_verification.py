"""Quotes that were found in a text that is not kept: in which one, by whom and when.

They reference a record by type and number, without a foreign key, so that they outlive it. Nothing changes them: after
an edit of the quote they show that its earlier words were checked.
"""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.study import Study
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.vocabulary import QuoteCheck, RecordType, Via


class QuoteVerification(Base):
    """The words of a quote that a text of the study contains; the text is known by its length and SHA-256."""

    __tablename__ = "quote_verifications"
    __table_args__ = (
        CheckConstraint("record_type IN ('claim', 'evidence', 'limitation')", name="record_type_term"),
        CheckConstraint("outcome IN ('verified', 'verified_typography')", name="outcome_term"),
        CheckConstraint(
            "length(quote_sha256) = 64 AND ltrim(quote_sha256, '0123456789abcdef') = ''",
            name="quote_sha256_form",
        ),
        CheckConstraint(
            "length(text_sha256) = 64 AND ltrim(text_sha256, '0123456789abcdef') = ''",
            name="text_sha256_form",
        ),
        CheckConstraint("text_length > 0", name="text_length_range"),
        term_check("via", Via),
        UniqueConstraint(
            *("record_type", "record_id", "study_id", "quote_sha256", "text_sha256"),
            name="uq_quote_verifications_once",
        ),
        Index(None, "study_id", "quote_sha256"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(
        ForeignKey("studies.id", ondelete="CASCADE"), doc="The study that was quoted then."
    )
    record_type: Mapped[RecordType]
    record_id: Mapped[int]
    quote_sha256: Mapped[str] = mapped_column(
        doc="The SHA-256 of the quote with its context; see rules.quotes."
    )
    outcome: Mapped[QuoteCheck]
    text_length: Mapped[int] = mapped_column(doc="In characters (Unicode code points).")
    text_sha256: Mapped[str] = mapped_column(doc="The SHA-256 of the text in UTF-8, in hexadecimal digits.")
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    checked_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    via: Mapped[Via]

    study: Mapped[Study] = relationship()
    checked_by: Mapped[User | None] = relationship()

    def __repr__(self) -> str:
        return short_repr(self, "id", "record_type", "record_id", "outcome", "text_sha256")
