"""Claims as rows of a list: named columns of the claims of one page, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from claims_app.database import is_past
from claims_app.models import Appraisal, Claim, Topic, claim_summaries, claim_topics
from claims_app.rules.appraisal.phrasing import in_short
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.counting import Balance
from claims_app.services.pages.summaries import COLUMNS, counted, summary_of
from claims_app.vocabulary import (
    CertaintyDomain,
    ClaimKind,
    ClaimStatus,
    Conclusion,
    EvidenceLevel,
    ReviewState,
)


class TopicName(NamedTuple):
    """A topic: its name in addresses, and its name for readers."""

    slug: str
    name: str


class ClaimRow(NamedTuple):
    """What a list shows of a claim."""

    public_id: str
    statement: str
    kind: ClaimKind
    status: ClaimStatus
    review_state: ReviewState
    verdict: Verdict
    is_stale: bool
    level_in_short: str | None
    """The steps to its level, without the reasons; None without an appraisal."""

    balance: Balance
    n_limitations: int
    topics: tuple[TopicName, ...]


def claim_rows(session: Session, numbers: Sequence[int]) -> list[ClaimRow]:
    """Return the claims with these numbers, in their order, as rows of a list, without those that do not exist."""
    if not numbers:
        return []
    past = counted(session, numbers) if is_past(session) else None
    rows = session.execute(_COLUMNS if past is not None else _WITH_SUMMARIES, {"numbers": numbers})
    found = {row.id: row for row in rows}
    topics = topics_of(session, numbers)
    return [
        ClaimRow(
            f"CLM-{row.id}",
            row.statement,
            row.kind,
            row.status,
            row.review_state,
            _verdict(row.conclusion, row.evidence_level, row.conclusion_derived),
            row.stale_since is not None,
            None if row.start_level is None else level_in_short(*row[_STEPS_AT]),
            *(summary_of(row[_STEPS_AT.stop :]) if past is None else past[row.id]),
            topics.get(row.id, ()),
        )
        for row in map(found.get, numbers)
        if row is not None
    ]


_claims = Claim.__table__
_appraisals = Appraisal.__table__
_topics = Topic.__table__
_NUMBERS: BindParameter[Any] = bindparam("numbers", expanding=True)
"""The numbers of the claims. With them as a parameter, the statements are built once."""

_STEPS = (
    _appraisals.c.start_level,
    _appraisals.c.computed_level,
    _appraisals.c.level,
    *(_appraisals.c[domain.value] for domain in CertaintyDomain),
)
"""The columns of an appraisal that `level_in_short` takes."""

_COLUMNS = (
    select(
        _claims.c.id,
        _claims.c.statement,
        _claims.c.kind,
        _claims.c.status,
        _claims.c.review_state,
        _claims.c.conclusion,
        _claims.c.evidence_level,
        _claims.c.conclusion_derived,
        _claims.c.stale_since,
        *_STEPS,
    )
    .outerjoin(_appraisals, _appraisals.c.id == _claims.c.appraisal_id)
    .where(_claims.c.id.in_(_NUMBERS))
)

_STEPS_AT = slice(len(_COLUMNS.selected_columns) - len(_STEPS), len(_COLUMNS.selected_columns))
"""Where `_STEPS` stand in a row; the columns of a summary follow."""

_WITH_SUMMARIES = _COLUMNS.add_columns(*COLUMNS).outerjoin(
    claim_summaries, claim_summaries.c.claim_id == _claims.c.id
)

_TOPICS = (
    select(claim_topics.c.claim_id, _topics.c.slug, _topics.c.name)
    .join(_topics, _topics.c.id == claim_topics.c.topic_id)
    .where(claim_topics.c.claim_id.in_(_NUMBERS))
    .order_by(_topics.c.name)
)


@lru_cache(maxsize=1024)
def _verdict(conclusion: Conclusion | None, level: EvidenceLevel, is_derived: bool) -> Verdict:
    return Verdict(conclusion, level, is_derived)


@lru_cache(maxsize=4096)
def level_in_short(start: EvidenceLevel, computed: EvidenceLevel, level: EvidenceLevel, *moves: int) -> str:
    """Return the steps to a level without the reasons; `moves` are those of the domains, in their order."""
    return in_short(start, dict(zip(CertaintyDomain, moves, strict=True)), computed, level)


def topics_of(session: Session, numbers: Sequence[int]) -> Mapping[int, tuple[TopicName, ...]]:
    """Return the topics of each of these claims, sorted by name, in one statement."""
    topics: defaultdict[int, tuple[TopicName, ...]] = defaultdict(tuple)
    rows = session.execute(_TOPICS, {"numbers": numbers})
    for number, slug, name in rows:
        topics[number] += (TopicName(slug, name),)
    return topics
