"""Progress of a long command: a bar on a terminal, and plain lines anywhere else, such as in a log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click

ROWS_PER_LINE = 50_000
"""After how many rows a log gets a line, besides the one at the end of each step."""

_CLEAR_LINE = "\r\033[K"


class Progress(Protocol):
    """What a command tells about its work."""

    def begin(self, step: str, rows: int) -> None:
        """Begin a step, called `step`, of so many rows."""

    def advance(self, rows: int) -> None:
        """Note that so many more rows of the step are done."""

    def report(self, line: str) -> None:
        """Print a line about what was found, at once."""


@contextmanager
def shown(label: str, total: int | None = None) -> Iterator[Progress]:
    """Yield the progress of a command that goes through `total` rows; it is shown on standard error.

    Without a total, each step adds its rows when it begins.
    """
    if not sys.stderr.isatty():
        yield _Lines(label)
        return
    with click.progressbar(length=total or 0, label=label, file=sys.stderr, item_show_func=_step) as bar:
        yield _Bar(bar, grows=total is None)


def _step(name: object) -> str:
    return str(name or "")


class _Bar:
    def __init__(self, bar: Any, *, grows: bool) -> None:
        self._bar = bar
        self._grows = grows
        self._name = ""

    def begin(self, step: str, rows: int) -> None:
        self._name = step
        if self._grows:
            self._bar.length += rows
        self._bar.update(0, step)

    def advance(self, rows: int) -> None:
        self._bar.update(rows, self._name)

    def report(self, line: str) -> None:
        click.echo(f"{_CLEAR_LINE}{line}", err=True)
        self._bar.render_progress()


class _Lines:
    def __init__(self, label: str) -> None:
        self._label = label
        self._step, self._rows, self._done, self._said = "", 0, 0, 0

    def begin(self, step: str, rows: int) -> None:
        self._step, self._rows, self._done, self._said = step, rows, 0, 0

    def advance(self, rows: int) -> None:
        self._done += rows
        new = self._done - self._said
        at_the_end = new and self._rows and self._done >= self._rows  # 0 if nobody knows how many there are
        if new >= ROWS_PER_LINE or at_the_end:
            self._said = self._done
            of_all = f" of {self._rows:,}" if self._rows else ""
            click.echo(f"{self._label} {self._step}: {self._done:,}{of_all}", err=True)

    def report(self, line: str) -> None:
        click.echo(line, err=True)
