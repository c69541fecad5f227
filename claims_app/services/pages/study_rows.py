"""Studies as rows of a list: named columns of the studies of one page, in a constant number of statements."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from claims_app.models import EvidenceItem, Study
from claims_app.services.core.filters import is_listed
from claims_app.vocabulary import PublicationState, Standing, StudyDesign


class StudyRow(NamedTuple):
    """What a list shows of a study."""

    public_id: str
    title: str
    authors: str | None
    year: int | None
    journal: str | None
    volume: str | None
    issue: str | None
    pages: str | None
    design: StudyDesign | None
    publication_state: PublicationState
    standing: Standing
    n_claims: int

    @property
    def author_list(self) -> list[str]:
        """The authors in their order, family name first."""
        return self.authors.split("\n") if self.authors else []


def study_rows(session: Session, numbers: Sequence[int]) -> list[StudyRow]:
    """Return the studies with these numbers, in their order, as rows of a list, without those that do not exist."""
    if not numbers:
        return []
    rows = session.execute(_COLUMNS, {"numbers": numbers})
    found = {number: StudyRow(f"STU-{number}", *columns) for number, *columns in rows}
    return [found[number] for number in numbers if number in found]


_studies = Study.__table__

_N_CLAIMS = (
    select(func.count(EvidenceItem.claim_id.distinct()))
    .where(EvidenceItem.study_id == _studies.c.id, is_listed(EvidenceItem))
    .correlate(_studies)
    .scalar_subquery()
)

_COLUMNS = select(
    _studies.c.id,
    *(_studies.c[name] for name in StudyRow._fields if name in _studies.c),
    _N_CLAIMS,
).where(_studies.c.id.in_(bindparam("numbers", expanding=True)))
"""Built once: a list of numbers in a statement would be taken apart at each page."""
