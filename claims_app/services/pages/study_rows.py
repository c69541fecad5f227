"""Studies as rows of a list: named columns of the studies of one page, in a constant number of statements."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import func, select
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
    rows = session.execute(_COLUMNS.where(Study.id.in_(numbers)))
    found = {number: StudyRow(f"STU-{number}", *columns) for number, *columns in rows}
    return [found[number] for number in numbers if number in found]


_N_CLAIMS = (
    select(func.count(EvidenceItem.claim_id.distinct()))
    .where(EvidenceItem.study_id == Study.id, is_listed(EvidenceItem))
    .correlate(Study)
    .scalar_subquery()
)

_COLUMNS = select(
    Study.id,
    Study.title,
    Study.authors,
    Study.year,
    Study.journal,
    Study.volume,
    Study.issue,
    Study.pages,
    Study.design,
    Study.publication_state,
    Study.standing,
    _N_CLAIMS,
)
