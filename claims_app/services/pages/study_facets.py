"""How many studies match filters, and how many have each value of a facet.

After a write all of it is counted anew. So the studies are read once: each combination of values that occurs, with the
number of studies that have it. What any filters leave is added up from these. An index has them in their order.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, func
from sqlalchemy.orm import Session

from claims_app.models import Study, StudySpecies
from claims_app.services.browsing.matching import Counts
from claims_app.services.core.filters import StudyFilters
from claims_app.services.memory.remembering import Remembering
from claims_app.vocabulary import ReviewState

_REMEMBERED_READS = 8
"""For how many searches and species the combinations are remembered. At a million studies, they take some 2 MB each."""

_REMEMBERED = 200
"""How many answers are remembered: an answer is a total or the counts of all facets."""

_FACETS = ("design", "standing", "publication_state", "year")
"""The facets of the studies' own columns."""

_COLUMNS: Sequence[Any] = (*(getattr(Study, name) for name in _FACETS), Study.review_state)

_Test = Callable[[Any], bool]


@dataclass(frozen=True)
class StudyCounting:
    """Counts the studies that match filters, in the present."""

    session: Session
    filters: StudyFilters

    @property
    def total(self) -> int:
        """How many there are."""
        return self._answers.answer(("total", self.filters), self._total)

    @property
    def counts(self) -> Counts:
        """How many have each value of a facet, as if the filter of the facet were off."""
        return self._answers.answer(("counts", self.filters), self._counts)

    def _total(self) -> int:
        return sum(n for *values, n in self._combinations if not self._unmet(values))

    def _counts(self) -> Counts:
        found: dict[str, Counter[Any]] = {name: Counter() for name in ("species", *_FACETS)}
        for *values, n in self._combinations:
            unmet = self._unmet(values)
            for place, name in enumerate(_FACETS):
                if values[place] is not None and (not unmet or unmet == [place]):
                    found[name][values[place]] += n
        for *values, species, n in self._with_species:
            if not self._unmet(values):
                found["species"][species] += n
        return found

    def _unmet(self, values: Sequence[Any]) -> list[int]:
        """Return the places of the values that do not meet the filters."""
        return [place for place, test in self._tests if not test(values[place])]

    @cached_property
    def _tests(self) -> Sequence[tuple[int, _Test]]:
        """What the filters ask of the values at some places of a combination."""
        filters = self.filters
        tests: list[tuple[int, _Test]] = [
            (place, getattr(filters, name).__contains__)
            for place, name in enumerate(_FACETS[:-1])
            if getattr(filters, name)
        ]
        if filters.year_from is not None or filters.year_to is not None:
            first, last = filters.year_from or 0, filters.year_to
            tests.append(
                (3, lambda year: year is not None and first <= year and (last is None or year <= last))
            )
        reviewed = filters.review or (ReviewState.SUBMITTED, ReviewState.ACCEPTED)
        tests.append((4, reviewed.__contains__))
        return tests

    @property
    def _combinations(self) -> Sequence[Sequence[Any]]:
        """The values of `_COLUMNS` that studies have together, with the number of these studies."""
        others = self._without_own(self.filters.species)
        return self._reads.answer(others, lambda: self._grouped(others.studies(), _COLUMNS))

    @property
    def _with_species(self) -> Sequence[Sequence[Any]]:
        """The same for each species."""
        others = self._without_own(())
        joined = others.studies().join(StudySpecies, StudySpecies.study_id == Study.id)
        return self._reads.answer(
            ("species", others), lambda: self._grouped(joined, (*_COLUMNS, StudySpecies.species))
        )

    def _without_own(self, species: Sequence[Any]) -> StudyFilters:
        """Return the filters without those that a combination answers."""
        searched = StudyFilters(q=self.filters.q, species=tuple(species), review=tuple(ReviewState))
        return dataclasses.replace(searched, found=self.filters.found)

    def _grouped(self, query: Select[Any], columns: Sequence[Any]) -> Sequence[Sequence[Any]]:
        counted = query.with_only_columns(*columns, func.count(), maintain_column_froms=True)
        return [tuple(row) for row in self.session.execute(counted.group_by(*columns))]

    @cached_property
    def _answers(self) -> Remembering:
        return Remembering(self.session, "studies", _REMEMBERED)

    @cached_property
    def _reads(self) -> Remembering:
        return Remembering(self.session, "combinations of studies", _REMEMBERED_READS)
