"""Where the rows of files and of API lists come from: which records, in which order, and their columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from claims_app.formats.columns import EXPORTS
from claims_app.models import Appraisal, Claim, EvidenceItem, Limitation, Record, Study
from claims_app.services.core.filters import (
    CLAIM_ORDERS,
    STUDY_ORDERS,
    ClaimFilters,
    RecordFilters,
    StudyFilters,
)
from claims_app.services.core.paging import Edge, Order, sorted_by
from claims_app.services.core.query import PAGING, Filters, Query, read_order
from claims_app.services.core.stored import numbers_of
from claims_app.services.transfer import export_columns
from claims_app.vocabulary import ReviewState

EVIDENCE_ORDER = {"id": Order("Identifier", ((EvidenceItem.id, False),))}
LIMITATION_ORDER = {"id": Order("Identifier", ((Limitation.id, False),))}
APPRAISAL_ORDER = {"id": Order("Identifier", ((Appraisal.id, False),))}


@dataclass(frozen=True)
class Source:
    """Where the rows of a list come from."""

    name: str
    model: type[Record]
    filters: type[Filters]
    orders: dict[str, Order]
    numbers: Callable[[Any], Select[Any]]
    """Returns the query for the numbers of the records that match filters."""

    columns: Callable[[Session, Sequence[int], str], export_columns.Columns]

    def read(self, query: Query) -> tuple[Filters, str]:
        """Return the filters and the sort order in the query of the list. Raises BadFilter."""
        return self.filters.read(query, PAGING), read_order(query, self.orders)

    def query(self, session: Session, filters: Filters) -> Select[Any]:
        """Return the query for the numbers of the records that match `filters`."""
        ready = filters.searched(session) if isinstance(filters, RecordFilters) else filters
        return self.numbers(ready)

    def parts(
        self,
        session: Session,
        filters: Filters,
        sort: str,
        size: int,
        base_url: str,
        edge: Edge | None = None,
    ) -> Iterator[list[export_columns.Values]]:
        """Yield the list in parts of at most `size` rows, each as the values of its columns.

        With an `edge`, these are only as many rows as it says, from there on.

        The numbers of the records are streamed in their order, by one statement; the columns are read by number. So a
        sort order costs one pass over narrow rows, even if there is no index for it.
        """
        start = edge or Edge(None, False, 0)
        numbers = sorted_by(self.query(session, filters), self.orders[sort], start)
        if edge:
            numbers = numbers.limit(edge.limit)
        for part in numbers_of(session, numbers, size):
            yield self.values(session, part, base_url)

    def values(self, session: Session, numbers: Sequence[int], base_url: str) -> list[export_columns.Values]:
        """Return the values of records, at least one, for each column of the list."""
        columns = self.columns(session, numbers, base_url)
        return [columns[column.name] for column in EXPORTS[self.name]]


def _claims(filters: ClaimFilters) -> Select[Any]:
    return filters.claims().with_only_columns(Claim.id, maintain_column_froms=True)


def _studies(filters: StudyFilters) -> Select[Any]:
    return filters.studies().with_only_columns(Study.id, maintain_column_froms=True)


def _evidence(filters: ClaimFilters) -> Select[Any]:
    """Return the query for the matching evidence items of matching claims."""
    conditions = filters.evidence_conditions()
    query = select(EvidenceItem.id)
    if conditions:
        query = query.join(EvidenceItem.study)
    of_claim = list(_parents(filters).claim_conditions())
    if filters.claim:
        # There are few of them, so that their evidence is found by the index of the claim.
        query = query.join(EvidenceItem.claim).where(*of_claim)
    else:
        # Evidence is read in its order; each item looks for its claim. For a join, SQLite would read all claims first.
        is_of_claim = select(Claim.id).where(Claim.id == EvidenceItem.claim_id, *of_claim)
        query = query.where(is_of_claim.correlate(EvidenceItem).exists())
    return query.where(*conditions, filters.review_condition(EvidenceItem))


def _limitations(filters: ClaimFilters) -> Select[Any]:
    """Return the query for the limitations of matching claims and of matching evidence items."""
    parents = _parents(filters)
    claims, items = _claims(parents), _evidence(parents)
    of_claims: ColumnElement[bool]
    of_items: ColumnElement[bool]
    if filters.claim:
        # There are few of them, so that their limitations are found by the index of the parent.
        of_claims, of_items = Limitation.claim_id.in_(claims), Limitation.evidence_id.in_(items)
    else:
        # Limitations are read in their order; each looks for its parent.
        of_claims = claims.where(Claim.id == Limitation.claim_id).correlate(Limitation).exists()
        of_items = items.where(EvidenceItem.id == Limitation.evidence_id).correlate(Limitation).exists()
    return select(Limitation.id).where(filters.review_condition(Limitation), or_(of_claims, of_items))


def _appraisals(filters: ClaimFilters) -> Select[Any]:
    """Return the query for all appraisals, past and current, of matching claims."""
    return _claims(filters).with_only_columns(Appraisal.id).join(Appraisal, Appraisal.claim_id == Claim.id)


def _parents(filters: ClaimFilters) -> ClaimFilters:
    """Return the filters for the claims of the wanted records: a submitted record may belong to an accepted claim."""
    return filters if filters.review == (ReviewState.ACCEPTED,) else replace(filters, review=())


SOURCES = {
    source.name: source
    for source in (
        Source("claims", Claim, ClaimFilters, CLAIM_ORDERS, _claims, export_columns.claim_columns),
        Source("studies", Study, StudyFilters, STUDY_ORDERS, _studies, export_columns.study_columns),
        Source(
            "evidence", EvidenceItem, ClaimFilters, EVIDENCE_ORDER, _evidence, export_columns.evidence_columns
        ),
        Source(
            "limitations",
            Limitation,
            ClaimFilters,
            LIMITATION_ORDER,
            _limitations,
            export_columns.limitation_columns,
        ),
        Source(
            "appraisals",
            Appraisal,
            ClaimFilters,
            APPRAISAL_ORDER,
            _appraisals,
            export_columns.appraisal_columns,
        ),
    )
}
"""The sources by the names of their files, which are those of the lists of the API."""
