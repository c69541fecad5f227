"""A report as read from a file or a service, before it becomes a study or a candidate."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One report as it was read.

    `values` holds the fields of a study by name (`rules/schemas/study.py`), as a form would send them: not
    cleaned yet, `authors` as a list of “Family, Given”, and without the fields that were not given. `source` is
    the original text of the record, so that it can be returned to the user, and `line` the line on which it
    starts, counted from 1. `warnings` are sentences about what was guessed or left out.
    """

    values: Mapping[str, object]
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    line: int = 1
    source: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A record of a file that could not be read: the reason, the line on which it starts, and its text."""

    reason: str
    line: int = 1
    source: str = field(default="", repr=False)
