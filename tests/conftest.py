"""Fixtures for all tests: a new, migrated database of each kind, the application, and a browser for forms.

What uses a database directly is tested twice, on SQLite and on PostgreSQL (`tests/support/databases.py`). What uses it
through pages or commands contains no SQL of its own, so it is tested on SQLite. Where that is not right for a test, a
class or a module, mark it with `on_one_database` or `on_both_databases`.
"""

import gc
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import Session

from claims_app import create_app
from claims_app.config import Settings
from claims_app.database import Change, Database, WriteSession
from claims_app.services.accounts import passwords
from claims_app.services.accounts.request_counts import RequestCounts
from claims_app.vocabulary import Via
from claims_app.web.api.limits import COUNTS
from claims_app.web.kept_pages import KEPT, KeptPages
from tests.support.browsing import CHEAP, Browser
from tests.support.databases import SharedFiles, Templates, opened
from tests.support.folders import make_quick_folder
from tests.support.postgres import PostgresServer

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell script ignores SIGINT in background jobs, and test servers, which are stopped by it, inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Objects created so far stay alive; scanning them in every garbage collection would take 5 % of the run time.
gc.freeze()
gc.set_threshold(50_000, 20, 50)

# The duration of an example depends on the machine, so it must not fail a test. For a longer search, run the tests
# with --hypothesis-profile=thorough.
settings.register_profile(
    "suite", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", settings.get_profile("suite"), max_examples=1000)
settings.load_profile("suite")

BY_TEST = Change(via=Via.COMMAND, summary="a test")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return the number of test processes: one more than processors, since tests often wait for subprocesses."""
    return (os.cpu_count() or 1) + 1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that takes the screenshots of the README."""
    parser.addoption("--tour", metavar="FOLDER", help="write the screenshots of the README's tour to FOLDER")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that runs as long as the tests."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="session")
def templates(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Templates]:
    """Template databases, from which tests get copies."""
    own = tmp_path_factory.getbasetemp()
    shared = SharedFiles(own.parent if hasattr(request.config, "workerinput") else own)
    templates = Templates(
        make_quick_folder("claims-databases-"), shared, lambda: request.getfixturevalue("postgres")
    )
    yield templates
    templates.close()


on_one_database = pytest.mark.databases("sqlite")
"""Runs a test on SQLite only, for tests that do not depend on the database, such as those of external services."""

on_both_databases = pytest.mark.databases("sqlite", "postgresql")
"""Runs a test on both databases, for pages whose queries no test of a service makes."""

_ABOVE_THE_SERVICES = ("web", "commands")
"""The folders of tests that run on SQLite unless they are marked."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that uses a database on the databases of its closest mark, or on those of its folder."""
    if "_kind" in metafunc.fixturenames:
        folder = metafunc.definition.path.relative_to(Path(__file__).parent).parts[0]
        usual = on_one_database if folder in _ABOVE_THE_SERVICES else on_both_databases
        closest = metafunc.definition.get_closest_marker("databases", usual.mark)
        metafunc.parametrize("_kind", closest.args, indirect=True)


@pytest.fixture
def _kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def kind(_kind: str) -> str:
    """The kind of database that the test runs on. (Other parameters may be called so, too.)"""
    return _kind


@contextmanager
def copied(templates: Templates, kind: str, content: str) -> Iterator[str]:
    """Yield the URL of a database of `kind` with `content`, which is dropped after the block."""
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
    """Make password hashing cheap, except in tests marked `costly_passwords`."""
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
    """A read-only session on the seed."""
    with seeded.reading() as session:
        yield session


_APPLICATIONS: list[tuple[dict[str, Any], Flask]] = []
"""Idle applications of earlier tests, for reuse: creating one takes as long as a test."""


@contextmanager
def application(url: str, folder: Path, **more: Any) -> Iterator[Flask]:
    """Yield the application on a database, with `more` settings, for the duration of the block."""
    settings = Settings(
        instance=folder,
        database_url=url,
        secret_key="a key for tests " * 3,
        **{"jobs": False, "access_log": "off", **more},
    )
    used = next((pair for pair in _APPLICATIONS if pair[0] == more), None)
    if used is None:
        app = create_app(settings)
        app.testing = True
        app.jinja_env.bytecode_cache = (
            FileSystemBytecodeCache()
        )  # of this user, in the folder for temporary files
    else:
        _APPLICATIONS.remove(used)
        app = used[1]
    with opened(url) as database:
        app.extensions |= {"claims_settings": settings, "claims_database": database}
        app.extensions[KEPT] = KeptPages(settings.page_memory * 1_000_000)
        counts = app.extensions[COUNTS] = RequestCounts(folder / "request_counts", settings.secret_key)
        yield app
        counts.close()
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
    """A function that returns an anonymous browser on an empty database; its arguments are settings."""
    with ExitStack() as stack:
        yield lambda **more: Browser(stack.enter_context(application(database_url, tmp_path, **more)))


@pytest.fixture
def reviewed_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database, with review required."""
    with application(database_url, tmp_path, review_required=True) as app:
        yield app


@pytest.fixture
def browser(app: Flask) -> Browser:
    """An anonymous browser on an empty database."""
    return Browser(app)


@pytest.fixture
def reader(seeded_app: Flask) -> Browser:
    """An anonymous browser on the seed."""
    return Browser(seeded_app)


@pytest.fixture(scope="session")
def soffice() -> str:
    """The path of LibreOffice. Without it, tests are skipped, but fail in CI."""
    found = shutil.which("soffice")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no LibreOffice; install libreoffice-calc-nogui.")
        pytest.skip("LibreOffice is not installed.")
    return found
