"""A temporary primary with streaming replicas."""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.support.databases import fill
from tests.support.postgres import PostgresServer

_SETTINGS = (
    *("--listen_addresses=127.0.0.1", "--unix_socket_directories=", "--fsync=off", "--full_page_writes=off"),
    *("--autovacuum=off", "--jit=off", "--wal_level=replica", "--max_wal_senders=4", "--shared_buffers=32MB"),
)
"""A commit is still acknowledged only after it was written, as at a server that people use."""

NAME = "claims"


class Primary(PostgresServer):
    """A server that others can follow."""

    settings = _SETTINGS


class Standby(PostgresServer):
    """A server that follows another one."""

    settings = (*_SETTINGS, "--wal_retrieve_retry_interval=100ms", "--max_standby_streaming_delay=0")
    """No query may hold up the replay of changes."""

    def __init__(self, primary: PostgresServer) -> None:
        super().__init__()
        self._primary = primary

    def _command_for_data(self, binaries: Path, data: Path) -> Sequence[str]:
        source = f"--dbname={self._primary.conninfo()}"
        options = ("--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--no-manifest")
        return [str(binaries / "pg_basebackup"), source, f"--pgdata={data}", *options]


@dataclass(frozen=True)
class Cluster:
    """A primary and two replicas, with a database that has the schema."""

    primary: Primary
    first: Standby
    second: Standby

    @property
    def url(self) -> str:
        """The address of whichever server is the primary."""
        hosts = "&".join(f"host=127.0.0.1:{each.port}" for each in self.servers)
        return f"postgresql+psycopg://postgres@/{NAME}?{hosts}&target_session_attrs=read-write"

    @property
    def servers(self) -> tuple[PostgresServer, ...]:
        """All servers."""
        return self.primary, self.first, self.second

    def stop(self) -> None:
        """Stop all servers and delete their data."""
        for server in self.servers:
            server.stop()

    @property
    def replica_urls(self) -> tuple[str, ...]:
        """The addresses of the replicas."""
        return self.first.url(NAME), self.second.url(NAME)


def start_cluster() -> Cluster:
    """Start a cluster, which the caller stops."""
    with ExitStack() as stack:
        primary = stack.enter_context(Primary())
        primary.create_database(NAME)
        fill(primary.url(NAME), "schema")
        first, second = (stack.enter_context(Standby(primary)) for _ in range(2))
        stack.pop_all()
    return Cluster(primary, first, second)


def ask(server: PostgresServer, query: str) -> Any:
    """Return the value of a query at a server."""
    with psycopg.connect(server.conninfo(NAME), autocommit=True) as connection:
        cursor = connection.execute(query)
        row = cursor.fetchone() if cursor.description else None
    return row and row[0]


def pause(standby: Standby) -> None:
    """Let a standby receive changes but not show them."""
    ask(standby, "SELECT pg_wal_replay_pause()")
    _wait_for(standby, "SELECT pg_get_wal_replay_pause_state() = 'paused'")


def resume(cluster: Cluster, *standbys: Standby) -> None:
    """Let standbys show changes again, and wait until they show all that the primary has written."""
    # The position can be at the end of a page, after the last record. A record of its own moves it to where one ends.
    ask(cluster.primary, "SELECT pg_logical_emit_message(true, 'tests', '')")
    position = ask(cluster.primary, "SELECT pg_current_wal_flush_lsn()")
    for standby in standbys:
        ask(standby, "SELECT pg_wal_replay_resume()")
        _wait_for(standby, f"SELECT pg_last_wal_replay_lsn() >= '{position}'")


def promote(standby: Standby) -> None:
    """Make a standby a primary."""
    ask(standby, "SELECT pg_promote()")


def _wait_for(server: PostgresServer, condition: str) -> None:
    """Ask a server until a condition is true."""
    deadline = time.monotonic() + 20
    while not ask(server, condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.002)
