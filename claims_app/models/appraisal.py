"""Appraisals: dated judgements of the evidence level of a claim, with the evidence they were based on.

An appraisal is written once. Triggers (`claims_app.triggers`) refuse any change to it, derive the level of the
claim from its newest appraisal, and check that the evidence of an appraisal existed and counted.
"""

import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.claim import Claim
from claims_app.models.record import Record
from claims_app.models.types import checks, short_repr, term_check, utc_now
from claims_app.rules import schemas
from claims_app.rules.appraisal.level import LEVELS
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import (
    AppraisalStage,
    CertaintyDomain,
    ClaimKind,
    Conclusion,
    EvidenceLevel,
    RecordType,
    RiskOfBiasTool,
    Scheme,
)

_LEVELS = ", ".join(f"'{level.value}'" for level in LEVELS)


class AppraisalRound(Base):
    """A round in which two people appraise a claim independently, and then agree on one appraisal."""

    __tablename__ = "appraisal_rounds"
    __table_args__ = (
        # At most one open round for each claim.
        Index(
            "uq_appraisal_rounds_open_claim_id",
            "claim_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index(None, "claim_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    opened_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    closed_at: Mapped[datetime.datetime | None] = mapped_column(doc="When it was settled or cancelled.")

    claim: Mapped[Claim] = relationship()
    opened_by: Mapped[User | None] = relationship()
    appraisals: Mapped[list["Appraisal"]] = relationship(back_populates="round", order_by="Appraisal.id")


class AppraisalDraft(Base):
    """An unfinished appraisal, visible only to its author.

    In a round of two, its author submits it (`handed_in_at`). It becomes an appraisal once both are submitted.
    """

    __tablename__ = "appraisal_drafts"
    __table_args__ = (
        UniqueConstraint("claim_id", "author_id"),
        CheckConstraint("(handed_in_at IS NULL) = (evidence_digest IS NULL)", name="handed_in_with_digest"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    content: Mapped[dict[str, str]] = mapped_column(JSON, doc="What was typed, by field.")
    saved_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    handed_in_at: Mapped[datetime.datetime | None]
    evidence_digest: Mapped[str | None]

    author: Mapped[User] = relationship()


class Appraisal(Record, Base):
    """One dated, immutable judgement of a claim's evidence level."""

    __tablename__ = "appraisals"
    __table_args__ = (
        *checks(schemas.APPRAISAL),
        *(CheckConstraint(check.sql, name=check.name) for check in schemas.outcome_checks()),
        term_check("stage", AppraisalStage),
        term_check("scheme", Scheme),
        term_check("claim_kind", ClaimKind),
        term_check("proposed_conclusion", Conclusion),
        CheckConstraint(f"start_level IN ({_LEVELS})", name="start_level_term"),
        CheckConstraint(f"computed_level IN ({_LEVELS})", name="computed_level_term"),
        CheckConstraint("stage = 'single' OR round_id IS NOT NULL", name="stage_needs_round"),
        Index(None, "claim_id", "id"),
        Index(None, "round_id"),
        Index(None, "appraised_at", "id"),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.APPRAISAL
    immutable = True

    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id", ondelete="RESTRICT"))
    stage: Mapped[AppraisalStage] = mapped_column(default=AppraisalStage.SINGLE)
    round_id: Mapped[int | None] = mapped_column(ForeignKey("appraisal_rounds.id", ondelete="RESTRICT"))
    scheme: Mapped[Scheme]
    scheme_version: Mapped[str]
    claim_kind: Mapped[ClaimKind]
    start_level: Mapped[EvidenceLevel]
    start_reason: Mapped[str]
    may_rate_up: Mapped[bool]
    translated: Mapped[bool] = mapped_column(doc="Whether animal experiments were translated to humans.")
    risk_of_bias_tool: Mapped[RiskOfBiasTool | None]
    risk_of_bias: Mapped[int]
    risk_of_bias_advice: Mapped[int | None]
    risk_of_bias_reason: Mapped[str | None]
    inconsistency: Mapped[int]
    inconsistency_advice: Mapped[int | None]
    inconsistency_reason: Mapped[str | None]
    indirectness: Mapped[int]
    indirectness_advice: Mapped[int | None]
    indirectness_reason: Mapped[str | None]
    imprecision: Mapped[int]
    imprecision_advice: Mapped[int | None]
    imprecision_reason: Mapped[str | None]
    publication_bias: Mapped[int]
    publication_bias_advice: Mapped[int | None]
    publication_bias_reason: Mapped[str | None]
    large_effect: Mapped[int]
    large_effect_advice: Mapped[int | None]
    large_effect_reason: Mapped[str | None]
    dose_response_gradient: Mapped[int]
    dose_response_gradient_advice: Mapped[int | None]
    dose_response_gradient_reason: Mapped[str | None]
    opposing_confounding: Mapped[int]
    opposing_confounding_advice: Mapped[int | None]
    opposing_confounding_reason: Mapped[str | None]
    rate_up_reason: Mapped[str | None]
    conclusion: Mapped[Conclusion]
    proposed_conclusion: Mapped[Conclusion]
    conclusion_reason: Mapped[str | None]
    conclusion_derived: Mapped[bool] = mapped_column(
        doc="Whether no person decided the conclusion: it was derived for an appraisal from before there were any."
    )
    computed_level: Mapped[EvidenceLevel]
    level: Mapped[EvidenceLevel]
    override_reason: Mapped[str | None]
    rationale: Mapped[str | None]
    evidence_digest: Mapped[str] = mapped_column(
        doc="The digest of the body of evidence; see rules.appraisal.body."
    )
    weaknesses: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, doc="The limitations of the claim that affected its certainty."
    )
    lead_evidence_id: Mapped[int] = mapped_column(
        doc="The last of its evidence items; see claims_app.triggers."
    )
    appraised_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    appraised_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    claim: Mapped[Claim] = relationship(foreign_keys=claim_id)
    round: Mapped[AppraisalRound | None] = relationship(back_populates="appraisals")
    appraised_by: Mapped[User | None] = relationship()
    seen: Mapped[list["AppraisalEvidence"]] = relationship(
        back_populates="appraisal",
        order_by="AppraisalEvidence.evidence_id",
        foreign_keys="AppraisalEvidence.appraisal_id",
        passive_deletes="all",
    )

    @property
    def overridden(self) -> bool:
        """Whether the level differs from the computed one."""
        return self.level is not self.computed_level

    @property
    def verdict(self) -> Verdict:
        """What the evidence says, and how certain that is."""
        return Verdict(self.conclusion, self.level, self.conclusion_derived)

    @property
    def moves(self) -> dict[CertaintyDomain, int]:
        """The number of levels by which each domain changed the certainty, in GRADE's order."""
        return {domain: getattr(self, domain.value) for domain in CertaintyDomain}

    @property
    def advised(self) -> dict[CertaintyDomain, int | None]:
        """The change that was advised for each domain; None for appraisals from before the advice was kept."""
        return {domain: getattr(self, f"{domain.value}_advice") for domain in CertaintyDomain}

    @property
    def reasons(self) -> dict[CertaintyDomain, str | None]:
        """The reason given for each domain."""
        return {domain: getattr(self, f"{domain.value}_reason") for domain in CertaintyDomain}

    def __repr__(self) -> str:
        return short_repr(self, "id", "claim_id", "level", "stage")


class AppraisalEvidence(Base):
    """An evidence item that an appraisal was based on, with its version and a copy of its finding.

    `evidence_id` is no foreign key: the item may be deleted later, and the appraisal keeps its copy. A trigger
    checks on insert that the item exists and counts.
    """

    __tablename__ = "appraisal_evidence"
    __table_args__ = (Index(None, "evidence_id"),)

    appraisal_id: Mapped[int] = mapped_column(
        ForeignKey("appraisals.id", ondelete="RESTRICT"), primary_key=True
    )
    evidence_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    evidence_version: Mapped[int]
    study_id: Mapped[int]
    study_version: Mapped[int]
    finding: Mapped[dict[str, Any]] = mapped_column(JSON, doc="A finding as written by rules.appraisal.body.")

    appraisal: Mapped[Appraisal] = relationship(back_populates="seen", foreign_keys=appraisal_id)
