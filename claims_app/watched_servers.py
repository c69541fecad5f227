"""Looking at the servers of PostgreSQL: what is asked, and what the last answers were."""

import contextlib
import threading
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine import Row
from sqlalchemy.exc import SQLAlchemyError

SILENT_SECONDS = 5.0
"""After so long without an answer, a server counts as lost even if its connection does not say so."""

_NOTES = (
    "(SELECT value FROM deployment_notes WHERE name = 'lineage') AS noted,"
    " (SELECT version_num FROM alembic_version) AS schema"
)
_WRITTEN = (
    # A commit that is not flushed is acknowledged only if the operator has chosen so.
    "CAST(pg_wal_lsn_diff(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()"
    " ELSE pg_current_wal_flush_lsn() END, '0/0') AS bigint)"
)
_REPLAYED = "CAST(pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0') AS bigint)"

POSITION = f"SELECT {_WRITTEN}"
"""The query for the position up to which the primary has written; what was committed before is included."""

LOOK_AT_PRIMARY = (
    f"SELECT {_WRITTEN} AS position, {_NOTES}, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)"  # nosec B608 - only names of our own schema
    " || ' ' || extract(epoch FROM pg_postmaster_start_time()) AS lineage"
)
LOOK_AT_REPLICA = f"SELECT pg_is_in_recovery() AS follows, {_REPLAYED} AS position, {_NOTES}"
NOTE_LINEAGE = (
    "INSERT INTO deployment_notes (name, value) VALUES ('lineage', %(value)s)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE deployment_notes.value <> excluded.value"
)


PRIMARY = "primary"
REPLICA = "replica"


@dataclass(frozen=True)
class NodeState:
    """The state of a server as this process sees it."""

    name: str
    """Its host and port."""

    role: str
    """PRIMARY or REPLICA."""

    is_in: bool
    """Whether requests are answered from it."""

    why: str
    """Why it is left out, in words; empty if it is not."""

    lag_bytes: int | None = None
    """How much of the log it has still to replay; None if that is not known, and for the primary."""

    lag_seconds: float | None = None
    """How old the newest state is that it certainly shows; None if that is not known, and for the primary."""

    schema: str | None = None
    """The revision of its schema."""


@dataclass
class Seen:
    """What the last looks at a server found. Only its thread writes it."""

    answered_at: float | None = None
    row: Row[Any] | None = None
    problem: str = "It has not answered yet."
    first: threading.Event = field(default_factory=threading.Event)

    def is_away(self, now: float, patience: float = SILENT_SECONDS) -> bool:
        """Return whether the server does not answer."""
        return bool(self.problem) or self.answered_at is None or now - self.answered_at > patience


class Watched:
    """A server that is looked at through a connection of its own."""

    def __init__(self, engine: Engine, query: str) -> None:
        self.name = name_of(engine.url)
        self.seen = Seen()
        self._engine = engine
        self._query = query
        self._connection: Connection | None = None

    def look(self) -> Row[Any] | None:
        """Ask the server for its state and return it; None if it does not answer."""
        was_connected = self._connection is not None
        row = self._ask()
        # At an address of several servers, another one may have taken over.
        return self._ask() if row is None and was_connected else row

    def _ask(self) -> Row[Any] | None:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
                # Of several servers in an address, this one is meant.
                info = self._connection.connection.driver_connection.info  # type: ignore[union-attr]
                self.name = f"{info.host or 'localhost'}:{info.port}"
            row = self._connection.exec_driver_sql(self._query).one()
        except SQLAlchemyError as error:
            self.close()
            cause = getattr(error, "orig", None) or error
            self.seen.row = None
            self.seen.problem = f"It does not answer: {str(cause).strip().splitlines()[0]}"
            row = None
        else:
            self.seen.row, self.seen.problem = row, ""
            self.seen.answered_at = monotonic()
        return row

    def execute(self, statement: str, **values: str) -> None:
        """Execute a statement at the server."""
        if self._connection is not None:
            self._connection.exec_driver_sql(statement, values)

    def close(self) -> None:
        """Close the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                connection.invalidate()
            connection.close()


def name_of(url: URL) -> str:
    """Return the host and port of a server, or of each server in an address with several."""
    hosts = url.query.get("host", ())
    named = (hosts,) if isinstance(hosts, str) else hosts
    return ", ".join(named) or f"{url.host or 'localhost'}:{url.port or 5432}"
