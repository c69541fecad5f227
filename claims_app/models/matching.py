"""Keys for finding duplicate studies, and decisions on studies and on records of files.

`study_keys` is derived from the studies: the unit of work writes it, and it has no history. After a change of the
rules, a migration empties the table, and `services.deduplication.study_matching.fill_missing` fills it again.
"""

import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, delete, insert, inspect
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base, WriteSession
from claims_app.models.account import User
from claims_app.models.study import Study
from claims_app.models.types import term_check, utc_now
from claims_app.rules.papers import COMPARED, Paper
from claims_app.vocabulary import ReferenceDecision

_KEYED_BY = ("title", "authors", "year")


class StudyKey(Base):
    """A key for finding a study: its title, its first author and year, or a word of its title."""

    __tablename__ = "study_keys"
    __table_args__ = (
        CheckConstraint("length(key) >= 1 AND length(key) <= 60", name="key_length"),
        Index(None, "study_id"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)


# As a table, rows are written without the cost of the ORM.
_KEYS = Base.metadata.tables["study_keys"]


class StudyPair(Base):
    """Two studies that share `key` and may be duplicates; `services.deduplication.kept_pairs` keeps them."""

    __tablename__ = "study_pairs"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="in_order"),
        Index(None, "score", "first_id", "second_id"),
        Index(None, "first_id"),
        Index(None, "second_id"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    score: Mapped[float] = mapped_column(doc="The confidence, from 0 to 1.")


class StudyPairQueue(Base):
    """A key whose studies are to be compared again; triggers note it."""

    __tablename__ = "study_pair_queue"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]


class StudyDistinction(Base):
    """A decision that a study and another study, or a reference from a file or a service, are not duplicates.

    A reference is identified by its `fingerprint` (see `rules.papers`). The pair is not suggested again.
    """

    __tablename__ = "study_distinctions"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        UniqueConstraint("first_id", "fingerprint"),
        CheckConstraint("first_id < second_id", name="in_order"),
        CheckConstraint("(second_id IS NULL) <> (fingerprint IS NULL)", name="from_one_other"),
        CheckConstraint("length(fingerprint) >= 3 AND length(fingerprint) <= 300", name="fingerprint_length"),
        CheckConstraint("length(trim(reason)) >= 1 AND length(reason) <= 500", name="reason_length"),
        Index(None, "second_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"))
    second_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"))
    fingerprint: Mapped[str | None]
    reason: Mapped[str]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    decided_by: Mapped[User | None] = relationship()


class DecidedReference(Base):
    """A record of a file that was imported, or that a person decided on; the same record is not asked about again.

    It is identified by the `digest` of its content (see `services.transfer.importing.decisions`). Only the latest
    decision is kept. It goes with the study that it is about.
    """

    __tablename__ = "decided_references"
    __table_args__ = (
        term_check("decision", ReferenceDecision),
        CheckConstraint("length(digest) = 64 AND ltrim(digest, '0123456789abcdef') = ''", name="digest_form"),
        CheckConstraint("(decision = 'skipped') = (study_id IS NULL)", name="about_a_study"),
        Index(None, "study_id"),
    )

    digest: Mapped[str] = mapped_column(primary_key=True)
    decision: Mapped[ReferenceDecision]
    study_id: Mapped[int | None] = mapped_column(ForeignKey("studies.id", ondelete="CASCADE"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    decided_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    decided_by: Mapped[User | None] = relationship()


def paper_of(study: Study) -> Paper:
    """Return the values of a study that are compared."""
    return Paper.of({name: getattr(study, name) for name in COMPARED} | {"public_id": study.public_id})


def update_keys(session: WriteSession) -> None:
    """Write the keys of new studies, and of those whose title, authors or year changed."""
    changed = [
        study
        for study in session.dirty
        if isinstance(study, Study)
        and any(inspect(study).attrs[name].history.has_changes() for name in _KEYED_BY)
    ]
    if changed:
        session.execute(delete(StudyKey).where(StudyKey.study_id.in_([study.id for study in changed])))
    write_keys(session, [*(study for study in session.new if isinstance(study, Study)), *changed])


def write_keys(session: WriteSession, studies: list[Study]) -> None:
    """Write the keys of `studies`, which must have none yet."""
    rows = [{"study_id": study.id, "key": key} for study in studies for key in sorted(paper_of(study).keys)]
    if rows:
        session.execute(insert(_KEYS), rows)
