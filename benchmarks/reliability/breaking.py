"""The faults, one by one."""

import os
import random
import socket
import sqlite3
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks.reliability.scenes import POSTGRESQL, SQLITE, Break, Outcome, Scene, ballast, happened
from benchmarks.reliability.sites import CLAIMS, NotStarted

BOTH = (SQLITE, POSTGRESQL)


@dataclass(frozen=True)
class Fault:
    """Something that breaks, and how."""

    name: str
    does: Break
    databases: Sequence[str] = BOTH
    scenery: Mapping[str, Any] = field(default_factory=dict)

    def happens(self, kind: str) -> Outcome:
        """Let it happen to a site of its own, and return what came of it."""
        return happened(kind, self.does, **self.scenery)


def killed_servers(scene: Scene) -> str:
    """Kill the server at random moments while it saves, imports and sends files; and releases while they are made."""
    kills, chance = int(os.environ["CLAIMS_FAULTS_KILLS"]), random.Random(5)
    releases = 0
    for number in range(kills):
        time.sleep(chance.uniform(0.0, 1.0))
        if number % 10 == 9:
            making = subprocess.Popen(
                [CLAIMS, "release", "create", f"2026.{number}"],
                cwd=scene.folder,
                env=scene.site.environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(chance.uniform(1.5, 3.0))
            releases += making.poll() is None
            making.kill()
            making.wait()
        scene.site.kill()
        scene.site.start()
        scene.recovers()
    scene.site.run("release", "create", "2027.1")
    return f"{kills} × SIGKILL of `claims up`, {releases} × of `claims release create`"


def killed_database(scene: Scene) -> str:
    """Kill the database, a process of it, and restart it."""
    assert scene.postgres is not None
    for how in (scene.postgres.kill, scene.postgres.stop) * 3:
        how()
        time.sleep(1.0)
        scene.postgres.start()
        scene.recovers()
    for _ in range(3):
        scene.postgres.kill_one_process()
        scene.recovers()
    return "3 × SIGKILL of the server, 3 × restart, 3 × SIGKILL of one of its processes"


def full_disk(scene: Scene) -> str:
    """Fill the disk of the database for ten seconds."""
    file = ballast(scene.disk)
    time.sleep(10)
    file.unlink()
    if scene.postgres is not None and not scene.postgres.is_running:
        scene.postgres.start()  # as a service manager does
    scene.recovers()
    return "no room on the disk for 10 s"


def full_temporary(scene: Scene) -> str:
    """Fill the folder of temporary files for ten seconds."""
    folder = scene.folder / "tmp"
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(folder)], check=True)
    file = ballast(folder)
    body = b"x" * 3_000_000
    answered = []
    for path in ("/studies/import", "/claims/new"):
        with suppress(OSError), closing(connected(scene)) as client:
            client.sendall(head("POST", path, len(body)) + body)
            answered.append(client.recv(12).decode())
    time.sleep(10)
    file.unlink()
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
    scene.recovers()
    return f"no room for temporary files for 10 s; uploads of 3 MB were answered with {', '.join(answered)}"


def read_only(scene: Scene) -> str:
    """Make the database read-only for ten seconds."""
    if scene.postgres is not None:
        scene.postgres.execute("ALTER DATABASE claims SET default_transaction_read_only = on")
        scene.postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'claims'"
        )
        time.sleep(10)
        scene.postgres.execute("ALTER DATABASE claims RESET default_transaction_read_only")
        scene.postgres.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'claims'"
        )
        scene.recovers()
        return "`default_transaction_read_only` for 10 s"
    scene.site.stop()
    scene.site.prefix = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]
    file = scene.disk / "claims.sqlite3"
    file.chmod(0o444)
    scene.disk.chmod(0o555)
    said = ""
    try:
        scene.site.start()
    except NotStarted as refused:
        said = str(refused)
    assert "Check that the folder" in said, said or "the server has started"
    scene.disk.chmod(0o755)
    file.chmod(0o644)
    scene.site.start()
    scene.recovers()
    return "file and folder read-only: `claims up` does not start, and says which folder to look at; restored, it does"


def lost_file(scene: Scene) -> str:
    """Move the database file away for five seconds, and put it back."""
    file, aside = scene.disk / "claims.sqlite3", scene.disk / "aside"
    file.rename(aside)
    time.sleep(5)
    aside.rename(file)
    scene.recovers()
    return "moved away for 5 s, and put back"


def locked(scene: Scene) -> str:
    """Hold the lock of all writers for a minute."""
    if scene.postgres is None:
        with closing(sqlite3.connect(scene.disk / "claims.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(60)
            other.execute("ROLLBACK")
    else:
        with scene.postgres.connect() as other_program, other_program.transaction():
            other_program.execute("LOCK TABLE claims IN EXCLUSIVE MODE")
            time.sleep(60)
    scene.recovers()
    return f"locked by another program for 60 s; refused after {scene.traffic.noticed.slowest_refusal:.0f} s at most"


def no_connection(scene: Scene) -> str:
    """Take all connections that the database allows."""
    assert scene.postgres is not None
    taken: list[Any] = []
    scene.postgres.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'claims'")
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            taken.append(scene.postgres.connect())
        except psycopg.OperationalError:
            time.sleep(0.1)
    for one in taken:
        one.close()
    scene.recovers()
    return f"{len(taken)} connections taken by another program for 10 s"


def slow_clients(scene: Scene) -> str:
    """Open many connections that send a byte a second, and others that take nothing of a large answer."""
    clients = []
    for number in range(400):
        with suppress(OSError):
            client = connected(scene)
            client.sendall(
                b"GET /claims HTTP/1.1\r\nHost: x\r\nX-Slow: " if number % 2 else head("POST", "/login", 9999)
            )
            clients.append(client)
    greedy = []
    for _ in range(30):
        with suppress(OSError):
            client = connected(scene, receives=4096)
            client.sendall(b"GET /claims.csv HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
            greedy.append(client)
    until = time.monotonic() + 45
    while time.monotonic() < until:
        for client in clients:
            with suppress(OSError):
                client.send(b"x")
        time.sleep(1.0)
    for client in clients + greedy:
        client.close()
    scene.recovers()
    return f"{len(clients)} connections that send a byte a second, {len(greedy)} that read nothing, for 45 s"


def half_sent(scene: Scene) -> str:
    """Send the first half of many uploads, and go."""
    before = open_files(scene)
    for number in range(100):
        with closing(connected(scene)) as client:
            client.sendall(head("POST", "/studies/import", 2_000_000) + b"x" * 1_000_000)
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset
    until = time.monotonic() + 60
    while (left := open_files(scene) - before) > 20 and time.monotonic() < until:
        time.sleep(0.5)
    files = [path.name for path in (scene.folder / "tmp").iterdir()]
    assert left <= 20, f"{left} files are still open"
    assert not files, f"temporary files are left: {files}"
    scene.recovers()
    return "100 uploads of 2 MB cut off at 1 MB; no file, job or lock is left"


def clock_back(scene: Scene) -> str:
    """Set the clock back by an hour, twice."""
    clock = scene.folder / "clock"
    for offset in ("-1h", "-2h"):
        clock.write_text(offset)
        scene.recovers()
        time.sleep(10)
    imported = len(scene.traffic.ledger.titles)
    until = time.monotonic() + 180
    while len(scene.traffic.ledger.titles) <= imported:
        assert time.monotonic() < until, "imports wait for the clock"
        time.sleep(0.5)
    return "set back by 1 hour, twice; nobody was logged out, and imports went on"


def connected(scene: Scene, receives: int | None = None) -> socket.socket:
    """Return a connection to the site."""
    client = socket.socket()
    if receives is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receives)
    client.settimeout(5)
    client.connect(("127.0.0.1", urlsplit(scene.site.address).port or 0))
    return client


def head(method: str, path: str, length: int) -> bytes:
    """Return the head of a request with a form."""
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Length: {length}"]
    lines.append("Content-Type: application/x-www-form-urlencoded")
    return "\r\n".join([*lines, "", ""]).encode()


def open_files(scene: Scene) -> int:
    """Return how many files and connections the server has open."""
    return len(os.listdir(f"/proc/{scene.site.pid}/fd"))


def _clock() -> dict[str, str]:
    """Return the environment of a program whose clock is set by the file `clock` in its folder."""
    found = [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]
    return {
        "LD_PRELOAD": str(found[0]) if found else "",
        "FAKETIME_TIMESTAMP_FILE": "clock",
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


FAULTS = (
    Fault("server killed", killed_servers),
    Fault("database killed or restarted", killed_database, (POSTGRESQL,)),
    Fault("disk full", full_disk, scenery={"disk_mb": 300}),
    Fault("no room for temporary files", full_temporary, (SQLITE,)),
    Fault("read-only", read_only),
    Fault("file lost", lost_file, (SQLITE,)),
    Fault("locked", locked),
    Fault("no connection left", no_connection, (POSTGRESQL,)),
    Fault("slow clients", slow_clients, (SQLITE,)),
    Fault("uploads cut off", half_sent, (SQLITE,)),
    Fault("clock set back", clock_back, scenery={"environment": _clock()}),
)
