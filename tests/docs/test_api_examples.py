"""The programs in the documentation of the API, which run as they are there."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server

from claims_app.services.accounts import tokens, users
from claims_app.vocabulary import Role, TokenScope
from tests.conftest import BY_TEST, on_one_database
from tests.support.browsing import Browser, add_account

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")


def program(language: str) -> str:
    """Return the program in a language."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture
def served(seeded_app: Flask) -> Iterator[dict[str, str]]:
    """The settings of a program that uses the example data, which are served."""
    browser = Browser(seeded_app)
    add_account(browser.database, "ada", Role.CURATOR)
    with browser.database.writing(BY_TEST) as session:
        ada = users.find_user(session, "ada")
        token = tokens.make_token(session, ada, TokenScope.WRITE, "tests", None)[1]
    server = make_server("127.0.0.1", 0, seeded_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield {"CLAIMS_URL": f"http://127.0.0.1:{server.server_port}", "CLAIMS_TOKEN": token}
    server.shutdown()
    server.server_close()
    thread.join()


@on_one_database
def test_the_program_in_python(served: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", program("python")],
        env={**os.environ, **served},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "CLM-1: " in done.stdout
    assert re.search(r"^Added CLM-\d+ at version 1, now at version 2$", done.stdout, re.MULTILINE)


@on_one_database
def test_the_program_in_r(served: dict[str, str], tmp_path: Path) -> None:
    rscript = shutil.which("Rscript")
    if rscript is None:
        pytest.skip("There is no R here.")
    has_packages = 'quit(status = !requireNamespace("jsonlite", quietly = TRUE))'
    if subprocess.run([rscript, "-e", has_packages], check=False).returncode:
        pytest.skip("There is no jsonlite here.")
    (tmp_path / "program.R").write_text(program("r"), encoding="utf-8")
    done = subprocess.run(
        [rscript, "program.R"],
        cwd=tmp_path,
        env={**os.environ, **served},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "CLM-1" in done.stdout


@on_one_database
def test_the_program_in_python_prints_why_a_claim_was_refused(served: dict[str, str]) -> None:
    refused = program("python").replace('"kind": "treatment", "status": "draft"', '"status": "unheard of"')
    done = subprocess.run(
        [sys.executable, "-c", refused],
        env={**os.environ, **served},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert [line.partition(": ")[0] for line in sorted(done.stderr.splitlines())] == ["kind", "status"]


def test_no_two_examples_add_the_same_claim() -> None:
    statements = re.findall(r'"statement": "([^"]+)"', PAGE)
    assert len(statements) == len(set(statements))
