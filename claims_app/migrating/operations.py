"""Indexes, columns and constraints of large tables, without keeping others from reading or writing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy import Connection

from claims_app.migrating.patience import patiently, without_limit
from claims_app.migrating.rebuilding import rebuilt


def is_sqlite(op: Operations) -> bool:
    """Return whether the migration runs on SQLite."""
    return op.get_bind().dialect.name == "sqlite"


@contextmanager
def step_by_step(op: Operations) -> Iterator[Connection]:
    """Commit what the migration did so far, and let each statement of the block be a transaction of its own."""
    with op.get_context().autocommit_block():
        yield op.get_bind()


def run(connection: Connection, *statements: str) -> None:
    """Execute statements as one transaction, without parameters."""
    connection.exec_driver_sql("; ".join(statements), execution_options={"no_parameters": True})


def create_index(
    op: Operations,
    name: str,
    table: str,
    columns: Sequence[Any],
    *,
    unique: bool = False,
    where: str | None = None,
    using: str | None = None,
) -> None:
    """Create an index while others read and write; `where` makes it partial.

    An invalid index, which an interrupted build leaves, is dropped and built again. If the build fails, such as for
    a second row with a value that should be unique, none is left. `using` is the kind of index on PostgreSQL.
    """
    condition = None if where is None else sa.text(where)
    options: dict[str, Any] = {"unique": unique, "sqlite_where": condition, "postgresql_where": condition}
    if using:
        options["postgresql_using"] = using
    if is_sqlite(op):
        op.create_index(name, table, list(columns), **options)
        return
    with step_by_step(op) as connection:
        if _is_valid_index(connection, name):
            return
        with without_limit(connection):
            _drop_index(connection, name)
            try:
                op.create_index(name, table, list(columns), postgresql_concurrently=True, **options)
            except sa.exc.DBAPIError as error:
                if not error.connection_invalidated:
                    _drop_index(connection, name)
                raise


def drop_index(op: Operations, name: str, table: str) -> None:
    """Drop an index while others read and write."""
    if is_sqlite(op):
        op.drop_index(name, table)
        return
    with step_by_step(op) as connection, without_limit(connection):
        _drop_index(connection, name)


def add_column(op: Operations, table: str, column: sa.Column[Any]) -> None:
    """Add a column that is empty or has a constant default, so that no row is written; its CHECKs are validated apart.

    Raises ValueError for a required column without a default: add it empty, backfill it, and `require` it.
    """
    if not column.nullable and column.server_default is None:
        raise ValueError(
            f"{table}.{column.name} has no value for the rows that there are: give it a default or none."
        )
    checks = [check for check in column.constraints if isinstance(check, sa.CheckConstraint)]
    if is_sqlite(op):
        op.add_column(table, column)
        return
    with step_by_step(op) as connection:
        if not _has_column(connection, table, column.name):
            bare = sa.Column(
                column.name, column.type, nullable=column.nullable, server_default=column.server_default
            )
            patiently(lambda: op.add_column(table, bare._copy()))
    for check in checks:
        add_check(op, table, str(check.name), str(check.sqltext))


def drop_column(op: Operations, table: str, name: str) -> None:
    """Drop a column that no program uses any more. No row is written. On SQLite, the table is rebuilt."""
    if is_sqlite(op):
        with rebuilt(op, table) as batch:
            batch.drop_column(name)
        return
    with step_by_step(op) as connection:
        patiently(lambda: run(connection, f"ALTER TABLE {table} DROP COLUMN IF EXISTS {name}"))


def add_check(op: Operations, table: str, name: str, condition: str) -> None:
    """Add a CHECK: at once for new rows, and validated for the others while these are read and written."""
    if is_sqlite(op):
        with rebuilt(op, table) as batch:
            batch.create_check_constraint(op.f(name), condition)
        return
    _add_validated(op, table, name, f"CHECK ({condition})")


def add_foreign_key(
    op: Operations,
    table: str,
    name: str,
    columns: Sequence[str],
    target: str,
    target_columns: Sequence[str],
    ondelete: str = "RESTRICT",
) -> None:
    """Add a foreign key: at once for new rows, and validated for the others while these are read and written."""
    if is_sqlite(op):
        with rebuilt(op, table) as batch:
            batch.create_foreign_key(
                op.f(name), target, list(columns), list(target_columns), ondelete=ondelete
            )
        return
    definition = f"FOREIGN KEY ({', '.join(columns)}) REFERENCES {target} ({', '.join(target_columns)})"
    _add_validated(op, table, name, f"{definition} ON DELETE {ondelete}")


def drop_constraint(op: Operations, table: str, name: str, kind: str) -> None:
    """Drop a constraint; `kind` is that of Alembic, such as “check”. On SQLite, the table is rebuilt."""
    if is_sqlite(op):
        with rebuilt(op, table) as batch:
            batch.drop_constraint(op.f(name), type_=kind)
        return
    with step_by_step(op) as connection:
        patiently(lambda: run(connection, f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"))


def require(op: Operations, table: str, column: str, existing_type: sa.types.TypeEngine[Any]) -> None:
    """Require a value in a column: the rows are checked while others read and write.

    PostgreSQL takes a validated CHECK as the proof, so that it does not read the table under its strongest lock.
    """
    if is_sqlite(op):
        with rebuilt(op, table) as batch:
            batch.alter_column(column, existing_type=existing_type, nullable=False)
        return
    proof = f"ck_{table}_{column}_required"
    with step_by_step(op) as connection:
        done = _scalar(
            connection,
            "SELECT attnotnull FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attname = :name",
            table=table,
            name=column,
        )
    if not done:
        _add_validated(op, table, proof, f"CHECK ({column} IS NOT NULL)")
        with step_by_step(op) as connection:
            set_not_null = f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL"
            patiently(lambda: run(connection, set_not_null, f"ALTER TABLE {table} DROP CONSTRAINT {proof}"))


def _add_validated(op: Operations, table: str, name: str, definition: str) -> None:
    with step_by_step(op) as connection:
        validated = _scalar(
            connection,
            "SELECT convalidated FROM pg_constraint WHERE conrelid = to_regclass(:table) AND conname = :name",
            table=table,
            name=name,
        )
        if validated is None:
            added = f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition} NOT VALID"
            patiently(lambda: run(connection, added))
        if not validated:
            with without_limit(connection):
                run(connection, f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def _is_valid_index(connection: Connection, name: str) -> bool:
    valid = "SELECT indisvalid AND indisready FROM pg_index WHERE indexrelid = to_regclass(:name)"
    return bool(_scalar(connection, valid, name=name))


def _drop_index(connection: Connection, name: str) -> None:
    run(connection, f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


def _has_column(connection: Connection, table: str, name: str) -> bool:
    there = "SELECT true FROM pg_attribute WHERE attrelid = to_regclass(:table) AND attname = :name"
    return bool(_scalar(connection, f"{there} AND NOT attisdropped", table=table, name=name))


def _scalar(connection: Connection, query: str, **values: str) -> Any:
    return connection.scalar(sa.text(query), values)
