"""Breaks a site in every way that we know, on SQLite and PostgreSQL, while people and programs use it.

    python -m benchmarks.reliability.faults                      # all; or --only NAME, --kills 10
    python -m benchmarks.reliability.faults --write              # puts the table into docs/reliability.md

Each fault happens to a site of its own: `claims up` in a process, readers, editors, scripts and imports over HTTP, and
a PostgreSQL with fsync. Exits with status 1 unless nothing that was acknowledged is lost or saved twice, everybody gets
either a good answer, a sentence with a time to try again, or a cut connection, the site recovers by itself, and
`claims check` finds nothing. Needs Linux and `unshare`, for disks of a few megabytes; the clock needs `faketime`.
"""

import argparse
import os
import sys
import time

from benchmarks.reliability import measuring, report
from benchmarks.reliability.breaking import FAULTS
from benchmarks.reliability.scenes import Outcome

NAMESPACE = (
    "unshare",
    "--user",
    "--map-root-user",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
)
INSIDE = "CLAIMS_FAULTS_INSIDE"
HEAD = (
    *("fault", "database", "done", "acknowledged", "lost", "readers waited, s", "writers waited, s"),
    *("what people read meanwhile", "`claims check`"),
)


def row(name: str, kind: str, outcome: Outcome) -> tuple[object, ...]:
    """Return the row of the table for a fault."""
    said = [f"“{sentence}” ({number}×)" for sentence, number in sorted(outcome.refused.items())]
    if outcome.broken:
        said.append(f"connection cut or refused ({outcome.broken}×)")
    return (
        *(name, kind, outcome.did, f"{outcome.acknowledged:,}", len(outcome.lost)),
        *(f"{outcome.read_gap:.1f}", f"{outcome.write_gap:.1f}"),
        " ".join(said) or "nothing unusual",
        "clean" if not outcome.check else "problems",
    )


def main() -> None:
    """Break what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=sorted({fault.name for fault in FAULTS}), action="append")
    parser.add_argument("--database", choices=["SQLite", "PostgreSQL"])
    parser.add_argument(
        "--kills", type=int, default=100, help="how often the server is killed on each database"
    )
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    chosen = parser.parse_args()
    if not os.environ.get(INSIDE):
        os.environ[INSIDE] = "1"
        command = [sys.executable, "-m", "benchmarks.reliability.faults", *sys.argv[1:]]
        os.execvp(NAMESPACE[0], [*NAMESPACE, "--", *command])
    os.environ["CLAIMS_FAULTS_KILLS"] = str(chosen.kills)
    rows, bad = [], []
    for fault in FAULTS:
        for kind in fault.databases:
            if (chosen.only and fault.name not in chosen.only) or chosen.database not in (None, kind):
                continue
            begun = time.monotonic()
            outcome = fault.happens(kind)
            rows.append(row(fault.name, kind, outcome))
            print(report.table(HEAD, rows[-1:]).splitlines()[-1], flush=True)
            print(f"  took {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
            if not outcome.sound:
                bad.append(f"{fault.name} on {kind}")
                for line in (*outcome.lost, *outcome.wrong, outcome.check):
                    print("  ", line, file=sys.stderr, flush=True)
    text = f"{measuring.when_and_where()}\n\n{report.table(HEAD, rows)}"
    if bad:
        text += f"\n\nNot as it should be: {', '.join(bad)}."
    if chosen.write:
        report.write("faults", text)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
