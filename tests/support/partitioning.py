"""Distributes what belongs to claims over hash partitions on PostgreSQL, and leaves the program as it is.

Partitions are in a schema of their own, so that the tables keep their names. A primary key or a unique constraint of a
partitioned table needs the column by which it is partitioned, and a foreign key can only point to such a key: where the
schema has others, `Changes` says what becomes of them.
"""

import re
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from claims_app.triggers import CURRENT

BY = {
    "claims": "id",
    "claims_versions": "id",
    "claim_topics": "claim_id",
    "claim_topics_versions": "claim_id",
    "claim_summaries": "claim_id",
    "claim_documents": "claim_id",
    "claim_words": "claim_id",
    "evidence_items": "claim_id",
    "evidence_items_versions": "claim_id",
    "appraisal_rounds": "claim_id",
    "appraisal_drafts": "claim_id",
    "appraisals": "claim_id",
    "appraisal_evidence": "appraisal_id",
    "limitations": "id",
    "limitations_versions": "id",
    "revisions": "record_id",
}
"""The column by which each table is partitioned: the claim, where the table has one that is never empty."""

SCHEMA = "parts"

_CONSTRAINTS = """SELECT conname, contype, pg_get_constraintdef(oid), conrelid::regclass::text,
    confrelid::regclass::text FROM pg_constraint
  WHERE contype IN ('p', 'u', 'f') AND connamespace = 'public'::regnamespace AND conparentid = 0
    AND (conrelid = ANY(:tables) OR confrelid = ANY(:tables)) ORDER BY contype = 'f', conname"""
_INDEXES = """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisunique FROM pg_index
  WHERE indrelid = to_regclass(:table) AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)"""
_KEY = re.compile(r"\((.*?)\)")


@dataclass
class Changes:
    """What the keys had to become."""

    wider: list[str] = field(default_factory=list)
    """Keys and unique indexes that have the claim in them now."""

    together: list[str] = field(default_factory=list)
    """Foreign keys that have the claim in them now."""

    without: list[str] = field(default_factory=list)
    """Foreign keys that are left out, since what they point to is unique only together with its claim."""


def partition(connection: Connection, parts: int = 4) -> Changes:
    """Make partitioned tables of those in `BY`, with their rows, keys, indexes and triggers."""
    changes = Changes()
    for statement in CURRENT.drop("postgresql"):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    numbers = [connection.scalar(text("SELECT to_regclass(:name)::oid"), {"name": name}) for name in BY]
    constraints = connection.execute(text(_CONSTRAINTS), {"tables": numbers}).all()
    indexes = {table: connection.execute(text(_INDEXES), {"table": table}).all() for table in BY}
    for name, kind, _, table, _ in constraints:
        if kind == "f":
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for table in BY:
        _move(connection, table, parts)
    for name, kind, definition, table, target in constraints:
        if kind == "f":
            definition = _foreign_key(changes, name, definition, table, target)
        elif BY[table] not in _columns(definition):
            changes.wider.append(name)
            definition = _with_key(definition, BY[table])
        if definition:
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for table, found in indexes.items():
        for name, definition, is_unique in found:
            if is_unique and BY[table] not in _columns(definition):
                changes.wider.append(name)
                definition = _with_key(definition, BY[table])
            connection.exec_driver_sql(definition)
    for statement in CURRENT.create("postgresql"):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql("ANALYZE")
    return changes


def _move(connection: Connection, table: str, parts: int) -> None:
    """Replace a table by a partitioned one with the same columns, checks, sequence and rows."""
    old = f"{SCHEMA}.{table}_before"
    connection.exec_driver_sql(f"ALTER TABLE {table} SET SCHEMA {SCHEMA}")
    connection.exec_driver_sql(f"ALTER TABLE {SCHEMA}.{table} RENAME TO {table}_before")
    sequence = connection.scalar(
        text(
            "SELECT pg_get_serial_sequence(:table, a.attname) FROM pg_attribute a"
            " WHERE a.attrelid = to_regclass(:table) AND a.attname = 'id'"
        ),
        {"table": old},
    )
    connection.exec_driver_sql(
        f"CREATE TABLE {table} (LIKE {old} INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY HASH ({BY[table]})"
    )
    for part in range(parts):
        values = f"WITH (MODULUS {parts}, REMAINDER {part})"
        connection.exec_driver_sql(
            f"CREATE TABLE {SCHEMA}.{table}_{part} PARTITION OF {table} FOR VALUES {values}"
        )
    connection.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {old}")
    if sequence:
        connection.exec_driver_sql(f"ALTER SEQUENCE {sequence} OWNED BY NONE")
        connection.exec_driver_sql(f"ALTER SEQUENCE {sequence} SET SCHEMA public")
        connection.exec_driver_sql(f"ALTER SEQUENCE {table}_id_seq OWNED BY {table}.id")
    connection.exec_driver_sql(f"DROP TABLE {old}")


def _foreign_key(changes: Changes, name: str, definition: str, table: str, target: str) -> str | None:
    """Return the foreign key as it can be: as it is, together with the claim, or None."""
    key = BY.get(target, "id")
    if key == "id":
        return definition
    if table not in BY or BY[table] not in ("claim_id", "id") or table == "limitations":
        changes.without.append(name)
        return None
    # The claim of the row is the claim of what it points to.
    changes.together.append(name)
    columns, _ = _KEY.findall(definition)[:2]
    wider = definition.replace(f"({columns})", f"({columns}, {BY[table]})", 1)
    return wider.replace("(id)", f"(id, {key})", 1)


def _columns(definition: str) -> set[str]:
    """Return the columns of the first parentheses of a key or an index."""
    found = _KEY.search(definition)
    assert found, definition
    return {column.strip() for column in found[1].split(",")}


def _with_key(definition: str, key: str) -> str:
    return _KEY.sub(lambda found: f"({found[1]}, {key})", definition, count=1)
