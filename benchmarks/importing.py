"""Importing a file of references by command: how long, and how much memory. `benchmarks/README.md` says how to run it.

A dry run, an import into an empty database, and the same file once more: each is a `claims import` of its own, on
SQLite in a folder of its own or on the empty database whose URL is given.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from references import made

CLAIMS = str(Path(sys.executable).with_name("claims"))
RUNS = (("what it means", ["--dry-run"]), ("into an empty database", []), ("once more", []))


def run(folder: str, url: str | None, *arguments: str) -> tuple[float, str]:
    """Run a command, and return how many seconds it took, and the last line that it said."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if url:
        environment["DATABASE_URL"] = url
    begun = time.perf_counter()
    done = subprocess.run(
        [CLAIMS, *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - begun, (done.stdout.splitlines() or [""])[-1]


def main() -> None:
    """Measure, and print a line for each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--url", help="an empty database; without it, an SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "library.ris")
        file.write_bytes(made(chosen.records, 0))
        run(folder, chosen.url, "db", "upgrade")
        for name, options in RUNS:
            seconds, told = run(folder, chosen.url, "import", *options, str(file))
            rate = chosen.records / seconds
            print(f"{name}: {seconds:.1f} s, {rate:,.0f} records a second; {told.partition(': ')[2]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest memory of any of them: {peak:.0f} MB")


if __name__ == "__main__":
    main()
