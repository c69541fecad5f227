"""The log: one event a line on standard error, as text or as JSON, with the request or the job that it belongs to.

A thread says what it works on with `working_on`; each line that is written meanwhile carries its identifier. Fields
beside the message are passed as `extra`, as usual. Nothing that comes from outside can begin a line or change what a
terminal shows: characters that do not print are escaped, in text as in JSON.
"""

import contextvars
import datetime
import json
import logging
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

ACCESS = "claims_app.access"
"""The logger with one line for each request that was answered."""

_OURS = ("claims_app", "claims")
"""The loggers whose lines are written from INFO on; those of libraries are written from WARNING on."""


@dataclass(slots=True)
class Task:
    """What a thread works on, a request or a job, and what that cost so far."""

    request_id: str | None = None
    job_id: int | None = None
    method: str | None = None
    path: str | None = None
    """The path of a request without its query, which may hold words that somebody searched for."""
    route: str | None = None
    """The template of the path, such as `/claims/<identifier>`, or the kind of a job."""
    account_id: int | None = None
    address: str | None = None
    """The network address that a request comes from; only security events say it."""
    statements: int = 0
    database_seconds: float = 0.0
    answered_by: str = "view"
    """Whether a page was made by its view, came from `memory`, or was `unchanged` (304)."""

    def named(self) -> Iterator[tuple[str, Any]]:
        """Yield the fields that each line of the task has, with their names."""
        if self.request_id is not None:
            yield "request_id", self.request_id
        if self.job_id is not None:
            yield "job_id", self.job_id
            yield "job", self.route
        if self.method is not None:
            yield "method", self.method
            yield "path", self.path
        if self.account_id is not None:
            yield "account_id", self.account_id


_current: contextvars.ContextVar[Task | None] = contextvars.ContextVar("claims_task", default=None)

current = _current.get
"""Return what this thread works on, or None."""

begin = _current.set
"""Let this thread work on a task; `begin(None)` ends it."""


class PerMinute:
    """Lets `most` things a minute happen in this process, such as lines of one kind."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._began = -60.0
        self._done = self._refused = 0

    def may(self) -> bool:
        """Return whether another one may happen now, and count it."""
        with self._lock:
            if (now := time.monotonic()) - self._began >= 60:
                self._began, self._done = now, 0
            if self._done >= self.most:
                self._refused += 1
                return False
            self._done += 1
            return True

    def refused(self) -> int:
        """Return how many were refused since the last call."""
        with self._lock:
            refused, self._refused = self._refused, 0
            return refused


@contextmanager
def working_on(task: Task) -> Iterator[Task]:
    """Let this thread work on `task` for the duration of the block."""
    before = current()
    begin(task)
    try:
        yield task
    finally:
        begin(before)


def configure(form: str) -> None:
    """Write the log to standard error, as `text` or `json`.

    A command in a terminal says what it did in its own words, so only warnings are shown there; see `serve`. If the
    process has configured logging itself, such as a server or a test, its handlers stay as they are.
    """
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    root = logging.getLogger()
    ours = next((one for one in root.handlers if isinstance(one, _ToStandardError)), None)
    if ours is None:
        if root.handlers:
            return
        ours = _ToStandardError()
        root.addHandler(ours)
        logging.captureWarnings(True)
        if sys.stderr.isatty():
            ours.setLevel(logging.WARNING)
    ours.setFormatter(AsJson() if form == "json" else AsText())


def serve() -> None:
    """Write all lines from now on, also to a terminal: this process answers requests."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _ToStandardError):
            handler.setLevel(logging.NOTSET)


class _ToStandardError(logging.StreamHandler[Any]):
    """Writes to the standard error of the moment, which may be replaced."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)  # that of StreamHandler would keep the present stream

    @property
    def stream(self) -> Any:
        return sys.stderr


def log_traceback(logger: logging.Logger, message: str, traceback: str) -> None:
    """Log an error with a traceback that is safe to show, in place of that of its exception."""
    record = logger.makeRecord(logger.name, logging.ERROR, "", 0, message, (), None)
    record.exc_text = traceback
    logger.handle(record)


_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "traceback",
    "plan",
    "taskName",
}
"""What every log record has, and texts of several lines; all other attributes are fields of its event."""


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return the fields of a line in order: those of its task, then its own."""
    task = current()
    fields = dict(task.named()) if task is not None else {}
    fields.update((name, value) for name, value in vars(record).items() if name not in _STANDARD)
    return fields


def _texts(formatter: logging.Formatter, record: logging.LogRecord) -> Iterator[tuple[str, str]]:
    """Yield the texts of several lines: a plan and a traceback."""
    if plan := getattr(record, "plan", None):
        yield "plan", plan
    traceback = record.exc_text or (record.exc_info and formatter.formatException(record.exc_info))
    if traceback:
        yield "traceback", _ROW.sub("\nDETAIL:  hidden", traceback)


_ROW = re.compile(
    r"\nDETAIL: .*?(?=\n(?:HINT|CONTEXT): |\n\[SQL: |\n\n(?:The above|During handling)|\Z)", re.DOTALL
)
"""What PostgreSQL says about a refused row: its values."""


def _time(record: logging.LogRecord) -> str:
    moment = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03}Z"


class AsJson(logging.Formatter):
    """Writes a record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_fields(record),
            **dict(_texts(self, record)),
        }
        return json.dumps(line, default=str)


class AsText(logging.Formatter):
    """Writes a record as a line for people: time, level, logger, message, and the fields as `name=value`.

    The lines of a traceback or a plan follow, each behind a bar, so that none can be taken for an event.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_value(value)}" for name, value in _fields(record).items())
        message = printable(record.getMessage())
        line = f"{_time(record)} {record.levelname} {printable(record.name)}: {message}{fields}"
        for _, text in _texts(self, record):
            line += "".join(f"\n  | {printable(part)}" for part in text.split("\n"))
        return line


def _value(value: Any) -> str:
    text = printable(str(value))
    return json.dumps(text, ensure_ascii=False) if not text or set(text) & _QUOTED else text


_QUOTED = frozenset(' "=')


def printable(text: str) -> str:
    """Return `text` with the characters escaped that do not print, such as line breaks and marks of direction."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
