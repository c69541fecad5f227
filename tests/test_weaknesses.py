"""The check for known weaknesses of packages: it fails for one, and not if the registry cannot be asked."""

import runpy
from pathlib import Path
from typing import Any

import pytest

CHECK = runpy.run_path(str(Path(__file__).parents[1] / ".ci" / "weaknesses"))

GOOD = {"name": "good", "version": "1", "vulns": []}
WEAK = {"name": "weak", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "unknown", "version": "3", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("found", "is_good", "said"),
    [
        ([GOOD], True, "1 packages checked, 0 known"),
        ([GOOD, WEAK], False, "weak 2 has PYSEC-1 (mended in 2.1)"),
        ([WEAK, UNKNOWN], False, "1 packages not checked"),
        (None, True, "not checked, since the registry could not be asked"),
    ],
)
def test_only_a_known_weakness_fails(found: list[dict[str, Any]] | None, is_good: bool, said: str) -> None:
    good, lines = CHECK["verdict"]("requirements.txt", found)
    assert good is is_good
    assert said in "\n".join(lines)


def test_each_exception_from_bandit_has_a_reason() -> None:
    for path in (Path(__file__).parents[1] / "claims_app").rglob("*.py"):
        for line in path.read_text().splitlines():
            _, marked, reason = line.partition("# nosec")
            assert not marked or " - " in reason, f"{path}: {line}"
