"""Which version a change of the schema of the files needs (Semantic Versioning).

Source: Frictionless Data, "Data package version" recipe, which this is stricter than about columns: programs that read
the old files must be able to read the new ones until the next major version.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import Any

from claims_app.formats.release.tables import Table

Schema = Mapping[str, Any]
"""A schema as plain values, as `described` returns it."""


class Step(IntEnum):
    """How much a version must move."""

    NONE = 0
    MINOR = 1
    MAJOR = 2


def described(tables: Iterable[Table]) -> dict[str, Any]:
    """Return what programs that read the files depend on, as plain values for JSON."""
    return {
        table.name: {
            "key": list(table.key),
            "unique": list(table.unique),
            "references": [[one.column, one.table, one.target] for one in table.references],
            "columns": [
                {
                    "name": column.name,
                    "kind": column.kind.value,
                    "required": table.is_required(column.name),
                    **_terms(table, column.name),
                }
                for column in table.columns
            ],
        }
        for table in tables
    }


def frozen(tables: Iterable[Table]) -> str:
    """Return the content of the file in which a schema is frozen."""
    return json.dumps(described(tables), indent=1, ensure_ascii=False) + "\n"


def needed(before: Schema, now: Schema) -> Step:
    """Return the step that the version needs from one schema to another."""
    return max(_steps(before, now), default=Step.NONE)


def step_of(before: str, now: str) -> Step:
    """Return the step between two versions, such as from 1.0.0 to 1.1.0. Raises ValueError if it goes back."""
    first, second = _numbers(before), _numbers(now)
    if second < first:
        raise ValueError(f"version {now} is older than {before}")
    if second[0] > first[0]:
        return Step.MAJOR
    return Step.MINOR if second[1] > first[1] else Step.NONE


def _terms(table: Table, column: str) -> dict[str, Any]:
    terms = table.terms.get(column)
    if terms is None:
        return {}
    return {"terms": [term.value for term in terms.values], "ordered": terms.ordered}


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _steps(before: Schema, now: Schema) -> Iterator[Step]:
    for name, old in before.items():
        if name not in now:
            yield Step.MAJOR
            continue
        new = now[name]
        # A key or a reference that is gone, or another one, breaks programs that join by it.
        if old["key"] != new["key"] or not _has_all(new["references"], old["references"]):
            yield Step.MAJOR
        if not _has_all(new["unique"], old["unique"]):
            yield Step.MAJOR
        if len(new["references"]) > len(old["references"]) or len(new["unique"]) > len(old["unique"]):
            yield Step.MINOR
        yield from _steps_of_columns(old["columns"], new["columns"])
    if len(now) > len(before):
        yield Step.MINOR


def _steps_of_columns(before: Sequence[Any], now: Sequence[Any]) -> Iterator[Step]:
    # Columns are read by their position, too: new ones come at the end.
    if [column["name"] for column in now[: len(before)]] != [column["name"] for column in before]:
        yield Step.MAJOR
        return
    if len(now) > len(before):
        yield Step.MINOR
    for old, new in zip(before, now, strict=False):
        if old["kind"] != new["kind"] or (old["required"] and not new["required"]):
            yield Step.MAJOR
        if new["required"] and not old["required"]:
            yield Step.MINOR
        yield from _steps_of_terms(old, new)


def _steps_of_terms(old: Any, new: Any) -> Iterator[Step]:
    known, given = old.get("terms"), new.get("terms")
    same_order = old.get("ordered") == new.get("ordered")
    # The order of terms that have none is no promise.
    if same_order and (
        known == given or (known and given and not old["ordered"] and set(known) == set(given))
    ):
        return
    if known is None:
        yield Step.MINOR
    elif given is None or old["ordered"] != new["ordered"]:
        yield Step.MAJOR
    else:
        kept = [term for term in given if term in known]
        same = kept == known if old["ordered"] else set(kept) == set(known)
        yield Step.MINOR if same else Step.MAJOR


def _has_all(now: Sequence[Any], before: Sequence[Any]) -> bool:
    return all(one in now for one in before)
