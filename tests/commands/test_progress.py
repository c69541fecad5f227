"""The progress of long commands, on a terminal and in a log."""

import io
import sys

import pytest

from claims_app.cli import progress


class Terminal(io.StringIO):
    """A file that claims to be a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def printed(monkeypatch: pytest.MonkeyPatch, to: io.StringIO) -> str:
    """Return what a command of two steps prints to `to`."""
    monkeypatch.setattr(sys, "stderr", to)
    with progress.shown("Checking", 120_000) as shown:
        shown.begin("claims", 119_900)
        for _ in range(1_199):
            shown.advance(100)
        shown.report("Problem: CLM-1 is wrong.")
        shown.begin("topics", 100)
        shown.advance(100)
    return to.getvalue()


def test_a_log_gets_a_plain_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    assert printed(monkeypatch, io.StringIO()).splitlines() == [
        "Checking claims: 50,000 of 119,900",
        "Checking claims: 100,000 of 119,900",
        "Checking claims: 119,900 of 119,900",
        "Problem: CLM-1 is wrong.",
        "Checking topics: 100 of 100",
    ]


def test_a_log_gets_few_lines_too_when_nobody_knows_the_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    with progress.shown("Backing up") as shown:
        shown.begin("rows", 0)
        for _ in range(1_100):
            shown.advance(100)
    assert log.getvalue().splitlines() == ["Backing up rows: 50,000", "Backing up rows: 100,000"]


def test_a_terminal_gets_a_bar_and_whole_lines_for_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(monkeypatch, Terminal())
    assert "Checking  [####" in text
    assert "100%  topics" in text
    assert "\nProblem: CLM-1 is wrong.\n" in text.replace("\r\033[K", "\n")
