"""Distributes what belongs to claims over partitions on a real PostgreSQL, and runs the program on them as it is.

    python -m benchmarks.reliability.partitioning

The server is a temporary one, with the example data. Pages, files and the answers of `claims check` are compared with
those before; then claims, evidence and limitations are edited, two claims are merged, and the data is checked again.
"""

import datetime
import re
import tempfile
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from claims_app import create_app
from claims_app.config import Settings
from claims_app.database import Change, Database
from claims_app.models import Claim, EvidenceItem, Limitation
from claims_app.services.system import integrity
from claims_app.vocabulary import Via
from tests.support.databases import fill
from tests.support.partitioning import BY, Changes, partition
from tests.support.postgres import PostgresServer

CHANGE = Change(via=Via.COMMAND, summary="An edit on partitioned tables.")
FILES = (
    "/claims.csv",
    "/evidence.csv",
    "/limitations.csv",
    "/appraisals.csv",
    "/studies.csv",
    "/claims.jsonl",
)
PAGES = (
    "/",
    "/claims",
    "/claims?sort=newest",
    "/claims?q=pain",
    "/studies",
    "/matrix",
    "/changes",
    "/topics",
)


def answers(app: Flask) -> dict[str, bytes]:
    """Return the pages and files that readers get, by their addresses."""
    database: Database = app.extensions["claims_database"]
    with database.reading() as session:
        numbers = session.scalars(select(Claim.id).order_by(Claim.id)).all()
    paths = [*FILES, *PAGES]
    paths += [f"/claims/CLM-{number}{part}" for number in numbers for part in ("", "/history")]
    client = app.test_client()
    return {path: re.sub(rb"[0-9a-f]{16}", b"", client.get(path).data) for path in paths}


def problems(database: Database) -> list[str]:
    """Return what `claims check` finds wrong with the data."""
    with database.reading() as session:
        return [
            problem
            for check in integrity.checks(session)
            for part in check.parts(session)
            for problem in part.problems
        ]


def edit(database: Database) -> None:
    """Edit every claim, evidence item and limitation once, and merge two claims, so that evidence moves."""
    for model, column in ((Claim, "outcome"), (EvidenceItem, "summary"), (Limitation, "text")):
        with database.writing(CHANGE) as session:
            for record in session.scalars(select(model).order_by(model.id)):
                setattr(record, column, f"Edited {record.public_id}")
    with database.writing(CHANGE) as session:
        kept, merged = session.scalars(
            select(Claim).where(Claim.merged_into_id.is_(None)).order_by(Claim.id).limit(2)
        )
        for item in session.scalars(select(EvidenceItem).where(EvidenceItem.claim_id == merged.id)):
            item.claim_id = kept.id


def prove(url: str) -> tuple[Changes, list[str]]:
    """Partition the database at `url`, and return what changed and each thing that is not as before."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            instance=Path(folder),
            database_url=url,
            secret_key="a key for a proof " * 3,
            jobs=False,
            access_log="off",
        )
        app = create_app(settings)
        database: Database = app.extensions["claims_database"]
        usual, moment = database.clock, database.clock() + datetime.timedelta(days=1)
        database.clock = lambda: moment  # pages say what time it is
        before = answers(app)
        with database.engine.begin() as connection:
            changes = partition(connection)
        database.close()
        after = answers(app)
        wrong = [
            _difference(path, before[path], after[path]) for path in before if before[path] != after[path]
        ]
        wrong += problems(database)
        database.clock = usual
        edit(database)
        wrong += problems(database)
        database.close()
    return changes, wrong


def _difference(path: str, before: bytes, after: bytes) -> str:
    """Return a sentence with the first line that differs."""
    pairs = zip(before.splitlines(), after.splitlines(), strict=False)
    first = next((pair for pair in pairs if pair[0] != pair[1]), (before[-80:], after[-80:]))
    return f"{path} differs: {first[0]!r} and {first[1]!r}"


def main() -> None:
    """Print what changed, and what is wrong."""
    with PostgresServer() as server:
        server.create_database("site")
        for content in ("schema", "seed"):
            fill(server.url("site"), content)
        changes, wrong = prove(server.url("site"))
    print(f"Partitioned: {', '.join(f'{table} by {column}' for table, column in BY.items())}.")
    print(f"Keys with the claim in them: {', '.join(changes.wider)}.")
    print(f"Foreign keys with the claim in them: {', '.join(changes.together)}.")
    print(f"Foreign keys left out: {', '.join(changes.without)}.")
    print("\n".join(wrong) or "Pages, files and checks are as before; after edits, the checks find nothing.")


if __name__ == "__main__":
    main()
