"""One claim with all its evidence, limitations, studies and its appraisal, for files that hold a claim whole.

It takes the same number of queries for one evidence item and for thousands.
"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, raiseload

from claims_app.formats.linked.whole import (
    Effect,
    Judged,
    QuotedText,
    WholeAppraisal,
    WholeClaim,
    WholeEvidence,
    WholeLimitation,
    WholeStudy,
)
from claims_app.models import Appraisal, AppraisalEvidence, Claim, EvidenceItem, Limitation, Study
from claims_app.rules.appraisal.phrasing import quotable_sentence
from claims_app.rules.identifiers import public_id
from claims_app.services.appraisal.levels import explanation_of
from claims_app.services.core import records
from claims_app.services.core.filters import YEAR_OR_ZERO, is_listed
from claims_app.services.pages.citing import last_changed
from claims_app.vocabulary import QuoteCheck, RecordType, ReviewState

_CLAIM = (joinedload(Claim.origin_study), joinedload(Claim.topics))
_ITEMS = (
    select(EvidenceItem)
    .join(EvidenceItem.study)
    .where(EvidenceItem.claim_id == bindparam("claim"), is_listed(EvidenceItem))
    .options(joinedload(EvidenceItem.study).joinedload(Study.version_of), raiseload("*"))
    .order_by(YEAR_OR_ZERO.desc(), EvidenceItem.id)
)
_LIMITATIONS = (
    select(Limitation)
    .where(
        or_(
            Limitation.claim_id == bindparam("claim"),
            Limitation.evidence_id.in_(
                select(EvidenceItem.id).where(EvidenceItem.claim_id == bindparam("claim"))
            ),
        ),
        is_listed(Limitation),
    )
    .order_by(Limitation.id)
)
_SEEN = (
    select(AppraisalEvidence.evidence_id)
    .where(AppraisalEvidence.appraisal_id == bindparam("appraisal"))
    .order_by(AppraisalEvidence.evidence_id)
)


def find_whole(session: Session, identifier: str) -> WholeClaim:
    """Return the claim with this public identifier, whole. Raises NotFound, Gone and Merged."""
    return whole(session, records.find(session, Claim, identifier, *_CLAIM))


def whole(session: Session, claim: Claim) -> WholeClaim:
    """Return `claim` with everything that belongs to it, as `session` sees it."""
    limitations: dict[int | None, list[WholeLimitation]] = defaultdict(list)
    for limitation in session.scalars(_LIMITATIONS, {"claim": claim.id}):
        limitations[limitation.evidence_id].append(_limitation(limitation))
    items = [_item(item, limitations[item.id]) for item in session.scalars(_ITEMS, {"claim": claim.id})]
    appraisal = _appraisal(session, claim)
    return WholeClaim(
        public_id=claim.public_id,
        version=claim.version,
        statement=claim.statement,
        said=said_of(claim, appraisal),
        verdict=claim.verdict,
        kind=claim.kind,
        status=claim.status,
        population=claim.population,
        exposure=claim.exposure,
        comparator=claim.comparator,
        outcome=claim.outcome,
        topics=[topic.name for topic in claim.topics],
        created_at=claim.created_at,
        changed_at=last_changed(session, claim),
        stale_since=claim.stale_since,
        last_searched_at=claim.last_searched_at,
        why_unreviewed=why_unreviewed(claim.review_state),
        origin=study_of(claim.origin_study) if claim.origin_study else None,
        origin_quote=_quoted(claim.origin_quote, claim.origin_quote_check, claim.origin_section),
        limitations=limitations[None],
        evidence=items,
        appraisal=appraisal,
    )


def said_of(claim: Claim, appraisal: "WholeAppraisal | Appraisal | None") -> str:
    """Return what the evidence says of `claim` and how certain that is, as one sentence."""
    stale = appraisal is not None and claim.stale_since is not None
    names = (claim.population, claim.exposure, claim.comparator, claim.outcome)
    day = appraisal.appraised_at.date() if stale and appraisal is not None else None
    return quotable_sentence(claim.statement, claim.verdict, names, day)


def why_unreviewed(state: ReviewState) -> str | None:
    """Return why a record is not an accepted one, as a sentence, or None."""
    if state is ReviewState.ACCEPTED:
        return None
    return f"The claim has not been accepted by a second person: {state.label.lower()}."


def _item(item: EvidenceItem, limitations: Iterable[WholeLimitation]) -> WholeEvidence:
    return WholeEvidence(
        public_id=item.public_id,
        version=item.version,
        study=study_of(item.study),
        direction=item.direction,
        directness=item.directness,
        hedge=item.hedge,
        risk_of_bias=item.risk_of_bias,
        summary=item.summary,
        outcome=item.outcome,
        effect=Effect(
            item.effect_measure,
            item.effect_value,
            item.ci_low,
            item.ci_high,
            item.ci_level,
            item.p_value,
            item.p_number,
        ),
        n_cases=item.n_cases,
        n_controls=item.n_controls,
        n_animals=item.n_animals,
        n_donors=item.n_donors,
        unit_of_analysis=item.unit_of_analysis,
        quote=_quoted(item.quote, item.quote_check, item.locator),
        limitations=list(limitations),
        why_uncounted=item.why_uncounted,
    )


def study_of(study: Study) -> WholeStudy:
    """Return a study as plain values."""
    return WholeStudy(
        public_id=study.public_id,
        version=study.version,
        title=study.title,
        authors=study.author_list,
        year=study.year,
        journal=study.journal,
        volume=study.volume,
        issue=study.issue,
        pages=study.pages,
        doi=study.doi,
        pmid=study.pmid,
        pmcid=study.pmcid,
        registry_id=study.registry_id,
        url=study.url,
        design=study.design,
        publication_state=study.publication_state,
        standing=study.standing,
        standing_date=study.standing_date,
        standing_notice_doi=study.standing_notice_doi,
        citation=study.citation,
    )


def _limitation(limitation: Limitation) -> WholeLimitation:
    return WholeLimitation(
        limitation.public_id,
        limitation.kind,
        limitation.domain,
        limitation.text,
        _quoted(limitation.quote, limitation.quote_check, None),
    )


def _quoted(text: str | None, check: QuoteCheck | None, place: str | None) -> QuotedText | None:
    return None if text is None or check is None else QuotedText(text, check.in_files, place)


def _appraisal(session: Session, claim: Claim) -> WholeAppraisal | None:
    if claim.appraisal_id is None:
        return None
    found = session.get(Appraisal, claim.appraisal_id, options=[joinedload(Appraisal.appraised_by)])
    if found is None:
        return None
    seen = session.scalars(_SEEN, {"appraisal": found.id})
    reasons = found.reasons
    return WholeAppraisal(
        public_id=found.public_id,
        scheme=found.scheme,
        scheme_version=found.scheme_version,
        appraised_at=found.appraised_at,
        appraised_by=found.appraised_by.username if found.appraised_by else None,
        start_level=found.start_level,
        start_reason=found.start_reason,
        domains=[Judged(domain, move, reasons[domain]) for domain, move in found.moves.items()],
        computed_level=found.computed_level,
        level=found.level,
        override_reason=found.override_reason,
        conclusion=found.conclusion,
        conclusion_reason=found.conclusion_reason,
        rationale=found.rationale,
        explanation=explanation_of(found),
        evidence_ids=[public_id(RecordType.EVIDENCE, number) for number in seen],
    )
