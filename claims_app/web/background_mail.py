"""Mail that is sent while the page is answered already: no page takes longer because an address is known."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from flask import Flask, current_app

_log = logging.getLogger(__name__)


class Post:
    """Does work that nobody waits for, one after the other."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="claims-mail")
        self._newest: Future[None] | None = None

    def later(self, work: Callable[[], None]) -> None:
        """Do `work` as soon as what came before is done. What goes wrong stands in the log."""

        def done() -> None:
            try:
                work()
            except Exception as error:
                # Not the traceback: values in it are nobody's business.
                _log.error("mail was not sent: %s: %s", type(error).__name__, error)

        self._newest = self._worker.submit(done)

    def wait(self) -> None:
        """Wait until everything is done."""
        if self._newest is not None:
            self._newest.result()


def post() -> Post:
    """Return the post of the application."""
    return cast(Post, current_app.extensions["claims_post"])


def register(app: Flask) -> None:
    """Give `app` its post."""
    app.extensions["claims_post"] = Post()
