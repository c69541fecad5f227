"""The filters and the sort orders of claims and studies, as conditions for the database."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Study, StudySpecies, Topic
from claims_app.services.errors import BadFilter
from claims_app.services.paging import Order
from claims_app.services.query import Filters, terms, text, texts, year
from claims_app.vocabulary import (
    ClaimKind,
    ClaimStatus,
    Direction,
    EvidenceLevel,
    PublicationState,
    Species,
    Standing,
    StudyDesign,
    Term,
)

_LEVEL_RANK = case(
    {level.value: rank for rank, level in enumerate(EvidenceLevel)}, value=Claim.evidence_level, else_=99
)

CLAIM_ORDERS: dict[str, Order] = {
    "id": Order("Identifier", ((Claim.id, False),)),
    "newest": Order("Newest first", ((Claim.created_at, True), (Claim.id, True))),
    "updated": Order("Last changed first", ((Claim.updated_at, True), (Claim.id, True))),
    "level": Order("Evidence level, highest first", ((_LEVEL_RANK, False), (Claim.id, False))),
}
STUDY_ORDERS: dict[str, Order] = {
    "id": Order("Identifier", ((Study.id, False),)),
    "year": Order("Newest publication first", ((func.coalesce(Study.year, 0), True), (Study.id, False))),
    "updated": Order("Last changed first", ((Study.updated_at, True), (Study.id, True))),
}


class Needs(Term):
    """What a claim still lacks."""

    EVIDENCE = ("evidence", "Evidence", "No study is linked to it.")
    APPRAISAL = (
        "appraisal",
        "Appraisal",
        "It has evidence and no appraisal of it, or its evidence changed since.",
    )


@dataclass(frozen=True)
class RecordFilters(Filters):
    """What both lists can be filtered by."""

    q: str | None = text()
    design: tuple[StudyDesign, ...] = terms(StudyDesign)
    species: tuple[Species, ...] = terms(Species)
    year_from: int | None = year()
    year_to: int | None = year()

    def _study_conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.design:
            yield Study.design.in_(self.design)
        if self.species:
            yield Study.id.in_(select(StudySpecies.study_id).where(StudySpecies.species.in_(self.species)))
        if self.year_from is not None:
            yield Study.year >= self.year_from
        if self.year_to is not None:
            yield Study.year <= self.year_to


@dataclass(frozen=True)
class ClaimFilters(RecordFilters):
    """The filters of the list of claims, and of everything exported beside it."""

    level: tuple[EvidenceLevel, ...] = terms(EvidenceLevel)
    kind: tuple[ClaimKind, ...] = terms(ClaimKind)
    status: tuple[ClaimStatus, ...] = terms(ClaimStatus)
    topic: tuple[str, ...] = texts()
    direction: tuple[Direction, ...] = terms(Direction)
    needs: tuple[Needs, ...] = terms(Needs)

    def check_topics(self, session: Session) -> None:
        """Raise BadFilter, naming the known topics, for a topic that does not exist."""
        known = list(session.scalars(select(Topic.slug).order_by(Topic.slug)))
        for topic in self.topic:
            if topic not in known:
                raise BadFilter(f"“{topic}” is no topic. Known are: {', '.join(known) or 'none yet'}.")

    def claim_conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what a claim itself must be."""
        if self.level:
            yield Claim.evidence_level.in_(self.level)
        if self.kind:
            yield Claim.kind.in_(self.kind)
        if self.status:
            yield Claim.status.in_(self.status)
        if self.topic:
            yield Claim.topics.any(Topic.slug.in_(self.topic))
        for word in (self.q or "").split():
            yield or_(
                *(
                    column.icontains(word, autoescape=True)
                    for column in (Claim.statement, Claim.population, Claim.exposure, Claim.outcome)
                )
            )
        has_evidence = (
            select(EvidenceItem.id).where(EvidenceItem.claim_id == Claim.id).correlate(Claim).exists()
        )
        if self.needs:
            lacks = {
                Needs.EVIDENCE: ~has_evidence,
                Needs.APPRAISAL: or_(
                    has_evidence & (Claim.evidence_level == EvidenceLevel.NOT_ASSESSED),
                    Claim.stale_since.is_not(None),
                ),
            }
            yield or_(*(lacks[need] for need in self.needs))

    def evidence_conditions(self) -> list[ColumnElement[bool]]:
        """Return what an evidence item (joined with its study) must be."""
        conditions = list(self._study_conditions())
        if self.direction:
            conditions.append(EvidenceItem.direction.in_(self.direction))
        return conditions

    def claims(self) -> Select[Claim]:
        """Return the query for the claims: those that fit, with at least one evidence item that fits."""
        query = select(Claim).where(*self.claim_conditions())
        if conditions := self.evidence_conditions():
            item = select(EvidenceItem.id).join(EvidenceItem.study)
            query = query.where(item.where(EvidenceItem.claim_id == Claim.id, *conditions).exists())
        return query


@dataclass(frozen=True)
class StudyFilters(RecordFilters):
    """The filters of the list of studies."""

    standing: tuple[Standing, ...] = terms(Standing)
    publication_state: tuple[PublicationState, ...] = terms(PublicationState)

    def studies(self) -> Select[Study]:
        """Return the query for the studies."""
        query = select(Study).where(*self._study_conditions())
        if self.standing:
            query = query.where(Study.standing.in_(self.standing))
        if self.publication_state:
            query = query.where(Study.publication_state.in_(self.publication_state))
        for word in (self.q or "").split():
            query = query.where(
                or_(
                    *(
                        column.icontains(word, autoescape=True)
                        for column in (Study.title, Study.authors, Study.journal, Study.doi, Study.pmid)
                    )
                )
            )
        return query
