"""What a file or a service says of one citable report, before anybody decided what to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One report as it was read.

    `values` holds fields of a study by their names (`rules/records/study.py`), as a form would send them: not
    cleaned yet, `authors` as a list of “Family, Given”, and nothing under the name of a field that was not
    given. `source` is the record as it stands in its file, so that it can be handed back; `line` is where it
    begins there, counted from 1. `warnings` are sentences about what was guessed or left out.
    """

    values: Mapping[str, object]
    abstract: str = ""
    keywords: tuple[str, ...] = ()
    line: int = 1
    source: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A record of a file that could not be read: why, in a sentence, where it begins, and how it stands there."""

    reason: str
    line: int = 1
    source: str = field(default="", repr=False)
