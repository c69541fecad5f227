"""The filters of the lists: read from a query, turned into conditions, written back into links.

Pages, CSV files and commands all read the same filters here, so a list and its export cannot differ.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import Session

from claims_app.models import Claim, EvidenceItem, Study, StudySpecies, Topic
from claims_app.services.errors import BadFilter
from claims_app.services.paging import Order
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

Query = Mapping[str, Sequence[str]]

PER_PAGE = 50
MOST_PER_PAGE = 200
PAGING = ("sort", "per_page", "after", "before")
LONGEST_SEARCH = 200

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
class Filters:
    """What both lists can be filtered by."""

    q: str | None = None
    design: tuple[StudyDesign, ...] = ()
    species: tuple[Species, ...] = ()
    year_from: int | None = None
    year_to: int | None = None

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of the filters, as they stand in addresses."""
        return tuple(cls.__dataclass_fields__)

    @classmethod
    def read(cls, query: Query, allowed: Iterable[str] = ()) -> Self:
        """Return the filters in `query`; `allowed` names what else may stand in it.

        Raises BadFilter, naming what is known, for an unknown filter or an unknown value. An empty
        value is no filter.
        """
        known = cls.names()
        for name in query:
            if name not in known and name not in allowed:
                raise BadFilter(f"“{name}” is no filter of this list. Known filters: {', '.join(known)}.")
        values: dict[str, Any] = {}
        for name in known:
            given = [value.strip() for value in query.get(name, ()) if value.strip()]
            if given:
                values[name] = cls._value(name, given)
        return cls(**values)

    @classmethod
    def _value(cls, name: str, given: list[str]) -> Any:
        terms: type[Term] | None = cls.__dataclass_fields__[name].metadata.get("terms") or _SHARED_TERMS.get(
            name
        )
        if terms is not None:
            for value in given:
                if value not in terms.values():
                    raise BadFilter(f"“{value}” is no {name}. Known are: {', '.join(terms.values())}.")
            return tuple(term for term in terms if term.value in given)
        if name == "topic":
            return tuple(dict.fromkeys(given))
        if len(given) > 1:
            raise BadFilter(f"The filter “{name}” takes one value.")
        if name.startswith("year"):
            if not given[0].isascii() or not given[0].isdigit() or len(given[0]) > 4:
                raise BadFilter(f"“{given[0]}” is no year. Write four digits, such as 2021.")
            return int(given[0])
        if len(given[0]) > LONGEST_SEARCH or "\0" in given[0]:
            raise BadFilter(f"Search for at most {LONGEST_SEARCH} characters of text.")
        return given[0]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield the filters as name and value, for addresses and for showing what is on."""
        for name in self.names():
            value = getattr(self, name)
            if isinstance(value, tuple):
                for item in value:
                    yield name, str(item)
            elif value is not None:
                yield name, str(value)

    def _study_conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.design:
            yield Study.design.in_(self.design)
        if self.species:
            yield Study.id.in_(select(StudySpecies.study_id).where(StudySpecies.species.in_(self.species)))
        if self.year_from is not None:
            yield Study.year >= self.year_from
        if self.year_to is not None:
            yield Study.year <= self.year_to


_SHARED_TERMS: dict[str, type[Term]] = {"design": StudyDesign, "species": Species}


def _terms(terms: type[Term]) -> Any:
    return field(default=(), metadata={"terms": terms})


@dataclass(frozen=True)
class ClaimFilters(Filters):
    """The filters of the list of claims, and of everything exported beside it."""

    level: tuple[EvidenceLevel, ...] = _terms(EvidenceLevel)
    kind: tuple[ClaimKind, ...] = _terms(ClaimKind)
    status: tuple[ClaimStatus, ...] = _terms(ClaimStatus)
    topic: tuple[str, ...] = ()
    direction: tuple[Direction, ...] = _terms(Direction)
    needs: tuple[Needs, ...] = _terms(Needs)

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
class StudyFilters(Filters):
    """The filters of the list of studies."""

    standing: tuple[Standing, ...] = _terms(Standing)
    publication_state: tuple[PublicationState, ...] = _terms(PublicationState)

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


def read_order(query: Query, orders: Mapping[str, Order]) -> str:
    """Return the name of the sort order in `query`, the first known one by default. Raises BadFilter."""
    name = next((value for value in query.get("sort", ()) if value), next(iter(orders)))
    if name not in orders:
        raise BadFilter(f"“{name}” is no sort order of this list. Known are: {', '.join(orders)}.")
    return name


def read_page_size(query: Query) -> int:
    """Return how many rows a page shall have. Raises BadFilter outside 1 to 200."""
    text = next((value for value in query.get("per_page", ()) if value), str(PER_PAGE))
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not 1 <= int(text) <= MOST_PER_PAGE:
        raise BadFilter(f"“{text}” rows cannot be shown on a page. Write a number from 1 to {MOST_PER_PAGE}.")
    return int(text)
