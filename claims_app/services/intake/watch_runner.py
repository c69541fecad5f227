"""Running watches: what is new of each search goes into the inbox, a page at a time.

Each page is a transaction of its own, and `inbox.put` makes no second candidate of what it knows. So a run that is
killed half-way loses nothing and leaves nothing half-done: the next one asks for the same again. No transaction is
open while a service is waited for. Only a run that got everything counts as a search.
"""

import datetime
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from claims_app.database import Base, Change, Database
from claims_app.lookup.errors import LookupFailed
from claims_app.models import Claim, Watch, WatchRun
from claims_app.rules.identifiers import NORMALISERS
from claims_app.rules.reference import Reference
from claims_app.rules.words import digest_of_title
from claims_app.services.core import records
from claims_app.services.core.errors import Invalid, Refused, StaleVersion
from claims_app.services.intake import inbox
from claims_app.services.intake.inbox import Origin
from claims_app.services.records import studies
from claims_app.vocabulary import OriginKind, PutOutcome, WatchService

Search = Callable[[WatchService, str, datetime.date], Iterator[Sequence[Reference]]]
"""Asks a service for what came into it on a day or later, and yields it by pages. Raises LookupFailed."""

OVERLAP = datetime.timedelta(days=7)
"""How far a run goes back before the last one: services date what they add late."""

FIRST = datetime.timedelta(days=365)
"""How far the first run goes back, unless it is told a day."""

LEASE = datetime.timedelta(minutes=15)
"""How long a run is taken to be alive after its last page: longer than a service is waited for, all tries together."""

MOST_REPEATED = 3
"""Pages in a row with nothing but what came before, after which a service is taken to go round in circles."""

_TRIES = 3
_LONGEST_ERROR = 500
# The table, past the unit of work: when a claim was searched for is no change of the claim.
_CLAIMS = Base.metadata.tables["claims"]
_COUNTED = {
    PutOutcome.NEW: "n_new",
    PutOutcome.WAITING: "n_known",
    PutOutcome.KNOWN: "n_known",
    PutOutcome.NOT_RELEVANT: "n_not_relevant",
}


class Busy(Refused):
    """The watch is being run already."""


class TakenOver(Refused):
    """Another run closed this one, because it had not been heard of for too long."""


@dataclass
class Outcome:
    """What came of running a watch; `error` says why it was not complete."""

    since: datetime.date
    counts: Counter[str] = field(default_factory=Counter)
    error: str | None = None
    gap_from: datetime.date | None = None
    """Where nobody has searched what came in between this day and `since`: then this is not noted as a search."""


@dataclass(frozen=True)
class _Task:
    """What a run has to know of its watch; it holds nothing of the database."""

    run_id: int | None
    watch_id: int
    service: WatchService
    query: str
    origin: Origin


def run(
    database: Database,
    watch_id: int,
    search: Search,
    change: Change,
    *,
    since: datetime.date | None = None,
    dry_run: bool = False,
) -> Outcome:
    """Run one watch: ask for what came since the last complete run (or `since`), and put it into the inbox.

    With `dry_run`, nothing is written. Where the service fails, the outcome says so; what came before stays in the
    inbox. Raises NotFound and Gone, Refused for a watch that is not run, and Busy while it is being run already.
    """
    task, outcome = _begin(database, watch_id, change, since, dry_run)
    try:
        with closing(_pages(search(task.service, task.query, outcome.since))) as pages:
            for page in pages:
                outcome.counts += _take(database, task, page, change)
    except LookupFailed as failed:
        outcome.error = str(failed)
    except TakenOver as over:
        # The other run has noted it, and goes on with it.
        outcome.error = str(over)
        return outcome
    except BaseException as error:
        # It goes on to the caller; the next run must not wait for this one, though.
        outcome.error = (
            f"It ended with an error of the program ({type(error).__name__})."
            if isinstance(error, Exception)
            else "It was interrupted."
        )
        _end(database, task, outcome, change)
        raise
    _end(database, task, outcome, change)
    return outcome


def since_of(session: Session, watch: Watch, today: datetime.date) -> datetime.date:
    """Return the day from which the next run of `watch` asks, unless it is told another one."""
    covered = _covered_until(session, watch.id, watch.service, watch.query)
    return today - FIRST if covered is None else covered - OVERLAP


def _begin(
    database: Database, watch_id: int, change: Change, since: datetime.date | None, dry_run: bool
) -> tuple[_Task, Outcome]:
    """Open a run, unless it is dry. Raises as `run` does."""
    try:
        with database.writing(change) as session:
            watch = records.get(session, Watch, watch_id)
            if not watch.is_accepted:
                raise Refused(f"{watch.public_id} waits for review, so it is not run.")
            now = session.changed_at
            begins = since or since_of(session, watch, now.date())
            if begins > now.date():
                raise Refused(f"{begins} is not over yet; name a day that has been.")
            covered = _covered_until(session, watch.id, watch.service, watch.query)
            outcome = Outcome(begins, gap_from=covered if covered and begins > covered else None)
            number = None if dry_run else _open(session, watch, begins, now)
            origin = Origin(
                kind=OriginKind.WATCH,
                detail=watch.public_id,
                claim_id=watch.claim_id,
                topic_id=watch.topic_id,
                watch_id=watch.id,
            )
            task = _Task(number, watch.id, watch.service, watch.query, origin)
            if dry_run:
                session.rollback()
    except IntegrityError:
        # Two began at the same moment; the database lets one of them.
        raise Busy("It is being run already.") from None
    return task, outcome


def _open(session: Session, watch: Watch, since: datetime.date, now: datetime.datetime) -> int:
    """Write the run that is open now, and close one that was killed. Raises Busy."""
    still_open = select(WatchRun).where(WatchRun.watch_id == watch.id, WatchRun.ended_at.is_(None))
    before = session.scalar(still_open.with_for_update())
    if before is not None:
        if before.alive_until > now:
            raise Busy(
                f"{watch.public_id} is being run already, since {before.began_at:%Y-%m-%d %H:%M} UTC. If that run was "
                f"killed, it can be run again from {before.alive_until:%H:%M} UTC on."
            )
        before.ended_at = now
        before.error = "It was broken off."
        session.flush()
    opened = WatchRun(
        watch_id=watch.id,
        service=watch.service,
        query=watch.query,
        began_at=now,
        alive_until=now + LEASE,
        since=since,
        until=now.date(),
    )
    session.add(opened)
    session.flush()
    return opened.id


def _pages(pages: Iterator[Sequence[Reference]]) -> Generator[list[Reference], None, None]:
    """Yield of each page what did not come before; stop, with LookupFailed, where nothing else comes any more."""
    seen: set[str] = set()
    repeated = 0
    try:
        for page in pages:
            fresh = []
            for reference in page:
                names = _names(reference)
                if seen.isdisjoint(names):
                    fresh.append(reference)
                seen |= names
            repeated = 0 if fresh or not page else repeated + 1
            if repeated >= MOST_REPEATED:
                raise LookupFailed("The service repeats itself, and does not come to an end.")
            yield fresh
    finally:
        if hasattr(pages, "close"):
            pages.close()


def _names(reference: Reference) -> set[str]:
    """Return what a reference is known by within one run: its identifiers, or its title where it has none."""
    names = set()
    for name in studies.OF_ONE_REPORT:
        if value := reference.values.get(name):
            try:
                names.add(f"{name}:{NORMALISERS[name](str(value))}")
            except ValueError:
                continue
    title = reference.values.get("title")
    return names or ({f"{digest_of_title(str(title))}:{reference.values.get('year')}"} if title else set())


def _take(database: Database, task: _Task, page: Sequence[Reference], change: Change) -> Counter[str]:
    """Put a page into the inbox, whole; a second time where somebody else was at the same papers just then."""
    for left in reversed(range(_TRIES)):
        try:
            return _put(database, task, page, change)
        except (StaleVersion, StaleDataError, IntegrityError, OperationalError):
            if not left:
                raise
    raise AssertionError("the last try returns or raises")


def _put(database: Database, task: _Task, page: Sequence[Reference], change: Change) -> Counter[str]:
    counts: Counter[str] = Counter(n_found=len(page))
    with database.writing(change) as session:
        opened = None if task.run_id is None else _still_open(session, task.run_id)
        for reference in page:
            try:
                counts[_COUNTED[inbox.put(session, reference, task.origin).outcome]] += 1
            except Invalid:
                continue  # it has neither a title nor an identifier
        if opened is None:
            session.rollback()
            return counts
        opened.alive_until = session.changed_at + LEASE
        for name, number in counts.items():
            setattr(opened, name, getattr(opened, name) + number)
    return counts


def _still_open(session: Session, run_id: int) -> WatchRun:
    """Return the run, so that no other one closes it meanwhile. Raises TakenOver if one did."""
    opened = session.get_one(WatchRun, run_id, with_for_update=True)
    if opened.ended_at is not None:
        raise TakenOver("Another run took over, because this one had not been heard of for too long.")
    return opened


def _end(database: Database, task: _Task, outcome: Outcome, change: Change) -> None:
    """Note that the run is over and, where it was complete, that its claim was searched for."""
    if task.run_id is None:
        return
    with database.writing(change) as session:
        try:
            opened = _still_open(session, task.run_id)
        except TakenOver as over:
            outcome.error = str(over)
            return
        opened.ended_at = session.changed_at
        opened.error = outcome.error[:_LONGEST_ERROR] if outcome.error else None
        if outcome.error is None and outcome.gap_from is None and task.origin.claim_id is not None:
            _note_search(session, task.origin.claim_id, opened.began_at)


def _note_search(session: Session, claim_id: int, at: datetime.datetime) -> None:
    """Let a claim, or the one that stands for it by now, say that it was searched for; never an earlier day."""
    claim = records.look_up(session, Claim, claim_id)
    if claim is not None and (claim.last_searched_at is None or claim.last_searched_at < at):
        values: dict[str, Any] = {"last_searched_at": at}
        session.execute(update(_CLAIMS).where(_CLAIMS.c.id == claim.id).values(values))
        session.expire(claim, ["last_searched_at"])


def _covered_until(
    session: Session, watch_id: int, service: WatchService, query: str
) -> datetime.date | None:
    """Return up to which day all was asked for by complete runs of this very search, or None if by none.

    A run that began later than the ones before had come leaves a gap, and covers nothing.
    """
    covered: datetime.date | None = None
    complete = select(WatchRun.since, WatchRun.until).where(
        WatchRun.watch_id == watch_id,
        WatchRun.service == service,
        WatchRun.query == query,
        WatchRun.ended_at.is_not(None),
        WatchRun.error.is_(None),
    )
    for begins, until in session.execute(complete.order_by(WatchRun.id)):
        if covered is None or begins <= covered:
            covered = until if covered is None else max(covered, until)
    return covered
