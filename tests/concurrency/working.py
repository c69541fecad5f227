"""Imports by a server and by the command, in a process that is killed."""

import datetime
from multiprocessing.connection import Connection
from pathlib import Path

from claims_app import create_core
from claims_app.cli.importing import import_
from claims_app.config import Settings
from claims_app.database import Database, WriteSession, utc_now
from claims_app.services.jobs.runner import Runner
from claims_app.services.jobs.work import Work
from claims_app.services.transfer.importing import background, batches, files
from claims_app.services.transfer.importing.checkpoints import Checkpoint


def work(url: str, later: datetime.timedelta) -> None:
    """Do what is due in small steps, by a clock on which `later` has passed, so that nobody holds a job any more."""
    files.PART, batches.FEWEST_ROWS, batches.MOST_ROWS, batches.GAP = 3, 3, 3, 0.0
    settings = Settings(instance=Path(), database_url=url, secret_key="0123456789" * 4)
    database = Database(url, lambda: utc_now() + later)
    Runner(database, [background.kind(settings)]).run_due()
    database.close()


def command(url: str, folder: str, *arguments: str) -> str:
    """Run `claims import` in small batches, and return what it says."""
    files.PART, batches.FEWEST_ROWS, batches.MOST_ROWS, batches.GAP = 3, 3, 3, 0.0
    app = create_core(Settings(instance=Path(folder), database_url=url, secret_key="0123456789" * 4))
    result = app.test_cli_runner().invoke(import_, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def import_until_killed(url: str, folder: str, arguments: tuple[str, ...], steps: Connection) -> None:
    """Run `claims import`, and say so before each batch is committed."""
    move = Checkpoint.move

    def said(place: Checkpoint, session: WriteSession, done: int) -> None:
        move(place, session, done)
        steps.send(done)

    Checkpoint.move = said  # type: ignore[method-assign]
    command(url, folder, *arguments)


def work_until_killed(url: str, later: datetime.timedelta, steps: Connection) -> None:
    """Do what is due, and say so before each step is committed."""
    progress = Work.progress

    def said(job: Work, session: WriteSession, done: int, total: int | None = None) -> None:
        progress(job, session, done, total)
        steps.send(done)

    Work.progress = said  # type: ignore[method-assign]
    work(url, later)
