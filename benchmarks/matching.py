"""Measures the search for duplicates of a paper among many studies, and for all duplicate pairs.

    python benchmarks/matching.py [STUDIES] [DATABASE_URL]

Creates studies whose titles have the word frequencies of a single field (a few words are in most titles), and searches
for copies of some of them with a misspelled title. Without a URL, a temporary SQLite file is used.
"""

import itertools
import random
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from claims_app.database import Change, Database
from claims_app.models import Study, StudyKey
from claims_app.rules.papers import Paper
from claims_app.services.deduplication import study_matching
from claims_app.services.system import schema
from claims_app.vocabulary import PublicationState, ReviewState, Standing, Via

ASKED = 200
COMMON = [
    "fibromyalgia",
    "patients",
    "chronic",
    "pain",
    "antibodies",
    "study",
    "with",
    "association",
    "syndrome",
]


def _by_rank(count: int, flat: int) -> list[float]:
    """Return the cumulative frequencies of `count` words by Zipf's law; `flat` evens out the most frequent ones."""
    return list(itertools.accumulate(1 / (rank + flat) for rank in range(count)))


def _values(
    number: int, chance: random.Random, words: list[str], frequencies: list[float]
) -> dict[str, object]:
    chosen = [*chance.sample(COMMON, 4), *chance.choices(words, cum_weights=frequencies, k=6)]
    chance.shuffle(chosen)
    names = chance.choices(range(len(FAMILIES)), cum_weights=FAMILIES, k=4)
    authors = "\n".join(f"Family{name}, {chance.choice('ABCDEFGHJKLM')}" for name in names)
    return {"title": " ".join(chosen).capitalize(), "authors": authors, "year": 1990 + number % 35}


FAMILIES = _by_rank(30_000, 50)


def main(count: int, url: str) -> None:
    """Fill the database at `url` with `count` studies, search for duplicates, and print the times."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghiklmnoprstu", k=chance.randint(5, 10))) for _ in range(30_000)]
    frequencies = _by_rank(len(words), 20)
    database = Database(url)
    schema.upgrade(database.engine)
    started = time.perf_counter()
    with database.writing(Change(via=Via.COMMAND)) as session:
        for begin in range(0, count, 2000):
            rows = [
                {
                    "id": number + 1,
                    "publication_state": PublicationState.PUBLISHED,
                    "standing": Standing.CURRENT,
                    "review_state": ReviewState.ACCEPTED,
                    "version": 1,
                    **_values(number, chance, words, frequencies),
                }
                for number in range(begin, min(begin + 2000, count))
            ]
            session.execute(insert(Study), rows)
            keys = [{"study_id": row["id"], "key": key} for row in rows for key in Paper.of(row).keys]
            session.execute(insert(StudyKey), keys)
    print(f"{count:,} studies created in {time.perf_counter() - started:.0f} s")
    with database.reading() as session:
        times, n_found = [], 0
        for number in chance.sample(range(1, count + 1), ASKED):
            study = session.get_one(Study, number)
            title = study.title.replace(study.title[6:8], study.title[7:8] + study.title[6:7], 1)
            paper = {"title": title.upper(), "authors": study.author_list[:1], "year": (study.year or 0) + 1}
            session.expunge_all()
            started = time.perf_counter()
            matches = study_matching.matches(session, paper)
            times.append(time.perf_counter() - started)
            n_found += any(match.study.id == number for match in matches)
        times.sort()
        print(
            f"one paper: median {times[ASKED // 2] * 1000:.1f} ms, "
            f"95 % within {times[ASKED * 95 // 100] * 1000:.1f} ms, slowest {times[-1] * 1000:.1f} ms; "
            f"{n_found} of {ASKED} found"
        )
        session.expunge_all()
        started = time.perf_counter()
        pairs = study_matching.suspicious_pairs(session)
        print(f"all pairs of the database: {time.perf_counter() - started:.1f} s, {len(pairs)} shown")
    database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(
            int(sys.argv[1]) if len(sys.argv) > 1 else 100_000,
            sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{Path(folder, 'matching.db')}",
        )
