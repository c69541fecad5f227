"""Tries everything that anybody can send, for as long as you like, and prints what makes the program fail.

    python -m tests.fuzz --minutes 10 --database postgresql

It starts a PostgreSQL server of its own. The exit status is 1 if something was found.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from claims_app.services.accounts import passwords
from tests.fuzz.rounds import KINDS, play
from tests.support.browsing import CHEAP
from tests.support.databases import SharedFiles, Templates
from tests.support.folders import make_quick_folder
from tests.support.postgres import PostgresServer

ROUNDS = 6
"""Requests to each rule and method between a new database and its check."""


def main() -> None:
    """Run rounds until the time is over; each begins with a new database and with the next seed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--database", choices=KINDS, default="sqlite")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="to do the same again")
    parser.add_argument(
        "--corpus", type=Path, action="append", default=[], help="a folder with more files to import"
    )
    chosen = parser.parse_args()
    passwords.HASH_METHOD = CHEAP
    end = time.monotonic() + 60 * chosen.minutes
    known: set[str] = set()
    seed = chosen.seed
    with ExitStack() as stack:
        folder = make_quick_folder("claims-fuzz-")
        templates = Templates(
            folder, SharedFiles(folder), lambda: server or stack.enter_context(PostgresServer())
        )
        server = stack.enter_context(PostgresServer()) if chosen.database == "postgresql" else None
        stack.callback(templates.close)
        while time.monotonic() < end:
            url = templates.copy(chosen.database, "seed")
            with tempfile.TemporaryDirectory() as instance:
                played = play(url, Path(instance), seed, ROUNDS, folders=chosen.corpus, until=end)
            templates.drop(chosen.database, url)
            for kind, words in played.finds.items():
                if kind not in known:
                    print(f"\n== {len(known) + 1} (seed {seed})\n{words}", flush=True)
                    known.add(kind)
            statuses = ", ".join(f"{number} × {status}" for status, number in sorted(played.statuses.items()))
            print(f"Seed {seed}: {played.sent:,} requests ({statuses})", flush=True)
            seed += 1
    print(f"{len(known)} faults were found.")
    raise SystemExit(bool(known))


if __name__ == "__main__":
    main()
