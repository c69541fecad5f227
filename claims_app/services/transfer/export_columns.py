"""The rows of exported files, column by column: the values of some records for each of `formats.columns`.

Each function takes the numbers of records, at least one, and the start of URLs. It returns the values of these
records, in this order, by the name of the column, and runs a constant number of statements. Dates and times are the
texts of their cells.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import is_past
from claims_app.models import (
    Appraisal,
    AppraisalEvidence,
    Claim,
    EvidenceItem,
    Limitation,
    Study,
    StudyGroup,
    StudySpecies,
    Topic,
    User,
    claim_summaries,
    claim_topics,
)
from claims_app.rules.appraisal.study_level import study_level
from claims_app.services.appraisal.levels import EXPLAINED, explained
from claims_app.services.core.filters import level_state
from claims_app.services.core.stored import (
    Attribute,
    Query,
    day,
    moment,
    moments,
    of_numbers,
    plain,
    rows_of,
)
from claims_app.services.pages.page_queries import balances
from claims_app.vocabulary import (
    AppraisalStage,
    CertaintyDomain,
    ClaimKind,
    QuoteCheck,
    RecordType,
    ReviewState,
    StudyDesign,
)

Values = Sequence[Any]
Columns = Mapping[str, Values]


def claim_columns(session: Session, numbers: Sequence[int], base_url: str) -> Columns:
    """Return the columns of claims. What their evidence adds up to is kept for the present only."""
    past = is_past(session)
    stored = _stored(session, _CLAIMS if past else _CLAIMS_NOW, numbers)
    names = _public_ids(RecordType.CLAIM, numbers)
    return {
        **(_counted(session, numbers) if past else {}),
        **stored,
        "claim_id": names,
        "level_rationale": _explanations(stored),
        "topics": _lists(session, _TOPICS, numbers),
        "limitations": _lists(session, _LIMITATIONS_OF_CLAIMS, numbers),
        "origin_study_id": _public_ids(RecordType.STUDY, stored["origin_study_id"]),
        "appraised_at": moments(stored["appraised_at"]),
        "last_searched_at": moments(stored["last_searched_at"]),
        "created_at": moments(stored["created_at"]),
        "updated_at": moments(stored["updated_at"]),
        "url": [f"{base_url}/claims/{name}" for name in names],
        "origin_quote_check": [_QUOTE_CHECKS[check] for check in stored["origin_quote_check"]],
    }


def study_columns(session: Session, numbers: Sequence[int], _base_url: str) -> Columns:
    """Return the columns of studies."""
    stored = _stored(session, _STUDIES, numbers)
    return {
        **stored,
        "study_id": _public_ids(RecordType.STUDY, numbers),
        "authors": [authors.split("\n") if authors else [] for authors in stored["authors"]],
        "species": _lists(session, _SPECIES, numbers),
        "version_of_id": _public_ids(RecordType.STUDY, stored["version_of_id"]),
        "created_at": moments(stored["created_at"]),
        "updated_at": moments(stored["updated_at"]),
    }


def evidence_columns(session: Session, numbers: Sequence[int], base_url: str) -> Columns:
    """Return the columns of evidence items."""
    stored = _stored(session, _EVIDENCE, numbers)
    names = _public_ids(RecordType.EVIDENCE, numbers)
    claims = _public_ids(RecordType.CLAIM, stored["claim_id"])
    return {
        **stored,
        "evidence_id": names,
        "claim_id": claims,
        "study_id": _public_ids(RecordType.STUDY, stored["study_id"]),
        "study_level": [_STUDY_LEVELS[pair] for pair in zip(stored["kind"], stored["design"], strict=True)],
        "quote_check": [_QUOTE_CHECKS[check] for check in stored["quote_check"]],
        "limitations": _lists(session, _LIMITATIONS_OF_EVIDENCE, numbers),
        "created_at": moments(stored["created_at"]),
        "updated_at": moments(stored["updated_at"]),
        "url": [f"{base_url}/claims/{claim}#{name}" for claim, name in zip(claims, names, strict=True)],
    }


def limitation_columns(session: Session, numbers: Sequence[int], _base_url: str) -> Columns:
    """Return the columns of limitations."""
    stored = _stored(session, _LIMITATIONS, numbers)
    return {
        **stored,
        "limitation_id": _public_ids(RecordType.LIMITATION, numbers),
        "claim_id": _public_ids(RecordType.CLAIM, stored["claim_id"]),
        "evidence_id": _public_ids(RecordType.EVIDENCE, stored["evidence_id"]),
        "quote_check": [_QUOTE_CHECKS[check] for check in stored["quote_check"]],
    }


def appraisal_columns(session: Session, numbers: Sequence[int], _base_url: str) -> Columns:
    """Return the columns of appraisals; the rationale of an independent one says that it does not set the level."""
    stored = _stored(session, _APPRAISALS, numbers)
    seen: dict[int, list[str]] = defaultdict(list)
    for number, evidence_id in rows_of(session, _SEEN, numbers):
        seen[number].append(f"{RecordType.EVIDENCE.prefix}-{evidence_id}")
    alone = AppraisalStage.INDEPENDENT
    return {
        **stored,
        "appraisal_id": _public_ids(RecordType.APPRAISAL, numbers),
        "claim_id": _public_ids(RecordType.CLAIM, stored["claim_id"]),
        "rationale": [
            f"{alone.definition} {text}" if stage == alone.value else text
            for stage, text in zip(stored["stage"], _explanations(stored), strict=True)
        ],
        "evidence_ids": [seen[number] for number in numbers],
        "appraised_at": moments(stored["appraised_at"]),
    }


_EXPLAINED = tuple(column.label(f"explained_{number}") for number, column in enumerate(EXPLAINED))

_CLAIMS = of_numbers(
    select(
        Claim.id,
        Claim.statement,
        plain(Claim.kind),
        plain(Claim.status),
        plain(Claim.evidence_level),
        level_state().label("level_state"),
        Claim.population,
        Claim.exposure,
        Claim.comparator,
        Claim.outcome,
        Claim.origin_study_id,
        Claim.origin_section,
        Claim.origin_quote,
        moment(Appraisal.appraised_at).label("appraised_at"),
        moment(Claim.last_searched_at).label("last_searched_at"),
        Claim.version,
        moment(Claim.created_at).label("created_at"),
        moment(Claim.updated_at).label("updated_at"),
        plain(Claim.conclusion),
        plain(Claim.origin_quote_check),
        *_EXPLAINED,
    ).outerjoin(Appraisal, Appraisal.id == Claim.appraisal_id),
    Claim.id,
)

_COUNTS = {
    "n_supporting": "n_supports",
    "n_contradicting": "n_contradicts",
    "n_null": "n_null",
    "n_inconclusive": "n_inconclusive",
    "n_studies": "n_studies",
    "n_independent_groups": "n_groups",
    "newest_study_year": "newest_year",
}
"""The columns that count the evidence of a claim, and those of `claim_summaries`."""

_CLAIMS_NOW = _CLAIMS.add_columns(
    *(claim_summaries.c[name].label(column) for column, name in _COUNTS.items())
).outerjoin(claim_summaries, claim_summaries.c.claim_id == Claim.id)

_TOPICS = of_numbers(
    select(claim_topics.c.claim_id, Topic.slug)
    .join(Topic, Topic.id == claim_topics.c.topic_id)
    .order_by(Topic.name),
    claim_topics.c.claim_id,
)


def _limitations_of(parent: Attribute) -> Query:
    return of_numbers(
        select(parent, Limitation.text)
        .where(Limitation.review_state == ReviewState.ACCEPTED)
        # By parent first, so that rows come as the index has them.
        .order_by(parent, Limitation.id),
        parent,
    )


_LIMITATIONS_OF_CLAIMS = _limitations_of(Limitation.claim_id)
_LIMITATIONS_OF_EVIDENCE = _limitations_of(Limitation.evidence_id)

_STUDIES = of_numbers(
    select(
        Study.id,
        Study.title,
        Study.authors,
        Study.year,
        Study.journal,
        Study.volume,
        Study.issue,
        Study.pages,
        Study.doi,
        Study.pmid,
        Study.pmcid,
        Study.registry_id,
        plain(Study.design),
        StudyGroup.name.label("group"),
        plain(Study.standing),
        day(Study.standing_date).label("standing_date"),
        Study.url,
        Study.version,
        moment(Study.created_at).label("created_at"),
        moment(Study.updated_at).label("updated_at"),
        plain(Study.publication_state),
        Study.version_of_id,
        Study.centre,
        Study.data_from,
        Study.data_to,
        Study.standing_reason,
        Study.standing_notice_doi,
        Study.note,
    ).outerjoin(StudyGroup, StudyGroup.id == Study.group_id),
    Study.id,
)

_SPECIES = of_numbers(
    select(StudySpecies.study_id, plain(StudySpecies.species)).order_by(StudySpecies.species),
    StudySpecies.study_id,
)

_EVIDENCE = of_numbers(
    select(
        EvidenceItem.id,
        EvidenceItem.claim_id,
        EvidenceItem.study_id,
        plain(EvidenceItem.direction),
        plain(EvidenceItem.directness),
        plain(EvidenceItem.hedge),
        plain(Claim.kind),
        plain(Study.design),
        plain(EvidenceItem.risk_of_bias),
        EvidenceItem.summary,
        plain(EvidenceItem.effect_measure),
        EvidenceItem.effect_value,
        EvidenceItem.ci_low,
        EvidenceItem.ci_high,
        EvidenceItem.ci_level,
        EvidenceItem.p_value,
        EvidenceItem.n_cases,
        EvidenceItem.n_controls,
        EvidenceItem.n_animals,
        EvidenceItem.n_donors,
        plain(EvidenceItem.unit_of_analysis),
        EvidenceItem.quote,
        EvidenceItem.locator,
        plain(EvidenceItem.quote_check),
        EvidenceItem.version,
        moment(EvidenceItem.created_at).label("created_at"),
        moment(EvidenceItem.updated_at).label("updated_at"),
        EvidenceItem.outcome,
        EvidenceItem.events_cases,
        EvidenceItem.events_controls,
        EvidenceItem.mean_cases,
        EvidenceItem.sd_cases,
        EvidenceItem.mean_controls,
        EvidenceItem.sd_controls,
    )
    .join(EvidenceItem.claim)
    .join(EvidenceItem.study),
    EvidenceItem.id,
)

_LIMITATIONS = of_numbers(
    select(
        Limitation.id,
        Limitation.claim_id,
        Limitation.evidence_id,
        plain(Limitation.kind),
        plain(Limitation.domain),
        Limitation.text,
        Limitation.quote,
        plain(Limitation.quote_check),
    ),
    Limitation.id,
)

_APPRAISALS = of_numbers(
    select(
        Appraisal.id,
        Appraisal.claim_id,
        plain(Appraisal.stage),
        plain(Appraisal.scheme),
        Appraisal.scheme_version,
        plain(Appraisal.start_level),
        *(getattr(Appraisal, domain.value) for domain in CertaintyDomain),
        plain(Appraisal.computed_level),
        plain(Appraisal.level),
        Appraisal.override_reason,
        User.username.label("appraised_by"),
        moment(Appraisal.appraised_at).label("appraised_at"),
        plain(Appraisal.conclusion),
        *_EXPLAINED,
    ).outerjoin(User, User.id == Appraisal.appraised_by_id),
    Appraisal.id,
)

_SEEN = of_numbers(
    select(AppraisalEvidence.appraisal_id, AppraisalEvidence.evidence_id).order_by(
        AppraisalEvidence.evidence_id
    ),
    AppraisalEvidence.appraisal_id,
)

_STUDY_LEVELS = {
    (kind.value, design and design.value): study_level(kind, design).level
    for kind in ClaimKind
    for design in (None, *StudyDesign)
}

_QUOTE_CHECKS: dict[str | None, str | None] = {
    None: None,
    **{check.value: check.in_files.value for check in QuoteCheck},
}


def _stored(session: Session, query: Query, numbers: Sequence[int]) -> dict[str, Values]:
    """Return the columns of a query by their names; its first one is the number of the record."""
    rows = {row[0]: row for row in rows_of(session, query, numbers)}
    columns = zip(*[rows[number] for number in numbers], strict=True)
    return dict(zip(query.selected_columns.keys(), columns, strict=True))


def _lists(session: Session, query: Query, numbers: Sequence[int]) -> list[Sequence[str]]:
    """Return a list for each record: a query has its number and one item in each row."""
    lists: dict[int, list[str]] = defaultdict(list)
    for number, item in rows_of(session, query, numbers):
        lists[number].append(item)
    return [lists.get(number, ()) for number in numbers]


def _public_ids(record_type: RecordType, numbers: Iterable[int | None]) -> list[Any]:
    """Return the public identifiers of records, which are those of `rules.identifiers.public_id`."""
    prefix = record_type.prefix
    return [None if number is None else f"{prefix}-{number}" for number in numbers]


def _explanations(stored: Mapping[str, Values]) -> list[Any]:
    """Return the reasons for the level of each appraisal, or None without one."""
    rows = zip(*(stored[column.key] for column in _EXPLAINED), strict=True)
    return [None if row[0] is None else explained(*row) for row in rows]


def _counted(session: Session, numbers: Sequence[int]) -> Columns:
    """Return the columns that count the evidence of claims, as counting gives them."""
    counted = balances(session, numbers)
    fields = [name.removeprefix("n_") for name in _COUNTS.values()]
    rows = [[getattr(counted[number], field) for field in fields] for number in numbers]
    return dict(zip(_COUNTS, zip(*rows, strict=True), strict=True))
