"""The log: its two forms, and that nothing from outside can forge a line."""

import io
import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims_app import logs
from claims_app.logs import AsJson, AsText, Task, log_traceback, working_on


def written(form: logging.Formatter, message: str, traceback: str | None = None, **fields: Any) -> str:
    """Return what one event looks like in the log."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(form)
    logger = logging.Logger("claims_app.tests")
    logger.addHandler(handler)
    if traceback is None:
        logger.error(message, extra=fields)
    else:
        log_traceback(logger, message, traceback)
    return stream.getvalue()


@given(st.text(), st.text())
def test_no_text_begins_a_line_of_its_own(message: str, value: str) -> None:
    for form in (AsText(), AsJson()):
        line = written(form, message, name_of_field=value) + written(form, value, message)
        first, second, *rest = line.removesuffix("\n").splitlines()
        assert all(part.isprintable() for part in (first, second, *rest))
        assert all(part.startswith("  | ") for part in rest)


@given(st.text(), st.text())
def test_a_json_line_gives_back_what_was_logged(message: str, value: str) -> None:
    line = json.loads(written(AsJson(), message, field=value))
    assert (line["message"], line["field"]) == (message, value)
    assert (line["level"], line["logger"]) == ("ERROR", "claims_app.tests")


def test_lines_carry_the_task_of_their_thread() -> None:
    task = Task(request_id="abc", method="GET", path="/claims", account_id=7)
    with working_on(task):
        inside = json.loads(written(AsJson(), "inside"))
    outside = json.loads(written(AsJson(), "outside"))
    assert {name: inside[name] for name in ("request_id", "method", "path", "account_id")} == {
        "request_id": "abc",
        "method": "GET",
        "path": "/claims",
        "account_id": 7,
    }
    assert "request_id" not in outside


def test_a_text_line_has_its_fields_as_pairs() -> None:
    with working_on(Task(request_id="abc", job_id=5, route="import")):
        line = written(AsText(), "did not succeed", row="two words")
    assert line.endswith('did not succeed request_id=abc job_id=5 job=import row="two words"\n')


def test_a_traceback_that_was_given_replaces_that_of_the_exception() -> None:
    assert json.loads(written(AsJson(), "failed", "ValueError: [input]"))["traceback"] == (
        "ValueError: [input]"
    )


def test_a_traceback_does_not_repeat_a_row_that_the_database_refused() -> None:
    said = "IntegrityError: null value\nDETAIL:  Failing row contains (ada,\nada@example.org).\n"
    for end in ("[SQL: INSERT]", "CONTEXT:  a trigger", "\nThe above exception was", ""):
        line = json.loads(written(AsJson(), "failed", said + end))["traceback"]
        assert "ada" not in line
        assert line.endswith(f"DETAIL:  hidden\n{end}" if end else "DETAIL:  hidden")


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_process_without_logging_gets_one_handler(form: str) -> None:
    script = (
        "import logging; from claims_app import logs;"
        f"logs.configure('text'); logs.configure({form!r});"
        "logging.getLogger('claims_app.x').info('hello'); logging.getLogger('other').info('quiet')"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert len(lines) == 1
    assert "hello" in lines[0]
    assert lines[0].startswith("{") is (form == "json")


def test_handlers_of_the_process_stay_as_they_are() -> None:
    before = list(logging.getLogger().handlers)
    assert before  # those of pytest
    logs.configure("json")
    assert logging.getLogger().handlers == before


SHOWN_IN_A_TERMINAL = """
import logging, sys
sys.stderr.isatty = lambda: True
from claims_app import logs
logs.configure("text")
logging.getLogger("claims.security").info("of a command")
logging.getLogger("claims.security").warning("of a warning")
logs.serve()
logging.getLogger("claims.security").info("of a server")
"""


def test_in_a_terminal_a_command_shows_warnings_only_and_a_server_shows_all() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SHOWN_IN_A_TERMINAL], capture_output=True, text=True, check=True
    )
    assert [line.split(": ")[-1] for line in done.stderr.splitlines()] == ["of a warning", "of a server"]
