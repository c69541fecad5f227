"""Topics: subjects that claims are grouped by."""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped

from claims_app.database import Base
from claims_app.models.record import Record
from claims_app.models.types import checks, short_repr
from claims_app.rules import schemas
from claims_app.vocabulary import RecordType

claim_topics = Table(
    "claim_topics",
    Base.metadata,
    Column("claim_id", ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True),
    Column("topic_id", ForeignKey("topics.id", ondelete="RESTRICT"), primary_key=True),
    Index("ix_claim_topics_topic_id_claim_id", "topic_id", "claim_id"),
)


class Topic(Record, Base):
    """A subject; `slug` is its name in URLs."""

    __tablename__ = "topics"
    __table_args__ = (UniqueConstraint("slug"), *checks(schemas.TOPIC), {"sqlite_autoincrement": True})
    record_type = RecordType.TOPIC

    slug: Mapped[str]
    name: Mapped[str]
    definition: Mapped[str | None]

    def __repr__(self) -> str:
        return short_repr(self, "id", "slug")
