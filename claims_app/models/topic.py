"""Topics: subjects that claims are grouped by, as a small hierarchy."""

from sqlalchemy import Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.record import Link, Record
from claims_app.models.types import checks, link_index, short_repr
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
    """A subject; `slug` is its name in URLs.

    Its claims are also those of its broader topic, `parent`. There are at most three levels, and no circles; triggers
    see to that.
    """

    __tablename__ = "topics"
    __table_args__ = (
        UniqueConstraint("slug"),
        link_index("parent_id"),
        *checks(schemas.TOPIC),
        {"sqlite_autoincrement": True},
    )
    record_type = RecordType.TOPIC
    links = (Link("parent_id", "narrower topics", is_part=False),)

    slug: Mapped[str]
    name: Mapped[str]
    definition: Mapped[str | None]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="RESTRICT"))

    parent: Mapped["Topic | None"] = relationship(remote_side="Topic.id")

    def __repr__(self) -> str:
        return short_repr(self, "id", "slug")
