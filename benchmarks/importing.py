"""Measures the time and memory of importing a file of references with `claims import`. See `benchmarks/README.md`.

Runs a dry run, an import into an empty database, and the same import again, each as a separate command, on a
temporary SQLite file or on the empty database at a given URL.
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
RUNS = (("dry run", ["--dry-run"]), ("into an empty database", []), ("same file again", []))


def run(folder: str, url: str | None, *arguments: str) -> tuple[float, str]:
    """Run a command, and return the seconds it took and the last line of its output."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if url:
        environment["DATABASE_URL"] = url
    started = time.perf_counter()
    done = subprocess.run(
        [CLAIMS, *arguments], cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return time.perf_counter() - started, (done.stdout.splitlines() or [""])[-1]


def main() -> None:
    """Measure the runs, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--url", help="an empty database; without it, an SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "library.ris")
        file.write_bytes(made(chosen.records, 0))
        run(folder, chosen.url, "db", "upgrade")
        for name, options in RUNS:
            seconds, summary = run(folder, chosen.url, "import", *options, str(file))
            rate = chosen.records / seconds
            print(f"{name}: {seconds:.1f} s, {rate:,.0f} records per second; {summary.partition(': ')[2]}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"peak memory: {peak:.0f} MB")


if __name__ == "__main__":
    main()
