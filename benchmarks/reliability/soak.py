"""An hour of mixed load on a site, which must stay flat and lose nothing. See `docs/reliability.md`.

    python -m benchmarks.reliability.soak --minutes 60        # SQLite; PostgreSQL with --url

Readers, searches, lists at depth, files, the past, the API, forms of editors who edit the same claims, log-ins,
imports and a webhook, as `claims up` serves them, with `claims check` and `claims release create` beside it. Exits with
status 1 unless

- no acknowledged write is missing or there twice, `claims check` finds nothing, and the webhook got every event;
- nothing was answered with an error of the server, and no connection was broken;
- memory in the last quarter is at most MEMORY_GROWTH above the third quarter, when the memory for pages and that of
  connections are full, and neither open files nor threads increase over the second half;
- processor time for a request grows by less than TIME_GROWTH between the second quarter and the last.

Times of answers depend on what else the machine does, so they are shown but not judged.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.reliability import measuring, report
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.measuring import Sample
from benchmarks.reliability.mixture import WORKERS, Load
from benchmarks.reliability.sites import Site
from claims_app.database import Database
from tests.support.receiving import Receiver, receiving

SAMPLE_SECONDS = 2.0
WINDOW = 300.0
"""Seconds of a row in the table."""

BESIDE_SECONDS = 600.0
"""How often `claims check` and `claims release create` run beside the server."""

MEMORY_GROWTH = 0.03
"""The part of the memory."""
TIME_GROWTH = 0.25
"""The part of the processor time for a request."""

ROOT = Path(__file__).parents[2]
FILLING = ROOT / "benchmarks" / "filling.py"


class Beside(threading.Thread):
    """Commands that run beside the server every ten minutes."""

    def __init__(self, site: Site, stopping: threading.Event) -> None:
        super().__init__()
        self.site, self.stopping = site, stopping
        self.checks = self.releases = 0
        self.problems: list[str] = []

    def run(self) -> None:
        """Run `claims check` and `claims release create` in turns."""
        while not self.stopping.wait(BESIDE_SECONDS / 2):
            if self.checks <= self.releases:
                self.checks += 1
                if said := self.site.check():
                    self.problems.append(said)
            else:
                self.releases += 1
                done = self.site.run("release", "create", f"2026.{self.releases}", status=None)
                if done.returncode:
                    self.problems.append(done.stdout + done.stderr)


def windows(load: Load, samples: Sequence[Sample]) -> list[tuple[object, ...]]:
    """Return a row for every five minutes."""
    rows: list[tuple[object, ...]] = []
    for begin in range(0, int(samples[-1].at) + 1, int(WINDOW)):
        here = [one for one in samples if begin <= one.at < begin + WINDOW]
        if len(here) < 2:
            continue
        rows.append(
            (
                f"{begin // 60}–{(here[-1].at + SAMPLE_SECONDS) / 60:.0f}",
                f"{here[-1].requests - here[0].requests:,}",
                f"{_processor(here):.1f}",
                f"{statistics.median(one.memory for one in here):.0f}",
                str(max(one.files for one in here)),
                str(max(one.threads for one in here)),
                f"{max(one.log for one in here):.1f}",
                f"{here[-1].database:.0f}",
                *(_median(load.times[kind], begin) for kind in ("page", "search", "API change", "form")),
            )
        )
    return rows


HEAD = (
    *("minutes", "steps", "processor, ms a step", "memory, MB", "open files", "threads"),
    *("log, MB at most", "database, MB", "page, ms", "search, ms", "API change, ms", "form, ms"),
)


def _median(times: Sequence[tuple[float, float]], begin: float) -> str:
    here = [taken for at, taken in times if begin <= at < begin + WINDOW]
    return f"{statistics.median(here) * 1000:.0f}" if here else "–"


def _processor(samples: Sequence[Sample]) -> float:
    """Return the milliseconds of processor time of a step."""
    first, last = samples[0], samples[-1]
    return (last.processor - first.processor) * 1000 / max(1, last.requests - first.requests)


def judged(samples: Sequence[Sample]) -> dict[str, tuple[str, bool]]:
    """Return what was measured of each resource, and whether it is flat."""
    length = samples[-1].at
    second = [one for one in samples if one.at > length / 2]
    hours = [one.at / 3600 for one in second]
    files = measuring.growth(hours, [float(one.files) for one in second])
    threads = measuring.growth(hours, [float(one.threads) for one in second])
    quarters = [
        [one for one in samples if length * n / 4 <= one.at <= length * (n + 1) / 4] for n in range(4)
    ]
    third, last = (statistics.median(one.memory for one in quarter) for quarter in quarters[2:])
    before, after = _processor(quarters[1]), _processor(quarters[3])
    return {
        "memory": (
            f"{third:.0f} MB in the third quarter, {last:.0f} MB in the last",
            last < third * (1 + MEMORY_GROWTH),
        ),
        "open files": (f"{files:+.1f} an hour", files < 1),
        "threads": (f"{threads:+.1f} an hour", threads < 1),
        "processor time": (
            f"{before:.1f} ms a step in the second quarter, {after:.1f} ms in the last",
            after < before * (1 + TIME_GROWTH),
        ),
    }


def missing_events(receiver: Receiver, ledger: Ledger, seconds: float = 120) -> list[str]:
    """Wait until the webhook got every claim that was added, and return a sentence if it does not."""
    until = time.monotonic() + seconds
    while True:
        events = [json.loads(one.body) for one in list(receiver.received)]
        got = {event["record"]["identifier"] for event in events if event["type"] == "claim.created"}
        missing = {f"CLM-{number}" for number in ledger.claims} - got
        if not missing:
            return []
        if time.monotonic() > until:
            return [f"The webhook did not get {len(missing)} claims, such as {min(missing)}."]
        time.sleep(1)


def soak(site: Site, claims: int, minutes: float, rate: float, receiver: Receiver) -> tuple[str, bool]:
    """Put a site under load, and return what was measured and whether it stayed sound."""
    site.run("db", "upgrade")
    fill = [sys.executable, str(FILLING), site.url, "--claims", str(claims)]
    subprocess.run(fill, check=True, cwd=FILLING.parent, env=os.environ | {"PYTHONPATH": str(ROOT)})
    site.add_person("editor")
    token, ledger = site.add_token("editor"), Ledger()
    site.run("webhooks", "add", receiver.address)
    site.start()
    load = Load(site, ledger, claims, token, rate)
    stopping = threading.Event()
    beside = Beside(site, stopping)
    beside.start()
    load.start()
    file = Path(site.url.removeprefix("sqlite:///")) if site.url.startswith("sqlite") else None
    samples = []
    while (at := time.monotonic() - load.started) < minutes * 60:
        samples.append(measuring.sample(site.pid, at, load.requests, file))
        if len(samples) % int(WINDOW / SAMPLE_SECONDS / 5) == 0:
            print(*windows(load, samples)[-1], sep=" | ", file=sys.stderr, flush=True)
        time.sleep(SAMPLE_SECONDS)
    load.stop()
    stopping.set()
    beside.join()
    missed = missing_events(receiver, ledger)
    said = site.log()
    assert site.stop() == 0, said
    wrong = [*missed, *beside.problems]
    if problem := site.check():
        wrong.append(problem)
    database = Database(site.url)
    lost = ledger.lost(database)
    database.close()
    wrong += [f"{number} × {kind}" for kind, number in load.errors.items()]
    wrong += [line for line in said.splitlines() if "Traceback" in line or " ERROR" in line]
    if load.stale:
        wrong.append(f"{load.stale} reads were older than what their reader had written.")
    verdicts = judged(samples)
    wrong += [f"Not flat: {name}: {text}" for name, (text, flat) in verdicts.items() if not flat]
    return described(site, claims, load, beside, samples, lost + wrong, len(lost)), not lost and not wrong


def described(
    site: Site,
    claims: int,
    load: Load,
    beside: Beside,
    samples: Sequence[Sample],
    wrong: Sequence[str],
    n_lost: int,
) -> str:
    """Return the result in Markdown."""
    kind = "SQLite" if site.url.startswith("sqlite") else "PostgreSQL"
    minutes = samples[-1].at / 60
    kinds = sorted(load.times, key=lambda kind: -len(load.times[kind]))
    taken = {kind: [seconds * 1000 for _, seconds in load.times[kind]] for kind in kinds}
    text = [
        f"{minutes:.0f} minutes on {kind}, with {claims:,} claims at the begin: {load.requests:,} steps of "
        f"{WORKERS} clients, {load.requests / samples[-1].at:.1f} a second. `claims check` ran {beside.checks} times "
        f"beside it, `claims release create` {beside.releases} times. {measuring.when_and_where()}",
        report.table(
            ("what", "result"),
            [
                ("acknowledged writes", f"{len(load.ledger):,}; lost: {n_lost}"),
                ("edits of what somebody else had changed", f"{load.conflicts:,}; each saved after all"),
                ("reads older than what the reader wrote", load.stale),
                ("errors of the server and broken connections", sum(load.errors.values())),
                *((name, text) for name, (text, _) in judged(samples).items()),
            ],
        ),
        report.table(HEAD, windows(load, samples)),
        report.table(
            ("step", "number", "median, ms", "95 %, ms"),
            [
                (
                    kind,
                    f"{len(taken[kind]):,}",
                    f"{statistics.median(taken[kind]):.0f}",
                    f"{measuring.at_least(taken[kind], 0.95):.0f}",
                )
                for kind in kinds
            ],
        ),
    ]
    if wrong:
        text.append("".join(f"- {line}\n" for line in wrong))
    return "\n\n".join(part.strip() for part in text)


def main() -> None:
    """Run for as long as was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--claims", type=int, default=5_000, help="how many there are at the begin")
    parser.add_argument("--rate", type=float, default=15, help="steps in a second")
    parser.add_argument("--url", help="an empty PostgreSQL database; without it, an SQLite file")
    parser.add_argument("--write", action="store_true", help="put the result into docs/reliability.md")
    chosen = parser.parse_args()
    with receiving() as receiver, Site(url=chosen.url) as site:
        text, sound = soak(site, chosen.claims, chosen.minutes, chosen.rate, receiver)
    print(text)
    if chosen.write:
        report.write("soak", text)
    sys.exit(0 if sound else 1)


if __name__ == "__main__":
    main()
