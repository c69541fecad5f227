"""Evidence items (the findings of a study about a claim) and limitations (weaknesses of a claim or an item)."""

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.claim import Claim
from claims_app.models.record import Link, Record
from claims_app.models.review import Reviewed, review_constraints
from claims_app.models.study import Study
from claims_app.models.types import checks, link_index, short_repr, term_check
from claims_app.rules import schemas
from claims_app.rules.counting import why_uncounted
from claims_app.vocabulary import (
    CertaintyDomain,
    Direction,
    Directness,
    EffectMeasure,
    Hedge,
    LimitationKind,
    QuoteCheck,
    RecordType,
    RiskOfBias,
    UnitOfAnalysis,
)


class EvidenceItem(Record, Reviewed, Base):
    """The finding of one study about one claim: direction, directness, numbers, and a quote with its location."""

    __tablename__ = "evidence_items"
    __table_args__ = (
        *checks(schemas.EVIDENCE),
        term_check("quote_check", QuoteCheck),
        CheckConstraint("(quote IS NULL) = (quote_check IS NULL)", name="quote_is_checked"),
        CheckConstraint("p_number BETWEEN 0 AND 1", name="p_number_range"),
        CheckConstraint("(p_value IS NULL) = (p_number IS NULL)", name="p_value_with_p_number"),
        Index(None, "claim_id", "direction"),
        # With the state of the review, it answers which claims a study speaks to.
        Index("ix_evidence_items_study_id_claim_id", "study_id", "claim_id", "review_state"),
        *review_constraints(),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.EVIDENCE
    links = (Link("claim_id", "evidence"), Link("study_id", "evidence"))

    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="RESTRICT"))
    direction: Mapped[Direction]
    directness: Mapped[Directness]
    hedge: Mapped[Hedge | None]
    risk_of_bias: Mapped[RiskOfBias] = mapped_column(default=RiskOfBias.NOT_ASSESSED)
    summary: Mapped[str | None]
    effect_measure: Mapped[EffectMeasure | None]
    effect_value: Mapped[float | None]
    ci_low: Mapped[float | None]
    ci_high: Mapped[float | None]
    ci_level: Mapped[float | None] = mapped_column(doc="In percent.")
    p_value: Mapped[str | None] = mapped_column(doc="As printed in the source.")
    p_number: Mapped[float | None] = mapped_column(doc="The number in p_value, or the bound if it is one.")
    n_cases: Mapped[int | None]
    n_controls: Mapped[int | None]
    n_animals: Mapped[int | None]
    n_donors: Mapped[int | None]
    unit_of_analysis: Mapped[UnitOfAnalysis | None]
    outcome: Mapped[str | None] = mapped_column(doc="What the events or means of the groups are.")
    events_cases: Mapped[int | None]
    events_controls: Mapped[int | None]
    mean_cases: Mapped[float | None]
    sd_cases: Mapped[float | None]
    mean_controls: Mapped[float | None]
    sd_controls: Mapped[float | None]
    quote: Mapped[str | None]
    quote_prefix: Mapped[str | None]
    quote_suffix: Mapped[str | None]
    quote_check: Mapped[QuoteCheck | None]
    locator: Mapped[str | None]

    claim: Mapped[Claim] = relationship()
    study: Mapped[Study] = relationship()
    limitations: Mapped[list["Limitation"]] = relationship(
        back_populates="evidence", order_by="Limitation.id", passive_deletes="all"
    )

    @property
    def counts(self) -> bool:
        """Whether it counts: it was accepted, and its study was not retracted or withdrawn."""
        return self.is_accepted and self.study.counts

    @property
    def why_uncounted(self) -> str | None:
        """Why it is not counted, within a sentence, or None if it is."""
        published = self.study.version_of
        return why_uncounted(self.is_accepted, self.study.standing, published.standing if published else None)

    @property
    def in_short(self) -> str:
        """The finding in one line."""
        return f"{self.study.citation} {self.direction.label.lower()} CLM-{self.claim_id}"

    def __repr__(self) -> str:
        return short_repr(self, "id", "claim_id", "study_id", "direction")


class Limitation(Record, Reviewed, Base):
    """A weakness of exactly one claim or one evidence item, and the quote that states it."""

    __tablename__ = "limitations"
    __table_args__ = (
        *checks(schemas.LIMITATION),
        term_check("quote_check", QuoteCheck),
        CheckConstraint("(quote IS NULL) = (quote_check IS NULL)", name="quote_is_checked"),
        CheckConstraint("(claim_id IS NULL) <> (evidence_id IS NULL)", name="of_claim_or_evidence"),
        link_index("claim_id"),
        link_index("evidence_id"),
        *review_constraints(),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.LIMITATION
    links = (Link("claim_id", "limitations"), Link("evidence_id", "limitations"))

    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("evidence_items.id", ondelete="RESTRICT"))
    kind: Mapped[LimitationKind]
    domain: Mapped[CertaintyDomain | None]
    text: Mapped[str]
    quote: Mapped[str | None]
    quote_prefix: Mapped[str | None]
    quote_suffix: Mapped[str | None]
    quote_check: Mapped[QuoteCheck | None]

    claim: Mapped[Claim | None] = relationship()
    evidence: Mapped[EvidenceItem | None] = relationship(back_populates="limitations")

    @property
    def parent(self) -> Claim | EvidenceItem:
        """The claim or the evidence item that it limits."""
        parent = self.claim or self.evidence
        assert parent is not None, "held by the constraint of_claim_or_evidence"
        return parent

    @property
    def in_short(self) -> str:
        """The limitation in one line."""
        return self.text

    def __repr__(self) -> str:
        return short_repr(self, "id", "kind", "claim_id", "evidence_id")
