"""Imports in the browser as jobs: reading a file into its preview, and saving the rows that a person selected."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from claims_app.config import Settings
from claims_app.database import Change, Database, WriteSession, retrying
from claims_app.models import Import, ImportFile, Job, User
from claims_app.permissions import Permission, permits
from claims_app.rules.schemas import REASON_LENGTH
from claims_app.services.core import records
from claims_app.services.core.errors import Refused
from claims_app.services.intake.inbox import Origin
from claims_app.services.jobs import queue
from claims_app.services.jobs.work import Failed, Kind, Work
from claims_app.services.transfer.importing import applying, files, together, uploads
from claims_app.services.transfer.importing.applying import Done
from claims_app.services.transfer.importing.batches import Pace
from claims_app.services.transfer.importing.model import PlannedRow
from claims_app.services.transfer.importing.seen import Seen
from claims_app.services.transfer.importing.together import Save
from claims_app.vocabulary import ImportState, OriginKind, Via

_STEP, _READ, _SAVE = "step", "read", "save"
_SUMMARY, _TO_INBOX, _CLAIM = "summary", "to_inbox", "claim_id"

_MEASURED = datetime.timedelta(seconds=3)
"""How long a step is measured before the time that is left is estimated."""


@dataclass(frozen=True)
class Progress:
    """How far the job of an upload is. `left` is the time that it will take, if that can be said."""

    is_reading: bool
    done: int
    total: int | None
    is_running: bool
    problem: str | None
    left: datetime.timedelta | None

    @classmethod
    def of(cls, job: Job, now: datetime.datetime) -> Self:
        """Return the progress of a job at the moment `now`."""
        is_running = job.held_until is not None and job.held_until >= now
        return cls(
            is_reading=job.arguments[_STEP] == _READ,
            done=job.done,
            total=job.total,
            is_running=is_running,
            problem=job.problem,
            left=_left(job, now) if is_running else None,
        )

    @property
    def percent(self) -> int | None:
        """Return the share that is done, if the total is known."""
        return 100 * min(self.done, self.total) // self.total if self.total else None


def upload(session: WriteSession, user_id: int, file_name: str, data: bytes, encoding: str | None) -> int:
    """Store a file, let a job read it, and return the number of the upload.

    Raises Refused if the file is empty or too large.
    """
    if not data:
        raise Refused("Choose a file. It must not be empty.")
    files.refuse_large(len(data))
    stored = uploads.begin(session, user_id, file_name)
    # Those of uploads that were deleted because of their age, or with their account.
    session.execute(delete(Job).where(Job.kind == uploads.JOB, Job.subject.not_in(select(Import.id))))
    session.add(ImportFile(import_id=stored.id, content=data, encoding=encoding))
    queue.enqueue(session, uploads.JOB, stored.id, {_STEP: _READ})
    return stored.id


def save(session: WriteSession, upload: Import, summary: str) -> None:
    """Let a job save the selected rows. Raises Refused if the file has been imported."""
    _ask(session, upload, {_STEP: _SAVE, _SUMMARY: summary})


def to_inbox(session: WriteSession, upload: Import, claim_id: int | None) -> None:
    """Let a job put the selected rows into the inbox, for a claim or none. Raises Refused as `save` does."""
    _ask(session, upload, {_STEP: _SAVE, _SUMMARY: reason(upload), _TO_INBOX: True, _CLAIM: claim_id})


def find(session: Session, upload: Import, now: datetime.datetime) -> Progress | None:
    """Return the progress of the job of an upload, or None if it has none."""
    job = queue.find(session, uploads.JOB, upload.id)
    return None if job is None else Progress.of(job, now)


def find_all(session: Session, listed: Sequence[Import], now: datetime.datetime) -> Mapping[int, Progress]:
    """Return the progress of those uploads that have a job, by number."""
    jobs = queue.find_all(session, uploads.JOB, [one.id for one in listed])
    return {number: Progress.of(job, now) for number, job in jobs.items()}


def cancel(session: WriteSession, upload: Import) -> bool:
    """Cancel the job of an upload, and return whether the upload is still there: without its rows it is nothing."""
    job = queue.find(session, uploads.JOB, upload.id)
    if job is None or not queue.cancel(session, uploads.JOB, upload.id):
        return True
    if job.arguments[_STEP] == _READ:
        uploads.discard(session, upload)
        return False
    return True


def discard(session: WriteSession, upload: Import) -> None:
    """Discard an upload with its job. Records that it saved are kept."""
    queue.cancel(session, uploads.JOB, upload.id)
    uploads.discard(session, upload)


def try_again(session: WriteSession, upload: Import) -> None:
    """Let the job of an upload that failed begin again, from where it came."""
    queue.try_again(session, uploads.JOB, upload.id)


def reason(upload: Import) -> str:
    """Return the reason of the changes of an upload, if its user gives none."""
    return f"Import of {upload.file_name}"[:REASON_LENGTH]


def kind(settings: Settings) -> Kind:
    """Return the kind of these jobs; `settings` say where the site is and whether changes need review."""
    return Kind(
        uploads.JOB,
        lambda work: _run(work, settings),
        failure="Something went wrong on the server, and trying it again did not help. Nothing is lost: what was "
        "done so far is kept, and so is the file. The log of the server says what happened.",
        cancel=_cancel,
    )


def _cancel(session: WriteSession, number: int) -> None:
    upload = session.get(Import, number)
    if upload is not None:
        cancel(session, upload)
    else:
        queue.cancel(session, uploads.JOB, number)


def _ask(session: WriteSession, upload: Import, arguments: Mapping[str, object]) -> None:
    if upload.state is not ImportState.OPEN:
        raise Refused("This file has already been imported.")
    queue.enqueue(session, uploads.JOB, upload.id, arguments)


def _left(job: Job, now: datetime.datetime) -> datetime.timedelta | None:
    if job.measured_at is None or job.measured_done is None or job.total is None:
        return None
    took, steps = now - job.measured_at, job.done - job.measured_done
    return None if took < _MEASURED or steps <= 0 else took / steps * (job.total - job.done)


def _run(work: Work, settings: Settings) -> None:
    with work.database.reading() as session:
        upload = session.get(Import, work.subject)
    if upload is None or upload.state is not ImportState.OPEN:
        return  # its account is gone, or all of it was done before
    if work.arguments[_STEP] == _READ:
        _read(work, upload, settings)
    else:
        _save(work, upload, settings)


def _read(work: Work, upload: Import, settings: Settings) -> None:
    """Store the plan of each row, in parts, so that others can write in between."""
    with work.database.reading() as session:
        file = session.get(ImportFile, upload.id)
    if file is None:
        return  # all rows were stored before
    try:
        opened = files.open_file(file.content, file.encoding)
    except Refused as refused:
        raise Failed(str(refused)) from None
    total = len(opened.rows)

    def change() -> Change:
        return _change(work.database, upload, reason(upload), settings)

    with work.writing(change()) as session:
        stored = uploads.describe(session, upload.id, opened)
        work.progress(session, stored, total)
    seen = Seen()
    files.replay(opened, opened.rows[:stored], seen)
    while stored < total:
        work.go_on()
        part = opened.rows[stored : stored + files.PART]
        # The policy asks for a reason, as it does for the final import.
        with work.database.judging(change()) as judging:
            planned = list(files.plan(judging, opened, part, seen, settings.base_url))
        with work.writing(change()) as session:
            uploads.add(session, upload.id, stored + 1, planned)
            work.progress(session, stored + len(planned), total)
        stored += len(planned)
    with work.writing(change()) as session:
        session.execute(delete(ImportFile).where(ImportFile.import_id == upload.id))
        work.finish(session)


def _save(work: Work, upload: Import, settings: Settings) -> None:
    """Save the selected rows in short batches, each with its results."""
    pace = Pace(files.PART)
    how = _how(work, upload)
    total = work.total
    is_done = False
    saved: Sequence[int] = ()
    after = 0
    if total is None:
        with work.database.reading() as reading:
            total = uploads.count_waiting(reading, upload)

    def write() -> None:
        nonlocal is_done, saved
        change = _change(work.database, upload, work.arguments[_SUMMARY], settings)
        with records.refusing_lost_races(), work.writing(change) as session:
            now = session.get_one(Import, upload.id)
            saved = uploads.write_part(session, now, pace.rows, how, after)
            work.progress(session, before + len(saved), total)
            is_done = now.state is ImportState.DONE
            if is_done:
                work.finish(session)

    while not is_done:
        before = work.done
        if work.database.is_sqlite:
            pace.wait()
        pace.timed(lambda: retrying(write), pace.rows)
        after = max(saved, default=after)


def _how(work: Work, upload: Import) -> Save:
    if not work.arguments.get(_TO_INBOX):
        return together.apply
    origin = Origin(kind=OriginKind.FILE, detail=upload.file_name, claim_id=work.arguments[_CLAIM])

    def put(session: WriteSession, row: PlannedRow) -> Done:
        return applying.to_inbox(session, row, origin)

    return together.one_by_one(put)


def _change(database: Database, upload: Import, summary: str, settings: Settings) -> Change:
    """Return the change of the account that uploaded a file, with its role of now.

    Raises Failed if it may not import anything any more.
    """
    with database.reading() as session:
        user = session.get(User, upload.user_id)
        if user is None or not user.is_active or not permits(user.role, Permission.CREATE):
            raise Failed("Your account can no longer import files. What was imported before is kept.")
        return Change(
            via=Via.WEB,
            actor_id=user.id,
            actor_role=user.role,
            summary=summary,
            review=settings.review_required,
        )
