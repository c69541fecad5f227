"""The turns of writers: in the order in which they came, and none waits longer than it wants to."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from claims_app import engines
from claims_app.database import Database
from claims_app.models import Topic
from claims_app.write_turns import WriteTurns
from tests.conftest import BY_TEST, on_one_database


def _in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_turns_come_in_the_order_in_which_they_were_asked_for() -> None:
    turns, came, threads = WriteTurns(), [], []
    assert turns.take(0)

    def write(number: int) -> None:
        assert turns.take(30)
        came.append(number)
        turns.give_back()

    for number in range(5):
        threads.append(_in_thread(lambda number=number: write(number)))
        while len(turns._waiting) <= number:
            pass
    turns.give_back()
    for thread in threads:
        thread.join()
    assert came == [0, 1, 2, 3, 4]


def test_a_thread_does_not_wait_for_itself() -> None:
    turns = WriteTurns()
    assert turns.take(0)
    assert turns.take(0)


def test_who_has_waited_long_enough_goes_and_is_passed_over() -> None:
    turns, results = WriteTurns(), []
    assert turns.take(0)
    _in_thread(lambda: results.append(turns.take(0.001))).join()
    turns.give_back()
    _in_thread(lambda: results.append(turns.take(0))).join()
    assert results == [False, True]


def test_only_its_holder_ends_a_turn() -> None:
    turns, results = WriteTurns(), []
    assert turns.take(0)
    _in_thread(turns.give_back).join()
    _in_thread(lambda: results.append(turns.take(0))).join()
    assert results == [False]


@on_one_database
def test_a_writer_that_does_not_get_its_turn_is_refused_as_by_sqlite(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.001)
    refused: list[str] = []

    def write() -> None:
        try:
            with database.writing(BY_TEST) as session:
                session.add(Topic(slug="pain", name="Pain"))
        except OperationalError as error:
            refused.append(str(error.orig))

    with database.writing(BY_TEST) as session:
        session.scalar(select(Topic.id))
        _in_thread(write).join()
    assert refused == ["database is locked"]
    _in_thread(write).join()
    assert len(refused) == 1
    with database.reading() as reading:
        assert reading.scalars(select(Topic.slug)).all() == ["pain"]


@on_one_database
def test_a_failed_transaction_ends_its_turn(database: Database) -> None:
    def fail() -> None:
        with database.writing(BY_TEST) as session:
            session.scalar(select(Topic.id))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert database._turns._holder is None


@pytest.mark.databases("postgresql")
def test_a_writer_on_postgresql_waits_as_long_for_a_lock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.001)

    def write() -> None:
        with database.writing(BY_TEST) as session:
            session.add(Topic(slug="pain", name="Pain"))

    with database.engine.begin() as other_program:
        other_program.execute(text("LOCK TABLE topics IN EXCLUSIVE MODE"))
        with pytest.raises(OperationalError, match="lock timeout"):
            write()
    with database.engine.connect() as connection:
        assert connection.scalar(text("SHOW lock_timeout")) == "0"
