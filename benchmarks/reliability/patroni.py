"""Three nodes of PostgreSQL under Patroni on this machine, which processes can be killed.

Patroni and what it needs are installed from `patroni.txt` into a virtual environment of their own, which is kept for
the next time. The nodes agree by Raft, which Patroni brings along and calls deprecated; use etcd in production.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.support.postgres import ending_with_us, find_binaries, free_port, unprivileged

LOCK = Path(__file__).with_name("patroni.txt")
SCOPE = "claims"
SYNCHRONOUS = "sync_standby"
"""The role of the replica that commits wait for."""

HOST = "127.0.0.1"
LOOP_WAIT = 10
"""Seconds after which the leader renews its lock."""

SETTINGS = {
    # The shortest that Patroni allows. A leader that is lost with its machine is replaced once its lock has run out.
    "ttl": 20,
    # So the lock of a leader that was killed lasts 10 to 20 seconds more.
    "loop_wait": LOOP_WAIT,
    "retry_timeout": 5,
    # A commit waits for one of the replicas, and only that one can become the leader.
    "synchronous_mode": True,
    "synchronous_node_count": 1,
    # A leader whose PostgreSQL has crashed makes room at once instead of recovering.
    "primary_start_timeout": 0,
    "maximum_lag_on_failover": 1_048_576,
    "postgresql": {"use_pg_rewind": True, "use_slots": True},
}
"""What all nodes agree on; `docs/operations.md` explains it."""

PARAMETERS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": 250,
    "hot_standby_feedback": "on",
    "shared_buffers": "128MB",
    "max_wal_senders": 10,
    "wal_keep_size": "256MB",
    "unix_socket_directories": "",
    "log_min_messages": "warning",
}


def programs() -> Path:
    """Return the folder of the programs of Patroni, after installing it if necessary."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "claims-reliability"
    folder = cache / f"patroni-{sys.version_info.major}.{sys.version_info.minor}"
    done = folder / LOCK.name
    if not done.exists() or done.read_text() != LOCK.read_text():
        venv.create(folder, with_pip=True, clear=True)
        install = [folder / "bin" / "pip", "install", "--quiet", "--require-hashes", "--requirement", LOCK]
        subprocess.run(install, check=True)
        shutil.copyfile(LOCK, done)
    return folder / "bin"


class Node:
    """One of the nodes: a Patroni, and the PostgreSQL that it runs."""

    def __init__(self, name: str, folder: Path, binaries: Path) -> None:
        self.name = name
        self.port, self.rest, self.raft = free_port(), free_port(), free_port()
        self.folder = folder / name
        self.folder.mkdir()
        self._binaries = binaries
        self._patroni: subprocess.Popen[bytes] | None = None

    def configure(self, partners: Sequence["Node"]) -> None:
        """Write the file with the settings of this node."""
        everybody = f"host all all {HOST}/32 trust", f"host replication all {HOST}/32 trust"
        settings: dict[str, Any] = {
            "scope": SCOPE,
            "name": self.name,
            "restapi": {"listen": f"{HOST}:{self.rest}", "connect_address": f"{HOST}:{self.rest}"},
            "raft": {
                "data_dir": str(self.folder / "raft"),
                "self_addr": f"{HOST}:{self.raft}",
                "partner_addrs": [f"{HOST}:{node.raft}" for node in partners],
            },
            "bootstrap": {
                "dcs": SETTINGS,
                "initdb": [{"encoding": "UTF8"}, {"locale": "C.UTF-8"}, {"auth": "trust"}, "data-checksums"],
            },
            "postgresql": {
                "bin_dir": str(self._binaries),
                "data_dir": str(self.folder / "data"),
                "pgpass": str(self.folder / "pgpass"),
                "listen": f"{HOST}:{self.port}",
                "connect_address": f"{HOST}:{self.port}",
                "authentication": {
                    "superuser": {"username": "postgres"},
                    "replication": {"username": "replicator"},
                },
                "pg_hba": list(everybody),
                "parameters": PARAMETERS,
            },
        }
        self._file.write_text(json.dumps(settings))  # JSON is YAML, too

    @property
    def _file(self) -> Path:
        return self.folder / "patroni.yml"

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        command = [*unprivileged(self.folder, self._binaries), *ending_with_us()]
        with (self.folder / "log").open("ab") as log:
            self._patroni = subprocess.Popen(
                [*command, str(programs() / "patroni"), str(self._file)],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill all processes of the node at once, as if its machine had lost power."""
        assert self._patroni is not None
        server = self._postmaster()
        doomed = [self._patroni.pid, *([server, *_descendants(server)] if server else [])]
        for process in doomed:
            # Stopped first, so that none notices the end of another.
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)
        for process in [*doomed, *_descendants(self._patroni.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._patroni.wait()

    def kill_server(self) -> None:
        """Kill PostgreSQL alone."""
        server = self._postmaster()
        assert server is not None
        os.kill(server, signal.SIGKILL)

    def stop(self) -> None:
        """Stop Patroni, which stops PostgreSQL."""
        if self._patroni is not None and self._patroni.poll() is None:
            self._patroni.terminate()
            try:
                self._patroni.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def ask(self, path: str, content: object = None, method: str | None = None) -> Any:
        """Return what the interface of Patroni answers. Raises OSError."""
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"http://{HOST}:{self.rest}{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60 if method == "POST" else 3) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith(b"{") else text.decode()

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement on this node, and return the rows. Raises psycopg.OperationalError."""
        where = f"host={HOST} port={self.port} user=postgres dbname=postgres connect_timeout=2"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def _postmaster(self) -> int | None:
        try:
            return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except OSError:
            return None


class Cluster:
    """Three nodes within the `with` block, with their data in a temporary folder on disk."""

    def __enter__(self) -> Self:
        programs()
        binaries = find_binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="claims-cluster-"))
        self.nodes = [Node(name, self.folder, binaries) for name in ("one", "two", "three")]
        for node in self.nodes:
            node.configure([other for other in self.nodes if other is not node])
        try:
            for node in self.nodes:
                node.start()
            self.wait_until_whole(90)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop all nodes and delete their data."""
        for node in self.nodes:
            node.stop()
        if os.environ.get("CLAIMS_KEEP_CLUSTER"):
            print(f"Kept: {self.folder}")
        else:
            shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database` on the primary, whichever node that is."""
        hosts = "&".join(f"host={HOST}:{node.port}" for node in self.nodes)
        return f"postgresql+psycopg://postgres@/{database}?{hosts}&target_session_attrs=read-write&connect_timeout=2"

    def replica_urls(self, database: str) -> list[str]:
        """Return the addresses of `database` on each node; the one that is the primary just now is no replica."""
        return [f"postgresql://postgres@{HOST}:{node.port}/{database}" for node in self.nodes]

    def members(self) -> dict[str, dict[str, Any]]:
        """Return what the nodes say about each other, by their names."""
        for node in self.nodes:
            with contextlib.suppress(OSError):
                return {member["name"]: member for member in node.ask("/cluster")["members"]}
        return {}

    def leader(self) -> Node:
        """Return the node that is the leader. Raises LookupError if there is none."""
        for node in self.nodes:
            with contextlib.suppress(OSError, psycopg.OperationalError):
                if node.ask("/patroni")["role"] in ("primary", "master"):
                    return node
        raise LookupError("No node is the leader.")

    def wait_for_leader(self, but: Node) -> None:
        """Wait until another node is the leader, and its database can be written to. Raises TimeoutError."""

        def is_there() -> bool:
            try:
                leader = self.leader()
                return leader is not but and leader.execute("SELECT pg_is_in_recovery()") == [(False,)]
            except (LookupError, psycopg.OperationalError):
                return False

        waited(is_there, 60, "No other node became the leader.")

    def replicas(self) -> list[Node]:
        """Return the nodes that are not the leader."""
        leader = self.leader()
        return [node for node in self.nodes if node is not leader]

    def is_whole(self) -> bool:
        """Return whether there is one leader, both others stream from it, and commits wait for one of them."""
        try:
            leader = self.leader()
            rows = leader.execute(
                "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
                " AND pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) < 1000000"
            )
            members = list(self.members().values())
        except (LookupError, OSError, psycopg.OperationalError):
            return False
        is_synchronous = any(member["role"] == SYNCHRONOUS for member in members)
        states = sorted(member["state"] for member in members)
        return is_synchronous and rows[0][0] == 2 and states == ["running", "streaming", "streaming"]

    def wait_until_whole(self, seconds: float) -> float:
        """Wait until all nodes are there, and return the seconds that took. Raises TimeoutError."""
        return waited(self.is_whole, seconds, f"The cluster is not whole: {self.members()}")

    def switch_over(self) -> None:
        """Let the replica that commits wait for take over from the leader, as planned by an operator."""
        candidate = next(name for name, member in self.members().items() if member["role"] == SYNCHRONOUS)
        leader = self.leader()
        leader.ask("/switchover", {"leader": leader.name, "candidate": candidate}, "POST")


def waited(is_so: Callable[[], bool], seconds: float, problem: str) -> float:
    """Wait until `is_so`, and return the seconds that took. Raises TimeoutError with `problem`."""
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() - begun > seconds:
            raise TimeoutError(problem)
        time.sleep(0.1)
    return time.monotonic() - begun


def _descendants(process: int) -> list[int]:
    """Return the processes that a process has begun, and those that these have begun."""
    parents: dict[int, int] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    found = [process]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]
