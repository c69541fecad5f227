"""Fixtures for the tests of migrations."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from alembic import command

from claims_app.services.system import schema


@pytest.fixture(autouse=True, scope="package")
def _read_migrations_once() -> Iterator[None]:
    """Cache the migration scripts: otherwise each command would read all files again, hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        known = SimpleNamespace(from_config=lambda _config: schema._scripts())
        patch.setattr(command, "ScriptDirectory", known)
        yield
