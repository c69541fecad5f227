"""The evidence of one claim as a table: filtered, sorted and cut into pages, with exact counts.

All rows are read at once, as named columns, since the balance, the number of people and the plots need each of them;
what is long, such as summaries and quotes, is read only for the rows of the page that is shown. So the page of a claim
with thousands of evidence items takes a moment, and asks no more of the database than that of one with a few.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.orm import Session

from claims_app.models import EvidenceItem, Limitation, Study, StudyGroup
from claims_app.rules.appraisal.body import Body, Finding
from claims_app.rules.counting import counts, why_uncounted
from claims_app.rules.overlap import citation
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.filters import YEAR_OR_ZERO, is_listed
from claims_app.services.core.query import Filters, Query, read_order, terms, texts
from claims_app.vocabulary import (
    ClaimKind,
    Direction,
    Directness,
    EffectMeasure,
    ReviewState,
    RiskOfBias,
    Standing,
    StudyDesign,
)

ROWS = 50
"""The rows of the table on one page."""


class EvidenceRow(NamedTuple):
    """What a table, a plot and the counts need of an evidence item and its study."""

    id: int
    review_state: ReviewState
    direction: Direction
    directness: Directness
    risk_of_bias: RiskOfBias
    effect_measure: EffectMeasure | None
    effect_value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_level: float | None
    p_value: str | None
    n_cases: int | None
    n_controls: int | None
    n_animals: int | None
    n_donors: int | None
    n_limitations: int
    study_id: int
    authors: str | None
    title: str
    year: int | None
    design: StudyDesign | None
    standing: Standing
    version_of_id: int | None
    published_as: Standing | None
    """The standing of the published version of its study."""

    group_id: int | None
    """The study group that it counts towards: that of the published version, or its own."""

    group: str | None

    @property
    def public_id(self) -> str:
        """Its public identifier."""
        return f"EVD-{self.id}"

    @property
    def counts(self) -> bool:
        """Whether it counts: it was accepted, and its study was not retracted or withdrawn."""
        return self.review_state is ReviewState.ACCEPTED and counts(self.standing, self.published_as)

    @property
    def citation(self) -> str:
        """The short citation of its study."""
        return citation(self.authors, self.title, self.year)

    @property
    def cited(self) -> str:
        """The same without the year."""
        return citation(self.authors, self.title, None)

    @property
    def size(self) -> int | None:
        """The number of its participants, or else of its animals or serum donors."""
        people = [n for n in (self.n_cases, self.n_controls) if n is not None]
        return sum(people) if people else self.n_donors if self.n_animals is None else self.n_animals

    @property
    def why_uncounted(self) -> str | None:
        """Why it is not counted, within a sentence, or None if it is."""
        return why_uncounted(self.review_state is ReviewState.ACCEPTED, self.standing, self.published_as)


_items = EvidenceItem.__table__
_studies = Study.__table__
_published = _studies.alias("published")
_groups = StudyGroup.__table__
_group_id = func.coalesce(_published.c.group_id, _studies.c.group_id)
_N_LIMITATIONS = (
    select(func.count())
    .where(Limitation.evidence_id == _items.c.id, is_listed(Limitation))
    .correlate(_items)
    .scalar_subquery()
)
_SOURCES: dict[str, Any] = {
    "n_limitations": _N_LIMITATIONS,
    "published_as": _published.c.standing,
    "group_id": _group_id,
    "group": _groups.c.name,
}


def _column(name: str) -> ColumnElement[Any]:
    """Return the column of a field of a row."""
    source: ColumnElement[Any] | None = _SOURCES.get(name)
    return source if source is not None else _items.c[name] if name in _items.c else _studies.c[name]


_ROWS = (
    select(*(_column(name).label(name) for name in EvidenceRow._fields))
    .select_from(_items)
    .join(_studies, _studies.c.id == _items.c.study_id)
    .outerjoin(_published, _published.c.id == _studies.c.version_of_id)
    .outerjoin(_groups, _groups.c.id == _group_id)
    .where(_items.c.claim_id == bindparam("claim"))
    .order_by(YEAR_OR_ZERO.desc(), _items.c.id)
)
"""Built once; newest study first."""


def evidence_rows(session: Session, claim_number: int) -> list[EvidenceRow]:
    """Return all evidence of a claim, newest study first, in one statement."""
    return [EvidenceRow._make(row) for row in session.execute(_ROWS, {"claim": claim_number})]


def body_of_rows(kind: ClaimKind, rows: Sequence[EvidenceRow]) -> Body:
    """Return the counted evidence as a body whose balance and numbers of people are exact.

    It has no summaries, limitations and versions, so that it is not for an appraisal (see `models.levels.bodies_of`).
    """
    return Body(
        kind,
        tuple(
            Finding(
                evidence_id=row.id,
                evidence_version=0,
                study_id=row.study_id,
                study_version=0,
                citation="",
                year=row.year,
                direction=row.direction,
                directness=row.directness,
                n_cases=row.n_cases,
                n_controls=row.n_controls,
                n_animals=row.n_animals,
                n_donors=row.n_donors,
                design=row.design,
                standing=row.standing,
                version_of_id=row.version_of_id,
                group_id=row.group_id,
            )
            for row in rows
            if row.counts
        ),
    )


@dataclass(frozen=True)
class EvidenceFilters(Filters):
    """The filters of the evidence on the page of a claim."""

    direction: tuple[Direction, ...] = terms(Direction)
    design: tuple[StudyDesign, ...] = terms(StudyDesign)
    group: tuple[str, ...] = texts()
    """The names of study groups: studies that share participants, animals, serum donors or a laboratory."""

    def without(self, name: str) -> Self:
        """Return the filters without the one of this name."""
        return replace(self, **{name: ()})

    def match(self, row: EvidenceRow) -> bool:
        """Whether all filters let `row` through."""
        return (
            (not self.direction or row.direction in self.direction)
            and (not self.design or row.design in self.design)
            and (not self.group or row.group in self.group)
        )


def _ranked(order: Sequence[Any]) -> Callable[[Any], int]:
    """Return the key that sorts as in `order`, and what is not in it at the end."""
    ranks = {value: rank for rank, value in enumerate(order)}
    return lambda value: ranks.get(value, len(ranks))


_direction_rank = _ranked(list(Direction))
_design_rank = _ranked(list(StudyDesign))
_bias_rank = _ranked(list(RiskOfBias))
_directness_rank = _ranked(list(Directness))

ORDERS: Mapping[str, tuple[str, Callable[[EvidenceRow], Any]]] = {
    "year": ("Newest study first", lambda row: 0),
    "oldest": ("Oldest study first", lambda row: row.year or 9999),
    "study": ("Study, A to Z", lambda row: row.citation.casefold()),
    "finding": ("Finding, supporting first", lambda row: _direction_rank(row.direction)),
    "design": ("Design, strongest first", lambda row: _design_rank(row.design)),
    "size": ("Largest sample first", lambda row: -1 if row.size is None else -row.size),
    "bias": ("Risk of bias, lowest first", lambda row: _bias_rank(row.risk_of_bias)),
    "directness": ("Directness, direct first", lambda row: _directness_rank(row.directness)),
    "group": ("By study group", lambda row: (row.group is None, row.group or "")),
}
"""The orders of the table: label and sort key. Within equals, the newest study is first."""

DEFAULT_ORDER = next(iter(ORDERS))


@dataclass(frozen=True)
class EvidenceRequest:
    """The part of the evidence that a page shows: the filters, the order and the number of the page."""

    filters: EvidenceFilters = EvidenceFilters()
    sort: str = DEFAULT_ORDER
    page: int = 1

    @classmethod
    def read(cls, query: Query) -> Self:
        """Return the request of a query; other parameters are not looked at. Raises BadFilter."""
        known = {name: query[name] for name in EvidenceFilters.names() if name in query}
        text = next((value for value in query.get("page", ()) if value), "1")
        if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) < 1:
            raise BadFilter(f"“{text}” is not the number of a page. Enter 1 or more.")
        return cls(EvidenceFilters.read(known), read_order(query, ORDERS), int(text))


@dataclass(frozen=True)
class EvidenceTable:
    """The part of the evidence of a claim that was asked for."""

    every: Sequence[EvidenceRow]
    """All evidence of the claim but what was rejected in review, newest study first."""

    matching: Sequence[EvidenceRow]
    """What the filters let through, in the order that was asked for."""

    request: EvidenceRequest

    @property
    def page(self) -> int:
        """The number of the page: the last one if fewer pages than asked for exist."""
        return min(self.request.page, self.n_pages)

    @property
    def n_pages(self) -> int:
        """The number of pages."""
        return max(1, -(-len(self.matching) // ROWS))

    @property
    def first(self) -> int:
        """The place of the first row of the page, from 0."""
        return (self.page - 1) * ROWS

    @property
    def rows(self) -> Sequence[EvidenceRow]:
        """The rows of the page."""
        return self.matching[self.first : self.first + ROWS]

    @property
    def is_filtered(self) -> bool:
        """Whether a filter is on."""
        return any(self.request.filters.pairs())

    @property
    def n_uncounted(self) -> int:
        """The number of all rows that are shown but not counted."""
        return sum(not row.counts for row in self.every)

    @property
    def n_limitations(self) -> int:
        """The number of limitations of all rows."""
        return sum(row.n_limitations for row in self.every)

    def counts(self, name: str) -> Mapping[Any, int]:
        """Return the number of rows with each value of a filter, which the other filters let through."""
        others = self.request.filters.without(name)
        found = Counter(getattr(row, name) for row in self.every if others.match(row))
        found.pop(None, None)
        return found

    def shared_groups(self, most: int = 12) -> Mapping[str, int]:
        """Return the study groups with several rows, the largest first, at most `most` of them, and chosen ones."""
        sizes = Counter(row.group for row in self.every)
        found = self.counts("group")
        chosen = self.request.filters.group
        shared = [name for name, size in sizes.most_common() if name is not None and size > 1][:most]
        return {name: found.get(name, 0) for name in dict.fromkeys((*shared, *chosen))}


def table_of(rows: Sequence[EvidenceRow], request: EvidenceRequest) -> EvidenceTable:
    """Return the table of `rows`, which are newest first, that `request` asks for."""
    every = [row for row in rows if row.review_state is not ReviewState.REJECTED]
    matching = filter(request.filters.match, every)
    return EvidenceTable(every, sorted(matching, key=ORDERS[request.sort][1]), request)


def has_pages(session: Session, claim_number: int) -> bool:
    """Return whether the evidence of a claim takes several pages."""
    return session.scalar(_BEYOND, {"claim": claim_number, "rows": ROWS}) is not None


_BEYOND = (
    select(_items.c.id)
    .where(_items.c.claim_id == bindparam("claim"))
    .order_by(_items.c.id)
    .limit(1)
    .offset(bindparam("rows"))
)


def page_of_item(session: Session, item: EvidenceItem) -> int:
    """Return the page of the table, without filters and in its usual order, that shows an evidence item."""
    numbers = [row.id for row in table_of(evidence_rows(session, item.claim_id), EvidenceRequest()).every]
    return numbers.index(item.id) // ROWS + 1 if item.id in numbers else 1
