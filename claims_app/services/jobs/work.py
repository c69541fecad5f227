"""What a job sees of the queue while it runs."""

import datetime
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import case, func, literal, select, update

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Job
from claims_app.services.jobs import queue


class Lost(Exception):
    """The job was cancelled, or another process took it over: what this transaction did is rolled back."""


class Paused(Exception):
    """The process stops, or has no more time for the job, which goes on later."""


class Later(Exception):
    """Raised by a job that has to wait, such as for another host: it runs again after `delay`."""

    def __init__(self, delay: datetime.timedelta) -> None:
        super().__init__(delay)
        self.delay = delay


class Failed(Exception):
    """Raised by a job that cannot succeed without a person; the message is for that person."""


@dataclass
class Work:
    """A job that runs: `subject` and `arguments` say what to do, and `done` and `total` how far it came before."""

    database: Database
    job_id: int
    holder: str
    asked: int
    subject: int
    arguments: Mapping[str, Any]
    done: int = 0
    total: int | None = None
    until: float | None = None
    """When the job pauses, by `time.monotonic`, if it has no more time than that."""
    is_stopping: Callable[[], bool] = field(default=lambda: False, repr=False)

    @contextmanager
    def writing(self, change: Change) -> Iterator[WriteSession]:
        """Yield a transaction as `Database.writing` does, which commits only if the job is still ours.

        Raises Lost, and Paused as `go_on` does.
        """
        self.go_on()
        with self.database.writing(change) as session:
            self.hold(session)
            yield session

    def hold(self, session: WriteSession) -> None:
        """Let a transaction be one of this job, whose row it locks. Raises Lost if it is not ours any more."""
        if not queue.hold(session, self.job_id, self.holder):
            raise Lost

    def go_on(self) -> None:
        """Raise Paused if the process stops or the time is over. Long work without a transaction calls it at times."""
        if self.is_stopping() or (self.until is not None and time.monotonic() > self.until):
            raise Paused

    def go_on_if_held(self) -> None:
        """Raise Paused as `go_on` does, and Lost if the job is not ours any more, for work that is not written here."""
        self.go_on()
        with self.database.reading() as session:
            if session.scalar(select(Job.holder).where(Job.id == self.job_id)) != self.holder:
                raise Lost

    def progress(self, session: WriteSession, done: int, total: int | None = None) -> None:
        """Say in a transaction of this job that `done` of `total` steps are done."""
        values: dict[str, Any] = {
            "done": done,
            "total": total if total is not None else self.total,
            "measured_at": func.coalesce(Job.measured_at, literal(session.changed_at, Job.measured_at.type)),
            "measured_done": func.coalesce(Job.measured_done, done),
            # It got on, so it does not count as one that ends its process.
            "tries": case((Job.done < done, 0), else_=Job.tries),
        }
        session.execute(update(Job).where(Job.id == self.job_id).values(**values))
        self.done, self.total = done, values["total"]

    def finish(self, session: WriteSession) -> None:
        """End the job in a transaction of its own. Without that, it ends when it returns. Raises Lost."""
        if not queue.finish(session, self.job_id, self.holder, self.asked):
            raise Lost


RETRIES = (datetime.timedelta(seconds=5), datetime.timedelta(seconds=30), datetime.timedelta(minutes=2))


@dataclass(frozen=True)
class Kind:
    """A kind of job. Its `name` has at most 40 characters; `run` does one job.

    `find` returns the subjects for which there is something to do now, for a kind that nobody asks for.

    If `run` raises an error, the job is tried again after each of `retries`, and then fails with `failure`. It may
    raise Later and Failed. `at_once` is how many jobs of the kind one process does at the same time.
    """

    name: str
    run: Callable[[Work], None]
    retries: Sequence[datetime.timedelta] = RETRIES
    failure: str = "Something went wrong on the server. The log of the server says what."
    at_once: int = 1
    cancel: Callable[[WriteSession, int], None] | None = None
    """Cancels the job of a subject, with what depends on it; None for jobs that would be found again."""
    find: Callable[[Database], Collection[int]] | None = None
