"""The list of proposals, decided ones included."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Proposal, User
from claims_app.rules.identifiers import parse_public_id, record_type_of
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.services.core.query import Filters, terms, text
from claims_app.vocabulary import ProposalKind, ReviewState

NEWEST_FIRST = Order("Newest first", ((Proposal.id, True),))


@dataclass(frozen=True)
class ProposalFilters(Filters):
    """The filters of the list of proposals."""

    state: tuple[ReviewState, ...] = terms(ReviewState)
    kind: tuple[ProposalKind, ...] = terms(ProposalKind)
    record: str | None = text()
    by: str | None = text()


def list_proposals(session: Session, filters: ProposalFilters, request: PageRequest) -> Page[Proposal]:
    """Return a page of the proposals, newest first. Raises BadFilter for an unknown record or cursor."""
    query = select(Proposal).options(joinedload(Proposal.author), joinedload(Proposal.decided_by))
    if filters.state:
        query = query.where(Proposal.state.in_(filters.state))
    if filters.kind:
        query = query.where(Proposal.kind.in_(filters.kind))
    if filters.record is not None:
        record_type = record_type_of(filters.record.upper())
        number = parse_public_id(record_type, filters.record) if record_type else None
        if number is None:
            raise BadFilter(f"“{filters.record}” is not a record. Enter an identifier such as CLM-14.")
        query = query.where(Proposal.target_type == record_type, Proposal.target_id == number)
    if filters.by is not None:
        query = query.where(
            Proposal.author_id.in_(select(User.id).where(User.username == filters.by.lower()))
        )
    return fetch_page(session, query, NEWEST_FIRST, request)
