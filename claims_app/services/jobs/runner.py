"""Does the jobs of a database, in threads of its own or in that of the caller."""

import datetime
import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from claims_app import logs
from claims_app.database import Change, Database, WriteSession
from claims_app.models import Job
from claims_app.services.jobs import queue
from claims_app.services.jobs.work import Failed, Kind, Later, Lost, Paused, Work
from claims_app.vocabulary import Via

_log = logging.getLogger(__name__)

POLL = 0.5
"""Seconds between two looks whether a job is due, which another process may have asked for."""
SEARCH = 5.0
"""Seconds between two looks for jobs that nobody asks for. A look only reads, as long as there is nothing to do."""
RENEWAL = queue.LEASE.total_seconds() / 4
"""Seconds after which a job that runs is held for longer."""
PATIENCE = 5.0
"""Seconds for which `stop` waits for the jobs that run. Each pauses after the batch it is at."""

_AT_ONCE = datetime.timedelta(0)

_QUEUE = Change(via=Via.COMMAND)
"""The change of a transaction that changes nothing but the queue, which has no history."""


class Runner:
    """Does jobs of some kinds. `start` begins threads for them; without that, they run in the thread of the caller."""

    def __init__(self, database: Database, kinds: Sequence[Kind]) -> None:
        self._database = database
        self._kinds = kinds
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._main: threading.Thread | None = None
        self._running: dict[threading.Thread, tuple[Kind, Work]] = {}
        self._said = ""

    def start(self) -> None:
        """Begin to do jobs in the background, as soon as they are due."""
        self._main = threading.Thread(target=self._look, name="claims-jobs", daemon=True)
        self._main.start()

    def wake(self) -> None:
        """Look at once whether a job is due."""
        self._wake.set()

    def stop(self) -> None:
        """Stop politely: jobs pause after the batch they are at, and another process can go on with them at once."""
        self._stopping.set()
        self.wake()
        until = time.monotonic() + PATIENCE
        if self._main is not None:
            self._main.join(PATIENCE)
        for thread in self._running:
            thread.join(max(0.0, until - time.monotonic()))

    def run_due(self) -> int:
        """Do all jobs that are due, one after the other in this thread, and return how many were begun."""
        begun = 0
        self._search()
        for kind in self._kinds:
            while (work := self._take(kind)) is not None:
                self._do(kind, work)
                begun += 1
        return begun

    def run_now(self, kind_name: str, subject: int, seconds: float) -> None:
        """Do one job in this thread, for about `seconds` at most; after that it waits for a thread of a runner."""
        kind = next(kind for kind in self._kinds if kind.name == kind_name)
        work = self._take(kind, subject)
        if work is not None:
            work.until = time.monotonic() + seconds
            self._do(kind, work)
        self.wake()

    def _look(self) -> None:
        """Begin what is due and renew what runs, until the process stops."""
        renewed = time.monotonic()
        searched = renewed - SEARCH
        while not self._stopping.is_set():
            try:
                # First, so that nothing that fails keeps a job that runs from being held.
                if time.monotonic() - renewed > RENEWAL:
                    renewed = time.monotonic()
                    self._renew()
                if time.monotonic() - searched > SEARCH:
                    searched = time.monotonic()
                    self._search()
                self._begin()
                self._said = ""
            except Exception as error:
                # Such as a database that is away, or not upgraded yet. Once is enough in the log.
                self._say(error)
            self._wake.wait(POLL)
            self._wake.clear()

    def _search(self) -> None:
        """Ask for the jobs that their kinds find, unless they wait already."""
        for kind in self._kinds:
            found = kind.find(self._database) if kind.find is not None else ()
            if not found:
                continue
            with self._database.reading() as session:
                known = queue.find_all(session, kind.name, found)
            if new := [one for one in found if one not in known or known[one].problem is not None]:
                with self._database.writing(_QUEUE) as session:
                    for subject in new:
                        queue.enqueue(session, kind.name, subject)

    def _begin(self) -> None:
        """Begin a thread for each job that is due, as far as its kind allows."""
        self._running = {thread: job for thread, job in self._running.items() if thread.is_alive()}
        if self._database.scalar("SELECT 1 FROM jobs WHERE problem IS NULL LIMIT 1") is None:
            return
        for kind in self._kinds:
            while self._has_room(kind) and not self._stopping.is_set():
                with self._database.reading() as session:
                    if not queue.is_due(session, kind.name, self._database.clock()):
                        break
                work = self._take(kind)
                if work is None:
                    break
                thread = threading.Thread(
                    target=self._do, args=(kind, work), name=f"claims-{kind.name}", daemon=True
                )
                self._running[thread] = (kind, work)
                thread.start()

    def _has_room(self, kind: Kind) -> bool:
        return sum(running is kind for running, _ in self._running.values()) < kind.at_once

    def _renew(self) -> None:
        """Hold the jobs that run for longer. A transaction that writes just now renews its job itself."""
        for _, work in self._running.values():
            longer = self._database.clock() + queue.LEASE
            held = update(Job).where(Job.id == work.job_id, Job.holder == work.holder)
            self._database.try_write(held.values(held_until=longer))

    def _take(self, kind: Kind, subject: int | None = None) -> Work | None:
        holder = secrets.token_hex(16)
        with self._database.writing(_QUEUE) as session:
            job = queue.take(session, kind.name, holder, most_tries=len(kind.retries) + 1, subject=subject)
            if job is None:
                return None
            return Work(
                self._database,
                job.id,
                holder,
                job.asked,
                job.subject,
                job.arguments,
                job.done,
                job.total,
                is_stopping=self._stopping.is_set,
            )

    def _do(self, kind: Kind, work: Work) -> None:
        """Do a job to its end, and record how it ended. What is logged meanwhile carries its number."""
        request = logs.current()
        request_id = request.request_id if request is not None else None
        with logs.working_on(logs.Task(request_id=request_id, job_id=work.job_id, route=kind.name)):
            self._run(kind, work)
        self.wake()

    def _run(self, kind: Kind, work: Work) -> None:
        try:
            kind.run(work)
        except Lost:
            pass
        except Paused:
            self._record(work, lambda session: queue.release(session, work.job_id, work.holder, _AT_ONCE))
        except Later as later:
            delay = later.delay
            self._record(work, lambda session: queue.release(session, work.job_id, work.holder, delay))
        except Failed as failed:
            problem = str(failed)
            self._record(work, lambda session: queue.fail(session, work.job_id, work.holder, problem))
        except Exception:
            _log.exception("%s %s did not succeed", kind.name, work.subject)
            self._record(
                work,
                lambda session: queue.put_off(session, work.job_id, work.holder, kind.retries, kind.failure),
            )
        else:
            self._record(work, lambda session: queue.finish(session, work.job_id, work.holder, work.asked))

    def _record(self, work: Work, end: Callable[[WriteSession], object]) -> None:
        """Record how a job ended. If the database is away, it is taken over once nobody holds it any more."""
        try:
            with self._database.writing(_QUEUE) as session:
                end(session)
        except SQLAlchemyError as error:
            _log.error("how job %s ended was not recorded: %s", work.job_id, type(error).__name__)

    def _say(self, error: Exception) -> None:
        words = f"{type(error).__name__}: {error}"
        if words != self._said:
            self._said = words
            _log.warning("jobs are not done at the moment: %s", words)
