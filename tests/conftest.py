"""What all tests share: a fresh, migrated database of each kind, the application, and a browser for forms.

Every test that touches a database runs twice, on SQLite and on PostgreSQL. It gets a copy of a
template that the migrations built, commits for real, and throws the copy away.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy.orm import Session

from claims_app import create_app
from claims_app.cli.seed import SEED_FOLDER
from claims_app.database import Change, Database, WriteSession
from claims_app.services import schema
from claims_app.services.accounts import passwords
from claims_app.services.seeding import load_seed
from claims_app.vocabulary import Via
from config import Settings
from tests.support.browsing import CHEAP, Browser
from tests.support.postgres import PostgresServer

# How long an example takes says something about the machine, and nothing about the program.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")

BY_TEST = Change(via=Via.COMMAND, summary="a test")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that takes the pictures of the README."""
    parser.addoption("--tour", metavar="FOLDER", help="write the pictures of the README's tour to FOLDER")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server that lives as long as the tests."""
    with PostgresServer() as server:
        yield server


class Templates:
    """Databases to copy: one of each kind and content, made when it is first asked for."""

    def __init__(self, folder: Path, request: pytest.FixtureRequest) -> None:
        self._folder = folder
        self._request = request
        self._made: set[tuple[str, str]] = set()
        self._numbers = itertools.count(1)

    def copy(self, kind: str, content: str) -> str:
        """Return the URL of a new database of `kind` with `content`: nothing, schema or seed."""
        name = f"copy_{next(self._numbers)}"
        if content == "nothing":
            self._create(kind, name)
            return self._url(kind, name)
        if (kind, content) not in self._made:
            self._build(kind, content)
            self._made.add((kind, content))
        if kind == "sqlite":
            shutil.copyfile(self._folder / f"{content}.sqlite3", self._folder / f"{name}.sqlite3")
        else:
            self._server.create_database(name, template=f"template_{content}")
        return self._url(kind, name)

    def drop(self, kind: str, url: str) -> None:
        """Throw a copy away."""
        name = url.rsplit("/", 1)[1]
        if kind == "sqlite":
            for file in self._folder.glob(f"{name}*"):
                file.unlink()
        else:
            self._server.drop_database(name.split("?")[0])

    @property
    def _server(self) -> PostgresServer:
        server: PostgresServer = self._request.getfixturevalue("postgres")
        return server

    def _create(self, kind: str, name: str) -> None:
        if kind != "sqlite":
            self._server.create_database(name)

    def _url(self, kind: str, name: str) -> str:
        return f"sqlite:///{self._folder / name}.sqlite3" if kind == "sqlite" else self._server.url(name)

    def _build(self, kind: str, content: str) -> None:
        name = content if kind == "sqlite" else f"template_{content}"
        self._create(kind, name)
        database = Database(self._url(kind, name))
        schema.upgrade(database.engine)
        if content == "seed":
            with database.writing(Change(via=Via.SEED, summary="Loaded from the seed.")) as session:
                load_seed(session, SEED_FOLDER)
        if kind == "sqlite":
            # The copy takes the file alone, so everything has to be in it.
            with database.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA journal_mode = DELETE")
        database.close()


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Templates:
    """Databases to copy."""
    return Templates(tmp_path_factory.mktemp("databases"), request)


@pytest.fixture(params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    """The kind of database that the test runs on."""
    return str(request.param)


@contextmanager
def _copied(templates: Templates, kind: str, content: str) -> Iterator[str]:
    url = templates.copy(kind, content)
    try:
        yield url
    finally:
        templates.drop(kind, url)


@pytest.fixture
def empty_url(templates: Templates, kind: str) -> Iterator[str]:
    """The URL of a database without a schema."""
    with _copied(templates, kind, "nothing") as url:
        yield url


@pytest.fixture
def database_url(templates: Templates, kind: str) -> Iterator[str]:
    """The URL of a database with the schema and no records."""
    with _copied(templates, kind, "schema") as url:
        yield url


@pytest.fixture
def seeded_url(templates: Templates, kind: str) -> Iterator[str]:
    """The URL of a database with the seed."""
    with _copied(templates, kind, "seed") as url:
        yield url


@pytest.fixture(autouse=True)
def _cheap_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hash of a password cost little, except where the cost is what the test is about."""
    if "costly_passwords" not in request.keywords:
        monkeypatch.setattr(passwords, "HASH_METHOD", CHEAP)


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with the schema and no records."""
    with _opened(database_url) as database:
        yield database


@pytest.fixture
def seeded(seeded_url: str) -> Iterator[Database]:
    """A database with the seed."""
    with _opened(seeded_url) as database:
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


@contextmanager
def _application(url: str, folder: Path, **more: Any) -> Iterator[Flask]:
    app = create_app(Settings(instance=folder, database_url=url, secret_key="a key for tests " * 3, **more))
    app.testing = True
    try:
        yield app
    finally:
        app.extensions["claims_database"].close()


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database."""
    with _application(database_url, tmp_path) as app:
        yield app


@pytest.fixture
def seeded_app(seeded_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on the seed."""
    with _application(seeded_url, tmp_path) as app:
        yield app


OpenSite = Callable[..., Browser]


@pytest.fixture
def open_site(database_url: str, tmp_path: Path) -> Iterator[OpenSite]:
    """Gives somebody without an account, at an application with settings of its own, on an empty database."""
    with ExitStack() as stack:
        yield lambda **more: Browser(stack.enter_context(_application(database_url, tmp_path, **more)))


@pytest.fixture
def reviewed_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database where a second person accepts what is added and changed."""
    with _application(database_url, tmp_path, review_required=True) as app:
        yield app


@pytest.fixture
def browser(app: Flask) -> Browser:
    """Somebody without an account, on an empty database."""
    return Browser(app)


@pytest.fixture
def reader(seeded_app: Flask) -> Browser:
    """Somebody without an account, on the seed."""
    return Browser(seeded_app)
