"""Uploaded files: stored with the plans for their rows until the user confirms or discards the import."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from claims_app.database import WriteSession
from claims_app.formats import references
from claims_app.models import Import, ImportRow, Job
from claims_app.services.core.errors import NotFound, Refused
from claims_app.services.transfer.importing import decisions, together
from claims_app.services.transfer.importing.files import CITATIONS
from claims_app.services.transfer.importing.model import ASKED, OpenedFile, PlannedRow
from claims_app.services.transfer.importing.together import Save
from claims_app.vocabulary import ImportState, RowOutcome, RowState

JOB = "import"
"""The kind of the jobs of uploads."""

KEPT = datetime.timedelta(days=30)
"""How long an upload is kept. The changes it made stay in the history."""

PAGE = 40

MOST_SKIPPED = 5_000
"""The most rows that one transaction marks as left out, which is much faster than saving them."""

NEW = "new"
"""The user's choice for an unsure row that is a new study."""


@dataclass(frozen=True)
class PreviewRow:
    """A row as it is displayed, with its plan."""

    row: ImportRow
    plan: PlannedRow


@dataclass(frozen=True)
class UploadPreview:
    """A page of rows of an upload, with counts for the whole upload.

    `taken` is the number of selected rows that are not saved yet; `next` is the row number after which the next page
    begins, or None on the last page.
    """

    upload: Import
    counts: Mapping[RowState, int]
    outcomes: Mapping[RowOutcome, int]
    taken: int
    rows: Sequence[PreviewRow]
    next: int | None


def begin(session: WriteSession, user_id: int, file_name: str) -> Import:
    """Store a new upload, of which nothing is known but its name, and return it.

    Deletes expired uploads, except those that are being imported.
    """
    at_work = select(Job.id).where(Job.subject == Import.id, Job.kind == JOB).exists()
    session.execute(delete(Import).where(Import.made_at < session.changed_at - KEPT, ~at_work))
    upload = Import(
        user_id=user_id,
        file_name=file_name.strip()[-200:] or "file",
        what="",
        kind="",
        notes=[],
        header="",
        made_at=session.changed_at,
    )
    session.add(upload)
    session.flush()
    return upload


def describe(session: WriteSession, import_id: int, opened: OpenedFile) -> int:
    """Store what is known of an upload once it was opened, and return how many of its rows are stored already."""
    upload = session.get_one(Import, import_id)
    upload.what, upload.kind = opened.what, opened.kind
    upload.notes, upload.header = list(opened.notes), opened.header
    session.flush()
    stored = select(func.max(ImportRow.number)).where(ImportRow.import_id == import_id)
    return session.scalar(stored) or 0


def add(session: WriteSession, import_id: int, first: int, rows: Iterable[PlannedRow]) -> None:
    """Store planned rows, numbered from `first`."""
    kept = [
        {
            "import_id": import_id,
            "number": number,
            "state": row.state,
            "plan": row.as_json(),
            "take": row.is_taken,
        }
        for number, row in enumerate(rows, first)
    ]
    if kept:
        session.execute(insert(ImportRow), kept)


def find(session: Session, number: int, user_id: int) -> Import:
    """Return the upload of this account with this number. Raises NotFound."""
    upload = session.get(Import, number)
    if upload is None or upload.user_id != user_id:
        raise NotFound(f"You have no import {number}. Imports are kept for {KEPT.days} days.")
    return upload


def of_user(session: Session, user_id: int, limit: int = 20) -> Sequence[Import]:
    """Return the latest uploads of an account, latest first."""
    mine = select(Import).where(Import.user_id == user_id).order_by(Import.id.desc()).limit(limit)
    return session.scalars(mine).all()


def show(session: Session, upload: Import, state: RowState | None, after: int) -> UploadPreview:
    """Return a page of the rows of `upload` after the row number `after`, in `state` or in all states."""
    rows = select(ImportRow).where(ImportRow.import_id == upload.id, ImportRow.number > after)
    if state is not None:
        rows = rows.where(ImportRow.state == state)
    found = session.scalars(rows.order_by(ImportRow.number).limit(PAGE + 1)).all()
    page = found[:PAGE]
    return UploadPreview(
        upload=upload,
        counts=_counted(session, upload, ImportRow.state),
        outcomes=_counted(session, upload, ImportRow.outcome),
        taken=count_waiting(session, upload),
        rows=[PreviewRow(row, PlannedRow.of_json(row.plan)) for row in page],
        next=page[-1].number if len(found) > PAGE else None,
    )


def choose(
    session: WriteSession,
    upload: Import,
    shown: Collection[int],
    ticked: Collection[int],
    fields: Collection[tuple[int, str]],
    meant: Mapping[int, str],
) -> None:
    """Save the user's selection among the rows that were `shown`.

    `ticked` are the numbers of selected rows, `fields` the selected fields of rows that differ from a record, and
    `meant` the choice for each unsure row: NEW, or the identifier of the study that it is. Raises Refused if the file
    has been imported.
    """
    if upload.state is not ImportState.OPEN:
        raise Refused("This file has already been imported, so the selection cannot be changed.")
    chosen = select(ImportRow).where(ImportRow.import_id == upload.id, ImportRow.number.in_(shown))
    for row in session.scalars(chosen):
        plan = PlannedRow.of_json(row.plan)
        if not plan.is_active:
            continue
        if plan.state is RowState.DIFFERS:
            differences = [replace(one, take=(row.number, one.name) in fields) for one in plan.differences]
            row.plan = replace(plan, differences=differences).as_json()
            row.take = any(one.take for one in differences)
        elif plan.state in ASKED:
            choice = meant.get(row.number)
            meant_study = choice if choice in plan.choices else None
            row.plan = replace(plan, chosen=meant_study, seen=True).as_json()
            row.take = choice == NEW or choice in plan.choices
        else:
            row.plan = replace(plan, seen=True).as_json()
            row.take = row.number in ticked
    session.flush()


def choose_all(session: Session, upload: Import, state: RowState, take: bool) -> None:
    """Select or deselect all rows in `state`. Raises Refused if the file has been imported."""
    if upload.state is not ImportState.OPEN:
        raise Refused("This file has already been imported, so the selection cannot be changed.")
    session.execute(
        update(ImportRow).where(ImportRow.import_id == upload.id, ImportRow.state == state).values(take=take)
    )


def count_waiting(session: Session, upload: Import) -> int:
    """Return the number of selected rows that are not saved yet."""
    return session.scalar(_waiting(upload).with_only_columns(func.count())) or 0


def write_part(
    session: WriteSession, upload: Import, limit: int, save: Save = together.apply, after: int = 0
) -> Sequence[int]:
    """Save the next `limit` selected rows with `save`, and return their numbers.

    None waits up to the number `after`: plans are long, so that it takes time to look at the rows before.
    Once there are no more, those that were not selected are marked, and at last the upload is done. The results are
    recorded in the same transaction, so that no row is saved twice after an interruption.
    """
    waiting = _waiting(upload).where(ImportRow.number > after)
    rows = session.scalars(waiting.order_by(ImportRow.number).limit(limit)).all()
    numbers = [row.number for row in rows]
    plans = [PlannedRow.of_json(row.plan) for row in rows]
    for row, done in zip(rows, save(session, plans), strict=True):
        row.outcome, row.record, row.reason = done.outcome, done.record, done.reason
    session.flush()
    if len(rows) == limit or _remember_skipped(session, upload, limit):
        return numbers
    of_upload = (ImportRow.import_id == upload.id, ImportRow.outcome.is_(None))
    rest = session.scalars(
        select(ImportRow.number).where(*of_upload).order_by(ImportRow.number).limit(MOST_SKIPPED)
    ).all()
    if rest:
        skipped = update(ImportRow).where(*of_upload, ImportRow.number <= rest[-1])
        session.execute(skipped.values(outcome=RowOutcome.SKIPPED))
    if len(rest) < MOST_SKIPPED:
        upload.state, upload.done_at = ImportState.DONE, session.changed_at
        session.flush()
    return numbers


def discard(session: Session, upload: Import) -> None:
    """Discard an upload. Records that it saved are kept."""
    session.execute(delete(Import).where(Import.id == upload.id))


def refused(session: Session, upload: Import) -> Iterator[str]:
    """Yield the rejected rows in the format of the file, for correction and another upload."""
    rows = (
        select(ImportRow.plan)
        .where(ImportRow.import_id == upload.id)
        .where((ImportRow.state == RowState.REFUSED) | (ImportRow.outcome == RowOutcome.REFUSED))
        .order_by(ImportRow.number)
    )
    sources = (str(plan["source"]) for plan in session.scalars(rows))
    if upload.kind == CITATIONS:
        yield from references.join(upload.what, upload.header, sources)
    else:
        yield upload.header
        yield from sources


def _remember_skipped(session: WriteSession, upload: Import, limit: int) -> bool:
    """Remember up to `limit` records of a file of references that were left out; return whether there may be more.

    Only those that the user has seen are remembered, not those on pages that were never opened.
    """
    left = select(ImportRow).where(
        ImportRow.import_id == upload.id,
        ImportRow.outcome.is_(None),
        ImportRow.take.is_(False),
        ImportRow.state.in_((RowState.NEW, RowState.UNSURE)),
    )
    rows = session.scalars(left.order_by(ImportRow.number).limit(limit)).all()
    plans = [PlannedRow.of_json(row.plan) for row in rows]
    decisions.remember_skipped(session, [plan.digest for plan in plans if plan.seen and plan.digest])
    for row in rows:
        row.outcome = RowOutcome.SKIPPED
    session.flush()
    return len(rows) == limit


def _waiting(upload: Import) -> Select[ImportRow]:
    """Return the query for the selected rows that are not saved yet."""
    return select(ImportRow).where(
        ImportRow.import_id == upload.id, ImportRow.take.is_(True), ImportRow.outcome.is_(None)
    )


def _counted(session: Session, upload: Import, column: InstrumentedAttribute[Any]) -> dict[Any, int]:
    """Return the number of rows for each value of `column`."""
    counted = (
        select(column, func.count().label("number"))
        .where(ImportRow.import_id == upload.id, column.is_not(None))
        .group_by(column)
    )
    return {row[0]: row.number for row in session.execute(counted)}
