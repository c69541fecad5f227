"""Measures the pages, files and edits of the program as `claims up` serves them. See `benchmarks/README.md`.

    reading.py DATABASE_URL            # a database from filling.py

Needs wrk (a Debian package). An answer other than 200 counts as bad, so a figure with bad answers is no figure. Prints
one JSON object for each line of the table.
"""

import argparse
import base64
import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import synthetic
from sqlalchemy import Connection, func, select

from claims_app.database import Database
from claims_app.models import Claim
from claims_app.vocabulary import EvidenceLevel

COMMAND = [str(Path(sys.executable).parent / "claims")]
LEVELS = [level.value for level in EvidenceLevel if level is not EvidenceLevel.NOT_ASSESSED]
LIST = "/claims?sort=newest&per_page=50&level="
WRITERS, EDITS = 8, 25
WRK = """
local paths, i = {}, 0
for path in io.lines("%s") do paths[#paths + 1] = path end
request = function() i = i + 1; return wrk.format("GET", paths[(i - 1) %% #paths + 1]) end
done = function(all, latency)
  io.write(string.format('JSON{"requests":%%d,"us":%%d,"p50_ms":%%.1f,"p95_ms":%%.1f,"bad":%%d}', all.requests,
    all.duration, latency:percentile(50) / 1000, latency:percentile(95) / 1000,
    all.errors.status + all.errors.timeout + all.errors.read + all.errors.connect))
end
"""


def pages(connection: Connection) -> dict[str, list[str]]:
    """Return the addresses that are asked for in turn, by the name of the measurement."""
    numbers = connection.execute(select(func.max(Claim.id))).scalar_one()
    words = list(synthetic.SEARCHED.values())
    return {
        "front page": ["/"],
        "list by level": [LIST + level for level in LEVELS],
        "at 90 % depth": [_deep(connection, level) for level in LEVELS],
        "list by level and kind": [f"{LIST}{level}&kind={kind}" for level in LEVELS for kind in _KINDS],
        "list by design and year": [
            f"/claims?direction=null&year_from={year}&design=cohort" for year in range(2010, 2020)
        ],
        "search, two words": [f"/claims?q={a}+{b}" for a, b in zip(words[::2], words[1::2], strict=True)],
        "search, a common word": [f"/claims?q={words[0]}"],
        "claim": [f"/claims/CLM-{number}" for number in range(101, numbers, numbers // 40 + 1)],
        "studies": ["/studies?sort=year"],
    }


_KINDS = ("association", "mechanism", "treatment")


def _deep(connection: Connection, level: str) -> str:
    """Return the address of the page at 90 % of the claims with a level, newest first."""
    wanted = Claim.evidence_level == level
    n_claims = connection.execute(select(func.count()).where(wanted)).scalar_one()
    newest = (Claim.created_at.desc(), Claim.id.desc())
    query = select(Claim.created_at, Claim.id).where(wanted).order_by(*newest)
    moment, number = connection.execute(query.offset(n_claims * 9 // 10).limit(1)).one()
    cursor = base64.urlsafe_b64encode(json.dumps([moment.isoformat(), number]).encode())
    return f"{LIST}{level}&after={cursor.decode().rstrip('=')}"


class Server:
    """`claims up` on a free port."""

    def __init__(self, url: str, folder: Path, settings: dict[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.env = os.environ | {"DATABASE_URL": url, "SECRET_KEY": secrets.token_urlsafe(40)} | settings
        self.folder = folder
        self.log = (folder / "log").open("w")
        self.begun = time.perf_counter()
        command = [*COMMAND, "up", "--port", self.address.rpartition(":")[2]]
        self.process = subprocess.Popen(command, cwd=folder, env=self.env, stdout=self.log, stderr=self.log)

    def wait(self) -> float:
        """Return the seconds until the first answer."""
        while self.process.poll() is None:
            with contextlib.suppress(OSError):
                self.get("/method")
                return time.perf_counter() - self.begun
            time.sleep(0.01)
        raise SystemExit((self.folder / "log").read_text())

    def get(self, path: str) -> bytes:
        """Return the content at a path."""
        with urllib.request.urlopen(self.address + path, timeout=600) as answer:
            content: bytes = answer.read()
            return content

    def memory(self) -> float:
        """Return its resident memory, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found, "held by Linux"
        return int(found[1]) / 1000

    def ask(self, paths: Sequence[str], connections: int, seconds: int) -> dict[str, float]:
        """Ask for the paths in turn over some connections at once, and return the figures."""
        (self.folder / "paths").write_text("\n".join(paths) + "\n")
        (self.folder / "wrk.lua").write_text(WRK % (self.folder / "paths"))
        asked = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
        asked += ["-s", str(self.folder / "wrk.lua"), self.address]
        out = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        figures: dict[str, float] = json.loads(out.partition("JSON")[2])
        per_second = figures.pop("requests") / figures.pop("us") * 1e6
        return {"requests_s": round(per_second, 1)} | figures

    def stop(self) -> None:
        """End the server."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        self.log.close()


def export(server: Server) -> dict[str, float]:
    """Return the figures of the whole file of claims."""
    idle, begun, first, rows, peak = server.memory(), time.perf_counter(), 0.0, -1, 0.0
    with urllib.request.urlopen(f"{server.address}/claims.csv", timeout=3600) as answer:
        while part := answer.read(1 << 16):
            first = first or time.perf_counter() - begun
            rows += part.count(b"\n")
            peak = max(peak, server.memory())
    seconds = time.perf_counter() - begun
    return {
        "rows": rows,
        "rows_s": round(rows / seconds),
        "first_byte_s": round(first, 3),
        "growth_mb": round(peak - idle),
    }


def edits(server: Server, writers: int, first: int) -> dict[str, float]:
    """Return the figures of edits of different claims by `writers` at once, over the API."""
    name = f"writer{secrets.token_hex(4)}"
    _claims(server, "user", "add", name, "--role", "editor", typed=secrets.token_urlsafe(20) + "\n")
    token = re.findall(r"\S{30,}", _claims(server, "token", "add", name, "--scope", "write"))[-1]
    refused: list[int] = []
    versions = {
        number: json.loads(server.get(f"/api/v1/claims/CLM-{number}"))["version"]
        for number in range(first, first + writers * EDITS)
    }

    def write(writer: int) -> None:
        for n in range(EDITS):
            number = first + writer * EDITS + n
            sent = {
                "version": versions[number],
                "outcome": f"Pain {secrets.token_hex(3)}",
                "edit_summary": "Measured",
            }
            request = urllib.request.Request(
                f"{server.address}/api/v1/claims/CLM-{number}",
                json.dumps(sent).encode(),
                {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
                method="PATCH",
            )
            try:
                urllib.request.urlopen(request, timeout=60).close()
            except urllib.error.HTTPError as error:
                refused.append(error.code)

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    n_edits = writers * EDITS
    return {"edits_s": round(n_edits / (time.perf_counter() - begun), 1), "refused": len(refused)}


def _claims(server: Server, *arguments: str, typed: str = "") -> str:
    done = subprocess.run([*COMMAND, *arguments], input=typed, env=server.env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


@contextlib.contextmanager
def serving(url: str, settings: dict[str, str]) -> Iterator[Server]:
    """Serve the database for the block."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(url, Path(folder), settings)
        try:
            yield server
        finally:
            server.stop()


def say(what: str, **figures: object) -> None:
    """Print one line of the table."""
    print(json.dumps({"what": what, **figures}), flush=True)


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--only", help="measure only what has these words in its name, such as “list”")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting")
    chosen = parser.parse_args()
    database = Database(chosen.url)
    with database.engine.connect() as connection:
        asked = pages(connection)
    database.close()
    wanted = [name for name in (*asked, "whole CSV", "edits") if (chosen.only or "") in name]
    with serving(chosen.url, dict(pair.split("=", 1) for pair in chosen.set)) as server:
        say("start", seconds=round(server.wait(), 2), idle_mb=round(server.memory()))
        for name in wanted:
            if name in asked:
                begun = time.perf_counter()
                size = len(server.get(asked[name][0])) / 1000
                figures = {"first_s": round(time.perf_counter() - begun, 3), "kb": round(size, 1)}
                at = {f"at_{n}": server.ask(asked[name], n, chosen.seconds) for n in (1, 8)}
                say(name, **figures, **at, memory_mb=round(server.memory()))
            elif name == "whole CSV":
                say(name, **export(server))
            else:
                say("edits, 1 writer", **edits(server, 1, 101))
                say(f"edits, {WRITERS} writers", **edits(server, WRITERS, 201))


if __name__ == "__main__":
    main()
