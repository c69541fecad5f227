"""The rows of a batch that are planned and not written yet: whether the plan of a later row depends on one of them.

Rows are planned and written in batches, with the same result as one after the other: a batch ends before a row that
has to see an earlier one written.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from claims_app.rules.matching import compare_new, may_match, years_may_match
from claims_app.rules.papers import OF_ONE_REPORT, Paper
from claims_app.services.transfer.importing.model import PlannedRow

_NAME = re.compile(r"\b[A-Z]{3}-[0-9]+\b")


class Fresh:
    """The rows that are planned and not written yet, by what they change."""

    def __init__(self) -> None:
        self._papers: list[Paper] = []
        self._by_key: dict[str, list[int]] = defaultdict(list)
        self._changed: set[str] = set()

    def add(self, keys: Iterable[str]) -> None:
        """Note what a row changes, such as the identifier of its record."""
        self._changed.update(keys)

    def add_paper(self, paper: Paper) -> None:
        """Note a study that is new or changes."""
        for key in _identifiers(paper).union(paper.keys):
            self._by_key[key].append(len(self._papers))
        self._papers.append(paper)

    def changes(self, keys: Iterable[str]) -> bool:
        """Return whether one of the rows changes one of `keys`."""
        return not self._changed.isdisjoint(keys)

    def is_named(self, row: PlannedRow) -> bool:
        """Return whether a plan is about, or names, a record that one of the rows changes."""
        if not self._changed:
            return False
        named = {name for reason in row.reasons for name in _NAME.findall(reason)}
        return self.changes({row.target or "", *row.choices, *named})

    def may_match(self, paper: Paper, *, is_notice: bool) -> bool:
        """Return whether one of the studies may match `paper`; a notice may be about any of them."""
        if not self._papers or is_notice:
            return bool(self._papers)
        identified = self._places(_identifiers(paper))
        sharing = [self._papers[place] for place in self._places(paper.asked) - identified]
        alike = [other for other in sharing if years_may_match(paper, other)]
        near = [alike[at] for at in may_match(paper, [other.title for other in alike])]
        near += [self._papers[place] for place in identified]
        return any(compare_new(paper, other) for other in near)

    def _places(self, keys: Iterable[str]) -> set[int]:
        found: set[int] = set()
        for key in keys:
            found.update(self._by_key.get(key, ()))
        return found


def _identifiers(paper: Paper) -> set[str]:
    named = {f"{name}:{value}" for name in OF_ONE_REPORT if (value := getattr(paper, name))}
    if paper.report_doi:
        named.add(f"doi:{paper.report_doi}")
    if paper.registry_id:
        named.add(f"registry_id:{paper.registry_id}")
    return named
