"""The queue of jobs: which one is next, who holds it, and how it ends."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, case, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from claims_app.database import WriteSession
from claims_app.models import Job

LEASE = datetime.timedelta(seconds=15)
"""How long a process holds a job without saying that it is still at work. Clocks of several hosts may differ by less;
if they differ by more, a job may be taken from its holder, which then does no harm.
"""

NO_ARGUMENTS: Mapping[str, Any] = {}


def enqueue(
    session: WriteSession,
    kind: str,
    subject: int,
    arguments: Mapping[str, Any] = NO_ARGUMENTS,
    *,
    due_at: datetime.datetime | None = None,
) -> None:
    """Ask for a job, which begins once the transaction is committed, and not before `due_at`.

    If the same job is waiting, it takes the new arguments; if it is being done, it runs once more afterwards; and if
    it failed, it is tried again.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = insert(Job).values(
        kind=kind,
        subject=subject,
        arguments=dict(arguments),
        asked=1,
        tries=0,
        done=0,
        due_at=due_at or session.changed_at,
        queued_at=session.changed_at,
    )
    has_failed = Job.problem.is_not(None)
    new = statement.excluded
    again = {
        "arguments": new.arguments,
        "asked": Job.asked + 1,
        "tries": case((has_failed, 0), else_=Job.tries),
        "due_at": case((has_failed, new.due_at), else_=Job.due_at),
        "problem": None,
    }
    session.execute(statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=again))


def find(session: Session, kind: str, subject: int) -> Job | None:
    """Return the job, or None if it was never asked for, is done or was cancelled."""
    return session.scalar(select(Job).where(Job.kind == kind, Job.subject == subject))


def find_by_number(session: Session, number: int) -> Job | None:
    """Return the job with a number, or None if it has ended."""
    return session.get(Job, number)


def find_all(session: Session, kind: str, subjects: Collection[int]) -> dict[int, Job]:
    """Return the jobs of some subjects, by subject."""
    found = session.scalars(select(Job).where(Job.kind == kind, Job.subject.in_(subjects)))
    return {job.subject: job for job in found}


def cancel(session: WriteSession, kind: str, subject: int) -> bool:
    """Take a job out of the queue, and return whether it was there.

    If it is being done, its transaction of this moment is awaited, and none follows.
    """
    cancelled = delete(Job).where(Job.kind == kind, Job.subject == subject).returning(Job.id)
    return session.scalar(cancelled) is not None


def try_again(session: WriteSession, kind: str, subject: int) -> bool:
    """Let a job that failed wait again, with its arguments; return whether there is one."""
    again = (
        update(Job)
        .where(Job.kind == kind, Job.subject == subject, Job.problem.is_not(None))
        .values(problem=None, tries=0, due_at=session.changed_at)
        .returning(Job.id)
    )
    return session.scalar(again) is not None


def is_due(session: Session, kind: str, now: datetime.datetime) -> bool:
    """Return whether a job of this kind could begin now."""
    return session.scalar(select(Job.id).where(*_due(kind, now)).limit(1)) is not None


def take(
    session: WriteSession, kind: str, holder: str, *, most_tries: int, subject: int | None = None
) -> Job | None:
    """Give the next job of a kind, or the one for `subject`, to `holder`; return None if there is none.

    One that ended without a word too often, such as by killing its process, fails instead.
    """
    of_subject = [Job.subject == subject] if subject is not None else []
    query = select(Job).where(*_due(kind, session.changed_at), *of_subject).order_by(Job.due_at, Job.id)
    while (job := session.scalar(query.limit(1).with_for_update(skip_locked=True))) is not None:
        if job.tries < most_tries:
            job.holder, job.held_until = holder, session.changed_at + LEASE
            job.tries += 1
            job.measured_at = job.measured_done = None
            session.flush()
            return job
        fail(session, job.id, job.holder, "The server stopped each time while it worked on this.")
    return None


def hold(session: WriteSession, job_id: int, holder: str) -> bool:
    """Hold a job for longer; return False if it was cancelled or taken over. The transaction then must not go on."""
    held = _held(job_id, holder)
    longer = update(Job).where(*held).values(held_until=session.changed_at + LEASE).returning(Job.id)
    return session.scalar(longer) is not None


def release(session: WriteSession, job_id: int, holder: str, delay: datetime.timedelta) -> None:
    """Let a job that its holder did not end wait, for `delay` at least."""
    due_at = session.changed_at + delay
    waiting = {"holder": None, "held_until": None, "due_at": due_at, "tries": 0}
    session.execute(update(Job).where(*_held(job_id, holder)).values(**waiting))


def put_off(
    session: WriteSession, job_id: int, holder: str, retries: Sequence[datetime.timedelta], problem: str
) -> None:
    """Let a job that did not succeed wait for the next of `retries`; if none is left, it fails with `problem`."""
    tries = session.scalar(select(Job.tries).where(*_held(job_id, holder)))
    if tries is None:
        return
    tries = max(tries, 1)  # none, if it got on before the error
    if tries > len(retries):
        fail(session, job_id, holder, problem)
        return
    due_at = session.changed_at + retries[tries - 1]
    session.execute(
        update(Job).where(*_held(job_id, holder)).values(holder=None, held_until=None, due_at=due_at)
    )


def finish(session: WriteSession, job_id: int, holder: str, asked: int) -> bool:
    """End a job that was asked for `asked` times when it began; return whether its holder still had it.

    If somebody asked for it again meanwhile, it waits again.
    """
    held = _held(job_id, holder)
    if session.scalar(delete(Job).where(*held, Job.asked == asked).returning(Job.id)) is not None:
        return True
    again = update(Job).where(*held).values(holder=None, held_until=None, tries=0, done=0, total=None)
    return session.scalar(again.returning(Job.id)) is not None


def fail(session: WriteSession, job_id: int, holder: str | None, problem: str) -> None:
    """Let a job wait for a person, who reads `problem`."""
    failed = update(Job).where(*_held(job_id, holder)).values(holder=None, held_until=None, problem=problem)
    session.execute(failed)


def _held(job_id: int, holder: str | None) -> Iterable[ColumnElement[bool]]:
    return Job.id == job_id, Job.holder.is_not_distinct_from(holder)


def _due(kind: str, now: datetime.datetime) -> Iterable[ColumnElement[bool]]:
    # If the clock was set back, nobody holds a job for longer than a lease, and what was due at once still is.
    free = or_(Job.held_until.is_(None), Job.held_until < now, Job.held_until > now + 2 * LEASE)
    due = or_(Job.due_at <= now, (Job.due_at == Job.queued_at) & (Job.queued_at > now))
    return Job.kind == kind, Job.problem.is_(None), due, free
