"""Uploaded files and their parsed rows, which wait for the user to apply or discard them."""

import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from claims_app.database import Base
from claims_app.models.types import short_repr, term_check, utc_now
from claims_app.vocabulary import ImportState, RowOutcome, RowState


class Import(Base):
    """An uploaded file. Only the user who uploaded it sees it; its changes are in the history of the records."""

    __tablename__ = "imports"
    __table_args__ = (
        term_check("state", ImportState),
        CheckConstraint("length(trim(file_name)) >= 1 AND length(file_name) <= 200", name="file_name_length"),
        CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name="done_when"),
        Index(None, "user_id", "id"),
        Index(None, "made_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    file_name: Mapped[str]
    what: Mapped[str] = mapped_column(doc="The name of the format, once that is known.")
    kind: Mapped[str] = mapped_column(doc="Which of the export tables it is, or references.")
    notes: Mapped[list[str]] = mapped_column(JSON, doc="What the reader of the file understood and assumed.")
    header: Mapped[str] = mapped_column(doc="The header row of a table.")
    state: Mapped[ImportState] = mapped_column(default=ImportState.OPEN)
    made_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)
    done_at: Mapped[datetime.datetime | None]

    def __repr__(self) -> str:
        return short_repr(self, "id", "file_name")


class ImportFile(Base):
    """The content of an uploaded file, until all of its rows were read."""

    __tablename__ = "import_files"

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    encoding: Mapped[str | None] = mapped_column(doc="The encoding that the user chose, if any.")

    def __repr__(self) -> str:
        return short_repr(self, "import_id")


class ImportCheckpoint(Base):
    """How far a command came with a file, so that it goes on from there if it was interrupted."""

    __tablename__ = "import_checkpoints"
    __table_args__ = (
        CheckConstraint("length(digest) = 64", name="digest_length"),
        CheckConstraint("done >= 0", name="done_range"),
    )

    digest: Mapped[str] = mapped_column(primary_key=True, doc="Of the file and of how it is imported.")
    done: Mapped[int] = mapped_column(doc="How many of its rows are done.")
    saved_at: Mapped[datetime.datetime] = mapped_column(default=utc_now)

    def __repr__(self) -> str:
        return short_repr(self, "digest", "done")


class ImportRow(Base):
    """A row of an uploaded file: its planned change, whether it is selected, and its outcome."""

    __tablename__ = "import_rows"
    __table_args__ = (
        term_check("state", RowState),
        term_check("outcome", RowOutcome),
        Index(None, "import_id", "state", "number"),
    )

    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[RowState]
    plan: Mapped[dict[str, Any]] = mapped_column(JSON, doc="A PlannedRow of services.transfer.")
    take: Mapped[bool]
    outcome: Mapped[RowOutcome | None]
    record: Mapped[str | None] = mapped_column(doc="The resulting record or proposal.")
    reason: Mapped[str | None] = mapped_column(doc="Why it was refused when it was applied.")

    def __repr__(self) -> str:
        return short_repr(self, "import_id", "number")
