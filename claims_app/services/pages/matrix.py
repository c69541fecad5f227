"""The matrix: claims against studies, with the direction of the evidence in each cell; empty cells are the gaps.

A page of it is bounded: so many claims in the order of the list, and so many of the studies that are evidence for them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import EvidenceItem, Study
from claims_app.rules.overlap import citation
from claims_app.services.core.filters import ClaimFilters, is_listed
from claims_app.services.pages.claim_rows import ClaimRow, claim_rows
from claims_app.services.pages.study_rows import StudyRow, study_rows
from claims_app.vocabulary import Direction

MOST_CLAIMS = 50
MOST_STUDIES = 100
"""The most rows and columns of a page."""


class MatrixStudy(NamedTuple):
    """The head of a column."""

    number: int
    row: StudyRow

    @property
    def citation(self) -> str:
        """The short citation of the study."""
        return citation(self.row.authors, self.row.title, self.row.year)


@dataclass(frozen=True)
class Line:
    """A row: a claim, and what each study of the page says about it, in the order of the columns."""

    claim: ClaimRow
    cells: Sequence[Sequence[Direction]]

    @property
    def n_filled(self) -> int:
        """How many of the studies say something."""
        return sum(map(bool, self.cells))


@dataclass(frozen=True)
class Matrix:
    """A page of the matrix."""

    studies: Sequence[MatrixStudy]
    lines: Sequence[Line]
    n_studies: int
    """The studies that are evidence for the claims of the page."""

    part: int
    """Which part of these studies is shown, from 1 on."""

    @property
    def n_parts(self) -> int:
        """How many parts the studies have."""
        return max(1, -(-self.n_studies // MOST_STUDIES))


def matrix_of(session: Session, claims: Sequence[int], filters: ClaimFilters, part: int) -> Matrix:
    """Return the matrix of these claims with the evidence that meets `filters`; the newest studies come first.

    A part beyond the last one has no studies.
    """
    cells: Mapping[tuple[int, int], set[Direction]] = defaultdict(set)
    years: dict[int, int] = {}
    if claims:
        items = session.execute(
            select(EvidenceItem.claim_id, EvidenceItem.study_id, EvidenceItem.direction, Study.year)
            .join(EvidenceItem.study)
            .where(EvidenceItem.claim_id.in_(claims), is_listed(EvidenceItem), *filters.evidence_conditions())
        )
        for claim, study, direction, year in items:
            cells[claim, study].add(direction)
            years[study] = year or 0
    ordered = sorted(years, key=lambda study: (-years[study], study))
    shown = ordered[(part - 1) * MOST_STUDIES : part * MOST_STUDIES]
    heads = {row.public_id: row for row in study_rows(session, shown)}
    studies = [MatrixStudy(number, heads[f"STU-{number}"]) for number in shown if f"STU-{number}" in heads]
    lines = [
        Line(row, [_in_order(cells.get((number, study.number), ())) for study in studies])
        for number, row in zip(claims, claim_rows(session, claims), strict=True)
    ]
    return Matrix(studies, lines, len(ordered), part)


def _in_order(found: "set[Direction] | tuple[()]") -> list[Direction]:
    return [direction for direction in Direction if direction in found]
