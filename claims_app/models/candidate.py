"""The inbox: reports that may become studies, their origins, and the decisions about them.

A candidate is not a record: readers never see it, and decisions about it are rows that are only ever added.
Claims, topics, watches and studies are referenced by number without a foreign key, so that decisions outlive them.
"""

import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import checks, short_repr, term_check, utc_now
from claims_app.rules import schemas
from claims_app.rules.identifier_parsing import find_identifiers
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import CandidateAction, CandidateState, OriginKind, RecordType


class Candidate(Base):
    """A report that may become a study, as described by a file or a service, or known only by its identifier."""

    __tablename__ = "candidates"
    __table_args__ = (
        *checks(schemas.CANDIDATE),
        UniqueConstraint("doi"),
        UniqueConstraint("pmid"),
        UniqueConstraint("pmcid"),
        CheckConstraint(
            "title IS NOT NULL OR doi IS NOT NULL OR pmid IS NOT NULL OR pmcid IS NOT NULL "
            "OR registry_id IS NOT NULL",
            name="known_by_something",
        ),
        CheckConstraint("(title IS NULL) = (title_key IS NULL)", name="title_with_key"),
        CheckConstraint("state <> 'not_relevant' OR reason IS NOT NULL", name="not_relevant_with_reason"),
        CheckConstraint("state = 'waiting' OR decided_at IS NOT NULL", name="decided_at_some_time"),
        CheckConstraint("state <> 'linked' OR study_id IS NOT NULL", name="linked_to_a_study"),
        Index(None, "state", "id"),
        Index(None, "assigned_to_id", "state", "id"),
        Index(None, "registry_id"),
        Index(None, "title_key"),
        Index(None, "study_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None]
    title_key: Mapped[str | None] = mapped_column(doc="SHA-256 of its words, to look up the same title.")
    authors: Mapped[str | None] = mapped_column(doc="One per line.")
    year: Mapped[int | None]
    journal: Mapped[str | None]
    doi: Mapped[str | None]
    pmid: Mapped[str | None]
    pmcid: Mapped[str | None]
    registry_id: Mapped[str | None]
    abstract: Mapped[str | None]
    retraction: Mapped[str | None] = mapped_column(doc="A sentence about a retraction, from its source.")
    content: Mapped[dict[str, Any]] = mapped_column(
        JSON, doc="All known values, by study field, as a form would submit them."
    )
    state: Mapped[CandidateState] = mapped_column(default=CandidateState.WAITING)
    reason: Mapped[str | None] = mapped_column(doc="The reason for the decision.")
    decided_at: Mapped[datetime.datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    assigned_to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    study_id: Mapped[int | None] = mapped_column(doc="The study made from it or matched to it.")
    added_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    version: Mapped[int] = mapped_column()

    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)
    assigned_to: Mapped[User | None] = relationship(foreign_keys=assigned_to_id)
    origins: Mapped[list["CandidateOrigin"]] = relationship(
        back_populates="candidate", order_by="CandidateOrigin.id"
    )
    decisions: Mapped[list["CandidateDecision"]] = relationship(
        back_populates="candidate", order_by="CandidateDecision.id"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # read by the mapper, once

    @property
    def is_complete(self) -> bool:
        """Whether more than an identifier is known."""
        return self.title is not None

    @property
    def name(self) -> str:
        """Its title, or the first identifier until the title is known."""
        identifiers = (self.title, self.doi, self.pmid, self.pmcid, self.registry_id)
        return next(text for text in identifiers if text is not None)

    @property
    def study_name(self) -> str | None:
        """The public identifier of its study."""
        return None if self.study_id is None else public_id(RecordType.STUDY, self.study_id)

    def __repr__(self) -> str:
        return short_repr(self, "id", "state", "doi", "title")


class CandidateOrigin(Base):
    """Why a candidate is in the inbox: an identifier that was entered, a line of a file, or a saved search."""

    __tablename__ = "candidate_origins"
    __table_args__ = (
        *checks(schemas.CANDIDATE_ORIGIN),
        CheckConstraint("line IS NULL OR line >= 1", name="line_range"),
        CheckConstraint("kind = 'watch' OR watch_id IS NULL", name="watch_of_a_watch"),
        Index(None, "candidate_id"),
        Index(None, "claim_id", "candidate_id"),
        Index(None, "topic_id", "candidate_id"),
        Index(None, "watch_id", "candidate_id"),
        Index(None, "kind", "candidate_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id", ondelete="RESTRICT"))
    kind: Mapped[OriginKind]
    detail: Mapped[str] = mapped_column(doc="The identifier, file name or search.")
    line: Mapped[int | None] = mapped_column(doc="The line in the file.")
    claim_id: Mapped[int | None] = mapped_column(doc="The claim that it may be about.")
    topic_id: Mapped[int | None]
    watch_id: Mapped[int | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[datetime.datetime]

    candidate: Mapped[Candidate] = relationship(back_populates="origins")
    by: Mapped[User | None] = relationship()

    @property
    def claim_name(self) -> str | None:
        """The public identifier of the claim."""
        return None if self.claim_id is None else public_id(RecordType.CLAIM, self.claim_id)

    @property
    def is_by_title(self) -> bool:
        """Whether it was added without an identifier, which only the API can do: `detail` is the title."""
        pasted, _ = find_identifiers(self.detail)
        return self.kind is OriginKind.IDENTIFIER and all(one.text.strip() != self.detail for one in pasted)

    def __repr__(self) -> str:
        return short_repr(self, "id", "candidate_id", "kind", "detail")


class CandidateDecision(Base):
    """A decision about a candidate: what, by whom (None: the server), when and why."""

    __tablename__ = "candidate_decisions"
    __table_args__ = (
        term_check("action", CandidateAction),
        CheckConstraint("action <> 'not_relevant' OR reason IS NOT NULL", name="not_relevant_with_reason"),
        CheckConstraint(
            f"length(trim(reason)) >= 1 AND length(reason) <= {schemas.CANDIDATE.limit('reason')}",
            name="reason_length",
        ),
        Index(None, "candidate_id"),
        Index(None, "claim_id", "action"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id", ondelete="RESTRICT"))
    action: Mapped[CandidateAction]
    reason: Mapped[str | None]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    at: Mapped[datetime.datetime]
    claim_id: Mapped[int | None]
    study_id: Mapped[int | None]
    evidence_id: Mapped[int | None]
    to_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))

    candidate: Mapped[Candidate] = relationship(back_populates="decisions")
    by: Mapped[User | None] = relationship(foreign_keys=by_id)
    to: Mapped[User | None] = relationship(foreign_keys=to_id)

    def __repr__(self) -> str:
        return short_repr(self, "id", "candidate_id", "action")
