"""Imports as jobs: the same result however often they are interrupted, cancelled or tried again."""

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from claims_app.config import Settings
from claims_app.database import Database, WriteSession
from claims_app.models import Import, ImportFile, ImportRow, Revision, Study, User
from claims_app.services.jobs import queue
from claims_app.services.jobs.runner import Runner
from claims_app.services.jobs.work import Kind, Lost, Paused, Work
from claims_app.services.transfer.importing import background, files, uploads
from claims_app.services.transfer.importing.background import Progress
from claims_app.vocabulary import ImportState, RowOutcome, RowState
from tests.conftest import BY_TEST, on_one_database

TITLES = (
    "Passive transfer of symptoms to mice",
    "Plasma exchange in adults",
    "A trial of pacing",
    "Serum antibodies in three cohorts",
    "Small fibres in the skin",
)
RIS = "".join(f"TY  - JOUR\nTI  - {title}\nPY  - 2020\nER  - \n" for title in (*TITLES, *TITLES)).encode()
"""Each record of the second half is the same report as one in the first."""


@pytest.fixture(autouse=True)
def _short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "PART", 2)


@pytest.fixture
def imports(tmp_path: Path) -> Kind:
    """The kind of these jobs."""
    return background.kind(Settings(instance=tmp_path, database_url="", secret_key="0123456789" * 4))


def begin(database: Database, data: bytes = RIS, user_name: str = "ada") -> Import:
    """Upload a file."""
    with database.writing(BY_TEST) as session:
        user = User(username=user_name, role="curator", password_hash="x")
        session.add(user)
        session.flush()
        number = background.upload(session, user.id, "library.ris", data, None)
        return session.get_one(Import, number)


def read(database: Database, imports: Kind) -> Import:
    """Upload a file and read it."""
    upload = begin(database)
    Runner(database, [imports]).run_due()
    return upload


def ask(database: Database, upload: Import) -> None:
    """Ask for the selected rows to be saved."""
    with database.writing(BY_TEST) as session:
        background.save(session, session.get_one(Import, upload.id), "A reason.")


def progress(database: Database, upload: Import, later: float = 0) -> Progress | None:
    """Return how far the job is, `later` seconds from now."""
    with database.reading() as session:
        return background.find(session, upload, database.clock() + datetime.timedelta(seconds=later))


def rows(database: Database) -> list[ImportRow]:
    """Return the rows of all uploads."""
    with database.reading() as session:
        return list(session.scalars(select(ImportRow).order_by(ImportRow.number)))


def count(database: Database, model: type[object]) -> int:
    """Return the number of rows of a table."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def interrupted(database: Database, imports: Kind, patched: pytest.MonkeyPatch, steps: int) -> int:
    """Do the jobs that are due, pausing after so many steps each time, and return how often they were begun."""
    left = 0

    def run(work: Work) -> None:
        nonlocal left
        left = steps
        imports.run(work)

    def go_on(_work: Work) -> None:
        nonlocal left
        if not left:
            raise Paused
        left -= 1

    patched.setattr(Work, "go_on", go_on)
    return Runner(database, [Kind(imports.name, run)]).run_due()


def test_a_file_is_read_to_the_same_preview_however_often_that_is_interrupted(
    database: Database, imports: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(database)
    assert interrupted(database, imports, monkeypatch, 3) == 6
    read_rows = rows(database)
    assert [row.number for row in read_rows] == list(range(1, 11))
    assert [row.state for row in read_rows] == [RowState.NEW] * 5 + [RowState.SAME] * 5
    assert read_rows[5].plan["reasons"] == ["The same report as in line 1 of this file."]
    assert count(database, ImportFile) == 0


def test_each_row_is_saved_once_however_often_that_is_interrupted(
    database: Database, imports: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = read(database, imports)
    ask(database, upload)
    assert interrupted(database, imports, monkeypatch, 1) == 3
    assert count(database, Study) == 5
    saved = rows(database)
    assert [row.record for row in saved[:5]] == [f"STU-{number}" for number in range(1, 6)]
    assert {row.outcome for row in saved[5:]} == {RowOutcome.SKIPPED}
    with database.reading() as session:
        assert session.get_one(Import, upload.id).state is ImportState.DONE
        [reason] = set(session.scalars(select(Revision.edit_summary)))
        assert reason == "A reason."


def test_an_error_in_a_batch_saves_nothing_of_it_and_is_tried_again(
    database: Database, imports: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = read(database, imports)
    ask(database, upload)
    write_part, calls = uploads.write_part, iter(range(9))

    def failing(*arguments: Any) -> Sequence[int]:
        saved = write_part(*arguments)
        if next(calls) == 1:
            raise ZeroDivisionError
        return saved

    monkeypatch.setattr(uploads, "write_part", failing)
    Runner(database, [imports]).run_due()
    assert count(database, Study) == 2
    later = database.clock() + datetime.timedelta(minutes=1)
    database.clock = lambda: later
    Runner(database, [imports]).run_due()
    assert count(database, Study) == 5


@on_one_database
class TestProgress:
    """What a person sees while they wait."""

    def test_a_job_waits_then_says_how_far_it_is_and_how_long_it_takes(self, database: Database) -> None:
        upload = begin(database)
        waiting = progress(database, upload)
        assert waiting is not None
        assert (waiting.is_reading, waiting.is_running, waiting.total, waiting.percent) == (
            True,
            False,
            None,
            None,
        )
        with database.writing(BY_TEST) as session:
            job = queue.take(session, uploads.JOB, "me", most_tries=3)
        assert job is not None
        work = Work(database, job.id, "me", job.asked, job.subject, job.arguments)
        for done in (0, 500):
            with work.writing(BY_TEST) as session:
                work.progress(session, done, 2000)
        now = progress(database, upload, 10)
        assert now is not None
        assert (now.is_running, now.done, now.total, now.percent) == (True, 500, 2000, 25)
        assert now.left is not None
        assert round(now.left.total_seconds()) == 30
        too_early = progress(database, upload, 1)
        assert too_early is not None
        assert too_early.left is None

    def test_a_file_that_cannot_be_read_fails_with_the_reason_and_is_kept(
        self, database: Database, imports: Kind
    ) -> None:
        upload = begin(database, b"nothing that is known")
        Runner(database, [imports]).run_due()
        failed = progress(database, upload)
        assert failed is not None
        assert failed.problem is not None
        assert "format" in failed.problem
        assert count(database, ImportFile) == 1
        with database.writing(BY_TEST) as session:
            background.try_again(session, upload)
        assert progress(database, upload) == replace(failed, problem=None)

    def test_an_account_that_is_disabled_meanwhile_imports_nothing_more(
        self, database: Database, imports: Kind
    ) -> None:
        upload = read(database, imports)
        ask(database, upload)
        with database.writing(BY_TEST) as session:
            session.scalars(select(User)).one().is_active = False
        Runner(database, [imports]).run_due()
        failed = progress(database, upload)
        assert failed is not None
        assert failed.problem is not None
        assert "Your account can no longer import files" in failed.problem
        assert count(database, Study) == 0


@on_one_database
class TestCancelling:
    """A person can cancel at any moment."""

    def test_an_upload_that_is_cancelled_while_it_is_read_is_gone(
        self, database: Database, imports: Kind
    ) -> None:
        upload = begin(database)
        with database.writing(BY_TEST) as session:
            assert not background.cancel(session, upload)
        assert Runner(database, [imports]).run_due() == 0
        assert [count(database, model) for model in (Import, ImportFile, ImportRow)] == [0, 0, 0]

    def test_an_import_that_is_cancelled_keeps_what_was_saved_and_can_go_on_later(
        self, database: Database, imports: Kind, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        upload = read(database, imports)
        ask(database, upload)
        write_part = uploads.write_part

        def cancelling(*arguments: Any) -> Sequence[int]:
            if count(database, Study) == 2:
                far = progress(database, upload)
                assert far is not None
                assert (far.is_reading, far.done, far.total) == (False, 2, 5)
                # As another request would, between two batches.
                monkeypatch.undo()
                session: WriteSession = arguments[0]
                session.rollback()
                assert background.cancel(session, upload)
                session.commit()
                raise Lost
            return write_part(*arguments)

        monkeypatch.setattr(uploads, "write_part", cancelling)
        Runner(database, [imports]).run_due()
        assert count(database, Study) == 2
        assert progress(database, upload) is None
        ask(database, upload)
        Runner(database, [imports]).run_due()
        assert count(database, Study) == 5


@on_one_database
def test_an_expired_upload_is_deleted_unless_it_is_being_imported(database: Database, imports: Kind) -> None:
    asked, forgotten = read(database, imports), begin(database, user_name="bob")
    Runner(database, [imports]).run_due()
    ask(database, asked)
    later = database.clock() + uploads.KEPT + datetime.timedelta(days=1)
    database.clock = lambda: later
    begin(database, user_name="eve")
    with database.reading() as session:
        assert session.get(Import, forgotten.id) is None
        assert session.get(Import, asked.id) is not None
