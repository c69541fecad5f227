"""Questions to services, asked side by side by a few threads that go on when the caller stops waiting."""

import queue
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future

from claims_app.rules.reference import Reference

THREADS = 6
"""How many questions are open at a time; the client limits the requests to each service besides."""

Question = Callable[[], Reference]


class Asking:
    """Asks questions. One that is still open when it is asked again is not sent again: its answer is shared."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Hashable, Future[Reference]] = {}
        self._waiting: queue.SimpleQueue[tuple[Future[Reference], Question]] = queue.SimpleQueue()
        self._n_threads = 0

    def ask(self, key: Hashable, question: Question) -> Future[Reference]:
        """Return the answer to come of `question`, which `key` identifies. Asking does not wait."""
        with self._lock:
            future = self._open.get(key)
            if future is None:
                future = self._open[key] = Future()
                self._waiting.put((future, question))
                if self._n_threads < THREADS:
                    self._n_threads += 1
                    # A daemon: the program does not wait for a slow service when it stops.
                    threading.Thread(target=self._work, name="lookup", daemon=True).start()
        return future

    def collect(self, key: Hashable) -> None:
        """Forget the answer to a question, if there is one: the next to ask gets a new one."""
        with self._lock:
            if key in self._open and self._open[key].done():
                del self._open[key]

    def _work(self) -> None:
        while True:
            future, question = self._waiting.get()
            try:
                future.set_result(question())
            except Exception as error:
                future.set_exception(error)
