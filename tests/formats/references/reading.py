"""Helpers for the tests of the readers."""

import functools
from pathlib import Path

from claims_app.formats.references import ReferenceFile, read
from claims_app.rules.reference import Reference, Unreadable

RECORDS = Path(__file__).parent.parent / "records"


@functools.cache
def file(name: str) -> ReferenceFile:
    """Read one of the files of other programs."""
    return read((RECORDS / name).read_bytes())


def references(content: str | bytes) -> list[Reference]:
    """Return the records of a file in which all are readable."""
    records = read(content if isinstance(content, bytes) else content.encode()).records
    assert all(isinstance(record, Reference) for record in records), records
    return [record for record in records if isinstance(record, Reference)]


def one(content: str | bytes) -> Reference:
    """Return the only record of a file."""
    (record,) = references(content)
    return record


def refused(content: str | bytes) -> list[Unreadable]:
    """Return the unreadable records of a file."""
    records = read(content if isinstance(content, bytes) else content.encode()).records
    return [record for record in records if isinstance(record, Unreadable)]
