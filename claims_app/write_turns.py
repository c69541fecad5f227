"""The turns of the writers of one process on SQLite, where only one transaction writes at a time.

A writer that waits for SQLite sleeps for longer and longer, up to a tenth of a second, while the database may be free
already, and is overtaken by others that just came. Here writers go in the order in which they came, and each begins
as soon as the one before it has ended. Between processes, SQLite's own lock decides.
"""

import threading
from collections import deque


class WriteTurns:
    """Gives one thread at a time its turn, in the order in which they asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None
        self._waiting: deque[tuple[int, threading.Event]] = deque()

    def take(self, seconds: float) -> bool:
        """Wait up to `seconds` for the turn of this thread, and return whether it came; it may have it already."""
        me = threading.get_ident()
        with self._lock:
            if self._holder in (None, me):
                self._holder = me
                return True
            ticket = (me, threading.Event())
            self._waiting.append(ticket)
        if ticket[1].wait(seconds):
            return True
        with self._lock:
            if ticket[1].is_set():
                return True  # it came just now
            self._waiting.remove(ticket)
            return False

    def give_back(self) -> None:
        """End the turn of this thread, if it has one, and begin the next one."""
        with self._lock:
            if self._holder != threading.get_ident():
                return
            if self._waiting:
                self._holder, next_one = self._waiting.popleft()
                next_one.set()
            else:
                self._holder = None
