"""Says what each migration locks on PostgreSQL, as the server itself does: a table for docs/operations.md.

    python -m benchmarks.reliability.locks [DATABASE_URL] [--write]

The database, from `benchmarks/filling.py`, is first taken back to the first revision that had records, then upgraded
revision by revision, with its rows. Without one, a temporary server with the example data is used.
"""

import argparse
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from benchmarks.reliability import report
from claims_app.engines import make_engine
from claims_app.services.system import schema
from tests.support.databases import fill
from tests.support.locks import ORDER, STOPPING, Observer, observed
from tests.support.postgres import PostgresServer

FIRST = "c1a0000000a5"
PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
HEAD = ("revision", "what it does", "stops readers of", "stops only writers of", "meanwhile", "seconds")


def row(step: schema.Migration, observer: Observer) -> tuple[object, ...]:
    """Return a line of the table."""
    strongest: dict[str, str] = {}
    for work in observer.done:
        for table, mode in work.locks.items():
            strongest[table] = max(mode, strongest.get(table, ORDER[0]), key=ORDER.index)
    large = {table: mode for table, mode in strongest.items() if observer.rows[table] >= 10}
    readers = sorted(table for table, mode in large.items() if mode == ORDER[-1])
    writers = sorted(table for table, mode in large.items() if mode in STOPPING and mode != ORDER[-1])
    complaints = list(observer.complaints())
    meanwhile = []
    if any("rewrites" in complaint for complaint in complaints):
        meanwhile.append("rewrites")
    if any("reads all" in complaint for complaint in complaints):
        meanwhile.append("reads all rows")
    if any("writes all" in complaint for complaint in complaints):
        meanwhile.append("writes all rows")
    seconds = max((work.stopped_for for work in observer.done), default=0.0)
    return (
        f"`{step.revision}`",
        step.doc.split("\n")[0],
        ", ".join(readers) or "–",
        ", ".join(writers) or "–",
        ", ".join(meanwhile) or "–",
        f"{seconds:.1f}" if readers or writers else "–",
    )


def main() -> None:
    """Upgrade, print the table, and write it down if asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("url", nargs="?")
    parser.add_argument("--write", action="store_true", help="write the table to docs/operations.md")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        url = chosen.url
        if url is None:
            server = stack.enter_context(PostgresServer())
            server.create_database("site")
            url = server.url("site")
            for content in ("schema", "seed"):
                fill(url, content)
        engine = make_engine(url)
        with engine.connect() as connection:
            n_claims = connection.scalar(text("SELECT count(*) FROM claims"))
        schema.downgrade(engine, FIRST)
        revisions = [step.revision for step in schema.history()]
        rows = []
        for step in schema.history()[revisions.index(FIRST) + 1 :]:
            with observed(engine) as observer:
                schema.upgrade(engine, step.revision)
            rows.append(row(step, observer))
            print(rows[-1], flush=True)
        engine.dispose()
    said = f"With {n_claims:,} claims, without other load:\n\n{report.table(HEAD, rows)}"
    print(said)
    if chosen.write:
        report.write("locks", said, PAGE)


if __name__ == "__main__":
    main()
