"""What a process needs, as Linux says, and whether that is flat."""

import datetime
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Sample:
    """What a process needs at one moment."""

    at: float
    """Seconds since the begin of the measurement."""

    memory: float
    """Megabytes in memory, without what can be read again from files."""

    files: int
    threads: int
    processor: float
    """Seconds of processor time since the start of the process."""

    requests: int
    """How many requests were answered since the begin."""

    log: float
    """Megabytes of the write-ahead log."""

    database: float
    """Megabytes of the database file."""


def sample(pid: int, at: float, requests: int, database: Path | None) -> Sample:
    """Return what a process needs now. Raises OSError if it has ended."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
    )
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return Sample(
        at=at,
        memory=(int(status["RssAnon"].split()[0]) + int(status["RssShmem"].split()[0])) / 1024,
        files=len(os.listdir(f"/proc/{pid}/fd")),
        threads=int(status["Threads"]),
        processor=(int(times[11]) + int(times[12])) / _TICKS,
        requests=requests,
        log=_size(database, "-wal"),
        database=_size(database, ""),
    )


def _size(file: Path | None, suffix: str) -> float:
    if file is None:
        return 0.0
    try:
        return os.stat(f"{file}{suffix}").st_size / 1024**2
    except FileNotFoundError:
        return 0.0


def growth(at: Sequence[float], values: Sequence[float]) -> float:
    """Return how much `values` grow in a unit of `at`: the slope of the Theil-Sen line, which ignores single peaks."""
    step = max(1, len(at) // 300)  # of at most 45,000 pairs
    at, values = at[::step], values[::step]
    slopes = [
        (values[b] - values[a]) / (at[b] - at[a])
        for a in range(len(at))
        for b in range(a + 1, len(at))
        if at[b] > at[a]
    ]
    return statistics.median(slopes) if slopes else 0.0


def at_least(values: Sequence[float], part: float) -> float:
    """Return the value that `part` of the values do not exceed, such as 0.95."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def when_and_where() -> str:
    """Return when and on what something is measured, as a sentence."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    return f"Measured on {today} with Python {platform.python_version()}, on {os.cpu_count()} shared cores."
