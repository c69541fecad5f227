"""Work in the background of the server: which kinds of jobs there are, and when their threads start and stop."""

import atexit
import threading
from collections.abc import Callable
from typing import cast

from flask import Flask, current_app

from claims_app.config import Settings
from claims_app.database import WriteSession
from claims_app.services.hooks import running
from claims_app.services.jobs.runner import Runner
from claims_app.services.jobs.work import Kind
from claims_app.services.transfer.importing.background import kind as import_kind
from claims_app.web import application

EXTENSION = "claims_background"


def kinds(settings: Settings) -> list[Kind]:
    """Return the kinds of jobs that the server does."""
    return [import_kind(settings), running.job_kind(settings)]


class Background:
    """The threads that do the jobs of an application. No thread runs until `start`."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._runner: Runner | None = None

    def start(self) -> None:
        """Start the threads, unless they run already or `Settings.jobs` is off."""
        if self._runner is not None or not self._app.extensions["claims_settings"].jobs:
            return
        with self._lock:
            if self._runner is None:
                self._runner = self.runner()
                self._runner.start()
                atexit.register(self.stop)

    def stop(self) -> None:
        """Let the jobs pause after the batch they are at, and end the threads."""
        with self._lock:
            runner, self._runner = self._runner, None
        if runner is not None:
            atexit.unregister(self.stop)
            runner.stop()

    def runner(self) -> Runner:
        """Return a runner without threads, which does jobs in the thread of the caller."""
        settings = self._app.extensions["claims_settings"]
        return Runner(self._app.extensions["claims_database"], kinds(settings))

    def wake(self) -> None:
        """Let the threads look at once whether a job is due."""
        if (runner := self._runner) is not None:
            runner.wake()


def background() -> Background:
    """Return the background of the application of this request."""
    return cast(Background, current_app.extensions[EXTENSION])


def cancel_of(kind: str) -> Callable[[WriteSession, int], None] | None:
    """Return the function that cancels a job of a kind, or None if such jobs cannot be cancelled."""
    return next((one.cancel for one in kinds(application.settings()) if one.name == kind), None)


def register(app: Flask) -> None:
    """Let `app` start its threads at its first request, in the process that answers it."""
    threads = app.extensions[EXTENSION] = Background(app)
    app.before_request(threads.start)
