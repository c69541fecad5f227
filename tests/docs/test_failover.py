"""The settings of a cluster in `docs/operations.md` are those that the proof of fail-over uses."""

import re
from pathlib import Path
from typing import Any

import yaml

from benchmarks.reliability.patroni import PARAMETERS, SETTINGS
from claims_app.config import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("\n## Fail-over\n")[2].partition("\n## ")[0]


def block(language: str) -> str:
    """Return the first example in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


def test_the_example_has_the_settings_that_were_proven() -> None:
    example: dict[str, Any] = yaml.safe_load(block("yaml"))
    assert example["bootstrap"]["dcs"] == SETTINGS
    assert example["postgresql"]["parameters"].items() <= PARAMETERS.items()


def test_the_addresses_of_all_nodes_are_valid_settings(tmp_path: Path) -> None:
    exported = dict(re.findall(r'^export (\w+)="(.*)"$', block("sh"), re.MULTILINE))
    settings = Settings.from_environment(exported, tmp_path)
    nodes = {node["server"] for node in _servers()}
    assert {url.partition("@")[2].partition("/")[0] for url in settings.replica_urls} == nodes
    assert all(f"host={node}:5432" in settings.database_url for node in nodes)


def _servers() -> list[dict[str, str]]:
    return [found.groupdict() for found in re.finditer(r"server \w+ (?P<server>[0-9.]+):5432", SECTION)]
