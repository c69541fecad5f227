"""Breaks a cluster while people use it: three nodes of PostgreSQL under Patroni, and two application processes.

    python -m benchmarks.reliability.cluster            # all events, about eight minutes
    python -m benchmarks.reliability.cluster --only leader --only application

Writers add and change claims with tokens and with forms, send again what was not acknowledged, and read it at the other
process. Readers without an account read pages, lists, files and the API. Every answer is judged (see `watching`). Exits
with status 1 unless

- no acknowledged write is missing or there twice, `claims check` finds nothing, and the webhook got every claim;
- no answer showed what it must not;
- no request of a reader failed, and no two acknowledged writes were more than LONGEST_GAP apart.
"""

import argparse
import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability import measuring, report
from benchmarks.reliability.clients import Script
from benchmarks.reliability.crowd import BROKEN_OFF, Crowd, FormWriter, Reader, ScriptWriter
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.patroni import LOOP_WAIT, Cluster
from benchmarks.reliability.sites import Site
from benchmarks.reliability.soak import missing_events
from benchmarks.reliability.watching import Watch, longest_gap
from claims_app.database import Database
from claims_app.engines import make_engine
from claims_app.services.system import schema
from tests.support import revisions
from tests.support.receiving import Receiver, receiving

LONGEST_GAP = 20.0
"""Seconds between two acknowledged writes, whatever happens."""

LAG = 2.0
"""Seconds by which a replica may be behind."""

SLACK = 1.0
"""Seconds until a process notices that a replica is behind."""

SCRIPTS, FORMS, READERS = 3, 1, 6
WRITE_PAUSE, READ_PAUSE = 0.3, 0.3
CALM = 10.0
"""Seconds of load before an event, and after the cluster is whole again."""

MIGRATION = """
check = sa.CheckConstraint("mood <> ''", name="ck_claims_mood")
migrating.add_column(op, "claims", sa.Column("mood", sa.Text(), check))
migrating.create_index(op, "ix_claims_mood", "claims", ["mood"])
migrating.backfill(op, "claims", "id", {"mood": "'calm'"}, "mood IS NULL", quietly=True)
""".strip()
MIGRATION_BACK = """
migrating.drop_index(op, "ix_claims_mood", "claims")
migrating.drop_column(op, "claims", "mood")
""".strip()

SECRET = "0123456789abcdef" * 4  # of a site that lives for minutes


@dataclass
class Event:
    """Something that happened, and when it was over."""

    name: str
    begin: float
    whole: float = 0.0
    end: float = 0.0
    log: list[str] = field(default_factory=list)


class Stage:
    """The cluster, the processes and the crowd; each method that is an event breaks something and mends it."""

    def __init__(self, cluster: Cluster, sites: Sequence[Site], crowd: Crowd) -> None:
        self.cluster, self.sites, self.crowd = cluster, sites, crowd

    def nothing(self) -> None:
        """Nothing happens."""
        time.sleep(CALM)

    def replica_killed(self) -> None:
        """A replica is killed, and started again."""
        replica = self.cluster.replicas()[0]
        replica.kill()
        time.sleep(CALM)
        replica.start()

    def replay_paused(self) -> None:
        """A replica receives changes, but does not show them."""
        replica = self.cluster.replicas()[0]
        replica.execute("SELECT pg_wal_replay_pause()")
        time.sleep(CALM)
        replica.execute("SELECT pg_wal_replay_resume()")

    def leader_killed(self) -> None:
        """The primary and its Patroni are killed; once another node is the primary, it comes back as a replica."""
        # Not just after it renewed its lock, as it does when the cluster is whole: at any moment.
        time.sleep(random.uniform(0, LOOP_WAIT))
        leader = self.cluster.leader()
        leader.kill()
        self.cluster.wait_for_leader(but=leader)
        time.sleep(CALM)
        leader.start()

    def server_killed(self) -> None:
        """PostgreSQL crashes on the primary, and Patroni is left."""
        self.cluster.leader().kill_server()
        time.sleep(1)

    def switched_over(self) -> None:
        """Another node becomes the primary, as planned."""
        self.cluster.switch_over()

    def replicas_killed(self) -> None:
        """Both replicas are killed with their Patroni, and started again."""
        replicas = self.cluster.replicas()
        for replica in replicas:
            replica.kill()
        time.sleep(CALM)
        for replica in replicas:
            replica.start()

    def migrated(self) -> None:
        """A migration adds a column, a CHECK, an index and values for all rows, and is undone."""
        with tempfile.TemporaryDirectory() as folder:
            revisions.write(Path(folder), MIGRATION, MIGRATION_BACK)
            engine = make_engine(self.cluster.url("claims"))
            try:
                revisions.migrate(engine, Path(folder))
                time.sleep(CALM)
                revisions.migrate(engine, Path(folder), schema.head())
            finally:
                engine.dispose()

    def application_killed(self) -> None:
        """An application process is killed, and started again."""
        self.sites[0].kill()
        time.sleep(CALM / 2)
        self.sites[0].start()


EVENTS: dict[str, Callable[[Stage], None]] = {
    "nothing happens": Stage.nothing,
    "a replica is killed and comes back": Stage.replica_killed,
    "a replica shows no changes for 10 s": Stage.replay_paused,
    "the leader is killed and comes back": Stage.leader_killed,
    "PostgreSQL of the leader crashes": Stage.server_killed,
    "a planned switchover": Stage.switched_over,
    "a migration adds a column, a CHECK, an index and values, and is undone": Stage.migrated,
    "an application process is killed and comes back": Stage.application_killed,
    "the leader is killed again": Stage.leader_killed,
}

BEYOND: dict[str, Callable[[Stage], None]] = {
    "two of the three nodes are killed and come back": Stage.replicas_killed,
}
"""Events in which requests must fail: without a majority, no node may be the primary."""


def happened(stage: Stage, watch: Watch, name: str, act: Callable[[Stage], None]) -> Event:
    """Let an event happen, wait until everything is as before, and return when that was."""
    print(f"{time.monotonic() - watch.began:6.1f} s  {name}", file=sys.stderr, flush=True)
    event = Event(name, time.monotonic())
    act(stage)
    stage.cluster.wait_until_whole(120)
    event.whole = time.monotonic()
    time.sleep(CALM)
    event.end = time.monotonic()
    return event


def row(event: Event, watch: Watch) -> tuple[object, ...]:
    """Return what the table says about an event."""
    within = [(kind, ok) for at, kind, ok in watch.answers if event.begin <= at < event.end]
    n_wrong = sum(
        event.begin - watch.began <= float(one.split(" ")[0]) < event.end - watch.began for one in watch.wrong
    )

    def failed(kind: str) -> str:
        answers = [ok for each, ok in within if each == kind]
        return f"{answers.count(False)} of {len(answers):,}"

    reads = [at for at, kind, ok in watch.answers if kind == "read" and ok]
    return (
        event.name,
        f"{sum(event.begin <= at < event.end for at in watch.written_at):,}",
        n_wrong,
        failed("read"),
        sum(kind == BROKEN_OFF for kind, _ in within),
        failed("own read"),
        failed("write"),
        f"{longest_gap(watch.written_at, event.begin, event.end):.1f}",
        f"{longest_gap(reads, event.begin, event.end):.1f}",
        f"{event.whole - event.begin:.0f}",
    )


HEAD = (
    *("event", "acknowledged writes", "wrong answers", "reads failed", "broken off"),
    *("reads of writers failed", "writes failed", "longest time without a write, s", "without a read, s"),
    "all nodes as before after, s",
)


def started(cluster: Cluster, folder: Path, stack: ExitStack) -> list[Site]:
    """Return two processes that serve the same site, each with a folder of its own, as on two hosts."""
    cluster.leader().execute("CREATE DATABASE claims")
    settings = {
        "SECRET_KEY": SECRET,
        "CLAIMS_BASE_URL": "http://127.0.0.1:8000",
        "CLAIMS_API_READER_LIMIT": "0",
        "DATABASE_REPLICA_URLS": " ".join(cluster.replica_urls("claims")),
        "CLAIMS_REPLICA_LAG": str(LAG),
    }
    sites = []
    for name in ("first", "second"):
        (folder / name).mkdir()
        sites.append(stack.enter_context(Site(folder / name, cluster.url("claims"), settings)))
    sites[0].run("db", "upgrade")
    for site in sites:
        site.start()
    return sites


def gathered(sites: Sequence[Site], watch: Watch, ledger: Ledger) -> Crowd:
    """Return the clients, after each writer has a topic with a claim."""
    crowd = Crowd(sites, watch, ledger)
    sites[0].add_person("editor")
    token = sites[0].add_token("editor")
    names = [f"writer-{number}" for number in range(SCRIPTS + FORMS)]
    outcome = "outcome-0-0"
    claim = Script(sites[0].address, ledger, token).add(more={"topics": names, "outcome": outcome})
    watch.sends(claim, 1, outcome)
    watch.acknowledged(claim, 1)
    for name in names[:SCRIPTS]:
        crowd.add(ScriptWriter(crowd, name, token).step, WRITE_PAUSE)
    for name in names[SCRIPTS:]:
        crowd.add(FormWriter(crowd, name, "editor").step, WRITE_PAUSE)
    for number in range(READERS):
        crowd.add(Reader(crowd, f"reader {number}", names).step, READ_PAUSE)
    return crowd


def proven(
    cluster: Cluster, sites: Sequence[Site], receiver: Receiver, names: Sequence[str]
) -> tuple[str, bool]:
    """Let the events happen under load, and return what was measured and whether it was as promised."""
    watch, ledger = Watch(LAG + SLACK), Ledger()
    sites[0].run("webhooks", "add", receiver.address)
    crowd = gathered(sites, watch, ledger)
    crowd.start()
    stage = Stage(cluster, sites, crowd)
    try:
        time.sleep(CALM)
        events = [happened(stage, watch, name, (EVENTS | BEYOND)[name]) for name in names]
    finally:
        crowd.stop()
    problems = [*crowd.problems, *missing_events(receiver, ledger)]
    if said := sites[0].check():
        problems.append(said)
    database = Database(cluster.url("claims"))
    lost = ledger.lost(database)
    database.close()
    rows = [row(event, watch) for event in events]
    _show_gaps(watch)
    gap = longest_gap(watch.written_at, events[0].begin, events[-1].end)
    n_failed = sum(kind == "read" and not ok for _, kind, ok in watch.answers)
    if gap > LONGEST_GAP:
        problems.append(f"There was no write for {gap:.1f} s.")
    if n_failed:
        problems.append(f"{n_failed} requests of readers failed.")
    for line in watch.failures:
        print(line, file=sys.stderr)
    wrong = [*lost, *watch.wrong, *problems]
    text = [
        f"{SCRIPTS + FORMS} writers ({SCRIPTS} with tokens, {FORMS} with forms) and {READERS} readers for "
        f"{(events[-1].end - events[0].begin) / 60:.0f} minutes: {len(ledger):,} acknowledged writes, lost or there "
        f"twice: {len(lost)}; {sum(kind == 'read' for _, kind, _ in watch.answers):,} answers to readers and "
        f"{sum(kind == 'own read' for _, kind, _ in watch.answers):,} to writers who read, wrong: {len(watch.wrong)}. "
        f"`claims check` found {'nothing' if not said else 'problems'}. {measuring.when_and_where()} {_commit()}",
        report.table(HEAD, rows),
    ]
    if wrong:
        text.append("".join(f"- {line}\n" for line in wrong[:50]))
    return "\n\n".join(part.strip() for part in text), not wrong


def _show_gaps(watch: Watch) -> None:
    for what, moments in (
        ("write", sorted(watch.written_at)),
        ("read", sorted(at for at, kind, ok in watch.answers if kind == "read" and ok)),
    ):
        for before, after in itertools.pairwise(moments):
            if after - before > 1.5:
                begin, end = before - watch.began, after - watch.began
                print(f"no {what} from {begin:.1f} to {end:.1f} s", file=sys.stderr)


def _commit() -> str:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True)
    return f"Commit {done.stdout.strip()}." if done.returncode == 0 else ""


def main() -> None:
    """Run the events that were asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", action="append", help="only events with these words in their name")
    parser.add_argument("--write", action="store_true", help="put the result into docs/reliability.md")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs of all processes")
    chosen = parser.parse_args()
    names = [name for name in EVENTS if any(word in name for word in chosen.only or ("",))]
    names += [name for name in BEYOND if any(word in name for word in chosen.only or ())]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claims-processes-")))
        receiver = stack.enter_context(receiving())
        cluster = stack.enter_context(Cluster())
        sites = started(cluster, folder, stack)
        try:
            text, sound = proven(cluster, sites, receiver, names)
        finally:
            if chosen.keep_logs:
                _keep_logs(cluster, sites, chosen.keep_logs)
    print(text)
    if chosen.write:
        report.write("cluster", text)
    sys.exit(0 if sound else 1)


def _keep_logs(cluster: Cluster, sites: Sequence[Site], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in [(f"node-{node.name}", node.folder / "log") for node in cluster.nodes] + [
        (f"process-{site.folder.name}", site.log_file) for site in sites
    ]:
        (folder / f"{name}.log").write_bytes(file.read_bytes() if file.exists() else b"")


if __name__ == "__main__":
    main()
