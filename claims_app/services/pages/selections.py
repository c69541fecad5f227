"""What matches the filters of a list: how many records, a page of them, and how many have each value of a facet."""

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import is_past
from claims_app.models import Claim, Study, Topic
from claims_app.services.browsing.matching import Counts
from claims_app.services.browsing.selection import browse
from claims_app.services.core.filters import (
    BEST_MATCH,
    CLAIM_ORDERS,
    STUDY_ORDERS,
    ClaimFilters,
    StudyFilters,
    match_order_of_studies,
)
from claims_app.services.core.paging import Order, Page, PageRequest, count, cut_page, fetch_page, sorted_by
from claims_app.services.core.query import Filters
from claims_app.services.pages.study_facets import StudyCounting
from claims_app.services.search import matching_studies

F = TypeVar("F", bound=Filters)

YEAR = "year"
"""The facet of the filters `year_from` and `year_to`."""


class Selection(Protocol):
    """The records that match the filters of a list."""

    @property
    def total(self) -> int:
        """How many there are."""

    def page(self, sort: str, request: PageRequest) -> Page[int]:
        """Return the numbers of those on a page. Raises BadFilter for an invalid cursor."""

    def counts(self) -> Counts | None:
        """Return the counts of each facet as if its own filter were off; None for a moment in the past."""

    def other(self, filters: Any) -> "Selection":
        """Return what matches other filters at the same moment."""


def without(filters: F, *facets: str) -> F:
    """Return `filters` without those of these facets."""
    names = [name for facet in facets for name in (("year_from", "year_to") if facet == YEAR else (facet,))]
    unset = type(filters)()
    return dataclasses.replace(filters, **{name: getattr(unset, name) for name in names})


def select_claims(session: Session, filters: ClaimFilters) -> Selection:
    """Return the claims that match `filters`. Raises BadFilter for an unknown topic or claim."""
    filters.check(session)
    return browse(session, filters) or _PastClaims(session, filters.searched(session))


def select_studies(session: Session, filters: StudyFilters) -> Selection:
    """Return the studies that match `filters`."""
    return _Studies(session, filters.searched(session))


def topic_names(session: Session, slugs: Sequence[str]) -> dict[str, str]:
    """Return the names of these topics by slug."""
    if not slugs:
        return {}
    rows = session.execute(select(Topic.slug, Topic.name).where(Topic.slug.in_(slugs)))
    return dict(rows.all())


@dataclasses.dataclass(frozen=True)
class _PastClaims:
    session: Session
    filters: ClaimFilters

    @property
    def total(self) -> int:
        return count(self.session, self.filters.claims())

    def page(self, sort: str, request: PageRequest) -> Page[int]:
        query = self.filters.claims().with_only_columns(Claim.id, maintain_column_froms=True)
        return fetch_page(self.session, query, CLAIM_ORDERS[sort], request)

    def counts(self) -> Counts | None:
        return None  # Nobody browses the past by facets.

    def other(self, filters: ClaimFilters) -> Selection:
        return dataclasses.replace(self, filters=filters)


@dataclasses.dataclass(frozen=True)
class _Studies:
    session: Session
    filters: StudyFilters

    @property
    def total(self) -> int:
        if is_past(self.session):
            return count(self.session, self.filters.studies())
        return self._counting.total

    def page(self, sort: str, request: PageRequest) -> Page[int]:
        order = self._by_match() if sort == BEST_MATCH else STUDY_ORDERS[sort]
        query: Any = self.filters.studies().with_only_columns(
            Study.id, *(column for column, _ in order.keys), maintain_column_froms=True
        )
        return cut_page(
            order,
            request,
            self.total,
            lambda edge: self.session.execute(sorted_by(query, order, edge).limit(edge.limit)).all(),
        )

    def counts(self) -> Counts | None:
        return None if is_past(self.session) else self._counting.counts

    @cached_property
    def _counting(self) -> StudyCounting:
        return StudyCounting(self.session, self.filters)

    def _by_match(self) -> Order:
        return match_order_of_studies(matching_studies(self.session, self.filters.q or ""))

    def other(self, filters: StudyFilters) -> Selection:
        return dataclasses.replace(self, filters=filters)
