"""The read model of the front page: what is known about each topic, the map, what changed, and the work to be done."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import Topic
from claims_app.services.browsing.selection import ClaimSelection
from claims_app.services.core.filters import ClaimFilters, Needs
from claims_app.services.memory.remembering import Remembering
from claims_app.services.pages import news, topic_pages
from claims_app.services.pages.claim_rows import ClaimRow, claim_rows
from claims_app.services.pages.news import News
from claims_app.services.pages.topic_pages import EvidenceMap, TopicLine, Verdicts
from claims_app.vocabulary import LevelState

MOST_TOPICS = 12
"""The topics on the front page; the others have a page of their own."""

_CONSIDERED = 60
"""So many topics with most claims are looked at."""

_BEST = 2
_MOST_NEWS = 8


class TopicEntry(NamedTuple):
    """A topic on the front page, with those of its claims about which most is known."""

    line: TopicLine
    best: Sequence[ClaimRow]


@dataclass(frozen=True)
class Overview:
    """The content of the front page."""

    n_claims: int
    n_with_evidence: int
    n_without_appraisal: int
    """The claims with accepted evidence and no appraisal."""

    n_stale: int
    n_flagged: int
    subject: TopicLine | None
    """The topic that all others on the page are narrower than, if there is one."""

    verdicts: Verdicts
    topics: Sequence[TopicEntry]
    """The topics with most claims."""

    n_topics: int
    map: EvidenceMap
    news: Sequence[News]

    @property
    def n_without_evidence(self) -> int:
        """The claims without linked studies."""
        return self.n_claims - self.n_with_evidence


def overview(session: Session) -> Overview:
    """Return the content of the front page, of the present; it is made once for each state of the data."""
    return Remembering(session, "overview", 1).answer(None, lambda: _made(session))


def _made(session: Session) -> Overview:
    claims = topic_pages.present(session)
    counts = claims.counts()
    unappraised = ClaimFilters(needs=(Needs.APPRAISAL,), state=(LevelState.NOT_ASSESSED,))
    subject, lines = _topics(session, claims)
    return Overview(
        n_claims=claims.total,
        n_with_evidence=claims.total - claims.other(ClaimFilters(needs=(Needs.EVIDENCE,))).total,
        n_without_appraisal=claims.other(unappraised).total,
        n_stale=counts["state"].get(LevelState.STALE, 0),
        n_flagged=claims.other(ClaimFilters(needs=(Needs.ATTENTION,))).total,
        subject=subject,
        verdicts=topic_pages.verdicts_of(claims),
        topics=_with_best(session, claims, lines),
        n_topics=len(counts["topic"]),
        map=topic_pages.map_of(claims),
        news=news.latest(session, _MOST_NEWS),
    )


def _topics(session: Session, claims: ClaimSelection) -> tuple[TopicLine | None, list[TopicLine]]:
    """Return the topics of the page, those with most claims first, and the one that they all belong to or None."""
    counts = claims.counts()["topic"]
    frequent = sorted(counts, key=lambda slug: -counts[slug])[:_CONSIDERED]
    found = session.scalars(select(Topic).where(Topic.slug.in_(frequent)).order_by(Topic.name)).all()
    known = {topic.id for topic in found}
    below: dict[int | None, list[Topic]] = defaultdict(list)
    for topic in found:
        below[topic.parent_id if topic.parent_id in known else None].append(topic)
    lines = topic_pages.lines_of(claims, below[None], below)
    subject = lines[0] if len(lines) == 1 and lines[0].narrower else None
    shown = subject.narrower if subject else lines
    return subject, sorted(shown, key=lambda line: (-line.verdicts.n_claims, line.name))[:MOST_TOPICS]


def _with_best(session: Session, claims: ClaimSelection, lines: Sequence[TopicLine]) -> list[TopicEntry]:
    """Return the topics with their best-known claims; a claim is shown under one topic, if possible."""
    chosen: dict[str, list[int]] = {}
    seen: set[int] = set()
    for line in lines:
        best = claims.best_known(line.slug, _BEST * len(lines))
        chosen[line.slug] = [number for number in best if number not in seen][:_BEST] or best[:1]
        seen.update(chosen[line.slug])
    rows = {row.public_id: row for row in claim_rows(session, sorted(seen))}
    return [
        TopicEntry(line, [rows[f"CLM-{number}"] for number in chosen[line.slug] if f"CLM-{number}" in rows])
        for line in lines
    ]
