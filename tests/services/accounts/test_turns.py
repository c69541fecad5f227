"""Taking turns: a bounded number at a time, the others in the order in which they came."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from claims_app.services.accounts.turns import Turns
from claims_app.services.core.errors import TooBusy


def test_never_more_than_allowed_work_at_once() -> None:
    turns, lock, inside, most = Turns(2, 20), Lock(), 0, 0
    barrier = Barrier(8)

    def work(_number: int) -> None:
        nonlocal inside, most
        barrier.wait()
        for _ in range(50):
            with turns.place(), turns.turn():
                with lock:
                    inside += 1
                    most = max(most, inside)
                with lock:
                    inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert 1 <= most <= 2
    assert inside == 0


def test_the_first_to_come_is_the_first_to_work() -> None:
    turns, done = Turns(1, 10), list[int]()
    queued = [Event() for _ in range(6)]

    class Queue(type(turns._queue)):  # type: ignore[misc]
        def append(self, item: Event) -> None:
            super().append(item)
            queued[len(self) - 1].set()

    turns._queue = Queue()

    def work(number: int) -> None:
        with turns.place(), turns.turn():
            done.append(number)

    with ThreadPoolExecutor(6) as pool, turns.place(), turns.turn():
        for number in range(6):
            pool.submit(work, number)
            queued[number].wait()
        assert done == []
    assert done == [0, 1, 2, 3, 4, 5]


def test_who_finds_the_queue_full_is_refused_at_once() -> None:
    turns = Turns(1, 1)
    with turns.place(), turns.turn(), turns.place(), pytest.raises(TooBusy), turns.place():
        pytest.fail("there was no place")
    with turns.place(), turns.place():
        pass


def test_work_that_fails_gives_its_turn_to_the_next() -> None:
    turns = Turns(1, 0)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), turns.place(), turns.turn():
            raise ZeroDivisionError
    with turns.place(), turns.turn():
        pass


def test_a_thread_does_not_wait_for_itself() -> None:
    turns = Turns(1, 1)
    with turns.place(), turns.turn(), turns.place(), turns.turn():
        pass
    with turns.place(), turns.turn():
        pass
