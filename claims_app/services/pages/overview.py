"""The read model of the front page: counts, work to be done, and the latest changes."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Claim, Revision, Topic
from claims_app.services.browsing.selection import ClaimSelection, browse
from claims_app.services.core.filters import ClaimFilters, Needs, StudyFilters, is_listed
from claims_app.services.core.record_states import read_edits
from claims_app.services.pages.claim_rows import ClaimRow, claim_rows
from claims_app.services.pages.selections import select_studies
from claims_app.vocabulary import ClaimKind, Conclusion, EvidenceLevel, LevelState, RecordType

MOST_TOPICS = 40
"""The topics on the front page; the others have a page of their own."""


@dataclass(frozen=True)
class ChangeSet:
    """Consecutive revisions by one user with the same summary on one day, shown as one change: the `newest`."""

    newest: Revision
    n_records: int


class TopicCount(NamedTuple):
    """A topic and its number of claims."""

    slug: str
    name: str
    definition: str | None
    n_claims: int


@dataclass(frozen=True)
class Overview:
    """The content of the front page."""

    n_claims: int
    n_studies: int
    n_with_evidence: int
    n_appraised: int
    verdicts: Mapping[tuple[EvidenceLevel, ClaimKind], Mapping[Conclusion | None, int]]
    """The number of claims with each level, by conclusion."""

    n_without_appraisal: int
    """The claims with accepted evidence and no appraisal."""

    n_stale: int
    n_flagged: int
    topics: Sequence[TopicCount]
    """The topics with most claims, sorted by name."""

    n_topics: int
    core: Sequence[ClaimRow]
    changes: Sequence[ChangeSet]

    @property
    def n_without_evidence(self) -> int:
        """The claims without linked studies."""
        return self.n_claims - self.n_with_evidence


def overview(session: Session) -> Overview:
    """Return the content of the front page, which is always of the present."""
    claims = _all_claims(session)
    counts = claims.counts()
    unappraised = ClaimFilters(needs=(Needs.APPRAISAL,), state=(LevelState.NOT_ASSESSED,))
    verdicts: dict[tuple[EvidenceLevel, ClaimKind], dict[Conclusion | None, int]] = defaultdict(dict)
    for (level, kind, conclusion), n in claims.combined("level", "kind", "conclusion").items():
        verdicts[EvidenceLevel.of(level), ClaimKind.of(kind)][
            Conclusion.of(conclusion) if conclusion else None
        ] = n
    frequent = sorted(counts["topic"], key=lambda slug: -counts["topic"][slug])[:MOST_TOPICS]
    latest = session.scalars(_LATEST).all()
    return Overview(
        n_claims=claims.total,
        n_studies=select_studies(session, StudyFilters()).total,
        n_with_evidence=claims.total - claims.other(ClaimFilters(needs=(Needs.EVIDENCE,))).total,
        n_appraised=claims.total - counts["state"].get(LevelState.NOT_ASSESSED, 0),
        verdicts=verdicts,
        n_without_appraisal=claims.other(unappraised).total,
        n_stale=counts["state"].get(LevelState.STALE, 0),
        n_flagged=claims.other(ClaimFilters(needs=(Needs.ATTENTION,))).total,
        topics=_topics(session, counts["topic"], Topic.slug.in_(frequent)),
        n_topics=len(counts["topic"]),
        core=claim_rows(session, latest),
        changes=_latest_changes(session),
    )


def topics(session: Session) -> list[TopicCount]:
    """Return all topics with their numbers of claims, sorted by name."""
    return _topics(session, _all_claims(session).counts()["topic"])


def _all_claims(session: Session) -> ClaimSelection:
    claims = browse(session, ClaimFilters())
    if claims is None:
        raise ValueError("The overview is of the present, and read by a session for reading.")
    return claims


def _topics(
    session: Session, counts: Mapping[str, int], *conditions: ColumnElement[bool]
) -> list[TopicCount]:
    rows = session.execute(_TOPICS.where(*conditions))
    return [TopicCount(slug, name, definition, counts.get(slug, 0)) for slug, name, definition in rows]


_TOPICS = select(Topic.slug, Topic.name, Topic.definition).order_by(Topic.name)

_LATEST = select(Claim.id).where(is_listed(Claim)).order_by(Claim.updated_at.desc(), Claim.id.desc()).limit(3)


def _latest_changes(session: Session, looked_at: int = 200, shown: int = 10) -> list[ChangeSet]:
    """Return the `shown` latest change sets among the last `looked_at` revisions."""
    together = itertools.groupby(
        session.execute(_CHANGES.limit(looked_at)),
        lambda r: (r.record_type, r.action, r.via, r.actor_id, r.edit_summary, r.changed_at.date()),
    )
    sets = [list(group) for _, group in itertools.islice(together, shown)]
    newest = session.scalars(
        select(Revision)
        .where(Revision.id.in_([group[0].id for group in sets]))
        .options(joinedload(Revision.actor))
    )
    revisions = {revision.id: revision for revision in newest}
    changes = [ChangeSet(revisions[group[0].id], len({row.record_id for row in group})) for group in sets]
    read_edits(session, [one.newest for one in changes if one.n_records == 1])
    return changes


_CHANGES = (
    select(
        Revision.id,
        Revision.record_type,
        Revision.record_id,
        Revision.action,
        Revision.via,
        Revision.actor_id,
        Revision.edit_summary,
        Revision.changed_at,
    )
    .where(
        Revision.record_type.in_(
            [RecordType.CLAIM, RecordType.STUDY, RecordType.EVIDENCE, RecordType.APPRAISAL]
        )
    )
    .order_by(Revision.id.desc())
)
