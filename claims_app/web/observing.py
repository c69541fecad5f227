"""What is noted of each request: an identifier, what the log says about it, and its share of the metrics.

The identifier is in the header `X-Request-ID` of every answer, in error pages, and in every line that is logged for
the request. A trusted proxy may give one; see `Settings.proxies`.
"""

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Flask, request

from claims_app import logs
from claims_app.config import Settings
from claims_app.services.system import recent_errors
from claims_app.web import application
from claims_app.web.metrics import EXTENSION, Metrics

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

HEADER = "X-Request-ID"

_GIVEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
"""An identifier that a proxy may give, such as a UUID."""

_SECRET_PARAMETER = "<secret>"  # nosec B105 - a name, no secret
_LONG = re.compile(r"[^/]{24,}")
"""A part of an unknown path that may be a secret, such as of a mistyped link."""

_FOR_MONITORS = ("/healthz", "/readyz", "/metrics")

_access = logging.getLogger(logs.ACCESS)


def request_id() -> str:
    """Return the identifier of this request."""
    task = logs.current()
    return task.request_id if task is not None and task.request_id else ""


def route() -> str | None:
    """Return the template of the path of this request, or None if there is none."""
    task = logs.current()
    return task.route if task is not None else None


def note_account(account_id: int) -> None:
    """Note whose request this is."""
    if (task := logs.current()) is not None:
        task.account_id = account_id


def note_answer(answered_by: str, route: str | None, path: str) -> None:
    """Note that a request for a page of readers, which has no secret address, is answered without its view."""
    if (task := logs.current()) is not None:
        task.answered_by, task.route, task.path = answered_by, route, _text(path)


def note_error(error: Exception) -> None:
    """Keep an error that is a fault of the program, for admins."""
    task = logs.current()
    if task is not None and task.request_id:
        route = f"{task.method} {task.route}" if task.route else None
        recent_errors.note(application.database(), error, task.request_id, route)


def register(app: Flask) -> None:
    """Note the requests to `app`. This must come after everything else that wraps it."""
    app.extensions[EXTENSION] = Metrics(app)
    app.url_value_preprocessor(_note_route)
    app.wsgi_app = Observed(app, app.wsgi_app)  # type: ignore[method-assign]


def _note_route(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    task = logs.current()
    if task is not None and request.url_rule is not None:
        task.route = request.url_rule.rule
        task.path = task.route if _SECRET_PARAMETER in task.route else request.path


class Observed:
    """The WSGI application that begins and ends each request."""

    def __init__(self, app: Flask, inside: "WSGIApplication") -> None:
        self._app = app
        self._inside = inside

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        settings: Settings = self._app.extensions["claims_settings"]
        path = environ.get("PATH_INFO", "")
        task = logs.Task(
            request_id=_given(environ, settings) or secrets.token_hex(8),
            method=environ["REQUEST_METHOD"],
            path=_LONG.sub("…", _text(path)),
        )
        answer = _Answer(task, settings, self._app.extensions[EXTENSION])
        logs.begin(task)

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
            answer.status = int(status[:3])
            answer.length = next((int(value) for name, value in headers if name == "Content-Length"), None)
            return start_response(status, [*headers, (HEADER, str(task.request_id))], *error)

        try:
            parts = self._inside(environ, start)
        except BaseException:
            answer.end()
            raise
        if answer.length is None and not hasattr(parts, "__len__"):
            return _Streamed(parts, answer)
        answer.end()
        return parts


class _Answer:
    """An answer on its way: what is known of it when it has ended."""

    __slots__ = ("_began", "_metrics", "_settings", "length", "status", "task")

    def __init__(self, task: logs.Task, settings: Settings, metrics: Metrics) -> None:
        self.task = task
        self.status = 500
        self.length: int | None = None
        self._settings = settings
        self._metrics = metrics
        self._began = time.perf_counter()
        metrics.in_flight.inc()

    def end(self) -> None:
        """Count the request, log it unless that is switched off, and end it."""
        task, seconds = self.task, time.perf_counter() - self._began
        self._metrics.in_flight.dec()
        self._metrics.answered(task, self.status, seconds)
        if self._is_logged():
            _access.info(
                "answered",
                extra={
                    "route": task.route,
                    "status": self.status,
                    "ms": round(seconds * 1000, 1),
                    "bytes": self.length,
                    "statements": task.statements,
                    "by": task.answered_by,
                },
            )
        logs.begin(None)

    def _is_logged(self) -> bool:
        wanted = self._settings.access_log
        if wanted != "made":
            return wanted == "all"
        # Monitors ask every few seconds.
        return self.task.answered_by == "view" and (self.task.path not in _FOR_MONITORS or self.status >= 400)


class _Streamed:
    """The parts of an answer whose length is not known before."""

    def __init__(self, parts: Iterable[bytes], answer: _Answer) -> None:
        self._parts = parts
        self._answer = answer
        answer.length = 0

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            self._answer.length = (self._answer.length or 0) + len(part)
            yield part

    def close(self) -> None:
        """End the answer; the server calls this once it was sent, or could not be sent."""
        try:
            if close := getattr(self._parts, "close", None):
                close()
        finally:
            self._answer.end()


def _text(path: str) -> str:
    """Return a path of WSGI, whose characters are bytes, as text."""
    return path if path.isascii() else path.encode("latin-1", "replace").decode("utf-8", "replace")


def _given(environ: "WSGIEnvironment", settings: Settings) -> str | None:
    """Return the identifier that a trusted proxy gave, or None."""
    text = environ.get("HTTP_X_REQUEST_ID", "") if settings.proxies else ""
    return text if _GIVEN.fullmatch(text) else None
