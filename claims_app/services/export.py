"""Exports: the whole of a filtered list, streamed, as it stood at one moment."""

import hashlib
import json
from collections import defaultdict
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
    AppraisalEvidence,
    Claim,
    EvidenceItem,
    Limitation,
    Revision,
    Study,
    User,
)
from claims_app.rules.appraisal.study_level import study_level
from claims_app.rules.identifiers import public_id
from claims_app.services.as_of import AsOf
from claims_app.services.browse import balances
from claims_app.services.filters import (
    CLAIM_ORDERS,
    STUDY_ORDERS,
    ClaimFilters,
    RecordFilters,
    StudyFilters,
)
from claims_app.services.levels import explanation_of
from claims_app.services.paging import Order, count, iterate
from claims_app.services.query import PAGING, Filters, Query, read_order
from claims_app.vocabulary import AppraisalStage, RecordType, ReviewState

CHUNK = 1000
"""Rows that are held at once; the memory of an export does not grow beyond them."""

Rows = Iterator[Sequence[Any]]

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
    """One export: its columns, how many rows it has, what it is equal to, and its text in chunks.

    Everything is read in one transaction, so the count and the rows are of the same moment. It must
    be closed; `chunks` closes it when it comes to its end.
    """

    def __init__(self, database: Database, request: ExportRequest, base_url: str) -> None:
        """Begin the export. `base_url` is what the addresses in it begin with. Raises BadFilter."""
        self.request = request
        self.columns: tuple[Column, ...] = EXPORTS[request.name]
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
            yield from write(self.columns, self._rows(), profile=self.request.profile, bom=self.request.excel)
        finally:
            self.close()

    def close(self) -> None:
        """End the transaction in which the export reads."""
        self._session.close()

    def _rows(self) -> Rows:
        order = self._source.orders[self.request.sort]
        for records in iterate(self._session, self._query.options(*self._source.options()), order, CHUNK):
            yield from self._source.rows(self._session, records, self._base_url)
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
    rows: Callable[[Session, Sequence[Any], str], Rows]
    options: Callable[[], Sequence[Any]] = tuple
    """What is loaded along with the records; nothing, where their own columns are enough."""


def _claim_rows(session: Session, claims: Sequence[Claim], base_url: str) -> Rows:
    ids = [claim.id for claim in claims]
    counted = balances(session, ids)
    limitations = _limitation_texts(session, Limitation.claim_id, ids)
    numbers = [claim.appraisal_id for claim in claims if claim.appraisal_id is not None]
    appraisals = {
        appraisal.id: appraisal
        for appraisal in session.scalars(select(Appraisal).where(Appraisal.id.in_(numbers)))
    }
    for claim in claims:
        balance = counted[claim.id]
        appraisal = None if claim.appraisal_id is None else appraisals[claim.appraisal_id]
        yield (
            claim.public_id,
            claim.statement,
            claim.kind,
            claim.status,
            claim.evidence_level,
            claim.level_state,
            explanation_of(appraisal) if appraisal else None,
            [topic.slug for topic in claim.topics],
            claim.population,
            claim.exposure,
            claim.comparator,
            claim.outcome,
            limitations[claim.id],
            balance.supports,
            balance.contradicts,
            balance.null,
            balance.inconclusive,
            balance.studies,
            balance.groups,
            balance.newest_year,
            _optional_id(RecordType.STUDY, claim.origin_study_id),
            claim.origin_section,
            claim.origin_quote,
            appraisal.appraised_at if appraisal else None,
            claim.last_searched_at,
            claim.version,
            claim.created_at,
            claim.updated_at,
            f"{base_url}/claims/{claim.public_id}",
        )


def _study_rows(_session: Session, studies: Sequence[Study], _base_url: str) -> Rows:
    for study in studies:
        yield (
            study.public_id,
            study.title,
            study.author_list,
            study.year,
            study.journal,
            study.volume,
            study.issue,
            study.pages,
            study.doi,
            study.pmid,
            study.pmcid,
            study.registry_id,
            study.design,
            [species.value for species in study.species],
            study.group.name if study.group else None,
            study.standing,
            study.standing_date,
            study.url,
            study.version,
            study.created_at,
            study.updated_at,
        )


def _evidence_rows(session: Session, items: Sequence[EvidenceItem], base_url: str) -> Rows:
    limitations = _limitation_texts(session, Limitation.evidence_id, [item.id for item in items])
    for item in items:
        claim = public_id(RecordType.CLAIM, item.claim_id)
        yield (
            item.public_id,
            claim,
            public_id(RecordType.STUDY, item.study_id),
            item.direction,
            item.directness,
            item.hedge,
            study_level(item.claim.kind, item.study.design).level,
            item.risk_of_bias,
            item.summary,
            item.effect_measure,
            item.effect_value,
            item.ci_low,
            item.ci_high,
            item.ci_level,
            item.p_value,
            item.n_cases,
            item.n_controls,
            item.n_animals,
            item.n_donors,
            item.unit_of_analysis,
            item.quote,
            item.locator,
            item.quote_check,
            limitations[item.id],
            item.version,
            item.created_at,
            item.updated_at,
            f"{base_url}/claims/{claim}#{item.public_id}",
        )


def _limitation_rows(_session: Session, limitations: Sequence[Limitation], _base_url: str) -> Rows:
    for limitation in limitations:
        yield (
            limitation.public_id,
            _optional_id(RecordType.CLAIM, limitation.claim_id),
            _optional_id(RecordType.EVIDENCE, limitation.evidence_id),
            limitation.kind,
            limitation.domain,
            limitation.text,
            limitation.quote,
        )


def _appraisal_rows(session: Session, appraisals: Sequence[Appraisal], _base_url: str) -> Rows:
    seen: dict[int, list[str]] = defaultdict(list)
    numbers = [appraisal.id for appraisal in appraisals]
    for number, evidence_id in session.execute(
        select(AppraisalEvidence.appraisal_id, AppraisalEvidence.evidence_id)
        .where(AppraisalEvidence.appraisal_id.in_(numbers))
        .order_by(AppraisalEvidence.evidence_id)
    ):
        seen[number].append(public_id(RecordType.EVIDENCE, evidence_id))
    for appraisal in appraisals:
        yield (
            appraisal.public_id,
            public_id(RecordType.CLAIM, appraisal.claim_id),
            appraisal.scheme,
            appraisal.scheme_version,
            appraisal.start_level,
            *appraisal.moves.values(),
            appraisal.computed_level,
            appraisal.level,
            appraisal.override_reason,
            _rationale(appraisal),
            seen[appraisal.id],
            appraisal.appraised_by.username if appraisal.appraised_by else None,
            appraisal.appraised_at,
        )


def _rationale(appraisal: Appraisal) -> str:
    """Return why an appraisal came to its level; one of two independent ones says that it gives the claim none."""
    if appraisal.stage is AppraisalStage.INDEPENDENT:
        return f"{appraisal.stage.definition} {explanation_of(appraisal)}"
    return explanation_of(appraisal)


def _optional_id(record_type: RecordType, number: int | None) -> str | None:
    return None if number is None else public_id(record_type, number)


def _limitation_texts(session: Session, parent: Any, ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the texts of the limitations of each parent, in one query."""
    texts: dict[int, list[str]] = defaultdict(list)
    for number, text in session.execute(
        select(parent, Limitation.text)
        .where(parent.in_(ids), Limitation.review_state == ReviewState.ACCEPTED)
        .order_by(Limitation.id)
    ):
        texts[number].append(text)
    return texts


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
        _claim_rows,
        lambda: (selectinload(Claim.topics),),
    ),
    "studies": _Source(
        StudyFilters,
        STUDY_ORDERS,
        StudyFilters.studies,
        _study_rows,
        lambda: (selectinload(Study.species_rows), joinedload(Study.group)),
    ),
    "evidence": _Source(
        ClaimFilters,
        EVIDENCE_ORDER,
        _evidence_query,
        _evidence_rows,
        lambda: (
            contains_eager(EvidenceItem.claim).load_only(Claim.kind),
            contains_eager(EvidenceItem.study).load_only(Study.design),
        ),
    ),
    "limitations": _Source(ClaimFilters, LIMITATION_ORDER, _limitations_query, _limitation_rows),
    "appraisals": _Source(
        ClaimFilters,
        APPRAISAL_ORDER,
        _appraisals_query,
        _appraisal_rows,
        lambda: (joinedload(Appraisal.appraised_by).load_only(User.username),),
    ),
}
