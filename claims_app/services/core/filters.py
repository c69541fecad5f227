"""The filters and sort orders of claims and studies, as SQL conditions."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self

from pyroaring import BitMap
from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import Session, aliased

from claims_app.database import is_past
from claims_app.models import (
    Claim,
    EvidenceItem,
    Flag,
    Limitation,
    Mergeable,
    Proposal,
    Reviewed,
    Study,
    StudySpecies,
)
from claims_app.models.review import is_submitted
from claims_app.rules.identifiers import parse_public_id
from claims_app.services.core.errors import BadFilter, Gone, Merged, NotFound
from claims_app.services.core.paging import Order
from claims_app.services.core.query import Filters, public_ids, terms, text, texts, year
from claims_app.services.core.records import find
from claims_app.services.core.search import has_word
from claims_app.services.core.topics import claims_on, not_a_topic, topic_names
from claims_app.services.search import Tiers, among, found, matching_claims, matching_studies
from claims_app.vocabulary import (
    ClaimKind,
    ClaimStatus,
    Conclusion,
    Direction,
    EvidenceLevel,
    LevelState,
    PublicationState,
    RecordType,
    ReviewState,
    Species,
    Standing,
    StudyDesign,
    Term,
)

LEVEL_RANKS: dict[str, int] = {level.value: rank for rank, level in enumerate(EvidenceLevel)}
"""The place of each level where claims are sorted by it."""

CONCLUSION_RANKS: dict[str | None, int] = {
    **{conclusion.value: rank for rank, conclusion in enumerate(Conclusion)},
    None: 99,
}
"""The place of each conclusion, and of none."""

LEVEL_RANK = case(LEVEL_RANKS, value=Claim.evidence_level)

_CONCLUSION_RANK = case(
    {conclusion: rank for conclusion, rank in CONCLUSION_RANKS.items() if conclusion},
    value=Claim.conclusion,
    else_=CONCLUSION_RANKS[None],
)

CLAIM_ORDERS: dict[str, Order] = {
    "id": Order("Identifier", ((Claim.id, False),)),
    "newest": Order("Newest first", ((Claim.created_at, True), (Claim.id, True))),
    "updated": Order("Recently updated first", ((Claim.updated_at, True), (Claim.id, True))),
    "conclusion": Order(
        "Conclusion, supported first",
        ((_CONCLUSION_RANK, False), (LEVEL_RANK, False), (Claim.id, False)),
    ),
    "level": Order("Evidence level, highest first", ((LEVEL_RANK, False), (Claim.id, False))),
}
BEST_MATCH = "match"
"""The sort order of a list of what words found: by tier, then the highest level or the newest year, then the newest."""

MATCH_ORDER = Order("Best match first", ((literal(0), False), (LEVEL_RANK, False), (Claim.id, True)))
"""That of claims; the first key is the tier."""

YEAR_OR_ZERO: ColumnElement[int] = func.coalesce(Study.year, literal_column("0", Integer))
"""The year a study was published, as its index has it: with a parameter instead of 0, SQLite would not use it."""

STUDY_ORDERS: dict[str, Order] = {
    "id": Order("Identifier", ((Study.id, False),)),
    "year": Order("Most recently published first", ((YEAR_OR_ZERO, True), (Study.id, True))),
    "updated": Order("Recently updated first", ((Study.updated_at, True), (Study.id, True))),
}


def match_order_of_studies(tiers: Tiers) -> Order:
    """Return the order of the studies that a search found."""
    tier = case((among(Study.id, tiers[0]), 0), else_=1)
    return Order(MATCH_ORDER.label, ((tier, False), (YEAR_OR_ZERO, True), (Study.id, True)))


def is_listed(model: type[Reviewed]) -> ColumnElement[bool]:
    """Return the condition for records that are listed, counted and exported: neither rejected nor merged."""
    return and_(model.review_state != ReviewState.REJECTED, is_not_merged(model))


def is_not_merged(model: type[Reviewed]) -> ColumnElement[bool]:
    """Return the condition for records that were not merged into another one."""
    return model.merged_into_id.is_(None) if issubclass(model, Mergeable) else true()


class Needs(Term):
    """What a claim needs from a curator or an editor."""

    EVIDENCE = ("evidence", "Evidence", "No study is linked to the claim.")
    APPRAISAL = (
        "appraisal",
        "Appraisal",
        "The claim has evidence but no appraisal, or its evidence changed since the appraisal.",
    )
    REVIEW = ("review", "Review", "The claim, its evidence, or a proposed change is waiting for review.")
    ATTENTION = (
        "attention",
        "Attention",
        "The claim or its evidence has an open flag.",
    )


@dataclass(frozen=True)
class RecordFilters(Filters):
    """The filters that claims and studies share."""

    found: BitMap | None = field(default=None, compare=False, repr=False)
    """The numbers of the records that match `q`, if `searched` looked for them; no filter of its own."""

    q: str | None = text()
    design: tuple[StudyDesign, ...] = terms(StudyDesign)
    species: tuple[Species, ...] = terms(Species)
    standing: tuple[Standing, ...] = terms(Standing)
    year_from: int | None = year()
    year_to: int | None = year()
    review: tuple[ReviewState, ...] = terms(
        ReviewState, (ReviewState.SUBMITTED, ReviewState.ACCEPTED, ReviewState.REJECTED)
    )

    def searched(self, session: Session) -> Self:
        """Return the filters with what matches their words, for a query in this session.

        Words of the past are not indexed, so there the query itself looks for them.
        """
        if self.q is None or is_past(session):
            return replace(self, found=None)
        return replace(self, found=found(self._matching(session, self.q)))

    def _matching(self, session: Session, words: str) -> Tiers:
        raise NotImplementedError

    def review_condition(self, model: type[Reviewed]) -> ColumnElement[bool]:
        """Return the condition on the review state; rejected records are left out unless requested."""
        if not self.review:
            return is_listed(model)
        return and_(model.review_state.in_(self.review), is_not_merged(model))

    def _study_conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.design:
            yield Study.design.in_(self.design)
        if self.species:
            yield Study.id.in_(select(StudySpecies.study_id).where(StudySpecies.species.in_(self.species)))
        if self.standing:
            yield Study.standing.in_(self.standing)
        if self.year_from is not None:
            yield Study.year >= self.year_from
        if self.year_to is not None:
            yield Study.year <= self.year_to


@dataclass(frozen=True)
class ClaimFilters(RecordFilters):
    """The filters of the list of claims and of its exports."""

    conclusion: tuple[Conclusion, ...] = terms(Conclusion)
    level: tuple[EvidenceLevel, ...] = terms(EvidenceLevel)
    state: tuple[LevelState, ...] = terms(LevelState)
    kind: tuple[ClaimKind, ...] = terms(ClaimKind)
    status: tuple[ClaimStatus, ...] = terms(ClaimStatus)
    topic: tuple[str, ...] = texts()
    claim: tuple[str, ...] = public_ids(RecordType.CLAIM)
    direction: tuple[Direction, ...] = terms(Direction)
    needs: tuple[Needs, ...] = terms(Needs)

    def check(self, session: Session) -> None:
        """Raise BadFilter for a topic or claim that does not exist, and for a filter by flags as of the past."""
        if Needs.ATTENTION in self.needs and is_past(session):
            raise BadFilter("Flags are only known for the present. Remove needs=attention, or as_of.")
        known = topic_names(session) if self.topic else []
        for topic in self.topic:
            if topic not in known:
                raise BadFilter(not_a_topic(topic, known))
        for claim in self.claim:
            try:
                find(session, Claim, claim)
            except (NotFound, Gone, Merged) as absent:
                raise BadFilter(str(absent)) from None

    @property
    def claim_numbers(self) -> list[int]:
        """The numbers of the claims asked for."""
        return [number for claim in self.claim if (number := parse_public_id(RecordType.CLAIM, claim))]

    def claim_conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on the claim itself."""
        yield self.review_condition(Claim)
        if self.conclusion:
            yield Claim.conclusion.in_(self.conclusion)
        if self.level:
            yield Claim.evidence_level.in_(self.level)
        if self.state:
            yield level_state().in_(self.state)
        if self.kind:
            yield Claim.kind.in_(self.kind)
        if self.status:
            yield Claim.status.in_(self.status)
        if self.claim:
            yield Claim.id.in_(self.claim_numbers)
        if self.topic:
            yield Claim.id.in_(claims_on(self.topic))
        yield from self.word_conditions()
        linked = select(EvidenceItem.id).where(EvidenceItem.claim_id == Claim.id).correlate(Claim)
        if self.needs:
            # Evidence that waits for review cannot be appraised yet.
            accepted = linked.where(EvidenceItem.review_state == ReviewState.ACCEPTED)
            lacks = {
                Needs.EVIDENCE: ~linked.where(is_listed(EvidenceItem)).exists(),
                Needs.APPRAISAL: or_(
                    accepted.exists() & (Claim.evidence_level == EvidenceLevel.NOT_ASSESSED),
                    Claim.stale_since.is_not(None),
                ),
                Needs.REVIEW: _waits_for_review(),
                Needs.ATTENTION: is_flagged(),
            }
            yield or_(*(lacks[need] for need in self.needs))

    def word_conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that the claim matches the words searched for."""
        if self.q is not None and self.found is not None:
            yield among(Claim.id, self.found)
            return
        for word in (self.q or "").split():
            yield has_word(word, Claim.statement, Claim.population, Claim.exposure, Claim.outcome)

    def _matching(self, session: Session, words: str) -> Tiers:
        return matching_claims(session, words)

    def evidence_conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on an evidence item, joined with its study."""
        conditions = list(self._study_conditions())
        if self.direction:
            conditions.append(EvidenceItem.direction.in_(self.direction))
        if conditions:
            conditions.append(is_listed(EvidenceItem))
        return conditions

    def claims(self) -> Select[Claim]:
        """Return the query for the matching claims that have at least one matching evidence item."""
        query = select(Claim).where(*self.claim_conditions())
        if conditions := self.evidence_conditions():
            item = select(EvidenceItem.id).join(EvidenceItem.study)
            query = query.where(item.where(EvidenceItem.claim_id == Claim.id, *conditions).exists())
        return query


def level_state() -> ColumnElement[str]:
    """Return the state of the level of a claim, as `Claim.level_state` says."""
    return case(
        (Claim.appraisal_id.is_(None), LevelState.NOT_ASSESSED.value),
        (Claim.stale_since.is_(None), LevelState.CURRENT.value),
        else_=LevelState.STALE.value,
    )


def is_flagged() -> ColumnElement[bool]:
    """Return the condition that a claim, its evidence, or a claim merged into it has an open flag."""
    return Claim.id.in_(flagged_claims())


def flagged_claims() -> Select[int]:
    """Return the query for the claims of `is_flagged`."""

    def on(record_type: RecordType) -> Select[int]:
        return select(Flag.record_id).where(Flag.closed_at.is_(None), Flag.record_type == record_type)

    of_evidence = select(EvidenceItem.claim_id).where(EvidenceItem.id.in_(on(RecordType.EVIDENCE)))
    first = union(on(RecordType.CLAIM), of_evidence).subquery()
    # Without a name, since a list of limitations has this condition twice.
    flagged = select(first.c.record_id).cte(recursive=True)
    merged = aliased(Claim)
    kept = select(merged.merged_into_id).where(
        merged.id == flagged.c.record_id, merged.merged_into_id.is_not(None)
    )
    return select(flagged.union(kept).c.record_id)


def _waits_for_review() -> ColumnElement[bool]:
    """Return the condition that a claim, its evidence, a limitation or a proposal about them waits for review."""
    return or_(*(Claim.id.in_(query) for query in waiting_claims()))


def waiting_claims() -> tuple[Select[Any], ...]:
    """Return queries for the claims that wait for review, or whose evidence, limitations or proposals do."""
    waits = (
        select(Claim.id).where(is_submitted(Claim)),
        select(EvidenceItem.claim_id).where(is_submitted(EvidenceItem)),
        select(Limitation.claim_id).where(is_submitted(Limitation)),
        select(EvidenceItem.claim_id)
        .join(Limitation, Limitation.evidence_id == EvidenceItem.id)
        .where(is_submitted(Limitation)),
        select(Proposal.claim_id).where(Proposal.state == ReviewState.SUBMITTED),
    )
    # A NULL in the list would make every comparison with it unknown.
    return tuple(query.where(query.selected_columns[0].is_not(None)) for query in waits)


@dataclass(frozen=True)
class StudyFilters(RecordFilters):
    """The filters of the list of studies."""

    publication_state: tuple[PublicationState, ...] = terms(PublicationState)

    def studies(self) -> Select[Study]:
        """Return the query for the matching studies."""
        query = select(Study).where(self.review_condition(Study), *self._study_conditions())
        if self.publication_state:
            query = query.where(Study.publication_state.in_(self.publication_state))
        return query.where(*self.word_conditions())

    def word_conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions that the study matches the words searched for."""
        if self.q is not None and self.found is not None:
            yield among(Study.id, self.found)
            return
        for word in (self.q or "").split():
            has = [has_word(word, Study.title, Study.authors, Study.journal, Study.doi, Study.pmid)]
            if word.isascii() and word.isdigit() and len(word) == 4:
                has.append(Study.year == int(word))
            yield or_(*has)

    def _matching(self, session: Session, words: str) -> Tiers:
        return matching_studies(session, words)
