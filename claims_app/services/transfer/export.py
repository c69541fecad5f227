"""Exports: the whole of a filtered list, streamed, as it stood at one moment."""

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
"""Rows that are held at once; the memory of an export does not grow beyond them."""


EVIDENCE_ORDER = {"id": Order("Identifier", ((EvidenceItem.id, False),))}
LIMITATION_ORDER = {"id": Order("Identifier", ((Limitation.id, False),))}
APPRAISAL_ORDER = {"id": Order("Identifier", ((Appraisal.id, False),))}


@dataclass(frozen=True)
class ExportRequest:
    """What is asked for: which list, filtered and sorted how, in which profile."""

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

        The address of a page may be taken as it is: which page it was plays no part, an export is whole.
        """
        source = _SOURCES[name]
        filters = source.filters.read(query, PAGING)
        if isinstance(filters, RecordFilters) and not filters.review:
            # A file does not say what waits for review, so it has what stands, unless one asks for the rest.
            filters = replace(filters, review=(ReviewState.ACCEPTED,))
        return cls(name, filters, read_order(query, source.orders), profile, excel, as_of)


class Export:
    """One export: its columns, how many rows it has and has written, what it is equal to, and its text in chunks.

    Everything is read in one transaction, so the count and the rows are of the same moment. It must
    be closed; `chunks` closes it when it comes to its end.
    """

    def __init__(self, database: Database, request: ExportRequest, base_url: str) -> None:
        """Begin the export. `base_url` is what the addresses in it begin with. Raises BadFilter."""
        self.request = request
        self.columns: tuple[Column, ...] = EXPORTS[request.name]
        self.written = 0
        self._base_url = base_url
        self._source = _SOURCES[request.name]
        self._session = database.reading(request.as_of.at if request.as_of else None)
        try:
            if isinstance(request.filters, ClaimFilters):
                request.filters.check_topics(self._session)
            self._query = self._source.query(request.filters)
            self.row_count = count(self._session, self._query)
            self.etag = self._fingerprint()
        except BaseException:
            self.close()
            raise

    def chunks(self) -> Iterator[str]:
        """Yield the text of the file. An error on the way is raised, so that half a file never looks whole."""
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
        """Yield the records, a part of the list at a time, and count those that are done."""
        order = self._source.orders[self.request.sort]
        for records in iterate(self._session, self._query.options(*self._source.options()), order, CHUNK):
            yield records
            self.written += len(records)
            self._session.expunge_all()

    def _fingerprint(self) -> str:
        """Return a text that is the same for two exports of the same bytes.

        Every change of a record leaves a revision, so the newest one and their number stand for the
        state of the data. (The number is needed where a longer transaction commits an older one later.)
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
    """What is loaded along with the records; nothing, where their own columns are enough."""


def list_objects(
    session: Session, name: str, filters: Filters, sort: str, request: PageRequest, base_url: str
) -> Page[dict[str, Any]]:
    """Return a page of a list with the columns of its file by name, and what became of the review of each.

    Raises BadFilter for an unknown topic or a broken cursor.
    """
    source = _SOURCES[name]
    if isinstance(filters, ClaimFilters):
        filters.check_topics(session)
    query = source.query(filters).options(*source.options())
    page = fetch_page(session, query, source.orders[sort], request)
    return Page(objects(session, name, page.items, base_url), page.total, page.next, page.previous)


def objects(session: Session, name: str, records: Sequence[Any], base_url: str) -> list[dict[str, Any]]:
    """Return records with the columns of the file of their list by name, and what became of their review."""
    names = [column.name for column in EXPORTS[name]]
    return [
        dict(zip(names, row, strict=True))
        | ({"review_state": record.review_state} if isinstance(record, Reviewed) else {})
        for record, row in zip(records, _SOURCES[name].rows(session, records, base_url), strict=True)
    ]


def read_filters(name: str, query: Query) -> tuple[Filters, str]:
    """Return the filters and the sort order in the query of a list. Raises BadFilter."""
    source = _SOURCES[name]
    return source.filters.read(query, PAGING), read_order(query, source.orders)


def _parents(filters: ClaimFilters) -> ClaimFilters:
    """Return the filters for the claims of what is asked for: what waits may belong to a claim that stands."""
    return filters if filters.review == (ReviewState.ACCEPTED,) else replace(filters, review=())


def _evidence_query(filters: ClaimFilters) -> Select[EvidenceItem]:
    """Return the query for the evidence items that fit, of claims that fit."""
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
    """Return the query for the limitations of claims that fit, and of the evidence items that fit."""
    return select(Limitation).where(
        filters.review_condition(Limitation),
        or_(
            Limitation.claim_id.in_(_parents(filters).claims().with_only_columns(Claim.id)),
            Limitation.evidence_id.in_(_evidence_query(_parents(filters)).with_only_columns(EvidenceItem.id)),
        ),
    )


def _appraisals_query(filters: ClaimFilters) -> Select[Appraisal]:
    """Return the query for all appraisals, past and present, of claims that fit."""
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
