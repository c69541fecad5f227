"""Measures the time and memory of loading retraction notices from a file as large as that of Retraction Watch.

    python benchmarks/retractions.py [ROWS]

Writes a file with ROWS rows (by default 70,000, more than 60 MB) in mixed encodings, and loads it twice with
`claims import --retractions` into a temporary SQLite file.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HEADER = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,"
    "RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,"
    "Reason,Paywalled,Notes,\n"
)


def _write(path: Path, count: int) -> None:
    filling = "Universität zu Köln, Institut für Überblick, Köln, Germany;" * 12
    with path.open("wb") as file:
        file.write(HEADER.encode())
        for number in range(1, count + 1):
            doi = "unavailable" if number % 20 == 0 else f"10.1000/paper.{number}"
            text = (
                f'{number},"Paper {number}, „ein Überblick“",(HSC) Medicine;,"{filling}",Journal,Publisher,Germany,'
                f"José Núñez;Jürgen Maß,https://example.org/{number},Research Article;,{number % 12 + 1}/9/2020 0:00,"
                f"10.1000/notice.{number},0,1/2/2019 0:00,{doi},{number % 3 * number},Retraction,"
                f'"+Concerns/Issues About Data;+Paper Mill;",No,,\n'
            )
            file.write(text.encode("cp1252" if number % 7 == 0 else "utf-8"))


def main(count: int) -> None:
    """Write a file of `count` rows, load it twice, and print the time and memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "retraction_watch.csv")
        _write(path, count)
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{Path(folder, 'claims.db')}"}
        claims = str(Path(sys.executable).with_name("claims"))
        subprocess.run([claims, "db", "upgrade"], env=environment, cwd=folder, check=True)
        print(f"{count:,} rows, {path.stat().st_size / 1e6:.0f} MB")
        for turn in ("first", "second"):
            started = time.perf_counter()
            subprocess.run(
                [claims, "import", "--retractions", str(path)], env=environment, cwd=folder, check=True
            )
            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            print(f"{turn} load: {time.perf_counter() - started:.1f} s, peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 70_000)
