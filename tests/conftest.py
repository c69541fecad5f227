"""What all tests share: a fresh, migrated database of each kind, the application, and a browser for forms.

Every test that touches a database runs twice, on SQLite and on PostgreSQL (`tests/support/databases.py`).
"""

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from claims_app import create_app
from claims_app.database import Change, Database, WriteSession
from claims_app.services.accounts import passwords
from claims_app.vocabulary import Via
from config import Settings
from tests.support.browsing import CHEAP, Browser
from tests.support.databases import Templates, opened
from tests.support.folders import make_quick_folder
from tests.support.postgres import PostgresServer

# How long an example takes says something about the machine, and nothing about the program.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # So it is in the background of a script, and would be in the servers that tests start and stop like this.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What is there by now stays; looking through it again and again for rubbish would take a twentieth of the time.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

_COMPILED = TemporaryDirectory(prefix="claims-templates-")
"""Templates as Jinja compiles them: once for all applications of the tests."""

settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

BY_TEST = Change(via=Via.COMMAND, summary="a test")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes run tests: one more than processors, since they often wait for what they started."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that takes the pictures of the README."""
    parser.addoption("--tour", metavar="FOLDER", help="write the pictures of the README's tour to FOLDER")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that lives as long as the tests."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def templates(request: pytest.FixtureRequest) -> Iterator[Templates]:
    """Databases to copy."""
    templates = Templates(make_quick_folder("claims-databases-"), lambda: request.getfixturevalue("postgres"))
    yield templates
    templates.close()


on_one_database = pytest.mark.parametrize("kind", ["sqlite"])
"""For tests in which the database plays no part, such as of what a page makes of an answer from elsewhere."""


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database that the test runs on."""
    return str(request.param)


@contextmanager
def copied(templates: Templates, kind: str, content: str) -> Iterator[str]:
    """Give the URL of a database of `kind` with `content`, for the time of the block."""
    url = templates.copy(kind, content)
    try:
        yield url
    finally:
        templates.drop(kind, url)


@pytest.fixture
def empty_url(templates: Templates, kind: str) -> Iterator[str]:
    """The URL of a database without a schema."""
    with copied(templates, kind, "nothing") as url:
        yield url


@pytest.fixture
def database_url(templates: Templates, kind: str) -> Iterator[str]:
    """The URL of a database with the schema and no records."""
    with copied(templates, kind, "schema") as url:
        yield url


@pytest.fixture
def seeded_url(templates: Templates, kind: str) -> Iterator[str]:
    """The URL of a database with the seed."""
    with copied(templates, kind, "seed") as url:
        yield url


@pytest.fixture(autouse=True)
def _cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hash of a password cost little, except where the cost is what the test is about."""
    if "costly_passwords" not in request.keywords:
        monkeypatch.setattr(passwords, "HASH_METHOD", CHEAP)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the schema and no records."""
    with opened(database_url) as database:
        yield database


@pytest.fixture
def seeded(seeded_url: str) -> Iterator[Database]:
    """A database with the seed."""
    with opened(seeded_url) as database:
        yield database


@pytest.fixture
def session(database: Database) -> Iterator[WriteSession]:
    """A transaction on the empty database."""
    with database.writing(BY_TEST) as session:
        yield session


@pytest.fixture
def seeded_session(seeded: Database) -> Iterator[Session]:
    """A session for reading the seed."""
    with seeded.reading() as session:
        yield session


_APPLICATIONS: list[tuple[dict[str, Any], Flask]] = []
"""Those of earlier tests that nobody uses: making one and compiling its templates takes as long as a test."""


@contextmanager
def application(url: str, folder: Path, **more: Any) -> Iterator[Flask]:
    """Give the application on a database, with `more` settings, for the time of the block."""
    settings = Settings(instance=folder, database_url=url, secret_key="a key for tests " * 3, **more)
    used = next((pair for pair in _APPLICATIONS if pair[0] == more), None)
    if used is None:
        app = create_app(settings)
        app.testing = True
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(_COMPILED.name)
    else:
        _APPLICATIONS.remove(used)
        app = used[1]
    with opened(url) as database:
        app.extensions |= {"claims_settings": settings, "claims_database": database}
        yield app
    _APPLICATIONS.append((more, app))


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database."""
    with application(database_url, tmp_path) as app:
        yield app


@pytest.fixture
def seeded_app(seeded_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the seed."""
    with application(seeded_url, tmp_path) as app:
        yield app


OpenSite = Callable[..., Browser]


@pytest.fixture
def open_site(database_url: str, tmp_path: Path) -> Iterator[OpenSite]:
    """Gives somebody without an account, at an application with settings of its own, on an empty database."""
    with ExitStack() as stack:
        yield lambda **more: Browser(stack.enter_context(application(database_url, tmp_path, **more)))


@pytest.fixture
def reviewed_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database where a second person accepts what is added and changed."""
    with application(database_url, tmp_path, review_required=True) as app:
        yield app


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody without an account, on an empty database."""
    return Browser(app)


@pytest.fixture
def reader(seeded_app: Flask) -> Browser:
    """Somebody without an account, on the seed."""
    return Browser(seeded_app)


@pytest.fixture(scope="session")
def soffice() -> str:
    """LibreOffice. Without it the tests are skipped, except in CI."""
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no LibreOffice; install libreoffice-calc-nogui.")
        pytest.skip("LibreOffice is not installed.")
    return found
