"""Taking turns: a few threads work at a time, and the others wait in the order in which they came."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock, local

from claims_app.services.core.errors import TooBusy


class Turns:
    """Work of which at most `at_once` runs at a time, while at most `waiting` others wait for their turn."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._places = at_once + waiting
        self._free = at_once
        self._queue: deque[Event] = deque()
        self._lock = Lock()
        self._has = local()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Keep a place for a turn during the block, or raise TooBusy at once if there is none."""
        with self._lock:
            if self._places == 0:
                raise TooBusy
            self._places -= 1
        try:
            yield
        finally:
            with self._lock:
                self._places += 1

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Run the block when it is its turn, after all that asked before; it needs a place.

        A thread that has its turn already does not wait for itself.
        """
        if getattr(self._has, "turn", False):
            yield
            return
        mine: Event | None = None
        with self._lock:
            if self._free:
                self._free -= 1
            else:
                mine = Event()
                self._queue.append(mine)
        if mine is not None:
            mine.wait()
        self._has.turn = True
        try:
            yield
        finally:
            self._has.turn = False
            with self._lock:
                # The turn goes to the next in line directly, so that nobody who comes now overtakes them.
                if self._queue:
                    self._queue.popleft().set()
                else:
                    self._free += 1
