"""The schema of the files of releases: it moves its version as it changes, compared with those that are frozen."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from claims_app.formats.delimited import Kind
from claims_app.formats.release.schema_version import Step, described, frozen, needed, step_of
from claims_app.formats.release.tables import SCHEMA_VERSION, TABLES

FROZEN = Path(__file__).parents[3] / "docs" / "reference" / "schema"


def numbers(version: str) -> tuple[int, ...]:
    """Return a version in a form that can be compared."""
    return tuple(map(int, version.split(".")))


def test_the_schema_is_frozen_under_its_version() -> None:
    path = FROZEN / f"{SCHEMA_VERSION}.json"
    assert path.exists(), "Freeze the new version (see CONTRIBUTING, “Change the schema of releases”)."
    text = path.read_text(encoding="utf-8")
    step = needed(json.loads(text), described(TABLES))
    assert step is Step.NONE, (
        f"The schema is not that of {SCHEMA_VERSION} any more: it needs a {step.name.lower()} version "
        "(see CONTRIBUTING, “Change the schema of releases”)."
    )
    assert text == frozen(TABLES), "Only the order of terms differs: freeze the schema as a new version."


def test_each_version_moved_as_far_as_its_changes_need() -> None:
    versions = sorted((path.stem for path in FROZEN.glob("*.json")), key=numbers)
    schemas = [json.loads((FROZEN / f"{version}.json").read_text(encoding="utf-8")) for version in versions]
    for number in range(1, len(versions)):
        assert step_of(versions[number - 1], versions[number]) >= needed(schemas[number - 1], schemas[number])
    assert versions[-1] == SCHEMA_VERSION


Change = Callable[[dict[str, Any]], object]


def column(schema: dict[str, Any], table: str, name: str) -> dict[str, Any]:
    """Return a column of a schema."""
    [found] = [one for one in schema[table]["columns"] if one["name"] == name]
    return found  # type: ignore[no-any-return]


CHANGES: list[tuple[str, Change, Step]] = [
    ("nothing", lambda _: None, Step.NONE),
    ("a table removed", lambda s: s.pop("merges"), Step.MAJOR),
    ("a table added", lambda s: s.update(more=s["merges"]), Step.MINOR),
    ("a column removed", lambda s: s["claims"]["columns"].pop(), Step.MAJOR),
    ("a column renamed", lambda s: column(s, "claims", "url").update(name="address"), Step.MAJOR),
    ("columns moved", lambda s: s["claims"]["columns"].reverse(), Step.MAJOR),
    ("a column in front", lambda s: s["claims"]["columns"].insert(0, {"name": "new"}), Step.MAJOR),
    (
        "a column at the end",
        lambda s: s["claims"]["columns"].append({"name": "new", "kind": "text", "required": False}),
        Step.MINOR,
    ),
    ("another type", lambda s: column(s, "claims", "version").update(kind=Kind.TEXT.value), Step.MAJOR),
    ("may be empty now", lambda s: column(s, "claims", "version").update(required=False), Step.MAJOR),
    ("never empty now", lambda s: column(s, "claims", "outcome").update(required=True), Step.MINOR),
    ("a term added", lambda s: column(s, "claims", "kind")["terms"].append("new"), Step.MINOR),
    ("a term removed", lambda s: column(s, "claims", "kind")["terms"].pop(), Step.MAJOR),
    ("terms in another order", lambda s: column(s, "claims", "kind")["terms"].reverse(), Step.NONE),
    (
        "levels in another order",
        lambda s: column(s, "claims", "evidence_level")["terms"].reverse(),
        Step.MAJOR,
    ),
    ("any text now", lambda s: column(s, "claims", "kind").pop("terms"), Step.MAJOR),
    ("another key", lambda s: s["claims"].update(key=["url"]), Step.MAJOR),
    ("a reference removed", lambda s: s["evidence"]["references"].pop(), Step.MAJOR),
    ("a reference added", lambda s: s["merges"]["references"].append(["a", "b", "c"]), Step.MINOR),
    ("not unique any more", lambda s: s["study_groups"]["unique"].clear(), Step.MAJOR),
]


@pytest.mark.parametrize(("change", "step"), [pair[1:] for pair in CHANGES], ids=[one[0] for one in CHANGES])
def test_a_change_needs_a_version(change: Change, step: Step) -> None:
    before = described(TABLES)
    after = copy.deepcopy(before)
    change(after)
    found = needed(before, after)
    # Terms without an order may come in any, and are no new version.
    assert found is step


@pytest.mark.parametrize(
    ("before", "now", "step"),
    [
        ("1.0.0", "1.0.0", Step.NONE),
        ("1.0.0", "1.0.1", Step.NONE),
        ("1.0.0", "1.1.0", Step.MINOR),
        ("1.9.0", "1.10.0", Step.MINOR),
        ("1.4.2", "2.0.0", Step.MAJOR),
    ],
)
def test_the_step_between_versions(before: str, now: str, step: Step) -> None:
    assert step_of(before, now) is step


def test_a_version_never_goes_back() -> None:
    with pytest.raises(ValueError, match="older"):
        step_of("1.10.0", "1.9.0")


def test_every_reference_leads_to_a_key_of_this_or_an_earlier_table() -> None:
    seen: dict[str, set[str]] = {}
    for table in TABLES:
        names = {column.name for column in table.columns}
        assert {*table.key, *table.required, *table.unique} <= names
        seen[table.name] = {*table.unique, *(table.key if len(table.key) == 1 else ())}
        for one in table.references:
            assert one.column in names
            assert one.target in seen[one.table]
