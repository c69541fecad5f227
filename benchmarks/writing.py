"""Measures what a change costs in statements, bytes on disk and time. See `benchmarks/README.md`.

Fills an empty database with claims of three evidence items each, edits some of them, and counts what the program
sends for an edit and for a page. On a temporary SQLite file, or on the empty database at a given URL.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import event, inspect, text

from claims_app import create_app
from claims_app.config import Settings
from claims_app.database import Change, Database
from claims_app.models import Claim, EvidenceItem
from claims_app.services.records import claims, evidence, studies
from claims_app.services.system import schema
from claims_app.vocabulary import Via

CHANGE = Change(via=Via.COMMAND, summary="A measurement.")
AT_ONCE = 50
EDITS = 200
CLAIM = {
    "kind": "association",
    "status": "active",
    "population": "Adults with fibromyalgia",
    "outcome": "Pain",
}
STUDY = {"publication_state": "published", "standing": "current", "design": "case_control", "year": "2020"}
EVIDENCE = {"direction": "supports", "directness": "direct", "risk_of_bias": "low", "n_cases": "40"}
PAGES = ("/", "/claims", "/claims/CLM-5", "/claims/CLM-5/history", "/studies/STU-1")


def size(database: Database) -> int:
    """Return the bytes that the database takes."""
    query = (
        "SELECT (page_count - freelist_count) * page_size"
        " FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()"
        if database.is_sqlite
        else "SELECT pg_database_size(current_database())"
    )
    with database.engine.connect() as connection:
        return int(connection.scalar(text(query)) or 0)


def fill(database: Database, number: int) -> None:
    """Add `number` claims, each with three evidence items, fifty in a transaction."""
    for begin in range(0, number, AT_ONCE):
        with database.writing(CHANGE) as session:
            papers = [
                studies.create_study(session, {**STUDY, "title": f"Autoantibodies in pain {begin + n}"})
                for n in range(5)
            ]
            for n in range(begin, min(begin + AT_ONCE, number)):
                statement = f"Autoantibodies number {n} are elevated in people with fibromyalgia."
                claim = claims.create_claim(session, {**CLAIM, "statement": statement, "topics": ["Pain"]})
                for k in range(3):
                    raw = {**EVIDENCE, "study_id": papers[(n + k) % 5].id, "summary": "Levels were higher."}
                    evidence.create_evidence(session, claim, raw)


def edit_claim(database: Database, number: int, statement: str) -> None:
    """Change the statement of a claim in a transaction of its own."""
    with database.writing(CHANGE) as session:
        claim = session.get_one(Claim, number)
        raw = {**CLAIM, "statement": statement, "topics": ["Pain"]}
        claims.update_claim(session, claim, claim.version, raw)


def edit_evidence(database: Database) -> None:
    """Change the summary of an evidence item in a transaction of its own."""
    with database.writing(CHANGE) as session:
        item = session.get_one(EvidenceItem, 1)
        raw = {**EVIDENCE, "study_id": item.study_id, "summary": "Another summary."}
        evidence.update_evidence(session, item, item.version, raw)


class Counter:
    """Counts the statements and the transactions of a database."""

    def __init__(self, database: Database) -> None:
        self.statements = self.transactions = 0
        event.listen(database.engine, "before_cursor_execute", self._count_statement)
        event.listen(database.engine, "begin", self._count_transaction)

    def _count_statement(self, _connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        self.statements += not statement.startswith("BEGIN")

    def _count_transaction(self, _connection: object) -> None:
        self.transactions += 1

    def of(self, work: Callable[[], object]) -> str:
        """Return how many `work` needs."""
        self.statements = self.transactions = 0
        work()
        return f"{self.statements} statements, {self.transactions} transactions"


def measure(database: Database, number: int, folder: Path) -> None:
    """Measure, and print a line for each figure."""
    schema.upgrade(database.engine)
    tables = inspect(database.engine).get_table_names()
    versions = sum(table.endswith("_versions") for table in tables)
    print(f"tables: {len(tables)}, of which {versions} hold versions")
    empty, started = size(database), time.perf_counter()
    fill(database, number)
    seconds = time.perf_counter() - started
    print(f"claims added with three evidence items each: {number / seconds:.0f} a second")
    print(f"bytes for each: {(size(database) - empty) / number:,.0f}")
    filled, started = size(database), time.perf_counter()
    for n in range(EDITS):
        edit_claim(database, 1 + n % number, f"An edited statement, number {n}.")
    print(f"edits of claims: {EDITS / (time.perf_counter() - started):.0f} a second")
    print(f"bytes for each: {(size(database) - filled) / EDITS:,.0f}")
    counter = Counter(database)
    print(f"edit of a claim: {counter.of(lambda: edit_claim(database, 2, 'Once more.'))}")
    print(f"edit of an evidence item: {counter.of(lambda: edit_evidence(database))}")
    app = create_app(
        Settings(
            instance=folder, database_url=str(database.engine.url), secret_key="a key for measurements " * 3
        )
    )
    app.extensions["claims_database"] = database
    browser = app.test_client()
    browser.get("/claims")  # what is compiled once is not counted
    for page in PAGES:
        print(f"GET {page}: {counter.of(lambda page=page: browser.get(page))}")


def main() -> None:
    """Measure on the database that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=2_000)
    parser.add_argument("--url", help="an empty database; without it, an SQLite file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(chosen.url or f"sqlite:///{folder}/claims.sqlite3")
        measure(database, chosen.claims, Path(folder))
        database.close()


if __name__ == "__main__":
    main()
