"""Email sent in the background, so that response times do not reveal whether an address is known."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import cast

from flask import Flask, current_app

from claims_app import logs

_log = logging.getLogger(__name__)


class Post:
    """Runs tasks in the background, one at a time."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="claims-mail")
        self._newest: Future[None] | None = None

    def later(self, work: Callable[[], None]) -> None:
        """Run `work` after all earlier tasks. Errors are logged."""

        task = logs.current()

        def done() -> None:
            with logs.working_on(task or logs.Task()):
                try:
                    work()
                except Exception as error:
                    # No traceback: it could contain private values.
                    _log.error("email was not sent: %s: %s", type(error).__name__, error)

        self._newest = self._worker.submit(done)

    def wait(self) -> None:
        """Wait until all tasks are done."""
        if self._newest is not None:
            self._newest.result()


def post() -> Post:
    """Return the background mailer of the application."""
    return cast(Post, current_app.extensions["claims_post"])


def register(app: Flask) -> None:
    """Add the background mailer to `app`."""
    app.extensions["claims_post"] = Post()
