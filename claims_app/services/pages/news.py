"""What changed in what is known: levels that moved, studies that were taken back, and new evidence, newest first."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from claims_app.models import Appraisal, Claim, EvidenceItem, Study
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.rules.identifiers import public_id
from claims_app.rules.retractions import TAKEN_BACK
from claims_app.services.core.filters import is_listed, is_not_merged
from claims_app.vocabulary import Direction, RecordType, ReviewState, Standing

_LOOKED_AT = 40
"""So many of the newest appraisals, evidence items and notices are looked at."""


class NewsKind(StrEnum):
    """What happened."""

    ASSESSED = "assessed"
    MOVED = "moved"
    RETRACTED = "retracted"
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class News:
    """One change: when, of which claim or study, and what it is now."""

    kind: NewsKind
    at: datetime.date
    record: str
    """The public identifier of the claim, or of the study that was taken back."""

    title: str
    verdict: Verdict | None = None
    before: Verdict | None = None
    standing: Standing | None = None
    directions: Sequence[tuple[Direction, int]] = ()
    """What the new evidence of one day found, and how often."""


def latest(session: Session, most: int) -> list[News]:
    """Return the newest changes, at most `most` of them; no kind is crowded out by another."""
    share = max(1, most // 2)
    levels = list(_levels(session))
    # An assessment says more than the evidence that came in with it on the same day.
    shown = {(one.record, one.at) for one in levels}
    evidence = (one for one in _evidence(session) if (one.record, one.at) not in shown)
    found = [*levels[:share], *_first(_taken_back(session), share), *_first(evidence, share)]
    found += levels[share : share + most - len(found)]
    return sorted(found, key=lambda news: news.at, reverse=True)[:most]


def _first(news: Iterator[News], most: int) -> list[News]:
    return [one for _, one in zip(range(most), news, strict=False)]


def _levels(session: Session) -> Iterator[News]:
    """Yield the newest appraisals in effect that say something new; a claim occurs once."""
    newest = session.execute(_NEWEST_APPRAISALS).all()
    numbers = {number for row in newest for number in row if number is not None}
    appraisals = {row.id: row for row in session.execute(_APPRAISALS, {"numbers": list(numbers)})}
    claims = {row.claim_id for row in appraisals.values()}
    statements = {row[0]: row[1] for row in session.execute(_CLAIMS, {"numbers": list(claims)})}
    for number, earlier in newest:
        if number not in statements:
            continue  # a later one is in effect, or the claim is not listed
        now, before = appraisals[number], appraisals.get(earlier)
        verdict, verdict_before = _verdict(now), before and _verdict(before)
        if verdict != verdict_before:
            kind = NewsKind.MOVED if before else NewsKind.ASSESSED
            claim = public_id(RecordType.CLAIM, now.claim_id)
            yield News(kind, now.appraised_at.date(), claim, statements[number], verdict, verdict_before)


_EARLIER = aliased(Appraisal)
_NEWEST_APPRAISALS = (
    select(
        Appraisal.id,
        select(_EARLIER.id)
        .where(_EARLIER.claim_id == Appraisal.claim_id, _EARLIER.id < Appraisal.id)
        .order_by(_EARLIER.id.desc())
        .limit(1)
        .correlate(Appraisal)
        .scalar_subquery(),
    )
    .order_by(Appraisal.appraised_at.desc(), Appraisal.id.desc())
    .limit(_LOOKED_AT)
)
"""The newest appraisals, each with the one before it of the same claim."""

_APPRAISALS = select(
    Appraisal.id,
    Appraisal.claim_id,
    Appraisal.conclusion,
    Appraisal.level,
    Appraisal.conclusion_derived,
    Appraisal.appraised_at,
).where(Appraisal.id.in_(bindparam("numbers", expanding=True)))
_CLAIMS = select(Claim.appraisal_id, Claim.statement).where(
    Claim.id.in_(bindparam("numbers", expanding=True)), is_listed(Claim)
)


def _verdict(appraisal: Any) -> Verdict:
    return Verdict(appraisal.conclusion, appraisal.level, appraisal.conclusion_derived)


def _taken_back(session: Session) -> Iterator[News]:
    """Yield the studies that were retracted or withdrawn last."""
    rows = session.execute(
        select(Study.id, Study.title, Study.standing, Study.standing_date)
        .where(Study.standing.in_(TAKEN_BACK), Study.standing_date.is_not(None), is_not_merged(Study))
        .order_by(Study.standing_date.desc(), Study.id.desc())
        .limit(_LOOKED_AT)
    )
    for number, title, standing, date in rows:
        study = public_id(RecordType.STUDY, number)
        if date is not None:
            yield News(NewsKind.RETRACTED, date, study, title, standing=standing)


def _evidence(session: Session) -> Iterator[News]:
    """Yield the newest evidence that counts, by claim and day."""
    rows = session.execute(
        select(EvidenceItem.claim_id, EvidenceItem.direction, EvidenceItem.created_at, Claim.statement)
        .join(EvidenceItem.claim)
        .where(EvidenceItem.review_state == ReviewState.ACCEPTED, is_not_merged(Claim))
        .order_by(EvidenceItem.id.desc())
        .limit(_LOOKED_AT)
    ).all()
    found: dict[tuple[datetime.date, int], tuple[str, dict[Direction, int]]] = {}
    for number, direction, at, statement in rows:
        _, counts = found.setdefault((at.date(), number), (statement, {}))
        counts[direction] = counts.get(direction, 0) + 1
    for (date, number), (statement, counts) in found.items():
        claim = public_id(RecordType.CLAIM, number)
        directions = [(direction, counts[direction]) for direction in Direction if direction in counts]
        yield News(NewsKind.EVIDENCE, date, claim, statement, directions=directions)
