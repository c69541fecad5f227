"""Runs watches: new results of a saved search go into the inbox, page by page.

Each page is saved in its own transaction, and `inbox.put` recognises references that it has seen. So a run can be
killed at any time: the next run repeats the search and adds what is missing. No transaction is open while waiting for
a service. Only a complete run counts as a search.
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

from claims_app.database import Base, Change, Database, WriteSession
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
"""Yields, page by page, what was added to a service on or after a day. Raises LookupFailed."""

OVERLAP = datetime.timedelta(days=7)
"""How far a run goes back before the last one, since services add entries with earlier dates."""

FIRST = datetime.timedelta(days=365)
"""How far the first run goes back by default."""

LEASE = datetime.timedelta(minutes=15)
"""How long a run counts as alive after its last page. It is longer than all attempts to reach a service together."""

MOST_REPEATED = 3
"""After this many pages in a row with nothing new, a service is assumed to repeat itself endlessly."""

_TRIES = 3
_LONGEST_ERROR = 500
# Written with a plain UPDATE of the table: the date of a search must not create a revision of the claim.
_CLAIMS = Base.metadata.tables["claims"]
_COUNTED = {
    PutOutcome.NEW: "n_new",
    PutOutcome.WAITING: "n_known",
    PutOutcome.KNOWN: "n_known",
    PutOutcome.NOT_RELEVANT: "n_not_relevant",
}


class Busy(Refused):
    """Another run of the watch is in progress."""


class TakenOver(Refused):
    """Another run closed this one, because its lease had expired."""


@dataclass
class Outcome:
    """The result of running a watch; `error` says why it was not complete."""

    since: datetime.date
    counts: Counter[str] = field(default_factory=Counter)
    error: str | None = None
    gap_from: datetime.date | None = None
    """If set, entries added from this day until `since` were never searched, so the run is not recorded as a search."""


@dataclass(frozen=True)
class _Task:
    """What a run needs to know about its watch, independent of any session."""

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
    """Run one watch: search for entries added since the last complete run (or `since`), and put them into the inbox.

    With `dry_run`, nothing is saved. If the service fails, the outcome has the error, and what was found before stays
    in the inbox. Raises NotFound and Gone; Refused if the watch is waiting for review or `since` is in the future;
    and Busy if another run is in progress.
    """
    task, outcome = _begin(database, watch_id, change, since, dry_run)
    try:
        with closing(_pages(search(task.service, task.query, outcome.since))) as pages:
            for page in pages:
                outcome.counts += _put_page_with_retries(database, task, page, change)
    except LookupFailed as failed:
        outcome.error = str(failed)
    except TakenOver as over:
        # The other run has recorded that, and continues.
        outcome.error = str(over)
        return outcome
    except BaseException as error:
        # The caller handles the error, but the run must be closed so that the next one need not wait for it.
        outcome.error = (
            f"The run failed because of an internal error ({type(error).__name__})."
            if isinstance(error, Exception)
            else "The run was interrupted."
        )
        _end(database, task, outcome, change)
        raise
    _end(database, task, outcome, change)
    return outcome


def since_of(session: Session, watch: Watch, today: datetime.date) -> datetime.date:
    """Return the day from which the next run of `watch` searches by default."""
    covered = _covered_until(session, watch.id, watch.service, watch.query)
    return today - FIRST if covered is None else covered - OVERLAP


def _begin(
    database: Database, watch_id: int, change: Change, since: datetime.date | None, dry_run: bool
) -> tuple[_Task, Outcome]:
    """Open a run, unless `dry_run`; return its task and an empty outcome. Raises what `run` raises."""
    try:
        with database.writing(change) as session:
            watch = records.get(session, Watch, watch_id)
            if not watch.is_accepted:
                raise Refused(f"{watch.public_id} is waiting for review and cannot be run yet.")
            now = session.changed_at
            begins = since or since_of(session, watch, now.date())
            if begins > now.date():
                raise Refused(f"{begins} is in the future. Enter a date that is not after today.")
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
        # Two runs began at the same moment; a constraint lets only one of them in.
        raise Busy("This watch is already running.") from None
    return task, outcome


def _open(session: WriteSession, watch: Watch, since: datetime.date, now: datetime.datetime) -> int:
    """Save a new open run and return its id; close an earlier one that was killed. Raises Busy."""
    still_open = select(WatchRun).where(WatchRun.watch_id == watch.id, WatchRun.ended_at.is_(None))
    before = session.scalar(still_open.with_for_update())
    if before is not None:
        if before.alive_until > now:
            raise Busy(
                f"{watch.public_id} has been running since {before.began_at:%Y-%m-%d %H:%M} UTC. If that run was "
                f"killed, try again after {before.alive_until:%H:%M} UTC."
            )
        before.ended_at = now
        before.error = "The run was cut off."
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
    """Yield the new references of each page. Raises LookupFailed if the service keeps repeating itself."""
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
                raise LookupFailed("The service keeps returning the same results.")
            yield fresh
    finally:
        if hasattr(pages, "close"):
            pages.close()


def _names(reference: Reference) -> set[str]:
    """Return the keys that identify a reference within one run: its identifiers, or else its title and year.

    The title is part of each key, as different reports can have the same identifier, such as chapters of a book.
    """
    names = set()
    title = reference.values.get("title")
    digest = digest_of_title(str(title)) if title else ""
    for name in studies.OF_ONE_REPORT:
        if value := reference.values.get(name):
            try:
                names.add(f"{name}:{NORMALISERS[name](str(value))}:{digest}")
            except ValueError:
                continue
    return names or ({f"{digest}:{reference.values.get('year')}"} if title else set())


def _put_page_with_retries(
    database: Database, task: _Task, page: Sequence[Reference], change: Change
) -> Counter[str]:
    """Put a page into the inbox in one transaction and return the counts; retry after a conflict with other users."""
    for left in reversed(range(_TRIES)):
        try:
            return _put_page(database, task, page, change)
        except (StaleVersion, StaleDataError, IntegrityError, OperationalError):
            if not left:
                raise
    raise AssertionError("The last try returns or raises.")


def _put_page(database: Database, task: _Task, page: Sequence[Reference], change: Change) -> Counter[str]:
    """Put a page into the inbox in one transaction, extend the lease, and return the counts. Raises TakenOver."""
    counts: Counter[str] = Counter(n_found=len(page))
    with database.writing(change) as session:
        opened = None if task.run_id is None else _still_open(session, task.run_id)
        for reference in page:
            try:
                counts[_COUNTED[inbox.put(session, reference, task.origin).outcome]] += 1
            except Invalid:
                continue  # neither a title nor an identifier
        if opened is None:
            session.rollback()
            return counts
        opened.alive_until = session.changed_at + LEASE
        for name, number in counts.items():
            setattr(opened, name, getattr(opened, name) + number)
    return counts


def _still_open(session: Session, run_id: int) -> WatchRun:
    """Return the run, locked so that no other run can close it. Raises TakenOver if another run has closed it."""
    opened = session.get_one(WatchRun, run_id, with_for_update=True)
    if opened.ended_at is not None:
        raise TakenOver("Another run took over, because this one had not reported for too long.")
    return opened


def _end(database: Database, task: _Task, outcome: Outcome, change: Change) -> None:
    """Record that the run has ended and, if it was complete, the date of the search on its claim."""
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
    """Set the date of the last search of a claim, or of the one it was merged into, unless it has a later one."""
    claim = records.look_up(session, Claim, claim_id)
    if claim is not None and (claim.last_searched_at is None or claim.last_searched_at < at):
        values: dict[str, Any] = {"last_searched_at": at}
        session.execute(update(_CLAIMS).where(_CLAIMS.c.id == claim.id).values(values))
        session.expire(claim, ["last_searched_at"])


def _covered_until(
    session: Session, watch_id: int, service: WatchService, query: str
) -> datetime.date | None:
    """Return the day up to which complete runs of exactly this search have covered everything, or None.

    A run that starts after the days covered so far leaves a gap and does not count.
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
