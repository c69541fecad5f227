"""Runs commands in processes of their own, without importing the program each time.

A process that has already imported the program is forked for each command, which is about twelve times as fast.
Everything else is as usual: each command has its own working folder, environment, arguments and streams.
"""

import multiprocessing
import os
import subprocess
import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

CLAIMS = str(Path(sys.executable).with_name("claims"))
LONGEST_SECONDS = 60

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["claims_app.__main__", "tests.support.commands"])


class Terminal:
    """Runs commands in a folder, with the database at `url`."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        self.folder = folder
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if name not in ("SECRET_KEY", "DATABASE_URL") and not name.startswith("CLAIMS_")
        }
        self.environment["PYTHONWARNINGS"] = "error"
        if url:
            self.environment["DATABASE_URL"] = url

    def run(self, *arguments: str, typed: str = "", status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command with `typed` as its input, check its exit status, and return the result."""
        with TemporaryDirectory() as streams:
            standard_in = Path(streams, "in")
            standard_in.write_text(typed, encoding="utf-8")
            process = _FORKS.Process(
                target=_command, args=(arguments, self.folder, self.environment, Path(streams))
            )
            process.start()
            process.join(LONGEST_SECONDS)
            if process.exitcode is None:
                process.kill()
                raise AssertionError(f"claims {' '.join(arguments)} did not finish.")
            out, err = (Path(streams, name).read_bytes().decode() for name in ("out", "err"))
        assert process.exitcode == status, out + err
        assert "Traceback" not in err
        return subprocess.CompletedProcess([CLAIMS, *arguments], process.exitcode, out, err)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in the background, and return its process."""
        return subprocess.Popen(
            [CLAIMS, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def _command(
    arguments: tuple[str, ...], folder: Path, environment: dict[str, str], streams: Path
) -> NoReturn:
    """Run the console script in this process."""
    for number, name, flags in (
        (0, "in", os.O_RDONLY),
        (1, "out", os.O_WRONLY | os.O_CREAT),
        (2, "err", os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(streams / name, flags), number)
    # The stream objects inherited from the fork server are no longer usable.
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = [CLAIMS, *arguments]
    warnings.simplefilter("error")
    from claims_app.__main__ import main

    main()
    sys.exit(0)
