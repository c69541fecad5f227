"""Proposals (changes that wait for review by a second person) and conflicts of interest of reviewers."""

import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.record import Record
from claims_app.models.topic import Topic
from claims_app.models.types import checks, short_repr, term_check, utc_now
from claims_app.rules import schemas
from claims_app.rules.identifiers import public_id
from claims_app.vocabulary import ProposalKind, RecordType, ReviewState


class Proposal(Record, Base):
    """A proposed change to a record, based on the version that its author saw.

    `changes` maps each field to [value seen, value wanted], as entered into the form. A deletion has no changes;
    an appraisal has the fields of its form.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        *checks(schemas.PROPOSAL),
        term_check("kind", ProposalKind),
        term_check("state", ReviewState),
        CheckConstraint("(state = 'submitted') = (decided_at IS NULL)", name="decided_at_some_time"),
        CheckConstraint("state <> 'rejected' OR decision_reason IS NOT NULL", name="rejected_with_reason"),
        CheckConstraint(
            "(kind = 'appraisal') = (evidence_digest IS NOT NULL)", name="appraisal_of_known_evidence"
        ),
        Index(None, "target_type", "target_id", "state"),
        Index(None, "state", "id"),
        Index(None, "author_id", "id"),
        Index(None, "claim_id", "state"),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.PROPOSAL
    derived = ("decision_seen_at",)

    kind: Mapped[ProposalKind]
    target_type: Mapped[RecordType]
    target_id: Mapped[int] = mapped_column(doc="No foreign key: the record may be deleted.")
    target_version: Mapped[int] = mapped_column(doc="The version that the author saw.")
    claim_id: Mapped[int | None] = mapped_column(doc="The claim that the record is or belongs to.")
    changes: Mapped[dict[str, list[Any]]] = mapped_column(JSON, doc="Field name to [seen, wanted].")
    evidence_digest: Mapped[str | None] = mapped_column(
        doc="The digest of the evidence of a proposed appraisal."
    )
    reason: Mapped[str]
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    state: Mapped[ReviewState] = mapped_column(default=ReviewState.SUBMITTED)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime.datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(
        doc="Why it was decided so; of an open proposal, the accepted one that overtook some of its fields."
    )
    decision_seen_at: Mapped[datetime.datetime | None] = mapped_column(
        doc="When the author saw the decision, or what overtook it."
    )

    author: Mapped[User | None] = relationship(foreign_keys=author_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)

    @property
    def target_name(self) -> str:
        """The public identifier of the record that it is about."""
        return public_id(self.target_type, self.target_id)

    @property
    def is_open(self) -> bool:
        """Whether it waits for review."""
        return self.state is ReviewState.SUBMITTED

    @property
    def overtaken(self) -> str | None:
        """What overtook some of its fields while it waits for review, in a sentence, or None."""
        return self.decision_reason if self.is_open else None

    @property
    def in_short(self) -> str:
        """The proposal in one line."""
        return self.reason

    def __repr__(self) -> str:
        return short_repr(self, "id", "kind", "target_type", "target_id", "state")


class ConflictOfInterest(Base):
    """A conflict of interest declared for a topic; until it ends, the user cannot review work on the topic."""

    __tablename__ = "conflicts_of_interest"
    __table_args__ = (
        CheckConstraint("length(trim(text)) >= 1 AND length(text) <= 500", name="text_length"),
        CheckConstraint("ends_at > declared_at", name="ends_later"),
        Index(None, "user_id", "ends_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    text: Mapped[str]
    declared_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime.datetime]

    topic: Mapped[Topic] = relationship()
