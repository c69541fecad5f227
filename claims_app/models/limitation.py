"""Limitations: stated weaknesses of a claim or of an evidence item."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.claim import Claim
from claims_app.models.evidence import EvidenceItem
from claims_app.models.mixins import Record
from claims_app.models.review import Reviewed, review_constraints
from claims_app.models.types import checks, shown, term_check, term_type
from claims_app.rules import records
from claims_app.vocabulary import CertaintyDomain, LimitationKind, QuoteCheck, RecordType


class Limitation(Record, Reviewed, Base):
    """A weakness of exactly one claim or one evidence item, and the quote that states it."""

    __tablename__ = "limitations"
    __table_args__ = (
        *checks(records.LIMITATION),
        term_check("quote_check", QuoteCheck),
        CheckConstraint("(quote IS NULL) = (quote_check IS NULL)", name="quote_is_checked"),
        CheckConstraint("(claim_id IS NULL) <> (evidence_id IS NULL)", name="of_claim_or_evidence"),
        Index(None, "claim_id"),
        Index(None, "evidence_id"),
        *review_constraints(),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.LIMITATION

    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_items.id", ondelete="RESTRICT"))
    kind: Mapped[LimitationKind] = mapped_column(term_type(LimitationKind))
    domain: Mapped[CertaintyDomain | None] = mapped_column(term_type(CertaintyDomain))
    text: Mapped[str] = mapped_column()
    quote: Mapped[str | None] = mapped_column()
    quote_prefix: Mapped[str | None] = mapped_column()
    quote_suffix: Mapped[str | None] = mapped_column()
    quote_check: Mapped[QuoteCheck | None] = mapped_column(term_type(QuoteCheck))

    claim: Mapped[Claim | None] = relationship()
    evidence: Mapped[EvidenceItem | None] = relationship(back_populates="limitations")

    @property
    def parent(self) -> Claim | EvidenceItem:
        """The claim or the evidence item that it limits."""
        parent = self.claim or self.evidence
        assert parent is not None, "held by the constraint of_claim_or_evidence"
        return parent

    def __repr__(self) -> str:
        return shown(self, "id", "kind", "claim_id", "evidence_id")
