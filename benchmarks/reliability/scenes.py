"""A site with traffic, on each database, that can be broken; and what came of it."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability.durable import Durable
from benchmarks.reliability.ledger import Ledger
from benchmarks.reliability.sites import Site
from benchmarks.reliability.traffic import READ, WRITE, Traffic
from claims_app.database import Database

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
CLAIMS = 5
RECOVERY_SECONDS = 60.0


@dataclass
class Scene:
    """A site with its database and its traffic. `disk` is the folder of the database, on a disk of its own."""

    kind: str
    folder: Path
    disk: Path
    site: Site
    traffic: Traffic
    postgres: Durable | None = None

    def recovers(self, seconds: float = RECOVERY_SECONDS) -> float:
        """Wait until both a reader and a writer are served again, and return how long that took.

        Raises AssertionError if they are not.
        """
        begun = time.monotonic()
        served = self.traffic.noticed.served
        before = {kind: len(served[kind]) for kind in (READ, WRITE)}
        while any(len(served[kind]) <= before[kind] + 1 for kind in before):
            assert time.monotonic() - begun < seconds, f"the site did not recover:\n{self.site.log()[-3000:]}"
            time.sleep(0.05)
        return time.monotonic() - begun


@dataclass
class Outcome:
    """What came of a fault."""

    did: str
    """What was done, with numbers."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    read_gap: float = 0.0
    write_gap: float = 0.0
    refused: Mapping[str, int] = field(default_factory=dict)
    broken: int = 0
    wrong: Sequence[str] = ()
    check: str = ""
    also: str = ""
    """What else was seen."""

    @property
    def sound(self) -> bool:
        """Whether nothing was lost, nobody got a wrong answer, and the data is sound."""
        return not self.lost and not self.wrong and not self.check


Break = Callable[[Scene], str]
"""Breaks a scene, waits until it recovers, and says what was done."""


@contextmanager
def scene(
    kind: str, environment: Mapping[str, str] | None = None, disk_mb: int | None = None
) -> Iterator[Scene]:
    """Yield a site under traffic. With `disk_mb`, its database is on a disk of this size."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claims-fault-")))
        folder.chmod(0o755)
        disk = folder / "instance"
        disk.mkdir()
        if disk_mb is not None:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk_mb}m", "none", str(disk)], check=True)
            stack.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=True)
        postgres = None
        if kind == POSTGRESQL:
            (data := disk / "postgresql").mkdir()
            postgres = stack.enter_context(Durable(data))
        (folder / "tmp").mkdir()
        variables = {
            "TMPDIR": str(folder / "tmp"),
            "SECRET_KEY": "0123456789abcdef" * 4,
            **(environment or {}),
        }
        site = stack.enter_context(Site(folder, postgres.url if postgres else None, variables))
        site.run("db", "upgrade")
        site.add_person("editor")
        token, ledger = site.add_token("editor"), Ledger()
        site.start()
        traffic = Traffic(site, ledger, token, [])
        traffic.claims += [traffic.script().add() for _ in range(CLAIMS)]
        yield Scene(kind, folder, disk, site, traffic, postgres)


def happened(kind: str, fault: Break, **more: object) -> Outcome:
    """Break a site, and return what came of it."""
    with scene(kind, **more) as here:  # type: ignore[arg-type]
        here.traffic.start()
        here.recovers()
        begun = time.monotonic()
        try:
            did = fault(here)
        finally:
            here.traffic.stop()
        ended = time.monotonic()
        if here.site.process is not None:
            here.site.stop()
        check = here.site.check()
        database = Database(here.site.url)
        lost = here.traffic.ledger.lost(database)
        database.close()
        noticed = here.traffic.noticed
        tracebacks = [f"log: {line}" for line in here.site.log().splitlines() if "unexpected error" in line]
        return Outcome(
            did,
            acknowledged=len(here.traffic.ledger),
            lost=lost,
            read_gap=noticed.gap(READ, begun, ended),
            write_gap=noticed.gap(WRITE, begun, ended),
            refused=noticed.refused,
            broken=noticed.broken,
            wrong=[*noticed.wrong, *tracebacks],
            check=check,
        )


def ballast(folder: Path) -> Path:
    """Fill the disk of a folder, and return the file that does."""
    file = folder / "ballast"
    with file.open("wb", buffering=0) as full:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while shutil.disk_usage(folder).free:
                    full.write(b"x" * size)
            except OSError:
                continue
    return file
