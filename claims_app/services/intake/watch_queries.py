"""Read models of watches: the list, the runs of a watch, and the search status of a claim."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload

from claims_app.models import Candidate, CandidateOrigin, Claim, Watch, WatchRun
from claims_app.services.core.filters import is_listed
from claims_app.services.core.paging import Order, Page, PageRequest, fetch_page
from claims_app.vocabulary import CandidateState

SHOWN_RUNS = 30
_OLDEST_FIRST = Order("Oldest first", ((Watch.id, False),))
_UNDECIDED = Candidate.state.in_((CandidateState.WAITING, CandidateState.LATER))


@dataclass(frozen=True)
class WatchRow:
    """A watch with its last run, its last complete run, and the number of its undecided candidates."""

    watch: Watch
    last: WatchRun | None
    last_complete: WatchRun | None
    n_candidates: int

    @property
    def error(self) -> str | None:
        """Why the last run was not complete, or None."""
        return None if self.last is None else self.last.error


@dataclass(frozen=True)
class SearchNote:
    """The date of the last search for a claim, and the number of its watches and their undecided candidates."""

    searched: datetime.date | None
    n_watches: int
    n_candidates: int


def list_watches(session: Session) -> list[WatchRow]:
    """Return all watches that have not been rejected, sorted by id."""
    return _rows(session, session.scalars(_listed().order_by(Watch.id)).all())


def page_of_watches(session: Session, request: PageRequest) -> Page[WatchRow]:
    """Return a page of what `list_watches` returns. Raises BadFilter."""
    page = fetch_page(session, _listed(), _OLDEST_FIRST, request)
    return Page(_rows(session, page.items), page.total, page.next, page.previous)


def row_of(session: Session, watch: Watch) -> WatchRow:
    """Return one watch as a row of the list."""
    return _rows(session, [watch])[0]


def runs_of(session: Session, watch: Watch) -> Sequence[WatchRun]:
    """Return the last runs of a watch, latest first."""
    runs = select(WatchRun).where(WatchRun.watch_id == watch.id).order_by(WatchRun.id.desc())
    return session.scalars(runs.limit(SHOWN_RUNS)).all()


def note_of(session: Session, claim: Claim, *, is_watched: bool = True) -> SearchNote:
    """Return the search status of a claim; nothing is asked about the watches of one that is known to have none."""
    query = select(Watch.id).where(Watch.claim_id == claim.id, is_listed(Watch))
    watches = session.scalars(query).all() if is_watched else []
    found = (
        select(func.count(func.distinct(CandidateOrigin.candidate_id)))
        .join(CandidateOrigin.candidate)
        .where(CandidateOrigin.watch_id.in_(watches), _UNDECIDED)
    )
    return SearchNote(
        claim.last_searched_at.date() if claim.last_searched_at else None,
        len(watches),
        (session.scalar(found) or 0) if watches else 0,
    )


def _listed() -> Select[Watch]:
    query = select(Watch).where(is_listed(Watch))
    return query.options(joinedload(Watch.claim), joinedload(Watch.topic))


def _rows(session: Session, watches: Iterable[Watch]) -> list[WatchRow]:
    """Return watches as rows of the list, in a constant number of queries."""
    listed = list(watches)
    numbers = [watch.id for watch in listed]
    last = _newest(session, numbers)
    complete = _newest(session, numbers, WatchRun.ended_at.is_not(None), WatchRun.error.is_(None))
    counts = session.execute(
        select(CandidateOrigin.watch_id, func.count(func.distinct(CandidateOrigin.candidate_id)))
        .join(CandidateOrigin.candidate)
        .where(CandidateOrigin.watch_id.in_(numbers), _UNDECIDED)
        .group_by(CandidateOrigin.watch_id)
    )
    waiting = {number: count for number, count in counts}  # noqa: C416  # dict() has no types for rows
    return [
        WatchRow(watch, last.get(watch.id), complete.get(watch.id), waiting.get(watch.id, 0))
        for watch in listed
    ]


def _newest(
    session: Session, numbers: Sequence[int], *conditions: ColumnElement[bool]
) -> dict[int, WatchRun]:
    """Return the latest run of each watch that matches the conditions, by watch id."""
    newest = (
        select(func.max(WatchRun.id))
        .where(WatchRun.watch_id.in_(numbers), *conditions)
        .group_by(WatchRun.watch_id)
    )
    return {run.watch_id: run for run in session.scalars(select(WatchRun).where(WatchRun.id.in_(newest)))}
