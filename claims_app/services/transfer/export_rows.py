"""The rows of exported files: the values of each record in the order of `formats.columns`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import (
    Appraisal,
    AppraisalEvidence,
    Claim,
    EvidenceItem,
    Limitation,
    Study,
)
from claims_app.rules.appraisal.study_level import study_level
from claims_app.rules.identifiers import public_id
from claims_app.services.appraisal.levels import explanation_of
from claims_app.services.pages.page_queries import balances
from claims_app.vocabulary import AppraisalStage, RecordType, ReviewState

Rows = Iterator[Sequence[Any]]


def claim_rows(session: Session, claims: Sequence[Claim], base_url: str) -> Rows:
    """Yield the row of each claim, with the columns of `CLAIMS`; `base_url` is the start of its URL."""
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
            claim.conclusion,
        )


def study_rows(_session: Session, studies: Sequence[Study], _base_url: str) -> Rows:
    """Yield the row of each study, with the columns of `STUDIES`."""
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
            study.publication_state,
            _optional_id(RecordType.STUDY, study.version_of_id),
            study.centre,
            study.data_from,
            study.data_to,
            study.standing_reason,
            study.standing_notice_doi,
            study.note,
        )


def evidence_rows(session: Session, items: Sequence[EvidenceItem], base_url: str) -> Rows:
    """Yield the row of each evidence item, with the columns of `EVIDENCE`; `base_url` is the start of its URL."""
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
            item.quote_check and item.quote_check.in_files,
            limitations[item.id],
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


def limitation_rows(_session: Session, limitations: Sequence[Limitation], _base_url: str) -> Rows:
    """Yield the row of each limitation, with the columns of `LIMITATIONS`."""
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


def appraisal_rows(session: Session, appraisals: Sequence[Appraisal], _base_url: str) -> Rows:
    """Yield the row of each appraisal, with the columns of `APPRAISALS`."""
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
            appraisal.conclusion,
        )


def _rationale(appraisal: Appraisal) -> str:
    """Return the reasons for the level of an appraisal; independent ones add that they do not set the claim's level."""
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
