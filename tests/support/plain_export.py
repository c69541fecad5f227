"""The exported files as they should be, made in the simplest way: from one object after the other."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from claims_app.models import Appraisal, Claim, EvidenceItem, Limitation, Study
from claims_app.rules.appraisal.study_level import study_level
from claims_app.rules.counting import Balance, Link, balance
from claims_app.rules.identifiers import public_id
from claims_app.services.appraisal.levels import explanation_of
from claims_app.services.core.filters import CLAIM_ORDERS, STUDY_ORDERS, ClaimFilters, StudyFilters
from claims_app.services.core.paging import Order
from claims_app.vocabulary import AppraisalStage, RecordType

Row = Sequence[Any]


def plain_rows(session: Session, name: str, filters: Any, sort: str, base_url: str) -> Iterator[Row]:
    """Yield the rows of the file `name`."""
    match name:
        case "claims":
            for claim in _in_order(session, filters.claims(), CLAIM_ORDERS[sort]):
                yield _claim(session, claim, base_url)
        case "studies":
            assert isinstance(filters, StudyFilters)
            yield from map(_study, _in_order(session, filters.studies(), STUDY_ORDERS[sort]))
        case "evidence":
            for item in session.scalars(_evidence(filters).order_by(EvidenceItem.id)):
                yield _item(session, item, base_url)
        case "limitations":
            yield from map(_limitation, session.scalars(_limitations(filters).order_by(Limitation.id)))
        case "appraisals":
            claims = filters.claims().with_only_columns(Claim.id)
            query = select(Appraisal).where(Appraisal.claim_id.in_(claims)).order_by(Appraisal.id)
            yield from map(_appraisal, session.scalars(query))


def _in_order(session: Session, query: Select[Any], order: Order) -> Sequence[Any]:
    keys = (key.desc() if down else key.asc() for key, down in order.keys)
    return session.scalars(query.order_by(*keys)).all()


def _of_parents(filters: ClaimFilters) -> ClaimFilters:
    if [state.value for state in filters.review] == ["accepted"]:
        return filters
    return dataclasses.replace(filters, review=())


def _evidence(filters: ClaimFilters) -> Select[Any]:
    claims = select(Claim.id).where(*_of_parents(filters).claim_conditions())
    return (
        select(EvidenceItem)
        .join(EvidenceItem.study)
        .where(
            EvidenceItem.claim_id.in_(claims),
            *filters.evidence_conditions(),
            filters.review_condition(EvidenceItem),
        )
    )


def _limitations(filters: ClaimFilters) -> Select[Any]:
    claims = _of_parents(filters).claims().with_only_columns(Claim.id)
    items = _evidence(_of_parents(filters)).with_only_columns(EvidenceItem.id)
    return select(Limitation).where(
        filters.review_condition(Limitation),
        or_(Limitation.claim_id.in_(claims), Limitation.evidence_id.in_(items)),
    )


def _claim(session: Session, claim: Claim, base_url: str) -> Row:
    counted = _balance(session, claim)
    appraisal = session.get(Appraisal, claim.appraisal_id) if claim.appraisal_id else None
    return (
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
        _texts(session, Limitation.claim_id == claim.id),
        counted.supports,
        counted.contradicts,
        counted.null,
        counted.inconclusive,
        counted.studies,
        counted.groups,
        counted.newest_year,
        _optional_id(RecordType.STUDY, claim.origin_study_id),
        claim.origin_section,
        claim.origin_quote,
        appraisal.appraised_at if appraisal else None,
        claim.last_searched_at,
        claim.version,
        claim.created_at,
        claim.updated_at,
        f"{base_url}/claims/{claim.public_id}",
        claim.conclusion,
        claim.origin_quote_check and claim.origin_quote_check.in_files,
    )


def _balance(session: Session, claim: Claim) -> Balance:
    items = session.scalars(select(EvidenceItem).where(EvidenceItem.claim_id == claim.id))
    return balance(
        Link(
            item.direction,
            item.study_id,
            item.study.version_of_id,
            item.study.counted_group_id,
            item.study.standing,
            item.study.year,
            item.study.version_of.standing if item.study.version_of else None,
        )
        for item in items
        if item.is_accepted
    )


def _study(study: Study) -> Row:
    return (
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
        study.publication_state,
        _optional_id(RecordType.STUDY, study.version_of_id),
        study.centre,
        study.data_from,
        study.data_to,
        study.standing_reason,
        study.standing_notice_doi,
        study.note,
    )


def _item(session: Session, item: EvidenceItem, base_url: str) -> Row:
    claim = public_id(RecordType.CLAIM, item.claim_id)
    return (
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
        item.quote_check and item.quote_check.in_files,
        _texts(session, Limitation.evidence_id == item.id),
        item.version,
        item.created_at,
        item.updated_at,
        f"{base_url}/claims/{claim}#{item.public_id}",
        item.outcome,
        item.events_cases,
        item.events_controls,
        item.mean_cases,
        item.sd_cases,
        item.mean_controls,
        item.sd_controls,
    )


def _limitation(limitation: Limitation) -> Row:
    return (
        limitation.public_id,
        _optional_id(RecordType.CLAIM, limitation.claim_id),
        _optional_id(RecordType.EVIDENCE, limitation.evidence_id),
        limitation.kind,
        limitation.domain,
        limitation.text,
        limitation.quote,
        limitation.quote_check and limitation.quote_check.in_files,
    )


def _appraisal(appraisal: Appraisal) -> Row:
    rationale = explanation_of(appraisal)
    if appraisal.stage is AppraisalStage.INDEPENDENT:
        rationale = f"{appraisal.stage.definition} {rationale}"
    return (
        appraisal.public_id,
        public_id(RecordType.CLAIM, appraisal.claim_id),
        appraisal.scheme,
        appraisal.scheme_version,
        appraisal.start_level,
        *appraisal.moves.values(),
        appraisal.computed_level,
        appraisal.level,
        appraisal.override_reason,
        rationale,
        [public_id(RecordType.EVIDENCE, seen.evidence_id) for seen in appraisal.seen],
        appraisal.appraised_by.username if appraisal.appraised_by else None,
        appraisal.appraised_at,
        appraisal.conclusion,
    )


def _texts(session: Session, of_parent: Any) -> list[str]:
    limitations = session.scalars(select(Limitation).where(of_parent).order_by(Limitation.id))
    return [limitation.text for limitation in limitations if limitation.is_accepted]


def _optional_id(record_type: RecordType, number: int | None) -> str | None:
    return None if number is None else public_id(record_type, number)
