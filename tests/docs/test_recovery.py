"""Going back to a moment on PostgreSQL: exactly the commands of docs/operations.md, on a server of its own."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.docs.test_docs import _FENCE, ROOT, section
from tests.support.folders import make_quick_folder
from tests.support.postgres import INITDB_OPTIONS, find_binaries, free_port, unprivileged

BLOCKS = [
    block
    for language, block in _FENCE.findall(
        section((ROOT / "docs/operations.md").read_text(encoding="utf-8"), "## Point-in-time recovery")
    )
    if language == "sh"
]


class Shell:
    """Runs blocks of the page as the user of the server."""

    def __init__(self, folder: Path) -> None:
        binaries = find_binaries()
        self.prefix = unprivileged(folder, binaries)
        self.port = free_port()
        self.environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGDATABASE": "postgres",
            **{name: f"{folder}/{name.lower()}" for name in ("PGDATA", "ARCHIVE", "BASE", "RECOVERED")},
        }

    def run(self, script: str, **more: str) -> None:
        """Run a script, and check that all of it succeeded."""
        done = subprocess.run(
            [*self.prefix, "bash", "-euc", script],
            env=self.environment | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def connect(self) -> psycopg.Connection:
        """Return a connection to the server."""
        return psycopg.connect(
            f"host=127.0.0.1 port={self.port} user=postgres dbname=postgres", autocommit=True
        )


@pytest.fixture
def shell() -> Iterator[Shell]:
    """A shell with a server that was started as usual."""
    folder = make_quick_folder("claims-recovery-")
    shell = Shell(folder)
    shell.run(
        f'mkdir $ARCHIVE; initdb {" ".join(INITDB_OPTIONS)} > /dev/null; printf "port = $PGPORT\\nlisten_addresses = '
        "'127.0.0.1'\nunix_socket_directories = ''\" >> $PGDATA/postgresql.conf; "
        "pg_ctl start --silent --wait --log=$PGDATA/server.log"
    )
    yield shell
    shell.run(
        "for data in $PGDATA $RECOVERED; do pg_ctl stop --silent --mode=immediate --pgdata=$data || true; done; "
        f"rm -rf {folder}/*"
    )
    folder.rmdir()


def test_the_recipe_goes_back_to_the_moment_before_a_mistake(shell: Shell) -> None:
    prepare, save, go_back = BLOCKS
    shell.run(prepare)
    shell.run(save)
    with shell.connect() as connection:
        connection.execute("CREATE TABLE kept (id int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        [moment] = connection.execute("SELECT clock_timestamp()::text").fetchone() or ("",)
        connection.execute("DELETE FROM kept")
    shell.run(go_back, MOMENT=moment)
    with shell.connect() as connection:
        while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            time.sleep(0.02)
        assert connection.execute("SELECT id FROM kept").fetchall() == [(1,)]
