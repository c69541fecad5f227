"""Migrates a large PostgreSQL database while others read, write and export, and measures how long they wait.

    python -m benchmarks.reliability.migrating DATABASE_URL --write

Each change is made twice: with the plain statements in one transaction, and with `claims_app.migrating`. Meanwhile one
thread reads claims with their evidence and summaries, one edits claims and evidence as the program does, and one keeps
a snapshot of the claims open for seconds at a time, as an export does. What was changed is undone afterwards. A
migration with the tools is also killed in the middle (SIGKILL), and run again.

The database comes from `benchmarks/filling.py`, and can be multiplied by `benchmarks.reliability.multiplying`.
"""

import argparse
import multiprocessing
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select, text

from benchmarks.reliability import report
from benchmarks.reliability.measuring import at_least, when_and_where
from claims_app.database import Change, Database
from claims_app.engines import make_engine
from claims_app.models import Claim, EvidenceItem, claim_summaries
from claims_app.services.system import schema
from claims_app.vocabulary import Via
from tests.support import revisions

CHANGE = Change(via=Via.COMMAND, summary="An edit of a measurement.")
EXPORT_SECONDS = 8.0
QUIET_SECONDS = 20.0

PLAIN = 'op.execute("SET LOCAL lock_timeout = 0")\n'
"""Without it, `migrations/env.py` already lets a plain migration step back."""


@dataclass(frozen=True)
class Case:
    """A change of the schema: made plainly, made with the tools, and undone."""

    name: str
    plain: str
    tools: str
    undo: tuple[str, ...]


CASES = (
    Case(
        "an index on claims",
        'op.create_index("ix_tried", "claims", ["outcome", "updated_at"])',
        'migrating.create_index(op, "ix_tried", "claims", ["outcome", "updated_at"])',
        ("DROP INDEX IF EXISTS ix_tried",),
    ),
    Case(
        "a CHECK of claims",
        'op.create_check_constraint("ck_tried", "claims", "length(statement) > 0 AND version > 0")',
        'migrating.add_check(op, "claims", "ck_tried", "length(statement) > 0 AND version > 0")',
        ("ALTER TABLE claims DROP CONSTRAINT IF EXISTS ck_tried",),
    ),
    Case(
        "a required column of summaries, with its values",
        'op.add_column("claim_summaries", sa.Column("n_tried", sa.Integer()))\n'
        'op.execute("UPDATE claim_summaries SET n_tried = n_supports + n_contradicts")\n'
        'op.alter_column("claim_summaries", "n_tried", nullable=False, server_default="0")',
        'migrating.add_column(op, "claim_summaries", sa.Column("n_tried", sa.Integer()))\n'
        'migrating.backfill(op, "claim_summaries", "claim_id", {"n_tried": "n_supports + n_contradicts"}, '
        '"n_tried IS NULL")\n'
        'migrating.require(op, "claim_summaries", "n_tried", sa.Integer())',
        ("ALTER TABLE claim_summaries DROP COLUMN IF EXISTS n_tried",),
    ),
)


@dataclass
class Waits:
    """How long each reading and each edit took, in seconds."""

    reading: list[float] = field(default_factory=list)
    writing: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def cells(self) -> tuple[str, ...]:
        """Return the figures of a row: the longest, and what 99 of 100 took at most."""
        shown = (f"{max(waits):.2f}; {at_least(waits, 0.99):.2f}" for waits in (self.reading, self.writing))
        return (*shown, f"{len(self.reading)}; {len(self.writing)}", str(len(self.failed)))


class Load:
    """A reader, a writer and an export, each in a thread of its own."""

    def __init__(self, url: str) -> None:
        self.database = Database(url)
        self.waits = Waits()
        self._ended = threading.Event()
        with self.database.reading() as session:
            self.numbers = list(session.scalars(select(Claim.id).order_by(func.random()).limit(2_000)))
        self._threads = [
            threading.Thread(target=self._repeat, args=(work, waits))
            for work, waits in (
                (self._read, lambda: self.waits.reading),
                (self._write, lambda: self.waits.writing),
                (self._export, lambda: []),
            )
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop, and wait until everything has stopped."""
        self._ended.set()
        for thread in self._threads:
            thread.join()
        self.database.close()

    def _repeat(self, work: Callable[[int], None], waits: Callable[[], list[float]]) -> None:
        chosen = random.Random(1)
        while not self._ended.is_set():
            began, noted = time.perf_counter(), waits()
            try:
                work(chosen.choice(self.numbers))
            except Exception as error:  # every error counts
                self.waits.failed.append(repr(error)[:200])
            noted.append(time.perf_counter() - began)
            self._ended.wait(0.02)

    def _read(self, number: int) -> None:
        with self.database.reading() as session:
            session.get_one(Claim, number)
            session.scalars(select(EvidenceItem).where(EvidenceItem.claim_id == number)).all()
            session.execute(select(claim_summaries).where(claim_summaries.c.claim_id == number)).one()

    def _write(self, number: int) -> None:
        with self.database.writing(CHANGE) as session:
            claim = session.get_one(Claim, number)
            claim.outcome = f"outcome {random.random()}"
            item = session.scalars(select(EvidenceItem).where(EvidenceItem.claim_id == number)).first()
            assert item is not None
            item.n_controls = random.randrange(1, 1000)

    def _export(self, _number: int) -> None:
        with self.database.reading() as session:
            session.scalars(select(Claim.id).limit(1)).all()
            session.execute(select(claim_summaries.c.claim_id).limit(1)).all()
            self._ended.wait(EXPORT_SECONDS)
        self._ended.wait(EXPORT_SECONDS / 4)


@contextmanager
def undone(engine: Engine, case: Case) -> Iterator[None]:
    """Undo a change after the block, and forget its revision."""
    try:
        yield
    finally:
        with engine.begin() as connection:
            for statement in case.undo:
                connection.execute(text(statement))
            connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.head()}'"))


def measure(url: str, upgrade: str, case: Case) -> tuple[str, ...]:
    """Make a change under load, and return the figures."""
    engine, folder = make_engine(url), Path(tempfile.mkdtemp())
    revisions.write(folder, upgrade)
    load = Load(url)
    try:
        with undone(engine, case):
            time.sleep(2)
            load.waits, began = Waits(), time.perf_counter()
            revisions.migrate(engine, folder)
            seconds = time.perf_counter() - began
            time.sleep(1)
            found = load.waits
            load.end()
    finally:
        load._ended.set()
        engine.dispose()
    return (f"{seconds:.1f}", *found.cells())


def measure_nothing(url: str) -> tuple[str, ...]:
    """Return the figures without a migration."""
    load = Load(url)
    time.sleep(2)
    load.waits = Waits()
    time.sleep(QUIET_SECONDS)
    found = load.waits
    load.end()
    return ("–", *found.cells())


def kill_and_go_on(url: str) -> str:
    """Kill a migration in the middle of a backfill, run it again, and return what was there then."""
    engine, folder, case = make_engine(url), Path(tempfile.mkdtemp()), CASES[-1]
    revisions.write(folder, case.tools)
    n_filled = text("SELECT count(n_tried) FROM claim_summaries")
    there = text(
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'claim_summaries'::regclass AND attname = 'n_tried'"
    )
    with undone(engine, case):
        process = multiprocessing.get_context("spawn").Process(target=_migrate, args=(url, folder))
        process.start()
        filled = 0
        while process.is_alive() and filled < 20_000:
            time.sleep(0.5)
            with engine.connect() as connection:
                filled = connection.scalar(n_filled) or 0 if connection.scalar(there) else 0
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        time.sleep(1)
        with engine.connect() as connection:
            filled = connection.scalar(n_filled) or 0
        revisions.migrate(engine, folder)
        with engine.connect() as connection:
            wrong = connection.scalar(
                text(
                    "SELECT count(*) FROM claim_summaries WHERE n_tried IS DISTINCT FROM n_supports + n_contradicts"
                )
            )
    engine.dispose()
    return (
        f"A migration that was killed (SIGKILL) when it had filled {filled:,} rows went on when it was run again, and "
        f"left {wrong} rows without the right value."
    )


def _migrate(url: str, folder: Path) -> None:
    command.ScriptDirectory = ScriptDirectory  # type: ignore[attr-defined]  # read anew
    revisions.migrate(make_engine(url), folder)


def main() -> None:
    """Measure, print a table, and write it down if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--write", action="store_true", help="write the table to docs/reliability.md")
    chosen = parser.parse_args()
    database = Database(chosen.url)
    with database.reading() as session:
        n_claims = session.scalar(select(func.count()).select_from(Claim))
    database.close()
    rows: list[tuple[object, ...]] = [("nothing", "–", *measure_nothing(chosen.url))]
    print(rows[-1], flush=True)
    for case in CASES:
        for way, upgrade in (("plainly", PLAIN + case.plain), ("with the tools", case.tools)):
            rows.append((case.name, way, *measure(chosen.url, upgrade, case)))
            print(rows[-1], flush=True)
    head = ("change", "made", "seconds", "a reader waits", "a writer waits", "readings; edits", "failed")
    what = f"{n_claims:,} claims on PostgreSQL. Seconds: the longest, and what 99 of 100 took at most."
    what += f" {when_and_where()}"
    said = f"{what}\n\n{report.table(head, rows)}\n\n{kill_and_go_on(chosen.url)}"
    print(said)
    if chosen.write:
        report.write("migrating", said)


if __name__ == "__main__":
    main()
