"""Measures the time and memory of reading files of references. See `benchmarks/README.md`.

Each measurement runs in a process of its own, so that memory is measured separately. The compared readers take turns
within one run, since only their ratio is meaningful on a machine that is also doing other work.
"""

import argparse
import gc
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORDS = [
    *(
        "fibromyalgia",
        "pain",
        "antibodies",
        "serum",
        "transfer",
        "mice",
        "patients",
        "controls",
        "glia",
        "cells",
    ),
    *(
        "satellite",
        "ganglia",
        "neurons",
        "symptom",
        "severity",
        "cohort",
        "randomised",
        "trial",
        "sleep",
        "fatigue",
    ),
    *("immune", "autoantibodies", "hypersensitivity", "nociceptors", "Sjögren", "syndrome"),
]
FAMILIES = [
    "Goebel",
    "Krock",
    "Gentry",
    "Svensson",
    "Kosek",
    "Müller",
    "Üçeyler",
    "Martínez-Lavín",
    "O’Brien",
]


def record(number: int, abstract: int) -> str:
    """Return one RIS record as a library exports it, with an abstract of `abstract` words."""
    draw = random.Random(number)
    words = [draw.choice(WORDS) for _ in range(abstract)]
    authors = "".join(
        f"AU  - {draw.choice(FAMILIES)}, {chr(65 + draw.randrange(26))}.\r\n"
        for _ in range(draw.randint(2, 9))
    )
    lines = [
        "TY  - JOUR",
        f"TI  - {' '.join(words[:12]).capitalize()} {number}",
        f"{authors}PY  - {1990 + number % 36}",
        "T2  - The Journal of Clinical Investigation",
        f"VL  - {number % 200}",
        f"IS  - {number % 12 + 1}",
        f"SP  - {number}",
        f"EP  - {number + 9}",
        f"DO  - 10.1172/jci{number}",
        f"UR  - https://doi.org/10.1172/jci{number}",
        "KW  - pain",
        "KW  - autoantibodies",
        f"AB  - {' '.join(words)}",
        "ER  - ",
    ]
    return "\r\n".join(lines) + "\r\n\r\n"


def made(records: int, megabytes: int) -> bytes:
    """Return a file of `records` records or, if `megabytes` is not 0, of that size."""
    if not megabytes:
        return "".join(record(number, 150) for number in range(records)).encode()
    size = megabytes * 1024**2
    text = "".join(record(number, 130) for number in range(megabytes * 800))
    return text.encode()[:size]


def read_here(data: bytes) -> int:
    """Read with this program, which finds the encoding, format, fields, identifiers, lines and text of each record."""
    from claims_app.formats.references import read

    return len(read(data).records)


def read_rispy(data: bytes) -> int:
    """Read with rispy, which finds the tags of each record."""
    import rispy

    return len(rispy.loads(data.decode("utf-8")))


READERS: dict[str, Callable[[bytes], int]] = {"here": read_here, "rispy": read_rispy}


def peak() -> float:
    """Return the peak memory of this process in MB. Raises SystemExit where there is no /proc."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise SystemExit("Peak memory is read from /proc, which this system does not have.")


def measure(reader: str, records: int, megabytes: int) -> None:
    """Read once, and print the seconds, MB at the start, MB at the peak, number of records and size in bytes."""
    READERS[reader](record(1, 10).encode())
    data = made(records, megabytes)
    gc.collect()
    before = peak_from_now()
    started = time.perf_counter()
    found = READERS[reader](data)
    print(time.perf_counter() - started, before, peak(), found, len(data))


def peak_from_now() -> float:
    """Reset the peak memory (Linux only), and return the current memory in MB."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def run(reader: str, records: int, megabytes: int) -> list[float]:
    """Run `measure` in a process of its own, and return its figures."""
    command = [
        sys.executable,
        __file__,
        "--measure",
        reader,
        "--records",
        str(records),
        "--megabytes",
        str(megabytes),
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(figure) for figure in done.stdout.split()]


def main() -> None:
    """Print a table that compares both readers, and the figures for a file of the maximum size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", choices=list(READERS), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measure(arguments.measure, arguments.records, arguments.megabytes)
        return
    found: dict[str, list[list[float]]] = {reader: [] for reader in READERS}
    for _ in range(arguments.rounds):
        for reader in READERS:
            found[reader].append(run(reader, arguments.records, 0))
    print(
        "| reader | records | file, MB | seconds, each round | records per second, best | peak, MB | before, MB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for reader, rounds in found.items():
        seconds = [figures[0] for figures in rounds]
        best = min(rounds)
        times = ", ".join(f"{each:.2f}" for each in seconds)
        print(
            f"| {reader} | {best[3]:.0f} | {best[4] / 1024**2:.1f} | {times} | {best[3] / best[0]:,.0f} "
            f"| {best[2]:.0f} | {best[1]:.0f} |"
        )
    ratios = [mine[0] / theirs[0] for mine, theirs in zip(found["here"], found["rispy"], strict=True)]
    print("\nTime here as a multiple of rispy's, by round: " + ", ".join(f"{ratio:.1f}" for ratio in ratios))
    seconds, before, most, records, size = run("here", 0, 20)
    print(
        f"\nA file of the maximum size ({size / 1024**2:.0f} MB, {records:,.0f} records): {seconds:.1f} s, "
        f"peak {most:.0f} MB, of which {before:.0f} MB before reading (the program and the file)."
    )


if __name__ == "__main__":
    main()
