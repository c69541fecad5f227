"""Databases to restore into, and backups in memory."""

import io
import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from claims_app.database import Database
from claims_app.formats.backup import Manifest
from claims_app.services.system import schema
from claims_app.services.system.backups import restoring, saving
from tests.support.databases import Templates

_NUMBERS = itertools.count()


class NoProgress:
    """Shows nothing."""

    def begin(self, step: str, rows: int) -> None:
        """Begin a step."""

    def advance(self, rows: int) -> None:
        """Advance."""


def save(database: Database) -> tuple[io.BytesIO, Manifest]:
    """Return a backup of `database`, and what it says that it holds."""
    out = io.BytesIO()
    return out, saving.save(database, out, "0.1.0", NoProgress())


def restore(database: Database, backup: io.BytesIO) -> str | None:
    """Restore a backup, and return where the old data is."""
    return restoring.restore(database, restoring.check(backup, NoProgress()), NoProgress())


@pytest.fixture(autouse=True)
def _quick_schema(
    request: pytest.FixtureRequest, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Copy the file with the newest schema in place of running all migrations, but for `real_migrations`."""
    if "real_migrations" in request.fixturenames:
        yield
        return
    upgrade = schema.upgrade
    made = templates.copy("sqlite", "schema")

    def copied(engine: Engine, revision: str = "head") -> None:
        if engine.dialect.name == "sqlite" and schema.current(engine) is None:
            engine.dispose()
            shutil.copyfile(made.removeprefix("sqlite:///"), str(engine.url.database))
        upgrade(engine, revision)

    monkeypatch.setattr(schema, "upgrade", copied)
    yield
    templates.drop("sqlite", made)


@pytest.fixture
def real_migrations() -> None:
    """Restore by running the migrations."""


Target = Callable[..., Database]


@pytest.fixture
def target(request: pytest.FixtureRequest, templates: Templates, tmp_path: Path) -> Iterator[Target]:
    """A function that returns a new database of a kind, which nobody else uses: empty, or with the schema."""

    @contextmanager
    def made(kind: str, content: str = "nothing") -> Iterator[Database]:
        name = f"restored_{next(_NUMBERS)}"
        if kind == "sqlite":
            database = Database(f"sqlite:///{tmp_path / name}.sqlite3")
            yield database
            database.close()
        else:
            server = request.getfixturevalue("postgres")
            if content == "schema":
                templates.drop(kind, templates.copy(kind, content))  # so that there is a template
            server.create_database(name, template=f"template_{content}" if content != "nothing" else None)
            database = Database(server.url(name))
            yield database
            database.close()
            server.drop_database(name)

    with ExitStack() as stack:
        yield lambda *what: stack.enter_context(made(*what))
