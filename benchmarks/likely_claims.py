"""Measures the search for likely claims of a paper: `python benchmarks/likely_claims.py [100000] [URL]`.

The words of the claims have the frequencies of a natural language (Zipf's law), and one word is in every claim.
Without a URL, a temporary SQLite file is used.
"""

import random
import statistics
import sys
import tempfile
import time

from sqlalchemy import insert

from claims_app.database import Change, Database
from claims_app.models import Claim, claim_words
from claims_app.rules.ranking import terms
from claims_app.services.intake import claim_suggestions
from claims_app.services.system import schema
from claims_app.vocabulary import Via

SYLLABLES = ("ba", "co", "di", "fu", "ge", "ha", "ki", "lo", "mu", "ne", "pi", "qua", "ro", "sy", "te", "vo")
VOCABULARY = 20_000
PAPERS = 50


def main(count: int, url: str) -> None:
    """Fill the database at `url` with `count` claims, search for papers, and print the times."""
    chance = random.Random(5)
    words = list({"".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))) for _ in range(VOCABULARY)})
    weights = [1 / (rank + 1) for rank in range(len(words))]
    database = Database(url)
    schema.upgrade(database.engine)
    started = time.perf_counter()
    with database.writing(Change(via=Via.COMMAND)) as session:
        connection = session.connection()
        for begin in range(0, count, 5000):
            claims, found = [], []
            for number in range(begin + 1, min(begin + 5000, count) + 1):
                statement = " ".join(["pain", *chance.choices(words, weights, k=14)])
                claims.append(
                    {"id": number, "statement": statement, "kind": "association", "status": "active"}
                )
                found += [{"word": word, "claim_id": number} for word in set(terms(statement))]
            moment = session.changed_at
            connection.execute(
                insert(Claim.__table__),
                [{**claim, **_USUAL, "created_at": moment, "updated_at": moment} for claim in claims],
            )
            connection.execute(insert(claim_words), found)
    print(f"{count:,} claims created in {time.perf_counter() - started:.0f} s")
    times = []
    for _ in range(PAPERS):
        abstract = " ".join(["pain", *chance.choices(words, weights, k=250)])
        title = " ".join(chance.choices(words, weights, k=14))
        with database.reading() as session:
            started = time.perf_counter()
            claim_suggestions.likely_claims(session, title, abstract)
            times.append((time.perf_counter() - started) * 1000)
    times.sort()
    print(f"likely claims of one paper: median {statistics.median(times):.0f} ms, slowest {times[-1]:.0f} ms")
    database.close()


_USUAL = {"version": 1, "evidence_level": "not_assessed", "review_state": "accepted"}

if __name__ == "__main__":
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        main(claims, sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/claims.db")
