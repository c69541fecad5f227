"""Which tables a backup holds, and how they look in a database. Read from the database itself, at whatever revision."""

import itertools
from dataclasses import dataclass

from sqlalchemy import Connection, text

from claims_app.models.search import is_of_engine
from claims_app.services.system.backups import BackupError

_DERIVED = "derived from the records, and made again when they are restored"
_SECRET = "of no use later, and not to come back to life"  # nosec B105 - a sentence, no secret

LEFT_OUT = {
    "alembic_version": "the manifest names the revision",
    "attempts": _SECRET,
    "claim_documents": _DERIVED,
    "claim_summaries": _DERIVED,
    "data_number": "only for comparing pages in memory",
    "facet_snapshots": _DERIVED,
    "history_clock": "the time of the transaction that is running",
    "password_resets": _SECRET,
    "search_pending": _DERIVED,
    "sessions": _SECRET,
    "study_documents": _DERIVED,
}
"""The tables that are not in a backup, and why. The derived ones differ between SQLite and PostgreSQL."""

_KINDS = {
    "INTEGER": "integer",
    "BIGINT": "integer",
    "SMALLINT": "integer",
    "VARCHAR": "text",
    "CHARACTER VARYING": "text",
    "TEXT": "text",
    "BOOLEAN": "boolean",
    "DATETIME": "moment",
    "TIMESTAMP WITH TIME ZONE": "moment",
    "DATE": "day",
    "DOUBLE": "number",
    "DOUBLE PRECISION": "number",
    "FLOAT": "number",
    "JSON": "json",
    "BLOB": "bytes",
    "BYTEA": "bytes",
}
"""The kind of a column by its type on either database."""

_GIVEN = "SELECT name, seq FROM sqlite_sequence"

_COLUMNS = {
    "sqlite": """
        SELECT found.name, field.name, field.type, field.pk
        FROM sqlite_master AS found, pragma_table_info(found.name) AS field
        WHERE found.type = 'table' AND found.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY found.name, field.name
    """,
    "postgresql": """
        SELECT relname, attname, format_type(atttypid, NULL),
          COALESCE((SELECT array_position(indkey::int2[], attnum) + 1
                    FROM pg_index WHERE indrelid = found.oid AND indisprimary), 0)
        FROM pg_class AS found JOIN pg_attribute ON attrelid = found.oid
        WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = current_schema()::regnamespace
          AND attnum > 0 AND NOT attisdropped
        ORDER BY relname COLLATE "C", attname COLLATE "C"
    """,
}
"""Each column of each table: the table, its name, its type, and its place in the primary key from 1, or 0."""


@dataclass(frozen=True)
class Table:
    """A table of a database: the kinds of its columns, in the order of their names, and its primary key."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]


def tables(connection: Connection) -> list[Table]:
    """Return the tables that belong into a backup, by name. Raises BackupError for a column of an unknown type."""
    found = []
    rows = connection.exec_driver_sql(_COLUMNS[connection.dialect.name]).all()
    for name, fields in itertools.groupby(rows, lambda row: str(row[0])):
        if name in LEFT_OUT or is_of_engine(name):
            continue
        columns, key = {}, {}
        for _, column, declared, place in fields:
            kind = _KINDS.get(declared.partition("(")[0].upper())
            if kind is None:
                raise BackupError(
                    f"Column {name}.{column} is of the type {declared}, which backups do not know."
                )
            columns[column] = kind
            if place:
                key[place] = column
        found.append(Table(name, columns, tuple(key[place] for place in sorted(key))))
    return found


def about_rows(connection: Connection, table: Table) -> int:
    """Return about how many rows a table has, at no cost."""
    on_sqlite = connection.dialect.name == "sqlite"
    query = (
        f"SELECT COALESCE(max(rowid), 0) FROM {table.name}"  # nosec B608 - only names of our own schema
        if on_sqlite
        else f"SELECT GREATEST(reltuples, 0)::bigint FROM pg_class WHERE oid = '{table.name}'::regclass"  # nosec B608 - only names of our own schema
    )
    return int(connection.exec_driver_sql(query).scalar_one())


def highest_numbers(connection: Connection) -> dict[str, int]:
    """Return the highest number given to a row of each table that counts it, deleted rows included."""
    if connection.dialect.name == "sqlite":
        return {str(name): int(number) for name, number in connection.exec_driver_sql(_GIVEN)}
    counters = connection.execute(text(SEQUENCES)).all()
    return {
        row.table_name: int(number)
        for row in counters
        if (
            number := connection.exec_driver_sql(
                f"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {row.sequence}"  # nosec B608 - only names of our own schema
            ).scalar_one()
        )
    }


SEQUENCES = """
    SELECT owner.relname AS table_name, attname AS column_name, counter.oid::regclass::text AS sequence
    FROM pg_class AS counter
    JOIN pg_depend ON objid = counter.oid AND deptype IN ('a', 'i') AND refobjsubid > 0
    JOIN pg_class AS owner ON owner.oid = refobjid
    JOIN pg_attribute ON attrelid = refobjid AND attnum = refobjsubid
    WHERE counter.relkind = 'S' AND counter.relnamespace = current_schema()::regnamespace
    ORDER BY 1
"""
"""The sequence behind each table with one, on PostgreSQL."""
