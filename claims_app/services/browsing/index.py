"""The index of a database: the sets of all claims, brought up to date in the snapshot of each session that asks.

Each server of the database that a process reads at has an index of its own.

`claim_summaries.changed` says which claims changed. On SQLite it counts up. On PostgreSQL it is the number of the
transaction: what was below the oldest running one at the last look has been seen; the rest is compared one by one.
"""

import dataclasses
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from pyroaring import BitMap
from sqlalchemy import text
from sqlalchemy.orm import Session

from claims_app.database import MEMORY, REPLICA, Database
from claims_app.replicas import OpenReplica
from claims_app.services.browsing import saving
from claims_app.services.browsing.reading import read_all, read_some
from claims_app.services.browsing.remembering import Answer, Memory, Step
from claims_app.services.browsing.sets import Sets
from claims_app.services.core.filters import ClaimFilters

WORTH_SAVING = 10_000
"""From this number of claims on, an index is saved. A smaller one is built in a moment."""

_SAVED_AFTER = 10_000
"""So many changes are read again at a start before the index is saved anew."""

_MANY = 1000
"""Up to this number of changed claims, and up to a fifth of all, they are read one by one."""

_NEVER = 2**62
"""Above the number of any change."""

_LOOKS = {
    "sqlite": text(
        "SELECT (SELECT max(changed) FROM claim_summaries) AS moment, claim_id, changed"
        " FROM (SELECT 1) AS one LEFT JOIN claim_summaries ON changed >= :number"
    ),
    # The numbers of a restored database may come from another server, with more transactions.
    "postgresql": text(
        "SELECT concat(pg_current_snapshot(), ' ', pg_postmaster_start_time(), ' ',"
        " pg_relation_filenode('claim_summaries')) AS moment, claim_id, changed"
        " FROM (VALUES (1)) AS one LEFT JOIN claim_summaries ON changed >= :number"
        " AND changed < CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
    ),
}
"""One row for each claim with a change from `:number` on, and one without claim if there is none."""


class Moment(NamedTuple):
    """What a session sees. A later one has a greater `order`, as long as `source` is the same."""

    source: str
    """On PostgreSQL, the start of the server and the file of the summaries: a restored backup has others."""

    order: tuple[int, ...]
    number: int
    """All changes before it are seen."""

    end: int
    """No change that is seen has this number or a greater one."""

    @classmethod
    def of(cls, found: Any, replica: OpenReplica | None = None) -> "Moment":
        """Return the moment of a look, which was at the primary or at a `replica`."""
        if not isinstance(found, str):
            end = (found or 0) + 1
            return cls("", (end,), end, end)
        snapshot, source = found.split(" ", 1)
        oldest, end, running = snapshot.split(":")
        if replica is not None:
            # Its snapshots do not name the transactions that are running.
            return cls(source, (replica.position,), int(oldest), int(end))
        # From one snapshot to the next, transactions begin, or some of those that run end.
        order = (int(end), int(oldest), -len(running.split(",")) if running else 0)
        return cls(source, order, int(oldest), int(end))


@dataclass(frozen=True, eq=False)
class State:
    """The index at one moment."""

    sets: Sets
    moment: Moment
    applied: Mapping[int, int] = field(default_factory=dict)
    """The changes from `moment.number` on that are in it: the number of the last one of each claim."""

    n_unsaved: int = 0
    n_steps: int = 0
    """How often the sets have changed since they were built or loaded."""

    memory: Memory = field(default_factory=Memory)

    def answer(self, filters: ClaimFilters, session: Session, with_counts: bool = False) -> Answer:
        """Return what matches filters that depend on the sets only."""
        return self.memory.answer(self.sets, self.n_steps, filters, session, with_counts)


class Index:
    """The index of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state: State | None = None

    def state(self, session: Session, database: Database) -> State:
        """Return the state that `session` sees, or a later one if another session has asked meanwhile."""
        with self._lock:
            state = self._state or _NOTHING
            moment, changes = _look(session, state.moment.number)
            if state.moment.source != moment.source or not state.moment.order:
                state = self._start(session, moment)
                moment, changes = _look(session, state.moment.number)
            if state.moment.order < moment.order:
                state = _caught_up(session, state, moment, changes)
            if state.n_unsaved >= _SAVED_AFTER and len(state.sets.everything) >= WORTH_SAVING:
                database.try_write(saving.statement(session, state.sets, state.moment.number))
                # If it did not succeed, the next changes are early enough to try again.
                state = dataclasses.replace(state, n_unsaved=0)
            self._state = state
            return state

    @property
    def size(self) -> int:
        """How many bytes the sets take, about."""
        sets = (self._state or _NOTHING).sets
        return sum(_bytes_of(claims) for claims in (*sets.values.values(), *sets.profiles.values()))

    @staticmethod
    def _start(session: Session, moment: Moment) -> State:
        """Return a state to begin with: the saved one, which is older than `moment`, or a new one."""
        saved = saving.load(session, moment.end)
        if saved is None:
            return _built(session, moment)
        sets, number = saved
        return State(sets, Moment(moment.source, (0,), number, number))


_NOTHING = State(Sets({}, {}), Moment("", (), _NEVER, _NEVER))


def _bytes_of(claims: BitMap) -> int:
    of = claims.get_statistics()
    return of["n_bytes_array_containers"] + of["n_bytes_run_containers"] + of["n_bytes_bitset_containers"]


def index_of(session: Session) -> Index:
    """Return the index of the database, for the server at which a session reads."""
    index: Index = session.info[MEMORY].setdefault("browsing", Index())
    return index


def _look(session: Session, number: int) -> tuple[Moment, dict[int, int]]:
    """Return the moment of the session, and the changes from `number` on."""
    rows = session.execute(_LOOKS[session.get_bind().dialect.name], {"number": number}).all()
    moment = Moment.of(rows[0].moment, session.info.get(REPLICA))
    return moment, {row.claim_id: row.changed for row in rows if row.claim_id is not None}


def _built(session: Session, moment: Moment) -> State:
    return State(read_all(session), moment, n_unsaved=_SAVED_AFTER)


def _caught_up(session: Session, state: State, moment: Moment, changes: Mapping[int, int]) -> State:
    """Return the state at `moment`, given all changes from the number of `state` on."""
    claims = BitMap(claim for claim, number in changes.items() if state.applied.get(claim) != number)
    applied = {claim: number for claim, number in changes.items() if number >= moment.number}
    if not claims:
        return dataclasses.replace(state, moment=moment, applied=applied)
    if len(claims) > max(_MANY, len(state.sets.everything) // 5):
        return _built(session, moment)
    now = read_some(session, claims)
    step = Step(claims, state.sets.among(claims), now)
    state.memory.add_step(state.n_steps + 1, step)
    return dataclasses.replace(
        state,
        sets=state.sets.replaced(claims, now),
        moment=moment,
        applied=applied,
        n_unsaved=state.n_unsaved + len(claims),
        n_steps=state.n_steps + 1,
    )


def bitmap_bytes(database: Database) -> int:
    """Return how much memory the sets take in this process, about."""
    indexes: list[Index] = [memory["browsing"] for memory in database.memories if "browsing" in memory]
    return sum(index.size for index in indexes)
