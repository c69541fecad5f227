"""A PostgreSQL server that keeps what it has acknowledged, and that can be killed and started again."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import psycopg

from tests.support.postgres import INITDB_OPTIONS, ending_with_us, find_binaries, free_port, unprivileged

START_SECONDS = 60
SETTINGS = (
    *("--listen_addresses=127.0.0.1", "--unix_socket_directories=", "--max_connections=80"),
    *("--fsync=on", "--synchronous_commit=on", "--full_page_writes=on", "--jit=off"),
    *("--max_wal_size=64MB", "--min_wal_size=32MB", "--restart_after_crash=on"),
)


class Durable:
    """A server with its data in `folder`, which is empty. It is stopped after the `with` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._binaries = find_binaries()
        self._as_user: Sequence[str] = unprivileged(folder, self._binaries)

    def __enter__(self) -> Self:
        initdb = [*self._as_user, str(self._binaries / "initdb"), f"--pgdata={self.folder}/data"]
        # Less of the log of changes than usual, so that a small disk has room for it.
        options = [option for option in INITDB_OPTIONS if option != "--no-sync"]
        subprocess.run(
            [*initdb, *options, "--wal-segsize=4"], check=True, capture_output=True, cwd=self.folder
        )
        self.start()
        self.execute("CREATE DATABASE claims")
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The address of its database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/claims"

    def connect(self, database: str = "claims", **options: Any) -> "psycopg.Connection[Any]":
        """Return a connection of another program."""
        where = f"host=127.0.0.1 port={self.port} user=postgres dbname={database} connect_timeout=2"
        return psycopg.connect(where, autocommit=True, **options)

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Execute a statement as another program."""
        with self.connect(database) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Start the server, and wait until it answers. Raises AssertionError with its log if it does not."""
        command = [*self._as_user, *ending_with_us(), str(self._binaries / "postgres")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-D", str(self.folder / "data"), f"--port={self.port}", *SETTINGS],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while not self.answers():
            running = self._process.poll() is None and time.monotonic() < until
            assert running, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def answers(self) -> bool:
        """Return whether the server accepts connections."""
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    @property
    def is_running(self) -> bool:
        """Whether the server has not ended by itself."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the server as a restart of the machine does: connections are cut, and nothing is lost."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a crash of the machine does."""
        self._end(signal.SIGKILL)

    def kill_one_process(self) -> None:
        """Kill one of its processes, whereupon it ends all connections and recovers."""
        with self.connect("postgres") as connection:
            pids = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = 'claims' ORDER BY query_start DESC LIMIT 1"
            ).fetchall()
        for (pid,) in pids:
            os.kill(pid, signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(how)
            process.wait(60)
