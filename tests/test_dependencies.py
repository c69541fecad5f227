"""The dependencies in pyproject.toml: the program runs with those of a plain `pip install`, and with little else."""

import ast
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OPTIONAL = PROJECT["optional-dependencies"]
DISTRIBUTIONS = packages_distributions()
"""Which distributions a module can come from; all installed ones are read for that, so once."""

EXTRAS = {
    "claims_app/assistants/server.py": "mcp",
    "claims_app/formats/release/twins.py": "parquet",
    "claims_app/formats/tables/parquet.py": "parquet",
    "claims_app/formats/tables/xlsx.py": "xlsx",
    "claims_app/services/system/backups/on_postgresql.py": "postgres",
    "claims_app/services/system/backups/rows_on_postgresql.py": "postgres",
    "claims_app/web/auth/orcid_client.py": "orcid",
}
"""Modules that are imported only if an extra is installed."""

LOCKED = ("orcid", "postgres", "xlsx")
"""The extras that requirements.txt installs."""


def with_extras(*names: str) -> list[str]:
    """Return the run-time dependencies and those of some extras."""
    return [*PROJECT["dependencies"], *(one for name in names for one in OPTIONAL[name])]


def closure(requirements: Iterable[str]) -> set[str]:
    """Return the packages that these requirements install, including indirect ones."""
    found: set[str] = set()
    waiting = [Requirement(one) for one in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found:
            continue
        found.add(name)
        try:
            needed = [Requirement(one) for one in requires(name) or []]
        except PackageNotFoundError:
            continue  # of another platform
        extras = requirement.extras or {""}
        waiting += [
            one for one in needed if not one.marker or any(one.marker.evaluate({"extra": e}) for e in extras)
        ]
    return found


def imported(path: Path) -> set[str]:
    """Return the packages of others that a file imports, by the names of their distributions."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            modules.add(node.module.partition(".")[0])
    modules -= {*sys.stdlib_module_names, "claims_app", "config"}
    return {canonicalize_name(DISTRIBUTIONS[module][0]) for module in modules}


def test_every_import_of_the_program_is_a_run_time_dependency() -> None:
    core = closure(PROJECT["dependencies"])
    files = [*ROOT.glob("claims_app/**/*.py"), *ROOT.glob("migrations/**/*.py")]
    missing = {}
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        extra = OPTIONAL.get(EXTRAS.get(name, ""), [])
        if absent := imported(path) - core - closure(extra):
            missing[name] = absent
    assert missing == {}


def test_only_the_tests_need_numeric_packages() -> None:
    heavy = {"numpy", "pandas", "scipy", "statsmodels"}
    at_run_time = closure(
        [
            *PROJECT["dependencies"],
            *(one for name in LOCKED for one in PROJECT["optional-dependencies"][name]),
        ]
    )
    assert not heavy & at_run_time
    locked = (ROOT / "requirements.txt").read_text()
    assert not [name for name in heavy if f"\n{name}==" in locked]
    assert heavy <= closure(one for one in OPTIONAL["test"] if "claims-app" not in one)


def test_the_locked_requirements_hold_every_run_time_dependency_with_its_hash_and_no_address() -> None:
    for name, extras in (
        ("requirements.txt", LOCKED),
        ("requirements-dev.txt", ("test", "dev")),
    ):
        text = (ROOT / name).read_text()
        pinned = {line.partition("==")[0] for line in text.splitlines() if "==" in line and line[0].isalpha()}
        wanted = [
            *PROJECT["dependencies"],
            *(one for extra in extras for one in PROJECT["optional-dependencies"][extra]),
        ]
        names = {canonicalize_name(Requirement(one).name) for one in wanted} - {"claims-app"}
        assert names <= pinned, name
        assert text.count("--hash=sha256:") >= len(pinned)
        assert "://" not in text
