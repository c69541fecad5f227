"""Finds duplicates of studies, and records decisions about them.

Candidates come from the keys in `study_keys`, a few hundred rows regardless of the size of the database, and are
compared by `rules.matching`. Nothing is merged here. Pairs that were marked as distinct are not suggested again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.database import WriteSession
from claims_app.models import Proposal, Study, StudyDistinction, StudyKey
from claims_app.models.matching import paper_of, write_keys
from claims_app.permissions import Permission
from claims_app.rules import matching as rules
from claims_app.rules.fields import Text
from claims_app.rules.matching import Match
from claims_app.rules.papers import Paper
from claims_app.services.core import authorization, records
from claims_app.services.core.errors import Invalid
from claims_app.services.core.many import one_of
from claims_app.services.deduplication import kept_pairs
from claims_app.services.deduplication.candidates import Candidates
from claims_app.services.records import kinds, proposals
from claims_app.vocabulary import Relation

MAX_PAIRS = 200
_AT_ONCE = 1000

_REASON = Text(name="reason", label="Reason", required=True, max_length=500)


@dataclass(frozen=True)
class FoundMatch:
    """A study that is the same as the one in question, or related to it."""

    study: Study
    match: Match
    shares_identifier: bool = False

    def doubted(self, why: str) -> "FoundMatch":
        """Return this match as one that is not certain, with the reason."""
        match = Match(Relation.UNSURE, min(self.score, 0.6), (*self.reasons, why))
        return replace(self, match=match)

    @property
    def relation(self) -> Relation:
        """The relation of the study in question to this one."""
        return self.match.relation

    @property
    def score(self) -> float:
        """The confidence, from 0 to 1."""
        return self.match.score

    @property
    def reasons(self) -> tuple[str, ...]:
        """The reasons, as sentences."""
        return self.match.reasons


@dataclass(frozen=True)
class Identity:
    """What is known of a reference: the study that it is (`same`) or None, and all studies that look like it."""

    same: Study | None
    matches: Sequence[FoundMatch]

    @property
    def possible(self) -> Sequence[FoundMatch]:
        """The studies that it may be; not those that it is a preprint or the published version of."""
        return [one for one in self.matches if one.relation in (Relation.SAME, Relation.UNSURE)]


@dataclass(frozen=True)
class StudyPair:
    """Two studies that may be one report, or a preprint and its paper; `match` is from the first to the second."""

    first: Study
    second: Study
    match: Match

    @property
    def preprint(self) -> Study | None:
        """The one that is a preprint of the other, or None."""
        by_relation = {Relation.PREPRINT_OF: self.first, Relation.PUBLISHED_AS: self.second}
        return by_relation.get(self.match.relation)


def matches(
    session: Session,
    values: Mapping[str, object] | Paper | Study,
    *,
    limit: int = 5,
    candidates: Candidates | None = None,
) -> list[FoundMatch]:
    """Return possible duplicates of the study with these `values`, or of a study, which is left out itself.

    `candidates` are those of several papers, looked up before.

    Those with the same identifier come first, then the same studies, then those with the highest confidence. A merged
    study is replaced by the one that it was merged into.
    """
    own = values if isinstance(values, Study) else None
    paper = _paper(values)
    candidates = candidates or Candidates(session, [paper])
    distinct = candidates.distinct_from(paper) if own is None else _distinct_from(session, own)
    found: dict[int, FoundMatch] = {}
    for candidate in candidates.near(paper):
        other = paper_of(candidate)
        match = rules.compare_new(paper, other) if own is None else rules.compare(paper, other)
        study = records.resolve_merge(session, candidate)
        if match is None or study.id in distinct or (own is not None and study.id == own.id):
            continue
        known = found.get(study.id)
        if known is None or known.score < match.score:
            found[study.id] = FoundMatch(study, match, rules.share_identifier(paper, other))
    ordered = sorted(
        found.values(),
        key=lambda one: (
            not one.shares_identifier,
            one.relation is not Relation.SAME,
            -one.score,
            one.study.id,
        ),
    )
    return ordered[:limit]


def identify(
    session: Session, values: Mapping[str, object] | Paper, candidates: Candidates | None = None
) -> Identity:
    """Return the study that a reference with these `values` is, if there is no doubt, and the possible ones.

    It is a study if it has the identifier of that one alone, and its title. What only looks alike is never enough.
    """
    found = matches(session, values, candidates=candidates)
    sharing = [one for one in found if one.shares_identifier]
    if len(sharing) > 1:
        names = " and ".join(one.study.public_id for one in sharing)
        doubt = f"Its identifiers belong to different studies: {names}."
        found = [one.doubted(doubt) if one in sharing else one for one in found]
    elif sharing and sharing[0].relation is Relation.SAME:
        return Identity(sharing[0].study, found)
    return Identity(None, found)


def identified(
    session: Session, values: Mapping[str, object] | Paper, candidates: Candidates | None = None
) -> Study | None:
    """Return the study that `identify` returns, without looking for other similar ones, which is much faster."""
    paper = _paper(values)
    candidates = candidates or Candidates(session, [paper])
    found = {
        records.resolve_merge(session, study): rules.compare(paper, paper_of(study))
        for study in candidates.with_identifiers(paper)
    }
    if len(found) != 1:
        return None
    study, match = next(iter(found.items()))
    return study if match is not None and match.relation is Relation.SAME else None


def suspicious_pairs(session: Session) -> list[StudyPair]:
    """Return pairs of possible duplicates that nobody has decided on, highest confidence first.

    They are those that `kept_pairs` keeps.
    """
    pairs = kept_pairs.undecided(session, MAX_PAIRS)
    numbers = {number for pair in pairs for number in pair}
    studies = {
        study.id: study for study in session.scalars(select(Study).where(one_of(session, Study.id, numbers)))
    }
    found = []
    for first, second in pairs:
        one, other = studies[first], studies[second]
        if match := rules.compare(paper_of(one), paper_of(other)):
            found.append(StudyPair(one, other, match))
    return found


def mark_distinct(
    session: WriteSession, study: Study, other: Study | Mapping[str, object], reason: str | None
) -> StudyDistinction:
    """Record that `study` and `other` (a study, or the values of a reference) are distinct, and why.

    Raises NotAllowed, Invalid without a reason or if they are the same study, and StaleVersion if somebody deletes one
    of them at the same time.
    """
    authorization.require(session, Permission.EDIT)
    try:
        valid_reason = str(_REASON.clean(reason))
    except ValueError as refused:
        raise Invalid({"reason": [str(refused)]}) from None
    first, second, fingerprint = study.id, None, None
    if isinstance(other, Study):
        if other.id == study.id:
            raise Invalid({"second": ["A study cannot be compared with itself. Choose another one."]})
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
    distinction.reason, distinction.decided_by_id = valid_reason, authorization.change_of(session).actor_id
    session.add(distinction)
    records.save(session)
    return distinction


def remove_distinction(session: WriteSession, number: int) -> None:
    """Remove the decision that two studies are distinct, if it exists. Raises NotAllowed."""
    authorization.require(session, Permission.EDIT)
    if distinction := session.get(StudyDistinction, number):
        session.delete(distinction)
        records.save(session)


def distinctions(session: Session) -> Sequence[StudyDistinction]:
    """Return the decisions that studies are distinct, newest first, at most 200."""
    return session.scalars(
        select(StudyDistinction)
        .options(joinedload(StudyDistinction.decided_by))
        .order_by(StudyDistinction.decided_at.desc(), StudyDistinction.id.desc())
        .limit(200)
    ).all()


def link_preprint(session: WriteSession, preprint: Study, paper: Study) -> Study | Proposal:
    """Record that `preprint` was published as `paper`. Returns the preprint, or the proposal if it needs review.

    Raises NotAllowed, StaleVersion and Invalid.
    """
    typed = {**kinds.form_values(session, preprint), "version_of_id": paper.public_id}
    return proposals.change(session, preprint, preprint.version, typed)


def fill_missing(session: WriteSession, numbers: range | None = None) -> int:
    """Write the keys of studies that have none, and return how many these are; only of those in `numbers`, if given."""
    query = _without_keys().order_by(Study.id)
    if numbers is not None:
        query = query.where(Study.id.between(numbers.start, numbers.stop - 1))
    missing = session.scalars(query).all()
    write_keys(session, list(missing))
    return len(missing)


def numbers_to_fill(session: Session) -> list[range]:
    """Return the numbers of all studies in parts, for `fill_missing`: newest first, so that the oldest is the last."""
    newest = session.scalar(select(func.max(Study.id))) or 0
    return [range(max(1, end - _AT_ONCE), end) for end in range(newest + 1, 1, -_AT_ONCE)]


def are_due(session: Session) -> bool:
    """Return whether a migration has emptied the keys, and not all of them were written again.

    It reads one study, the oldest, whose keys are written last; so its cost does not depend on how many there are.
    """
    oldest = session.scalar(select(Study).order_by(Study.id).limit(1))
    if oldest is None or session.scalar(select(StudyKey.key).where(StudyKey.study_id == oldest.id).limit(1)):
        return False
    return bool(paper_of(oldest).keys)


def count_missing(session: Session) -> int:
    """Return the number of studies without keys, which are not found as duplicates."""
    return session.scalar(select(func.count()).select_from(_without_keys().subquery())) or 0


def _without_keys() -> Select[Study]:
    return select(Study).where(~select(StudyKey.key).where(StudyKey.study_id == Study.id).exists())


def _paper(values: Mapping[str, object] | Paper | Study) -> Paper:
    match values:
        case Study():
            return paper_of(values)
        case Paper():
            return values
    return Paper.of(values)


def _distinct_from(session: Session, study: Study) -> set[int]:
    """Return the numbers of the studies that were marked as distinct from `study`."""
    pairs = select(StudyDistinction.first_id, StudyDistinction.second_id).where(
        or_(StudyDistinction.first_id == study.id, StudyDistinction.second_id == study.id),
        StudyDistinction.second_id.is_not(None),
    )
    return {number for pair in session.execute(pairs) for number in pair} - {study.id}
