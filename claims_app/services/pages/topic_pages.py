"""Read models of topics: what is known about each in one line, and the page of one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.models import EvidenceItem, Study, Topic
from claims_app.rules import known
from claims_app.rules.gaps import Coverage, Gap, gaps
from claims_app.rules.known import Known
from claims_app.services.browsing.selection import ClaimSelection, browse
from claims_app.services.browsing.sets import HAS_HUMAN, HAS_ONE_GROUP
from claims_app.services.core.errors import NotFound
from claims_app.services.core.filters import ClaimFilters, Needs, is_listed
from claims_app.services.core.paging import PageRequest
from claims_app.services.pages.claim_rows import ClaimRow, claim_rows
from claims_app.services.pages.study_rows import StudyRow, study_rows
from claims_app.vocabulary import ClaimKind, Conclusion, EvidenceLevel, LevelState, StudyDesign

SHOWN_CLAIMS = 50
"""The claims on the page of a topic; the list of claims has them all."""

_NEWEST_STUDIES = 5
_PER_YEAR = 20


class Verdicts(dict[tuple[EvidenceLevel, Conclusion | None], int]):
    """The number of claims with each level and conclusion."""

    @property
    def words(self) -> str:
        """They as one sentence."""
        return known.in_words(self)

    @property
    def n_claims(self) -> int:
        """The number of claims in all."""
        return sum(self.values())

    def in_short(self, most: int) -> tuple[list[Known], int]:
        """Return up to `most` of them, the most certain first, and how many claims have another one.

        Claims without an appraisal are never among these others.
        """
        found = known.known(self)
        last = found[-1:] if found and found[-1].verdict.conclusion is None else []
        shown = found if len(found) <= most else [*found[: most - len(last)], *last]
        return shown, self.n_claims - sum(one.n for one in shown)


@dataclass(frozen=True)
class TopicLine:
    """A topic in a list: what is known about it, and its narrower topics."""

    public_id: str
    slug: str
    name: str
    definition: str | None
    verdicts: Verdicts
    narrower: Sequence["TopicLine"] = ()


@dataclass(frozen=True)
class EvidenceMap:
    """How many claims there are by kind and level, and by the year and the finding of their evidence."""

    verdicts: Mapping[tuple[EvidenceLevel, ClaimKind], Mapping[Conclusion | None, int]]
    findings: Mapping[tuple[int, str], int]


@dataclass(frozen=True)
class TopicPage:
    """Everything that the page of a topic shows."""

    topic: Topic
    broader: Sequence[Topic]
    """The broader topics, the broadest first."""

    narrower: Sequence[TopicLine]
    n_claims: int
    verdicts: Verdicts
    rows: Sequence[tuple[EvidenceLevel, Sequence[ClaimRow]]]
    """The claims by level, the highest first."""

    gaps: Sequence[Gap]
    studies: Sequence[StudyRow]
    """The newest studies that its claims have as evidence."""

    map: EvidenceMap


def all_topics(session: Session) -> list[TopicLine]:
    """Return all topics as a tree, sorted by name."""
    claims = present(session)
    below: dict[int | None, list[Topic]] = defaultdict(list)
    for topic in session.scalars(select(Topic).order_by(Topic.name)):
        below[topic.parent_id].append(topic)
    return lines_of(claims, below[None], below)


def lines_of(
    claims: ClaimSelection, topics: Iterable[Topic], below: Mapping[int | None, Sequence[Topic]]
) -> list[TopicLine]:
    """Return a line for each of these topics; `below` are the narrower ones by their parent."""
    lines = []
    for topic in topics:
        verdicts = verdicts_of(claims, topic.slug)
        narrower = lines_of(claims, below.get(topic.id, ()), below)
        lines.append(TopicLine(topic.public_id, topic.slug, topic.name, topic.definition, verdicts, narrower))
    return lines


def show_topic(session: Session, slug: str, year: int) -> TopicPage:
    """Return the page of the topic with this slug in `year`. Raises NotFound."""
    topic = topic_called(session, slug)
    everything = present(session)
    claims = everything.other(ClaimFilters(topic=(slug,)))
    narrower = session.scalars(select(Topic).where(Topic.parent_id == topic.id).order_by(Topic.name))
    by_level: dict[EvidenceLevel, list[ClaimRow]] = defaultdict(list)
    for row in claim_rows(session, claims.page("level", PageRequest(size=SHOWN_CLAIMS)).items):
        by_level[row.verdict.level].append(row)
    return TopicPage(
        topic=topic,
        broader=_broader(topic),
        narrower=lines_of(everything, narrower, {}),
        n_claims=claims.total,
        verdicts=verdicts_of(claims),
        rows=[(level, by_level[level]) for level in EvidenceLevel if level in by_level],
        gaps=gaps(_coverage(claims, slug), year),
        studies=_newest_studies(session, claims),
        map=map_of(claims),
    )


def topic_called(session: Session, slug: str) -> Topic:
    """Return the topic with this slug. Raises NotFound."""
    topic = session.scalar(select(Topic).where(Topic.slug == slug))
    if topic is None:
        raise NotFound(f"There is no topic “{slug}”.")
    return topic


def verdicts_of(claims: ClaimSelection, topic: str | None = None) -> Verdicts:
    """Return how many of these claims, or of those on a topic, have each level and conclusion."""
    return Verdicts(
        {
            (EvidenceLevel.of(level), Conclusion.of(conclusion) if conclusion else None): n
            for (level, conclusion), n in claims.combined("level", "conclusion", topic=topic).items()
        }
    )


def map_of(claims: ClaimSelection) -> EvidenceMap:
    """Return the map of these claims."""
    by_kind: dict[tuple[EvidenceLevel, ClaimKind], dict[Conclusion | None, int]] = defaultdict(dict)
    for (level, kind, conclusion), n in claims.combined("level", "kind", "conclusion").items():
        by_kind[EvidenceLevel.of(level), ClaimKind.of(kind)][
            Conclusion.of(conclusion) if conclusion else None
        ] = n
    return EvidenceMap(by_kind, claims.findings())


def present(session: Session) -> ClaimSelection:
    """Return all claims of the present. Raises ValueError for a session of the past, or one that writes."""
    claims = browse(session, ClaimFilters())
    if claims is None:
        raise ValueError("Topics are shown as of the present, and read by a session for reading.")
    return claims


def _broader(topic: Topic) -> list[Topic]:
    found: list[Topic] = []
    above = topic.parent
    while above is not None:
        found.insert(0, above)
        above = above.parent
    return found


def _coverage(claims: ClaimSelection, slug: str) -> Coverage:
    def total(**more: tuple[object, ...]) -> int:
        return claims.other(ClaimFilters(topic=(slug,), **more)).total  # type: ignore[arg-type]

    counts = claims.counts()
    kinds = {"kind": (ClaimKind.TREATMENT,)}
    with_evidence = claims.total - total(needs=(Needs.EVIDENCE,))
    return Coverage(
        claims=claims.total,
        with_evidence=with_evidence,
        assessed=claims.total - counts["state"].get(LevelState.NOT_ASSESSED, 0),
        with_human_evidence=claims.marked(HAS_HUMAN),
        with_one_group=claims.marked(HAS_ONE_GROUP),
        about_treatment=total(**kinds) - total(**kinds, needs=(Needs.EVIDENCE,)),
        about_treatment_with_trial=total(**kinds, design=(StudyDesign.RANDOMISED_TRIAL,)),
        newest_year=max((year for year, _ in claims.findings()), default=None),
    )


def _newest_studies(session: Session, claims: ClaimSelection) -> list[StudyRow]:
    """Return the newest studies. Each of the newest years has one at least, so few claims are looked at."""
    first, some = claims.of_newest_years(_PER_YEAR, _NEWEST_STUDIES)
    if not some:
        return []
    query = (
        select(Study.id)
        .join(EvidenceItem, EvidenceItem.study_id == Study.id)
        .where(EvidenceItem.claim_id.in_(some), is_listed(EvidenceItem), Study.year >= first)
        .group_by(Study.id, Study.year)
        .order_by(Study.year.desc(), Study.id.desc())
        .limit(_NEWEST_STUDIES)
    )
    return study_rows(session, session.scalars(query).all())
