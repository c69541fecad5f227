"""The list of changes to all records, and which of them are new to a user."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from pyroaring import BitMap
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Revision, User
from claims_app.rules.identifiers import parse_public_id
from claims_app.services.core.errors import BadFilter
from claims_app.services.core.paging import Page, PageRequest, fetch_page
from claims_app.services.core.query import Filters, day, terms, text
from claims_app.services.core.record_states import read_changes, read_edits
from claims_app.services.core.topics import claims_on
from claims_app.services.history import merge_queries
from claims_app.services.history.record_history import NEWEST_FIRST
from claims_app.services.search import among
from claims_app.vocabulary import Action, RecordType, Via

MOST_COUNTED = 10_000
"""Changes are counted up to here: to count all of them would take longer with each one."""


@dataclass(frozen=True)
class ChangeFilters(Filters):
    """The filters of the list of changes and of the feed."""

    claim: str | None = text()
    topic: str | None = text()
    record: tuple[RecordType, ...] = terms(RecordType)
    action: tuple[Action, ...] = terms(Action)
    via: tuple[Via, ...] = terms(Via)
    by: str | None = text()
    since: datetime.date | None = day()
    until: datetime.date | None = day()

    def revisions(self) -> Select[Revision]:
        """Return the query for the matching revisions. Raises BadFilter for an invalid identifier of a claim."""
        return select(Revision).where(*self._conditions()).options(joinedload(Revision.actor))

    def _conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.claim is not None:
            number = parse_public_id(RecordType.CLAIM, self.claim)
            if number is None:
                raise BadFilter(f"“{self.claim}” is not a claim. Enter an identifier such as CLM-14.")
            yield (Revision.claim_id == number) | merge_queries.revisions_about(RecordType.CLAIM, number)
        if self.topic is not None:
            yield Revision.claim_id.in_(claims_on([self.topic]))
        if self.record:
            yield Revision.record_type.in_(self.record)
        if self.action:
            yield Revision.action.in_(self.action)
        if self.via:
            yield Revision.via.in_(self.via)
        if self.by is not None:
            yield Revision.actor_id.in_(select(User.id).where(User.username == self.by.lower()))
        if self.since is not None:
            yield Revision.changed_at >= _midnight(self.since)
        if self.until is not None:
            yield Revision.changed_at < _midnight(self.until) + datetime.timedelta(days=1)


def list_changes(
    session: Session, filters: ChangeFilters, request: PageRequest, *, new_to: User | None = None
) -> Page[Revision]:
    """Return a page of the changes, newest first; with `new_to`, only those that this user has not seen.

    If there are more than MOST_COUNTED, the total is one more than that. Raises BadFilter for an invalid filter or
    cursor.
    """
    query = filters.revisions()
    if new_to is not None:
        query = query.where(_is_new_to(new_to))
    page = fetch_page(session, query, NEWEST_FIRST, request, _count(session, query))
    read_edits(session, page.items)
    return page


def latest(session: Session, filters: ChangeFilters, most: int = 50) -> list[Revision]:
    """Return the newest changes, at most `most`. Raises BadFilter for an invalid filter."""
    newest = filters.revisions().order_by(Revision.id.desc()).limit(most)
    return read_changes(session, session.scalars(newest))


def latest_of_claims(session: Session, claims: BitMap, most: int = 50) -> list[Revision]:
    """Return the newest changes of these claims and of what belongs to them, at most `most`.

    Of many claims, only the newest changes of all are looked through, so that a feed never reads the whole history.
    """
    newest = select(Revision).options(joinedload(Revision.actor)).order_by(Revision.id.desc())
    if len(claims) <= _FEW:
        query = newest.where(among(Revision.claim_id, claims)).limit(most)
        return read_changes(session, session.scalars(query))
    looked_at = session.execute(
        select(Revision.id, Revision.claim_id).order_by(Revision.id.desc()).limit(_LOOKED_THROUGH)
    )
    wanted = [number for number, claim in looked_at if claim is not None and claim in claims][:most]
    return read_changes(session, session.scalars(newest.where(Revision.id.in_(wanted))))


_FEW = 500
"""The changes of so many claims are found by an index."""

_LOOKED_THROUGH = 10_000


def count_new(session: Session, user: User) -> int:
    """Return how many changes by others `user` has not seen, or MOST_COUNTED + 1 if there are more than that."""
    return _count(session, select(Revision).where(_is_new_to(user)))


def _count(session: Session, query: Select[Revision]) -> int:
    some = query.with_only_columns(Revision.id).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def mark_seen(session: Session, user_id: int, newest: int) -> None:
    """Note that a user has seen all changes up to the revision `newest`."""
    user = session.get_one(User, user_id)
    user.seen_revision_id = max(user.seen_revision_id or 0, newest)


def _is_new_to(user: User) -> ColumnElement[bool]:
    # A user who has never visited the list has not seen any change since the account was created.
    since = (
        Revision.id > user.seen_revision_id
        if user.seen_revision_id is not None
        else Revision.changed_at > user.created_at
    )
    return since & or_(Revision.actor_id.is_(None), Revision.actor_id != user.id)


def _midnight(date: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(date, datetime.time(), datetime.UTC)
