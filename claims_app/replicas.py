"""Streaming replicas of PostgreSQL: which of them may answer a request, and connections to them.

A thread for each server looks at it a few times a second. The primary says at which position its log of changes (WAL)
is; a replica says up to which position it has replayed the log. A replica that had replayed at a moment what the
primary had written a moment before is as old as the time between them, which holds also while nobody writes. One that
is too old, does not answer, or is of another lineage or schema, is left out until it fits again.

The lineage of the primary is its timeline and its start, which is noted in the database. So a replica that does not
follow the present primary is recognised: the note of it never arrives there.

A process prefers one replica, so that what it remembers of the data stays true from one request to the next. Whatever
server it reads at, it shows no state that is older than one that it has shown.
"""

import contextlib
import os
import random
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from claims_app.postgresql import ENDED_FOR_ANOTHER, GONE
from claims_app.watched_servers import (
    LOOK_AT_PRIMARY,
    LOOK_AT_REPLICA,
    NOTE_LINEAGE,
    PRIMARY,
    REPLICA,
    NodeState,
    Seen,
    Watched,
)

LOOK_SECONDS = 0.25
"""How often a server is looked at."""

FIRST_LOOK_SECONDS = 1.0
"""How long the first request of a process waits for the first looks."""

CATCHING_UP = (0.0, 0.001, 0.002, 0.004)
"""Seconds between the questions whether a replica has replayed what a reader has to see. That takes about 1 ms."""


class ReplicaLost(SQLAlchemyError):
    """A replica was lost, or gave up a query, while a request read from it. Another server can answer."""


@dataclass(frozen=True)
class OpenReplica:
    """A connection to a replica on which no transaction has begun yet, and what its next transaction sees."""

    connection: Connection
    lineage: str
    """Which primary it follows."""

    position: int
    """Up to where the log was replayed. The transaction sees at least this."""

    memory: dict[str, Any] = field(repr=False)
    """What services remember of the data at this replica."""

    @property
    def number(self) -> str:
        """A number that moves with each change that is replayed, and is the same at all replicas of a primary."""
        return f"{self.connection.engine.url.database} {self.lineage} {self.position}"


class Replica:
    """One replica: its connections, and what is known about it."""

    def __init__(self, engine: Engine, looks: Engine) -> None:
        self.engine = engine
        self.watched = Watched(looks, LOOK_AT_REPLICA)
        self.memory: dict[str, Any] = {}
        event.listen(engine, "handle_error", self._on_error)

    def open(self, needed: int) -> OpenReplica | None:
        """Return a connection, or None if the replica has not replayed the log up to `needed`.

        Raises SQLAlchemyError if the replica does not answer.
        """
        try:
            return self._open(needed)
        except ReplicaLost:
            # The pool may have had connections from before a restart of the server; now it has none.
            return self._open(needed)

    def _open(self, needed: int) -> OpenReplica | None:
        connection = self.engine.connect()
        try:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for wait in CATCHING_UP:
                sleep(wait)
                found = connection.exec_driver_sql(LOOK_AT_REPLICA).one()
                if not found.follows or found.position >= needed:
                    break
            connection.commit()
            if not found.follows or found.position < needed:
                connection.close()
                return None
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        except BaseException:
            connection.close()
            raise
        return OpenReplica(connection, found.noted or "", found.position, self.memory)

    def _on_error(self, context: ExceptionContext) -> None:
        sqlstate = getattr(context.original_exception, "sqlstate", None)
        if sqlstate in GONE:
            context.is_disconnect = True
        if context.is_disconnect or sqlstate in ENDED_FOR_ANOTHER or context.connection is None:
            self.watched.seen.problem = "A query on it failed just now."
            raise ReplicaLost(f"The replica {self.watched.name} was lost.") from context.original_exception


class Replicas:
    """The replicas of a primary. `lag` is how many seconds a replica may be behind.

    `primary` and `looks` are for looking at the servers; they have no pool and commit each statement by itself.
    """

    def __init__(self, primary: Engine, replicas: Sequence[tuple[Engine, Engine]], lag: float) -> None:
        self.lag = lag
        self._primary = Watched(primary, LOOK_AT_PRIMARY)
        self._replicas = [Replica(engine, looks) for engine, looks in replicas]
        first = random.randrange(len(replicas))  # nosec B311 - spreads the load, guards nothing
        self._preferred = self._replicas[first:] + self._replicas[:first]
        self._positions: deque[tuple[float, int]] = deque(maxlen=1000)
        self._lineage: str | None = None
        self._schema: str | None = None
        self._shown: tuple[str, int] = ("", 0)
        """The newest state that a reader was shown: its lineage and position."""
        self._n_on_primary = 0
        """How often readers were shown the state of the primary, since no replica was fit."""
        self._n_noted = 0
        """How many of these `_shown` covers."""
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._process: int | None = None

    def opened(self, needed: int) -> OpenReplica | None:
        """Return a connection to a replica that has replayed the log up to `needed`; None if the primary must answer.

        With 0, any state will do that is not older than one that was shown.
        """
        self._start()
        if not needed and self._n_noted < self._n_on_primary and not self._is_primary_away():
            return None
        for replica in self._preferred:
            if self._why_out(replica, monotonic()):
                continue
            lineage, position = self._shown
            with contextlib.suppress(SQLAlchemyError):
                opened = replica.open(max(needed, position if lineage == self._lineage else 0))
                if opened is not None:
                    self._note_shown(opened.lineage, opened.position)
                    return opened
        if not needed:
            with self._lock:
                self._n_on_primary += 1
        return None

    def primary_is_away(self) -> bool:
        """Return whether the primary is known not to answer."""
        self._start()
        return self._is_primary_away()

    def primary_is_lost(self) -> bool:
        """Return whether the last look at the primary failed, rather than that it is still waiting for an answer."""
        self._start()
        return bool(self._primary.seen.problem)

    @property
    def memories(self) -> list[dict[str, Any]]:
        """What services remember of the data at each replica."""
        return [replica.memory for replica in self._replicas]

    def states(self) -> list[NodeState]:
        """Return the state of each server once, the primary first, also if it is among the replicas."""
        self._start()
        now = monotonic()
        seen = self._primary.seen
        away = self._is_primary_away()
        row = seen.row
        states = [
            NodeState(
                self._primary.name,
                PRIMARY,
                not away,
                (seen.problem or "It has been silent for some seconds.") if away else "",
                schema=row.schema if row else None,
            )
        ]
        for replica in self._replicas:
            row = replica.watched.seen.row
            if row and not row.follows and replica.watched.name == self._primary.name:
                continue
            why = self._why_out(replica, now)
            ahead = self._positions[-1][1] if self._positions else None
            states.append(
                NodeState(
                    replica.watched.name,
                    REPLICA,
                    not why,
                    why,
                    max(0, ahead - row.position) if row and row.follows and ahead is not None else None,
                    self._age(row.position, now) if row and row.follows else None,
                    row.schema if row else None,
                )
            )
        return states

    def look(self) -> None:
        """Look at all servers once, in this thread: at the primary first."""
        self._look_at_primary()
        for replica in self._replicas:
            replica.watched.look()

    def close(self) -> None:
        """End the threads and close all connections."""
        self._stopped.set()
        for replica in self._replicas:
            replica.memory.clear()
            replica.engine.dispose()

    def _start(self) -> None:
        """Start the threads of this process, and wait a moment for the first looks."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process == os.getpid():
                return
            # A process that was forked has the threads and connections of its parent no more.
            self._stopped = threading.Event()
            looks: list[tuple[Watched, Callable[[], object]]] = [(self._primary, self._look_at_primary)]
            looks += [(replica.watched, replica.watched.look) for replica in self._replicas]
            for watched, look in looks:
                watched.seen = Seen()
                arguments = (watched, look, self._stopped)
                threading.Thread(
                    target=self._keep_looking, args=arguments, name=f"look at {watched.name}", daemon=True
                ).start()
            patience = monotonic() + FIRST_LOOK_SECONDS
            for watched, _ in looks:
                watched.seen.first.wait(max(0.0, patience - monotonic()))
            self._process = os.getpid()

    @staticmethod
    def _keep_looking(watched: Watched, look: Callable[[], object], stopped: threading.Event) -> None:
        while True:
            look()
            watched.seen.first.set()
            if stopped.wait(LOOK_SECONDS):
                watched.close()
                return

    def _look_at_primary(self) -> None:
        n_on_primary, began = self._n_on_primary, monotonic()
        row = self._primary.look()
        if row is None:
            return
        self._positions.append((began, row.position))
        self._lineage, self._schema = row.lineage, row.schema
        if n_on_primary > self._n_noted:
            self._note_shown(row.lineage, row.position)
            self._n_noted = n_on_primary
        if row.noted != row.lineage:
            with contextlib.suppress(SQLAlchemyError):
                self._primary.execute(NOTE_LINEAGE, value=row.lineage)

    def _note_shown(self, lineage: str, position: int) -> None:
        with self._lock:
            if lineage != self._shown[0] or position > self._shown[1]:
                self._shown = (lineage, position)

    def _is_primary_away(self) -> bool:
        # Otherwise a replica would seem too old just because a primary that hangs does not say what it has written.
        return self._primary.seen.is_away(monotonic(), self.lag / 2)

    def _why_out(self, replica: Replica, now: float) -> str:
        """Return why a replica must not answer, in words; empty if it may."""
        seen = replica.watched.seen
        row = seen.row
        if seen.problem or row is None:
            return seen.problem
        if seen.is_away(now):
            return "It has been silent for some seconds."
        if not row.follows:
            return "It is no replica; perhaps it is the primary."
        if self._lineage is None:
            return ""  # the primary has never answered, so the replicas are all there is
        if row.noted != self._lineage:
            return "It does not follow the present primary."
        if row.schema != self._schema:
            return "Its schema is of another revision."
        age = self._age(row.position, now)
        if age is None or age > self.lag:
            return "It is too far behind."
        return ""

    def _age(self, position: int, now: float) -> float | None:
        """Return how many seconds old the state at a position is at most; None if it is older than what is known.

        While the primary does not answer, that is how old it was at its last answer: nobody can write since.
        """
        at = next((at for at, written in reversed(self._positions.copy()) if written <= position), None)
        if at is None:
            return None
        answered = self._primary.seen.answered_at
        return max(0.0, (answered if self._is_primary_away() and answered is not None else now) - at)
