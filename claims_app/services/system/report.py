"""What an admin sees of the site at one glance, and what of it needs attention.

Whatever the number of records, it is read from small tables, by an index, or from what the database knows of its own
size.
"""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from claims_app.database import Database
from claims_app.models import (
    ApiToken,
    Job,
    RecentError,
    RetractionLoad,
    User,
    UserSession,
    Watch,
    WatchRun,
    Webhook,
)
from claims_app.services.hooks import webhooks
from claims_app.services.intake import retractions
from claims_app.services.releases.store import program_version
from claims_app.services.system import condition, recent_errors
from claims_app.vocabulary import ReviewState, Role, WatchState
from claims_app.watched_servers import NodeState

MOST_LISTED = 20
"""Rows of each list of the page."""

OLD_NOTICES = datetime.timedelta(days=30)
"""Retraction data that is older needs attention: Crossref publishes it every working day."""

OLD_RUN = datetime.timedelta(days=7)
"""Watches that have not run for so long need attention."""

LITTLE_SPACE = 2_000_000_000
"""Bytes of free space below which a disk needs attention."""

OF_LATE = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Accounts:
    """Numbers of accounts, and those used last."""

    by_role: Sequence[tuple[Role, int]]
    disabled: int
    last_used: Sequence[tuple[str, datetime.datetime]]
    """User names with the last use of a session that is still open."""


@dataclass(frozen=True)
class Storage:
    """Sizes in bytes."""

    database: int
    wal: int
    releases: int
    free: int
    groups: Sequence[tuple[str, int]]
    """The size of each group of tables; PostgreSQL only, since SQLite would have to read the whole file."""


@dataclass(frozen=True)
class Report:
    """How the site is doing."""

    now: datetime.datetime
    version: str
    readiness: condition.Readiness
    replicas: Sequence[NodeState]
    """The streaming replicas of PostgreSQL, if there are any."""

    accounts: Accounts
    tokens: Sequence[ApiToken]
    """Tokens that work, those used last first; one more than are listed if there are more."""

    jobs: Sequence[Job]
    """Jobs in the background, those that failed first."""

    job_counts: Sequence[condition.JobCount]
    notices: RetractionLoad | None
    active_watches: int
    runs: Sequence[WatchRun]
    """The newest runs of watches."""

    failing_hooks: Sequence[Webhook]
    deliveries: int
    storage: Storage
    errors: Sequence[RecentError]

    @property
    def attention(self) -> list[tuple[str, str]]:
        """What needs attention: a sentence, and the part of the page that says more."""
        return list(self._attention())

    def _attention(self) -> Iterator[tuple[str, str]]:
        if not self.readiness.schema:
            yield "The schema of the database is not that of this program.", "program"
        if not self.readiness.writes:
            yield "The database accepts no changes at the moment.", "program"
        if out := sum(not node.is_in for node in self.replicas):
            yield f"{_plural(out, 'replica')} left out.", "replicas"
        if late := sum(self.now - error.happened_at < OF_LATE for error in self.errors):
            more = " or more" if late == len(self.errors) >= MOST_LISTED else ""
            yield f"{_plural(late, 'request')}{more} failed in the last 24 hours.", "errors"
        if failed := sum(count.number for count in self.job_counts if count.state == condition.FAILED):
            yield f"{_plural(failed, 'job')} failed.", "jobs"
        if self.failing_hooks:
            yield (
                f"{_plural(len(self.failing_hooks), 'webhook')} failing or paused after failures.",
                "webhooks",
            )
        yield from self._old()
        if self.storage.free < LITTLE_SPACE:
            yield f"Only {in_words(self.storage.free)} of disk space are left.", "storage"

    def _old(self) -> Iterator[tuple[str, str]]:
        if self.notices is None:
            yield "No retraction data has been loaded yet.", "retractions"
        elif (age := self.notices_age) is not None and age > OLD_NOTICES:
            yield f"Retraction data is {age.days} days old.", "retractions"
        last = self.runs[0].began_at if self.runs else None
        if self.active_watches and last is None:
            yield (
                f"{_plural(self.active_watches, 'active watch', 'active watches')}, but none has run yet.",
                "watches",
            )
        elif self.active_watches and last is not None and self.now - last > OLD_RUN:
            yield f"No watch has run for {(self.now - last).days} days.", "watches"
        elif failed := sum(run.error is not None for run in self.runs):
            yield f"{failed} of the last {_plural(len(self.runs), 'run')} of watches failed.", "watches"

    @property
    def notices_age(self) -> datetime.timedelta | None:
        """How old the retraction data is."""
        if self.notices is None or self.notices.ended_at is None:
            return None
        return self.now - self.notices.ended_at


def report(session: Session, database: Database, folder: Path) -> Report:
    """Return how the site is doing; `folder` is where the program keeps its files."""
    now = database.clock()
    in_order = (Job.problem.is_(None), Job.due_at, Job.id)
    return Report(
        now=now,
        version=program_version(),
        readiness=condition.readiness(session),
        replicas=condition.replicas(database),
        accounts=_accounts(session, now),
        tokens=_tokens(session, now),
        jobs=session.scalars(select(Job).order_by(*in_order).limit(MOST_LISTED)).all(),
        job_counts=condition.count_jobs(session, now),
        notices=retractions.last_load(session),
        active_watches=_count_active_watches(session),
        runs=session.scalars(select(WatchRun).order_by(WatchRun.id.desc()).limit(5)).all(),
        failing_hooks=webhooks.list_failing(session),
        deliveries=condition.count_waiting_deliveries(session),
        storage=Storage(
            condition.database_bytes(session),
            condition.wal_bytes(session),
            condition.bytes_in(folder / "releases"),
            condition.free_bytes(folder),
            _groups(session),
        ),
        errors=recent_errors.newest(session, MOST_LISTED),
    )


def _accounts(session: Session, now: datetime.datetime) -> Accounts:
    counted: Counter[Role] = Counter()
    disabled = 0
    for role, is_active, n in session.execute(
        select(User.role, User.is_active, func.count()).group_by(User.role, User.is_active)
    ):
        counted[role] += n if is_active else 0
        disabled += 0 if is_active else n
    seen = func.max(UserSession.seen_at)
    used = session.execute(
        select(User.username, seen)
        .join(UserSession.user)
        .where(UserSession.ends_at > now)
        .group_by(User.username)
        .order_by(seen.desc())
        .limit(5)
    )
    last_used = [(name, seen) for name, seen in used]
    return Accounts([(role, counted[role]) for role in Role], disabled, last_used)


def _tokens(session: Session, now: datetime.datetime) -> Sequence[ApiToken]:
    usable = (ApiToken.revoked_at.is_(None), ApiToken.ends_at.is_(None) | (ApiToken.ends_at > now))
    query = (
        select(ApiToken)
        .where(*usable)
        .options(joinedload(ApiToken.user, innerjoin=True))
        .order_by(func.coalesce(ApiToken.used_at, ApiToken.made_at).desc(), ApiToken.id)
    )
    return session.scalars(query.limit(MOST_LISTED + 1)).all()


def _count_active_watches(session: Session) -> int:
    active = (Watch.state == WatchState.ACTIVE, Watch.review_state == ReviewState.ACCEPTED)
    return session.scalar(select(func.count()).select_from(Watch).where(*active)) or 0


_GROUPS = text(
    "SELECT CASE WHEN relname LIKE '%\\_versions' OR relname = 'revisions' THEN 'History'"
    " WHEN relname LIKE 'search%' OR relname LIKE '%\\_words' THEN 'Search'"
    " WHEN relname LIKE 'import%' OR relname LIKE 'webhook%' OR relname = 'jobs' THEN 'Imports and webhooks'"
    " ELSE 'Records and the rest' END AS part, sum(pg_total_relation_size(oid)) AS bytes FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace GROUP BY part ORDER BY bytes DESC"
)


def _groups(session: Session) -> Sequence[tuple[str, int]]:
    if session.get_bind().dialect.name != "postgresql":
        return []
    return [(part, int(size)) for part, size in session.execute(_GROUPS)]


def in_words(size: int) -> str:
    """Return a number of bytes as 1.2 GB."""
    value, units = float(size), iter(("bytes", "kB", "MB", "GB", "TB"))
    unit = next(units)
    while value >= 999.5 and unit != "TB":
        value, unit = value / 1000, next(units)
    return f"{value:.0f} {unit}" if value >= 10 or unit == "bytes" else f"{value:.1f} {unit}"


def _plural(count: int, noun: str, nouns: str = "") -> str:
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
