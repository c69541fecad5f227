"""What a page asks the database, and how the database finds it: statements, and those that read a whole table.

A plan does not depend on the machine, unlike a time. PostgreSQL would read a small table as a whole, so the check tells
it that this is expensive: what it still reads as a whole cannot be found by an index.
"""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from claims_app.database import Database

GROWING = frozenset(
    {
        "appraisal_evidence",
        "appraisals",
        "claim_summaries",
        "claim_topics",
        "claims",
        "claims_versions",
        "evidence_items",
        "limitations",
        "revisions",
        "studies",
        "study_species",
    }
)
"""The tables that grow with the data."""


@dataclass(frozen=True)
class Statement:
    """A statement as it was sent to the database."""

    sql: str
    parameters: Any

    @property
    def in_short(self) -> str:
        """The statement in one line."""
        return " ".join(self.sql.split())[:200]


@contextmanager
def sent(database: Database) -> Iterator[list[str]]:
    """Collect the texts of all statements that are sent in the block, also those that begin transactions."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        statements.append(sql)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@contextmanager
def recorded(database: Database) -> Iterator[list[Statement]]:
    """Collect what is asked of the database in the block, without the statements that begin and end transactions."""
    statements: list[Statement] = []

    def note(_connection: object, _cursor: object, sql: str, parameters: Any, *_: object) -> None:
        if sql != "BEGIN":
            statements.append(Statement(sql, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def whole_reads(database: Database, statements: Sequence[Statement]) -> list[str]:
    """Return those of `statements` that read a growing table from one end to the other, with the table."""
    read = _read_on_sqlite if database.is_sqlite else _read_on_postgresql
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            for way in ("seqscan", "hashjoin", "mergejoin"):
                connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        found = [
            (table, statement)
            for statement in statements
            if statement.sql.lstrip().upper().startswith(("SELECT", "WITH"))
            for table in read(connection, statement)
        ]
    return [f"{table}: {statement.in_short}" for table, statement in found if table in GROWING]


def _read_on_sqlite(connection: Connection, statement: Statement) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.sql}", statement.parameters)
    details = [row[3] for row in plan]
    # In the order of an index or of the table, only as many rows are read as the page has.
    stops = "LIMIT" in statement.sql and not any("TEMP B-TREE" in detail for detail in details)
    aliases = dict(re.findall(r'(\w+) AS "?(\w+)"?', statement.sql))
    named = {alias: table for table, alias in aliases.items()}
    for detail in details:
        scan = re.match(r"SCAN (\w+)", detail)
        if scan and not stops:
            yield named.get(scan[1], scan[1])


def _read_on_postgresql(connection: Connection, statement: Statement) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.parameters).scalar()
    tree = json.loads(plan) if isinstance(plan, str) else plan
    yield from _whole(tree[0]["Plan"], stops=False)


def _whole(node: dict[str, Any], stops: bool) -> Iterator[str]:
    kind = node["Node Type"]
    is_whole = kind == "Seq Scan" or (kind.startswith("Index") and "Index Cond" not in node and not stops)
    if is_whole and "Relation Name" in node:
        yield node["Relation Name"]
    # A sort or a count reads everything below it.
    below = (stops or kind == "Limit") and kind not in ("Sort", "Aggregate", "Hash")
    for child in node.get("Plans", ()):
        yield from _whole(child, below)
