"""A server's work on imports, in a process that is killed."""

import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from claims_app.config import Settings
from claims_app.database import Database, WriteSession, utc_now
from claims_app.services.jobs.runner import Runner
from claims_app.services.jobs.work import Work
from claims_app.services.transfer.importing import background, batches, files


def work(url: str, later: datetime.timedelta) -> None:
    """Do what is due in small steps, by a clock on which `later` has passed, so that nobody holds a job any more."""
    files.PART, batches.FEWEST_ROWS, batches.MOST_ROWS, batches.GAP = 3, 3, 3, 0.0
    settings = Settings(instance=Path(), database_url=url, secret_key="0123456789" * 4)
    database = Database(url, lambda: utc_now() + later)
    Runner(database, [background.kind(settings)]).run_due()
    database.close()


def work_until_killed(url: str, later: datetime.timedelta, steps: Connection) -> None:
    """Do what is due, and say so before each step is committed."""
    progress = Work.progress

    def said(job: Work, session: WriteSession, done: int, total: int | None = None) -> None:
        progress(job, session, done, total)
        steps.send(done)

    Work.progress = said  # type: ignore[method-assign]
    work(url, later)
