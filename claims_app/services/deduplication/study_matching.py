"""Studies that are the same as what somebody is about to add, or as each other: found, explained, decided on.

Candidates come from the keys in `study_keys`, a few hundred rows whatever the size of the database, and are
compared by `rules.matching`. Nothing is merged here. What somebody said to be two is not suggested again.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz
from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import Proposal, Study, StudyDistinction, StudyKey
from claims_app.models.matching import paper_of, write_keys
from claims_app.permissions import Permission
from claims_app.rules import matching as rules
from claims_app.rules.fields import Text
from claims_app.rules.matching import Match, Paper
from claims_app.rules.reference import Reference
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.filters import stands_or_waits
from claims_app.services.records import kinds, proposals
from claims_app.vocabulary import Relation

MOST_OF_A_KEY = 500
"""Studies with one key from which on it tells nothing: a word that stands in every other title."""
MOST_COMPARED = 50
MOST_STUDIES = 20_000
"""Studies among which pairs are looked for at once, the newest records first."""
MOST_PAIRS = 200
MOST_IN_A_GROUP = 40

_REASON = Text(name="reason", label="A reason", required=True, max_length=500)


@dataclass(frozen=True)
class FoundMatch:
    """A study that is the same as what was asked about, or related to it; `relation` is that of what was asked."""

    study: Study
    match: Match

    @property
    def relation(self) -> Relation:
        """What the one that was asked about is to this study."""
        return self.match.relation

    @property
    def score(self) -> float:
        """How sure that is, from 0 to 1."""
        return self.match.score

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why, in sentences."""
        return self.match.reasons


@dataclass(frozen=True)
class StudyPair:
    """Two studies that look as if they were one, or a preprint and its paper; `relation` is that of the first."""

    first: Study
    second: Study
    match: Match

    @property
    def preprint(self) -> Study | None:
        """The one of them that is a preprint of the other one."""
        by_relation = {Relation.PREPRINT_OF: self.first, Relation.PUBLISHED_AS: self.second}
        return by_relation.get(self.match.relation)


def matches(session: Session, values: Mapping[str, object] | Study, *, limit: int = 5) -> list[FoundMatch]:
    """Return the studies that look like the one with these `values` (or like a study, itself left out).

    The same come first, then by how sure it is. Merged studies are left out; what stands for them is not.
    """
    own = values if isinstance(values, Study) else None
    paper = paper_of(values) if isinstance(values, Study) else Paper.of(values)
    apart = _said_apart(session, paper, own)
    found: dict[int, FoundMatch] = {}
    for candidate in _candidates(session, paper):
        match = rules.compare(paper, paper_of(candidate))
        study = records.standing_for(session, candidate)
        if match is None or study.id in apart or (own is not None and study.id == own.id):
            continue
        known = found.get(study.id)
        if known is None or known.score < match.score:
            found[study.id] = FoundMatch(study, match)
    ordered = sorted(
        found.values(), key=lambda one: (one.relation is not Relation.SAME, -one.score, one.study.id)
    )
    return ordered[:limit]


def matches_among(references: Iterable[Reference]) -> list[tuple[int, int, Match]]:
    """Return which references of one file look like each other, by their places in it, the earlier one first."""
    return list(rules.among([Paper.of(reference.values) for reference in references]))


def suspicious_pairs(session: Session) -> list[StudyPair]:
    """Return pairs of studies that look as if they were one and that nobody decided on, the surest first.

    Compared are the newest studies that share a title, or a first author and a year.
    """
    oldest = select(Study.id).order_by(Study.id.desc()).offset(MOST_STUDIES - 1).limit(1)
    rows = session.execute(
        select(StudyKey.key, StudyKey.study_id).where(
            StudyKey.study_id >= func.coalesce(oldest.scalar_subquery(), 0),
            func.substr(StudyKey.key, 1, 1).in_(("=", "@")),
        )
    )
    by_key: dict[str, list[int]] = defaultdict(list)
    for key, number in rows:
        by_key[key].append(number)
    few = (sorted(numbers) for numbers in by_key.values() if len(numbers) <= MOST_IN_A_GROUP)
    wanted = {pair for numbers in few for pair in combinations(numbers, 2)}
    wanted -= _decided(session)
    studies = _by_number(session, {number for pair in wanted for number in pair})
    papers = {number: paper_of(study) for number, study in studies.items()}
    found = []
    for first, second in wanted:
        if first not in studies or second not in studies or not _may_be(papers[first], papers[second]):
            continue
        one, other = studies[first], studies[second]
        if first == other.version_of_id or second == one.version_of_id:
            continue
        if match := rules.compare(papers[first], papers[second]):
            found.append(StudyPair(one, other, match))
    found.sort(key=lambda pair: (-pair.match.score, pair.first.id, pair.second.id))
    return found[:MOST_PAIRS]


def say_distinct(
    session: Session, study: Study, other: Study | Mapping[str, object], reason: str | None
) -> StudyDistinction:
    """Remember that `study` and `other` (another study, or what a file said) are two, and why.

    Raises NotAllowed and Invalid.
    """
    authorization.require(session, Permission.EDIT)
    try:
        told = str(_REASON.clean(reason))
    except ValueError as refused:
        raise Invalid({"reason": [str(refused)]}) from None
    first, second, fingerprint = study.id, None, None
    if isinstance(other, Study):
        if other.id == study.id:
            raise Invalid({"second": ["A study is the same as itself; choose another one."]})
        first, second = sorted((study.id, other.id))
    else:
        fingerprint = Paper.of(other).fingerprint
    known = session.scalar(
        select(StudyDistinction).where(
            StudyDistinction.first_id == first,
            StudyDistinction.second_id == second,
            StudyDistinction.fingerprint == fingerprint,
        )
    )
    distinction = known or StudyDistinction(first_id=first, second_id=second, fingerprint=fingerprint)
    distinction.reason, distinction.decided_by_id = told, authorization.change_of(session).actor_id
    session.add(distinction)
    records.save(session)
    return distinction


def forget_distinction(session: Session, number: int) -> None:
    """Take back that two are two. Raises NotAllowed; nothing happens if somebody did so before."""
    authorization.require(session, Permission.EDIT)
    if distinction := session.get(StudyDistinction, number):
        session.delete(distinction)
        records.save(session)


def distinctions(session: Session) -> Sequence[StudyDistinction]:
    """Return what was said to be two, the newest first."""
    return session.scalars(
        select(StudyDistinction)
        .options(joinedload(StudyDistinction.decided_by))
        .order_by(StudyDistinction.decided_at.desc(), StudyDistinction.id.desc())
        .limit(200)
    ).all()


def say_preprint(session: Session, preprint: Study, paper: Study) -> Study | Proposal:
    """Record that `preprint` was published as `paper`; returns the proposal to, where that waits for review.

    Raises NotAllowed, StaleVersion and Invalid.
    """
    typed = {**kinds.typed_now(session, preprint), "version_of_id": paper.public_id}
    return proposals.change(session, preprint, preprint.version, typed)


def fill_missing(session: WriteSession) -> int:
    """Give keys to the studies that have none, and return how many these were."""
    missing = session.scalars(_without_keys().order_by(Study.id)).all()
    for begin in range(0, len(missing), 1000):
        write_keys(session, list(missing[begin : begin + 1000]))
    return len(missing)


def count_missing(session: Session) -> int:
    """Return how many studies cannot be found as duplicates, since they have no keys."""
    return session.scalar(select(func.count()).select_from(_without_keys().subquery())) or 0


def _without_keys() -> Select[Study]:
    return select(Study).where(~select(StudyKey.key).where(StudyKey.study_id == Study.id).exists())


def _candidates(session: Session, paper: Paper) -> Sequence[Study]:
    by_identifier = [
        getattr(Study, name) == value for name in rules.OF_ONE_REPORT if (value := getattr(paper, name))
    ]
    found = list(session.scalars(select(Study).where(or_(*by_identifier)))) if by_identifier else []
    numbers = _numbers_by_keys(session, paper)
    if numbers:
        found += session.scalars(select(Study).where(Study.id.in_(numbers), stands_or_waits(Study))).all()
    return list(dict.fromkeys(found))


def _numbers_by_keys(session: Session, paper: Paper) -> list[int]:
    """Return the numbers of the studies that share most of what is rare with `paper`."""
    parts = [
        select(
            select(StudyKey.key, StudyKey.study_id)
            .where(StudyKey.key == literal(key))
            .limit(MOST_OF_A_KEY)
            .subquery()
        )
        for key in sorted(paper.asked)
    ]
    by_key: dict[str, list[int]] = defaultdict(list)
    for key, number in session.execute(union_all(*parts)):
        by_key[key].append(number)
    weights: dict[int, float] = defaultdict(float)
    for key, numbers in by_key.items():
        if len(numbers) < MOST_OF_A_KEY or key[0] == "=":
            # A title is worth a look whatever else; of an author and of words, the rarer the more.
            weight = 100.0 if key[0] == "=" else math.log(MOST_OF_A_KEY / len(numbers))
            for number in numbers:
                weights[number] += weight
    likely = sorted(weights, key=lambda number: (-weights[number], -number))
    return likely[:MOST_COMPARED]


def _said_apart(session: Session, paper: Paper, own: Study | None) -> set[int]:
    """Return the numbers of the studies that somebody said to be others than what was asked about."""
    if own is None:
        said = StudyDistinction.fingerprint == paper.fingerprint
        return set(session.scalars(select(StudyDistinction.first_id).where(said)))
    pairs = select(StudyDistinction.first_id, StudyDistinction.second_id).where(
        or_(StudyDistinction.first_id == own.id, StudyDistinction.second_id == own.id),
        StudyDistinction.second_id.is_not(None),
    )
    return {number for pair in session.execute(pairs) for number in pair} - {own.id}


def _decided(session: Session) -> set[tuple[int, int]]:
    pairs = select(StudyDistinction.first_id, StudyDistinction.second_id)
    return {
        (first, second)
        for first, second in session.execute(pairs.where(StudyDistinction.second_id.is_not(None)))
        if second is not None
    }


def _by_number(session: Session, numbers: Collection[int]) -> dict[int, Study]:
    wanted, found = sorted(numbers), {}
    for begin in range(0, len(wanted), 500):
        part = select(Study).where(Study.id.in_(wanted[begin : begin + 500]), stands_or_waits(Study))
        found.update({study.id: study for study in session.scalars(part)})
    return found


def _may_be(one: Paper, other: Paper) -> bool:
    """Whether it is worth comparing two papers of one author: a quick look, since most of them are others."""
    ours, theirs = one.title.letters, other.title.letters
    begins = min(ours, theirs, key=len)[:25]
    if ours.startswith(begins) and theirs.startswith(begins):
        return True
    return fuzz.ratio(ours, theirs, score_cutoff=60) > 0
