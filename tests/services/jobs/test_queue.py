"""Jobs: who does them, when, how often, and what happens if that does not succeed."""

import dataclasses
import datetime
import threading

import pytest
from sqlalchemy import select

from claims_app.database import Database
from claims_app.models import Claim, Job
from claims_app.services.jobs import queue
from claims_app.services.jobs.runner import Runner
from claims_app.services.jobs.work import Failed, Kind, Later, Lost, Work
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim

SECONDS = datetime.timedelta(seconds=1)


def ask(database: Database, subject: int = 1, **more: object) -> None:
    with database.writing(BY_TEST) as session:
        queue.enqueue(session, "test", subject, **more)  # type: ignore[arg-type]


def job(database: Database, subject: int = 1) -> Job | None:
    with database.reading() as session:
        return queue.find(session, "test", subject)


def pass_time(database: Database, by: datetime.timedelta) -> None:
    """Let the clock of the database go on."""
    now = database.clock() + by
    database.clock = lambda: now


class Doing:
    """A kind of job that notes what it did, and raises what it is given."""

    def __init__(self, *errors: Exception) -> None:
        self.done: list[int] = []
        self._errors = list(errors)

    def __call__(self, work: Work) -> None:
        self.done.append(work.subject)
        if self._errors:
            raise self._errors.pop(0)

    @property
    def kind(self) -> Kind:
        return Kind("test", self, retries=(5 * SECONDS,), failure="It broke.")


def test_jobs_are_done_once_in_the_order_in_which_they_are_due(database: Database) -> None:
    ask(database, 1, due_at=database.clock() - SECONDS)
    ask(database, 2, due_at=database.clock() - 2 * SECONDS)
    ask(database, 3, due_at=database.clock() + 60 * SECONDS)
    doing = Doing()
    assert Runner(database, [doing.kind]).run_due() == 2
    assert doing.done == [2, 1]
    assert job(database, 1) is None
    assert job(database, 3) is not None


def test_a_job_of_a_transaction_that_is_rolled_back_is_never_done(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        queue.enqueue(session, "test", 1)
        session.rollback()
    assert Runner(database, [Doing().kind]).run_due() == 0


def test_what_was_due_at_once_is_done_also_if_the_clock_was_set_back(database: Database) -> None:
    ask(database, 1)
    ask(database, 2, due_at=database.clock() + SECONDS)
    pass_time(database, -3600 * SECONDS)
    doing = Doing()
    Runner(database, [doing.kind]).run_due()
    assert doing.done == [1]


def test_a_job_of_a_killed_process_is_taken_over_also_if_the_clock_was_set_back(database: Database) -> None:
    ask(database)
    with database.writing(BY_TEST) as session:
        assert queue.take(session, "test", "killed", most_tries=2) is not None
    doing = Doing()
    pass_time(database, -queue.LEASE / 2)  # or the clocks of two hosts differ
    assert Runner(database, [doing.kind]).run_due() == 0
    pass_time(database, -3600 * SECONDS)
    assert Runner(database, [doing.kind]).run_due() == 1


def test_a_waiting_job_that_is_asked_for_again_is_done_once_with_the_new_arguments(
    database: Database,
) -> None:
    ask(database, arguments={"word": "old"})
    ask(database, arguments={"word": "new"})
    seen = []
    Runner(database, [Kind("test", lambda work: seen.append(work.arguments["word"]))]).run_due()
    assert seen == ["new"]


def test_a_job_that_is_asked_for_while_it_runs_runs_once_more(database: Database) -> None:
    ask(database)
    runs = []

    def run(work: Work) -> None:
        if not runs:
            ask(database)
        runs.append(work.subject)

    Runner(database, [Kind("test", run)]).run_due()
    assert runs == [1, 1]
    assert job(database) is None


class TestWhoHoldsIt:
    """One process at a time does a job."""

    def take(self, database: Database, holder: str) -> Work | None:
        with database.writing(BY_TEST) as session:
            taken = queue.take(session, "test", holder, most_tries=9)
        if taken is None:
            return None
        return Work(database, taken.id, holder, taken.asked, taken.subject, taken.arguments)

    def test_nobody_else_gets_it_until_its_holder_is_silent_for_too_long(self, database: Database) -> None:
        ask(database)
        assert self.take(database, "first") is not None
        assert self.take(database, "second") is None
        pass_time(database, queue.LEASE + SECONDS)
        assert self.take(database, "second") is not None

    def test_writing_holds_it_for_longer(self, database: Database) -> None:
        ask(database)
        work = self.take(database, "first")
        assert work is not None
        pass_time(database, queue.LEASE - SECONDS)
        with work.writing(BY_TEST):
            pass
        pass_time(database, 2 * SECONDS)
        assert self.take(database, "second") is None

    def test_who_lost_it_can_write_nothing_more(self, database: Database) -> None:
        ask(database)
        first = self.take(database, "first")
        assert first is not None
        pass_time(database, queue.LEASE + SECONDS)
        self.take(database, "second")
        with pytest.raises(Lost), first.writing(BY_TEST) as session:
            make_claim(session)
        with database.reading() as session:
            assert session.scalar(select(Claim)) is None

    @pytest.mark.parametrize("way", ["cancelled", "cancelled and asked for again"])
    def test_a_cancelled_job_can_write_nothing_more(self, database: Database, way: str) -> None:
        ask(database)
        work = self.take(database, "first")
        assert work is not None
        with database.writing(BY_TEST) as session:
            assert queue.cancel(session, "test", 1)
            assert not queue.cancel(session, "test", 1)
            if way != "cancelled":
                queue.enqueue(session, "test", 1)
        with pytest.raises(Lost), work.writing(BY_TEST):
            pass
        with pytest.raises(Lost), database.writing(BY_TEST) as session:
            work.finish(session)


class TestWhatFails:
    """A job that does not succeed is tried again, and then waits for a person."""

    def test_an_error_is_followed_by_another_try_and_then_by_words_for_a_person(
        self, database: Database
    ) -> None:
        doing = Doing(ZeroDivisionError(), ZeroDivisionError())
        ask(database)
        runner = Runner(database, [doing.kind])
        assert (runner.run_due(), runner.run_due()) == (1, 0)
        pass_time(database, 6 * SECONDS)
        assert runner.run_due() == 1
        failed = job(database)
        assert failed is not None
        assert failed.problem == "It broke."
        pass_time(database, 3600 * SECONDS)
        assert runner.run_due() == 0
        ask(database)
        assert runner.run_due() == 1
        assert job(database) is None

    def test_a_failed_job_can_be_tried_again(self, database: Database) -> None:
        doing = Doing(Failed("The file is gone."))
        ask(database, arguments={"a": 1})
        runner = Runner(database, [doing.kind])
        runner.run_due()
        failed = job(database)
        assert failed is not None
        assert failed.problem == "The file is gone."
        with database.writing(BY_TEST) as session:
            assert queue.try_again(session, "test", 1)
        assert runner.run_due() == 1
        assert job(database) is None

    def test_one_that_has_to_wait_runs_again_later(self, database: Database) -> None:
        doing = Doing(*(Later(60 * SECONDS) for _ in range(3)))
        ask(database)
        runner = Runner(database, [doing.kind])
        for _ in range(3):
            assert (runner.run_due(), runner.run_due()) == (1, 0)
            pass_time(database, 61 * SECONDS)
        assert runner.run_due() == 1
        assert job(database) is None

    def test_one_that_kills_its_process_again_and_again_fails(self, database: Database) -> None:
        ask(database)
        doing = Doing()
        for _ in range(2):
            with database.writing(BY_TEST) as session:
                assert queue.take(session, "test", "killed", most_tries=2) is not None
            pass_time(database, queue.LEASE + SECONDS)
        assert Runner(database, [doing.kind]).run_due() == 0
        failed = job(database)
        assert failed is not None
        assert failed.problem == "The server stopped each time while it worked on this."

    def test_one_that_gets_on_may_be_interrupted_any_number_of_times(self, database: Database) -> None:
        ask(database)

        def one_step(work: Work) -> None:
            with work.writing(BY_TEST) as session:
                work.progress(session, work.done + 1, 9)
            raise KeyboardInterrupt  # as if it was killed

        for _ in range(5):
            with pytest.raises(KeyboardInterrupt):
                Runner(database, [Kind("test", one_step, retries=())]).run_due()
            pass_time(database, queue.LEASE + SECONDS)
        now = job(database)
        assert now is not None
        assert (now.done, now.total, now.problem) == (5, 9, None)


def test_a_job_without_more_time_goes_on_later_from_where_it_came(database: Database) -> None:
    ask(database)
    steps = []

    def run(work: Work) -> None:
        while work.done < 3:
            with work.writing(BY_TEST) as session:
                work.progress(session, work.done + 1, 3)
            steps.append(work.done)

    runner = Runner(database, [Kind("test", run)])
    runner.run_now("test", 1, -1)
    assert steps == []
    assert runner.run_due() == 1
    assert steps == [1, 2, 3]


@on_one_database
class TestThreads:
    """A runner that was started does jobs by itself, until it is stopped."""

    def test_a_job_is_done_in_the_background(self, database: Database) -> None:
        done = threading.Event()
        runner = Runner(database, [Kind("test", lambda _: done.set())])
        runner.start()
        try:
            ask(database)
            runner.wake()
            assert done.wait(20)
        finally:
            runner.stop()
        assert job(database) is None

    def test_stopping_lets_another_process_go_on_at_once(self, database: Database) -> None:
        begun = threading.Event()

        def run(work: Work) -> None:
            begun.set()
            while True:
                work.go_on()

        runner = Runner(database, [Kind("test", run)])
        ask(database)
        runner.start()
        assert begun.wait(20)
        runner.stop()
        now = job(database)
        assert now is not None
        assert (now.holder, now.problem) == (None, None)

    def test_a_database_that_is_away_ends_no_thread(self, database: Database) -> None:
        failed, done = threading.Event(), threading.Event()
        scalar = database.scalar

        def away(query: str) -> object:
            if not failed.is_set():
                failed.set()
                raise OSError("away")
            return scalar(query)

        database.scalar = away  # type: ignore[method-assign]
        ask(database)
        runner = Runner(database, [Kind("test", lambda _: done.set())])
        runner.start()
        try:
            assert done.wait(20)
        finally:
            runner.stop()


def test_jobs_that_nobody_asks_for_are_found_by_their_kind_and_done_once(database: Database) -> None:
    doing = Doing(ValueError("broken"))
    kind = dataclasses.replace(doing.kind, retries=(), find=lambda _: [1, 2])
    runner = Runner(database, [kind])
    assert runner.run_due() == 2
    assert job(database, 1) is not None  # it failed
    ask(database, 2, due_at=database.clock() + 60 * SECONDS)
    assert runner.run_due() == 1  # the one that failed; the other one waits already
    assert doing.done == [1, 2, 1]


def test_work_without_a_transaction_notices_that_another_process_took_the_job_over(
    database: Database,
) -> None:
    ask(database)
    noticed: list[bool] = []

    def run(work: Work) -> None:
        work.go_on_if_held()
        pass_time(database, 2 * queue.LEASE)
        assert Runner(database, [Doing().kind]).run_due() == 1
        with pytest.raises(Lost):
            work.go_on_if_held()
        noticed.append(True)

    Runner(database, [Kind("test", run)]).run_due()
    assert noticed
