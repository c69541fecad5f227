"""What the program imports to serve pages: nothing heavy that only some requests need."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "alembic",
    "authlib",
    "charset_normalizer",
    "cryptography",
    "hishel",
    "mako",
    "numpy",
    "pandas",
    "psycopg",
    "pyarrow",
    "pygments",
    "requests",
    "scipy",
    "snowballstemmer",
    "statsmodels",
    "tenacity",
    "xlsxwriter",
)
"""Packages that `claims up` on a database that is up to date does without."""

_START = """
import json, sys
from claims_app import create_app
from claims_app.cli.up import prepare
from claims_app.services.system import schema
app = create_app()
if "upgrade" in sys.argv:
    schema.upgrade(app.extensions["claims_database"].engine)
else:
    with app.app_context():
        prepare(with_seed=False)
    assert app.test_client().get("/claims").status_code == 200
    assert app.test_client().get("/studies").status_code == 200
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def _modules(folder: Path, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", _START, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The top-level modules of a process that started on an upgraded database and served pages."""
    folder = tmp_path_factory.mktemp("start")
    assert "alembic" in _modules(folder, "upgrade")
    return _modules(folder)


@pytest.mark.parametrize("name", HEAVY)
def test_pages_are_served_without(started: set[str], name: str) -> None:
    assert name not in started
