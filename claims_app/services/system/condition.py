"""How the site is doing, for monitors and admins: what waits, what failed, how old and how large things are.

Everything here is read from small tables, from an index or from the file system, whatever the number of records.
"""

import datetime
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import case, func, select, text
from sqlalchemy.orm import Session

from claims_app.database import DATABASE, REPLICA, Database
from claims_app.models import Job, Webhook, WebhookDelivery
from claims_app.services.system import nodes, schema
from claims_app.vocabulary import DeliveryState
from claims_app.watched_servers import PRIMARY, NodeState

WAITING, RUNNING, FAILED = "waiting", "running", "failed"
JOB_STATES = (WAITING, RUNNING, FAILED)


@dataclass(frozen=True)
class JobCount:
    """How many jobs of a kind are in a state, and since when the oldest of them waits."""

    kind: str
    state: str
    number: int
    oldest: datetime.datetime


@dataclass(frozen=True)
class Readiness:
    """Whether this process can answer. `None` is what is not known, since the database does not respond."""

    database: bool
    schema: bool | None = None
    writes: bool | None = None
    revision: str | None = None
    """The revision of the schema, for operators."""

    @property
    def is_ready(self) -> bool:
        """Whether pages can be read. A database that takes no writes just now still serves readers."""
        return self.database and self.schema is True


def readiness(session: Session) -> Readiness:
    """Return whether requests can be answered. Raises SQLAlchemyError if the database does not respond."""
    database: Database = session.info[DATABASE]
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    query = "SELECT version_num, true FROM alembic_version"
    if not on_sqlite:
        query = (
            "SELECT version_num, NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'"
            " FROM alembic_version"
        )
    revision, writes = session.execute(text(query)).one()
    if on_sqlite:
        writes = _is_writable(_file_of(session))
    elif REPLICA in session.info:
        writes = not database.is_away
    fit = schema.fit_of(session.connection(), revision)
    return Readiness(True, fit in (schema.Fit.CURRENT, schema.Fit.NEWER), bool(writes), revision)


def _file_of(session: Session) -> Path | None:
    name = session.get_bind().engine.url.database
    return Path(name) if name and name != ":memory:" else None


def _is_writable(file: Path | None) -> bool:
    # SQLite also writes files beside it.
    return file is None or (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def replicas(database: Database) -> Sequence[NodeState]:
    """Return the state of each replica, as of its last look; nothing is asked for."""
    return [node for node in nodes.states(database) if node.role != PRIMARY] if database.replicas else []


def count_jobs(session: Session, now: datetime.datetime) -> Sequence[JobCount]:
    """Return the numbers of the jobs of each kind and state."""
    state = case(
        (Job.problem.is_not(None), FAILED),
        (Job.held_until >= now, RUNNING),
        else_=WAITING,
    )
    query = (
        select(Job.kind, state, func.count(), func.min(Job.queued_at))
        .group_by(Job.kind, state)
        .order_by(Job.kind, state)
    )
    return [JobCount(*row) for row in session.execute(query)]


def count_waiting_deliveries(session: Session) -> int:
    """Return how many events are queued for webhooks, of which each has some hundreds at most."""
    query = select(func.count()).where(
        WebhookDelivery.webhook_id.in_(select(Webhook.id)), WebhookDelivery.state == DeliveryState.PENDING
    )
    return session.scalar(query) or 0


def database_bytes(session: Session) -> int:
    """Return the size of the database, with the second file of SQLite."""
    if session.get_bind().dialect.name == "postgresql":
        return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
    file = _file_of(session)
    return 0 if file is None else _size(file) + wal_bytes(session)


def wal_bytes(session: Session) -> int:
    """Return the size of the second file of SQLite, in which recent changes are; 0 on PostgreSQL."""
    file = _file_of(session) if session.get_bind().dialect.name == "sqlite" else None
    return 0 if file is None else _size(file.with_name(f"{file.name}-wal"))


def free_bytes(folder: Path) -> int:
    """Return how much space is free where `folder` is."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def bytes_in(folder: Path) -> int:
    """Return the size of the files in a folder that has few of them."""
    return sum(_size(file) for file in folder.rglob("*") if file.is_file())


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def connections_in_use(database: Database) -> tuple[int, int]:
    """Return how many connections to the database are in use in this process, and how many are open."""
    pool = database.engine.pool
    used = getattr(pool, "checkedout", lambda: 0)()
    return used, used + getattr(pool, "checkedin", lambda: 0)()
