"""A site as an operator runs it: `claims up` in a process of its own, and commands beside it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Self

CLAIMS = str(Path(sys.executable).with_name("claims"))
START_SECONDS = 60
PASSWORD = "a password for the proof"  # of accounts that live for minutes


class NotStarted(Exception):
    """The server ended before it served; the message is what it said."""


class Site:
    """A site in `folder`, or in a temporary one, with the database at `url`, or an SQLite file in the folder.

    `prefix` is a command that runs the program, such as in another clock or namespace.
    """

    def __init__(
        self,
        folder: Path | None = None,
        url: str | None = None,
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
    ) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="claims-site-") if folder is None else None
        self.folder = folder or Path(self._temporary.name if self._temporary else "")
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("SECRET_KEY", "DATABASE_URL", "DATABASE_REPLICA_URLS")
            and not name.startswith("CLAIMS_")
        }
        self.environment |= {"CLAIMS_WEBHOOKS_PRIVATE": "allow", **(environment or {})}
        if url is not None:
            self.environment["DATABASE_URL"] = url
        self.prefix = list(prefix)
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None
        self._port = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()
        if self._temporary is not None:
            self._temporary.cleanup()

    @property
    def url(self) -> str:
        """The address of the database."""
        return self.environment.get("DATABASE_URL") or f"sqlite:///{self.folder}/instance/claims.sqlite3"

    @property
    def log_file(self) -> Path:
        """What the server writes to its standard error and output."""
        return self.folder / "server.log"

    def log(self) -> str:
        """Return what the servers have written so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def run(
        self, *arguments: str, typed: str = "", status: int | None = 0
    ) -> subprocess.CompletedProcess[str]:
        """Run a command beside the server. Raises AssertionError for another exit status."""
        done = subprocess.run(
            [*self.prefix, CLAIMS, *arguments],
            cwd=self.folder,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
        )
        said = f"claims {' '.join(arguments)}: {done.stdout}{done.stderr}"
        assert status is None or done.returncode == status, said
        return done

    def start(self, stderr: IO[bytes] | int | None = None) -> Self:
        """Start the server, on the port of the one before, and wait until it serves. Raises NotStarted."""
        begin = self.log_file.stat().st_size if self.log_file.exists() else 0
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, CLAIMS, "up", "--no-seed", "--port", str(self._port)],
                cwd=self.folder,
                env=self.environment | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log if stderr is None else stderr,
                start_new_session=True,
            )
        until = time.monotonic() + START_SECONDS
        while True:
            said = self.log()[begin:]
            if found := re.search(r"Claims is at (http://127.0.0.1:(\d+))", said):
                self.address, self._port = found[1], int(found[2])
                return self
            if self.process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise NotStarted(said)
            time.sleep(0.02)

    @property
    def pid(self) -> int:
        """The number of the process of the server."""
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """End the server as a crash does, with everything that it started."""
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stop(self) -> int:
        """End the server as a service manager does, and return its exit status."""
        process, self.process = self.process, None
        assert process is not None
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def check(self) -> str:
        """Run `claims check`, and return the problems that it names, or an empty text."""
        done = self.run("check", status=None)
        return "" if done.returncode == 0 else (done.stdout + done.stderr)

    def add_person(self, name: str, role: str = "editor") -> None:
        """Add an account with the password PASSWORD."""
        self.run("user", "add", name, "--role", role, typed=f"{PASSWORD}\n")

    def add_token(self, name: str) -> str:
        """Return a new API token of an account, with which it may write."""
        return self.run("token", "add", name, "--scope", "write").stdout.strip()
