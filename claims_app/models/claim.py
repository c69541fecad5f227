"""Claims: checkable statements with their source."""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.mergeable import Mergeable, merging_constraints
from claims_app.models.record import Link, ListField, Record
from claims_app.models.review import Reviewed, review_constraints
from claims_app.models.study import Study
from claims_app.models.topic import Topic, claim_topics
from claims_app.models.types import checks, link_index, short_repr, term_check
from claims_app.rules import schemas
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import (
    ClaimKind,
    ClaimStatus,
    Conclusion,
    EvidenceLevel,
    LevelState,
    QuoteCheck,
    RecordType,
)


class Claim(Record, Reviewed, Mergeable, Base):
    """One checkable statement, its PECO parts and its origin."""

    __tablename__ = "claims"
    __table_args__ = (
        *checks(schemas.CLAIM),
        term_check("origin_quote_check", QuoteCheck),
        CheckConstraint(
            "(origin_quote IS NULL) = (origin_quote_check IS NULL)", name="origin_quote_is_checked"
        ),
        # No grade without an appraisal of this claim.
        CheckConstraint("(evidence_level = 'not_assessed') = (appraisal_id IS NULL)", name="no_naked_grade"),
        # No level without its conclusion.
        CheckConstraint(
            "(evidence_level = 'not_assessed') = (conclusion IS NULL)", name="level_has_conclusion"
        ),
        CheckConstraint("NOT conclusion_derived OR conclusion IS NOT NULL", name="derived_has_conclusion"),
        term_check("conclusion", Conclusion),
        CheckConstraint("stale_since IS NULL OR appraisal_id IS NOT NULL", name="stale_needs_appraisal"),
        Index(None, "evidence_level", "id"),
        Index(None, "conclusion", "id"),
        Index(None, "kind", "id"),
        Index(None, "status", "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        link_index("origin_study_id"),
        Index(None, "stale_since", "id"),
        *review_constraints(),
        *merging_constraints(),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.CLAIM
    lists = (
        ListField("topics", "topics", "claim_topics", "claim_id", "topic_id", named_in=("topics", "slug")),
    )
    links = (Link("origin_study_id", "claims taken from it", is_part=False),)
    derived = (
        "evidence_level",
        "conclusion",
        "conclusion_derived",
        "appraisal_id",
        "stale_since",
        "last_searched_at",
    )

    statement: Mapped[str]
    kind: Mapped[ClaimKind]
    status: Mapped[ClaimStatus]
    evidence_level: Mapped[EvidenceLevel] = mapped_column(default=EvidenceLevel.NOT_ASSESSED)
    conclusion: Mapped[Conclusion | None] = mapped_column(
        doc="What the evidence says, from the same appraisal as the level."
    )
    conclusion_derived: Mapped[bool] = mapped_column(default=False, server_default=false())
    appraisal_id: Mapped[int | None] = mapped_column(
        ForeignKey("appraisals.id", ondelete="RESTRICT", use_alter=True),
        doc="The appraisal that gave the level; see claims_app.triggers.",
    )
    stale_since: Mapped[datetime.datetime | None] = mapped_column(
        doc="When the evidence first differed from what the appraisal was based on."
    )
    population: Mapped[str | None]
    exposure: Mapped[str | None]
    comparator: Mapped[str | None]
    outcome: Mapped[str | None]
    origin_study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id", ondelete="RESTRICT"))
    origin_section: Mapped[str | None]
    origin_quote: Mapped[str | None]
    origin_quote_prefix: Mapped[str | None]
    origin_quote_suffix: Mapped[str | None]
    origin_quote_check: Mapped[QuoteCheck | None]
    last_searched_at: Mapped[datetime.datetime | None] = mapped_column(
        doc="When the newest complete literature search for it began; see services.intake.watch_runner.",
    )

    origin_study: Mapped[Study | None] = relationship()
    topics: Mapped[list[Topic]] = relationship(
        secondary=claim_topics, order_by=Topic.name, passive_deletes=True
    )

    @property
    def verdict(self) -> Verdict:
        """What its evidence says, and how certain that is."""
        return Verdict(self.conclusion, self.evidence_level, self.conclusion_derived)

    @property
    def level_state(self) -> LevelState:
        """Whether its evidence level is still based on the current evidence."""
        if self.appraisal_id is None:
            return LevelState.NOT_ASSESSED
        return LevelState.CURRENT if self.stale_since is None else LevelState.STALE

    @property
    def in_short(self) -> str:
        """The claim in one line."""
        return self.statement

    def __repr__(self) -> str:
        return short_repr(self, "id", "statement")
