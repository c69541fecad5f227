"""The records that a file has had so far: whether a later one is the same report."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from claims_app.rules.matching import OF_ONE_REPORT, Match, Paper, compare_new, share_identifier
from claims_app.services.transfer.importing.alike import adds_nothing
from claims_app.vocabulary import Relation

_MOST_COMPARED = 60
"""The records with one key that are compared. A key that more have, such as “Editorial”, says nothing."""


@dataclass(frozen=True)
class _Record:
    line: int
    digest: str
    values: Mapping[str, Any]
    paper: Paper


class Seen:
    """The records of a file so far."""

    def __init__(self) -> None:
        self._records: list[_Record] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_digest: dict[str, int] = {}

    def same_as(self, digest: str, values: Mapping[str, Any], line: int) -> tuple[int | None, list[str]]:
        """Compare a record, given by its digest, its cleaned values and its line, with those before, and keep it.

        Returns the line of an earlier record that is the same report, or None; and a sentence for each earlier
        record that it may be.
        """
        if digest in self._by_digest:
            return self._by_digest[digest], []
        record = _Record(line, digest, values, Paper.of(values))
        found = [(other, match) for other in self._near(record) if (match := _compare(record, other))]
        same = next((other.line for other, match in found if _is_same(record, other, match)), None)
        if same is None:
            self._keep(record)
        # A later copy of this record is the same as the one that is kept.
        self._by_digest[digest] = line if same is None else same
        possible = [
            f"{match.relation.label}: the record in line {other.line} of this file. {' '.join(match.reasons)}"
            for other, match in found
            if match.relation in (Relation.SAME, Relation.UNSURE)
        ]
        return same, possible

    def _near(self, record: _Record) -> list[_Record]:
        places = {
            place for key in _keys(record.paper) for place in self._by_key.get(key, ())[:_MOST_COMPARED]
        }
        return [self._records[place] for place in sorted(places)]

    def _keep(self, record: _Record) -> None:
        for key in _keys(record.paper):
            self._by_key[key].append(len(self._records))
        self._records.append(record)


def _keys(paper: Paper) -> set[str]:
    identifiers = {f"{name}:{value}" for name in OF_ONE_REPORT if (value := getattr(paper, name))}
    if paper.report_doi:
        identifiers.add(f"doi:{paper.report_doi}")
    if paper.registry_id and not identifiers:
        identifiers.add(f"registry_id:{paper.registry_id}")
    return identifiers | {key for key in paper.asked if key[0] in "=@"}


def _compare(record: _Record, other: _Record) -> Match | None:
    return compare_new(record.paper, replace(other.paper, name=f"the record in line {other.line}"))


def _is_same(record: _Record, other: _Record, match: Match) -> bool:
    if match.relation is not Relation.SAME:
        return False
    return share_identifier(record.paper, other.paper) or adds_nothing(record.values, other.values)
