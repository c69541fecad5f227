"""Exports of whole filtered lists, streamed from a single snapshot of the database."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from claims_app.database import Database
from claims_app.formats.columns import EXPORTS
from claims_app.formats.delimited import Column, Profile, write
from claims_app.models import (
    Appraisal,
    Claim,
    EvidenceItem,
    Limitation,
    Reviewed,
    Revision,
    Study,
    User,
)
from claims_app.services.core.filters import (
    CLAIM_ORDERS,
    STUDY_ORDERS,
    ClaimFilters,
    RecordFilters,
    StudyFilters,
)
from claims_app.services.core.paging import Order, Page, PageRequest, count, fetch_page, iterate
from claims_app.services.core.query import PAGING, Filters, Query, read_order
from claims_app.services.history.as_of import AsOf
from claims_app.services.transfer import export_rows
from claims_app.vocabulary import ReviewState

CHUNK = 1000
"""Rows held in memory at once, so that memory use does not depend on the length of the list."""


EVIDENCE_ORDER = {"id": Order("Identifier", ((EvidenceItem.id, False),))}
LIMITATION_ORDER = {"id": Order("Identifier", ((Limitation.id, False),))}
APPRAISAL_ORDER = {"id": Order("Identifier", ((Appraisal.id, False),))}


@dataclass(frozen=True)
class ExportRequest:
    """The parameters of an export: the list, its filters, sort order and time, and the CSV profile."""

    name: str
    filters: Filters
    sort: str
    profile: Profile = Profile.SAFE
    excel: bool = False
    as_of: AsOf | None = None

    @classmethod
    def read(
        cls,
        name: str,
        query: Query,
        *,
        profile: Profile = Profile.SAFE,
        excel: bool = False,
        as_of: AsOf | None = None,
    ) -> "ExportRequest":
        """Return the request for the list `name` with the filters and the sort order in `query`. Raises BadFilter.

        The query of a list page can be used as it is: its paging parameters are ignored.
        """
        source = _SOURCES[name]
        filters = source.filters.read(query, PAGING)
        if isinstance(filters, RecordFilters) and not filters.review:
            # Files have no column for the review state, so by default they contain accepted records only.
            filters = replace(filters, review=(ReviewState.ACCEPTED,))
        return cls(name, filters, read_order(query, source.orders), profile, excel, as_of)


class Export:
    """One export: its columns, row count, ETag and text in chunks; `written` counts the rows written so far.

    Everything is read in one transaction, so the count and the rows belong to the same snapshot. An export must be
    closed; `chunks` does that when it ends.
    """

    def __init__(self, database: Database, request: ExportRequest, base_url: str) -> None:
        """Begin the export. `base_url` is the start of the URLs in it. Raises BadFilter."""
        self.request = request
        self.columns: tuple[Column, ...] = EXPORTS[request.name]
        self.written = 0
        self._base_url = base_url
        self._source = _SOURCES[request.name]
        self._session = database.reading(request.as_of.at if request.as_of else None)
        try:
            if isinstance(request.filters, ClaimFilters):
                request.filters.check(self._session)
            self._query = self._source.query(request.filters)
            self.row_count = count(self._session, self._query)
            self.etag = self._fingerprint()
        except BaseException:
            self.close()
            raise

    def chunks(self) -> Iterator[str]:
        """Yield the text of the file. Errors are raised, so that a partial file never looks complete."""
        try:
            yield from self._text()
        finally:
            self.close()

    def close(self) -> None:
        """End the transaction in which the export reads."""
        self._session.close()

    def _text(self) -> Iterator[str]:
        return write(self.columns, self._rows(), profile=self.request.profile, bom=self.request.excel)

    def _rows(self) -> export_rows.Rows:
        for records in self._records():
            yield from self._source.rows(self._session, records, self._base_url)

    def _records(self) -> Iterator[Sequence[Any]]:
        """Yield the records in parts of the list, and count those that have been written."""
        order = self._source.orders[self.request.sort]
        for records in iterate(self._session, self._query.options(*self._source.options()), order, CHUNK):
            yield records
            self.written += len(records)
            self._session.expunge_all()

    def _fingerprint(self) -> str:
        """Return an ETag that is the same for two exports with the same content.

        Every change of a record creates a revision, so the latest revision and the number of revisions identify the
        state of the data. (The number is needed because a long transaction may commit a revision with a lower id.)
        """
        newest, number = self._session.execute(select(func.max(Revision.id), func.count(Revision.id))).one()
        request = self.request
        parts = [newest, number, request.name, list(request.filters.pairs()), request.sort]
        parts += [
            request.profile.value,
            request.excel,
            request.as_of.text if request.as_of else None,
            self._base_url,
            [column.name for column in self.columns],
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class _Source:
    """Where the rows of an export come from."""

    filters: type[Filters]
    orders: dict[str, Order]
    query: Callable[[Any], Select[Any]]
    rows: Callable[[Session, Sequence[Any], str], export_rows.Rows]
    options: Callable[[], Sequence[Any]] = tuple
    """Loader options for the relationships that the rows need; none by default."""


def list_objects(
    session: Session, name: str, filters: Filters, sort: str, request: PageRequest, base_url: str
) -> Page[dict[str, Any]]:
    """Return a page of a list as dictionaries with the columns of its CSV export and the review state.

    Raises BadFilter for an unknown topic or an invalid cursor.
    """
    source = _SOURCES[name]
    if isinstance(filters, ClaimFilters):
        filters.check(session)
    query = source.query(filters).options(*source.options())
    page = fetch_page(session, query, source.orders[sort], request)
    return Page(objects(session, name, page.items, base_url), page.total, page.next, page.previous)


def objects(session: Session, name: str, records: Sequence[Any], base_url: str) -> list[dict[str, Any]]:
    """Return records as dictionaries with the columns of the CSV export of the list `name` and the review state."""
    names = [column.name for column in EXPORTS[name]]
    return [
        dict(zip(names, row, strict=True))
        | ({"review_state": record.review_state} if isinstance(record, Reviewed) else {})
        for record, row in zip(records, _SOURCES[name].rows(session, records, base_url), strict=True)
    ]


def read_filters(name: str, query: Query) -> tuple[Filters, str]:
    """Return the filters and the sort order in the query of the list `name`. Raises BadFilter."""
    source = _SOURCES[name]
    return source.filters.read(query, PAGING), read_order(query, source.orders)


def _parents(filters: ClaimFilters) -> ClaimFilters:
    """Return the filters for the claims of the wanted records: a submitted record may belong to an accepted claim."""
    return filters if filters.review == (ReviewState.ACCEPTED,) else replace(filters, review=())


def _evidence_query(filters: ClaimFilters) -> Select[EvidenceItem]:
    """Return the query for the matching evidence items of matching claims."""
    return (
        select(EvidenceItem)
        .join(EvidenceItem.claim)
        .join(EvidenceItem.study)
        .where(
            *_parents(filters).claim_conditions(),
            *filters.evidence_conditions(),
            filters.review_condition(EvidenceItem),
        )
    )


def _limitations_query(filters: ClaimFilters) -> Select[Limitation]:
    """Return the query for the limitations of matching claims and of matching evidence items."""
    return select(Limitation).where(
        filters.review_condition(Limitation),
        or_(
            Limitation.claim_id.in_(_parents(filters).claims().with_only_columns(Claim.id)),
            Limitation.evidence_id.in_(_evidence_query(_parents(filters)).with_only_columns(EvidenceItem.id)),
        ),
    )


def _appraisals_query(filters: ClaimFilters) -> Select[Appraisal]:
    """Return the query for all appraisals, past and current, of matching claims."""
    return select(Appraisal).where(Appraisal.claim_id.in_(filters.claims().with_only_columns(Claim.id)))


_SOURCES: dict[str, _Source] = {
    "claims": _Source(
        ClaimFilters,
        CLAIM_ORDERS,
        ClaimFilters.claims,
        export_rows.claim_rows,
        lambda: (selectinload(Claim.topics),),
    ),
    "studies": _Source(
        StudyFilters,
        STUDY_ORDERS,
        StudyFilters.studies,
        export_rows.study_rows,
        lambda: (selectinload(Study.species_rows), joinedload(Study.group)),
    ),
    "evidence": _Source(
        ClaimFilters,
        EVIDENCE_ORDER,
        _evidence_query,
        export_rows.evidence_rows,
        lambda: (
            contains_eager(EvidenceItem.claim).load_only(Claim.kind),
            contains_eager(EvidenceItem.study).load_only(Study.design),
        ),
    ),
    "limitations": _Source(ClaimFilters, LIMITATION_ORDER, _limitations_query, export_rows.limitation_rows),
    "appraisals": _Source(
        ClaimFilters,
        APPRAISAL_ORDER,
        _appraisals_query,
        export_rows.appraisal_rows,
        lambda: (joinedload(Appraisal.appraised_by).load_only(User.username),),
    ),
}

TABLES = tuple(_SOURCES)
"""The names of the files, which are those of the lists of the API."""
