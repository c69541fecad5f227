"""Releases: what was published as which version, with the checksum of every file. They never change."""

import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from claims_app.database import Base
from claims_app.models.account import User
from claims_app.models.types import short_repr, utc_now

NOTE_LENGTH = 1000


class Release(Base):
    """A frozen copy of all public tables. All that its files are made of is here or in the history.

    So files that were lost can be made again, with the same bytes. Triggers refuse any change (`claims_app.triggers`).
    """

    __tablename__ = "releases"
    __table_args__ = (
        UniqueConstraint("version"),
        CheckConstraint(
            "length(version) BETWEEN 1 AND 30 AND ltrim(version, 'abcdefghijklmnopqrstuvwxyz0123456789.-') = '' "
            "AND substr(version, 1, 1) BETWEEN '0' AND '9'",
            name="version_form",
        ),
        CheckConstraint("length(sha256) = 64 AND length(archive_sha256) = 64", name="sha256_length"),
        CheckConstraint("archive_bytes > 0", name="archive_bytes_range"),
        CheckConstraint(
            f"length(trim(note)) >= 1 AND length(note) <= {NOTE_LENGTH}",
            name="note_length",
        ),
        Index(None, "moment", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str]
    moment: Mapped[datetime.datetime] = mapped_column(doc="The moment whose data it contains.")
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="RESTRICT"))
    note: Mapped[str | None] = mapped_column(doc="What is new, in the words of the publisher.")
    schema_version: Mapped[str] = mapped_column(doc="The version of the schema of its files.")
    made_with: Mapped[dict[str, str]] = mapped_column(
        JSON, doc="The versions of the program and of the libraries on which the bytes depend."
    )
    base_url: Mapped[str] = mapped_column(doc="The start of the addresses in its files.")
    title: Mapped[str]
    license: Mapped[str | None]
    creators: Mapped[list[str]] = mapped_column(JSON, doc="Family name first, with ORCID iDs.")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, doc="Rows by table.")
    levels: Mapped[dict[str, int]] = mapped_column(JSON, doc="Claims by evidence level.")
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSON, doc="Name, bytes and SHA-256 of each file.")
    sha256: Mapped[str] = mapped_column(doc="The SHA-256 of the file with the checksums of all others.")
    archive_bytes: Mapped[int] = mapped_column(BigInteger)
    archive_sha256: Mapped[str]

    made_by: Mapped[User | None] = relationship()

    def __repr__(self) -> str:
        return short_repr(self, "id", "version", "moment")
