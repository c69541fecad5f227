"""The records that a file has had so far: whether a later one is the same report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from claims_app.rules.matching import Match, compare_new, may_match, share_identifier
from claims_app.rules.papers import OF_ONE_REPORT, Paper
from claims_app.rules.titles import Title
from claims_app.services.transfer.importing.alike import adds_nothing
from claims_app.vocabulary import Relation

_MOST_COMPARED = 60
"""The records with one key that are compared. A key that more have, such as “Editorial”, says nothing."""

_NOT_IDENTIFIERS = "=@"
"""The first characters of the keys that are titles, and authors with years."""


@dataclass(frozen=True)
class _Record:
    line: int
    digest: str
    values: Mapping[str, Any]
    paper: Paper


@dataclass(frozen=True)
class Earlier:
    """What the earlier records of a file say about one: the line of the same report, and those that it may be."""

    record: _Record
    same: int | None = None
    possible: Sequence[str] = ()


class Seen:
    """The records of a file so far. `titles` are those of studies that were read to compare them."""

    def __init__(self) -> None:
        self.titles: dict[int, Title] = {}
        self._records: list[_Record] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._by_digest: dict[str, int] = {}
        self._log: list[tuple[str, _Record | None]] = []

    def find(self, digest: str, values: Mapping[str, Any], paper: Paper, line: int) -> Earlier:
        """Compare a record, given by its digest, its cleaned values and its line, with those before.

        Returns the line of an earlier record that is the same report, or None; and a sentence for each earlier
        record that it may be.
        """
        record = _Record(line, digest, values, paper)
        if digest in self._by_digest:
            return Earlier(record, self._by_digest[digest])
        found = [(other, match) for other in self._near(record) if (match := compare_new(paper, other.paper))]
        same = next((other.line for other, match in found if _is_same(record, other, match)), None)
        possible = [
            f"{match.relation.label}: the record in line {other.line} of this file. {' '.join(match.reasons)}"
            for other, match in found
            if match.relation in (Relation.SAME, Relation.UNSURE)
        ]
        return Earlier(record, same, possible)

    def keep(self, found: Earlier) -> None:
        """Keep a record that was compared."""
        record = found.record
        if record.digest in self._by_digest:
            return
        if found.same is None:
            for key in _keys(record.paper):
                self._by_key[key].append(len(self._records))
            named = replace(record.paper, name=f"the record in line {record.line}")
            self._records.append(replace(record, paper=named))
        # A later copy of this record is the same as the one that is kept.
        self._by_digest[record.digest] = record.line if found.same is None else found.same
        self._log.append((record.digest, None if found.same is not None else record))

    @property
    def mark(self) -> int:
        """The place to which `forget_since` returns."""
        return len(self._log)

    def forget_since(self, mark: int) -> None:
        """Forget the records that were kept since `mark`, because they are judged again."""
        while len(self._log) > mark:
            digest, record = self._log.pop()
            del self._by_digest[digest]
            if record is not None:
                self._records.pop()
                for key in _keys(record.paper):
                    self._by_key[key].pop()

    def _near(self, record: _Record) -> list[_Record]:
        identified: set[int] = set()
        alike: set[int] = set()
        for key in _keys(record.paper):
            (alike if key[0] in _NOT_IDENTIFIERS else identified).update(
                self._by_key.get(key, ())[:_MOST_COMPARED]
            )
        listed = sorted(alike - identified)
        places = may_match(record.paper, [self._records[place].paper.title for place in listed])
        return [self._records[place] for place in sorted(identified.union(listed[at] for at in places))]


def _keys(paper: Paper) -> set[str]:
    identifiers = {f"{name}:{value}" for name in OF_ONE_REPORT if (value := getattr(paper, name))}
    if paper.report_doi:
        identifiers.add(f"doi:{paper.report_doi}")
    if paper.registry_id and not identifiers:
        identifiers.add(f"registry_id:{paper.registry_id}")
    return identifiers | {key for key in paper.asked if key[0] in _NOT_IDENTIFIERS}


def _is_same(record: _Record, other: _Record, match: Match) -> bool:
    if match.relation is not Relation.SAME:
        return False
    return share_identifier(record.paper, other.paper) or adds_nothing(record.values, other.values)
