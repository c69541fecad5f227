"""Runs migrations. Alembic loads this file for every command that uses a database.

`claims_app.services.system.schema` passes its connection; a bare `alembic` opens one from the settings.
On SQLite, all steps of one command are one transaction: a failed migration leaves nothing. On PostgreSQL, each step is
one, so that its locks end with it; those made of `claims_app.migrating` commit after each part.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Enum, NullPool, TypeDecorator, inspect, text

from claims_app.config import Settings
from claims_app.engines import make_engine
from claims_app.migrating.patience import alone, patiently
from claims_app.models import Claim
from claims_app.models.search import is_of_engine
from claims_app.services.system import schema


def render_plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Return the code for a column type of the application as a plain type, as migrations never import models."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    if kind == "type" and isinstance(item, Enum) and not item.native_enum:
        return f"sa.String(length={item.length})"
    return False


def is_of_program(name: str | None, kind: str, _parents: object) -> bool:
    """Return whether something in the database is compared with the models: all but the tables of FTS5."""
    return not (kind == "table" and is_of_engine(name))


def is_for_sqlite(item: Any, _name: str | None, kind: str, is_in_database: bool, _compared: object) -> bool:
    """Return whether SQLite has something that the models have: all but indexes of another kind."""
    return is_in_database or kind != "index" or not item.kwargs.get("postgresql_using")


def migrate(connection: Connection) -> None:
    """Run the migrations of a command, one process at a time. Raises CommandError if one leaves wrong data."""
    with warnings.catch_warnings():
        # SQLAlchemy cannot read such an index of SQLite; the tests of the migrations compare its SQL.
        warnings.filterwarnings("ignore", ".*expression-based index")
        if connection.dialect.name == "sqlite":
            migrate_sqlite(connection)
        else:
            migrate_postgresql(connection)


def migrate_sqlite(connection: Connection) -> None:
    """Run the migrations in one transaction. Raises CommandError if rows would be left without their parent."""
    connection = connection.execution_options(claims_write=True)
    with foreign_keys_off(connection), connection.begin():
        configure(connection, include_object=is_for_sqlite, render_as_batch=True)
        before = context.get_context().get_current_heads()
        numbers = numbers_given(connection)
        context.run_migrations()
        if context.get_context().get_current_heads() != before:
            keep_numbers(connection, numbers)
            check_foreign_keys(connection)


def migrate_postgresql(connection: Connection) -> None:
    """Run each migration in a transaction, again if it does not get its locks at once."""
    with alone(connection):
        configure(connection, transaction_per_migration=True)
        before = context.get_context().get_current_heads()
        connection.rollback()
        by_number = str(context.get_context().opts.get("destination_rev")).startswith(("+", "-"))

        def may_retry() -> bool:
            """A number of steps is counted from where the database is, so not again after the first of them."""
            connection.rollback()
            return not by_number or context.get_context().get_current_heads() == before

        patiently(context.run_migrations, may_retry)


def configure(connection: Connection, **options: Any) -> None:
    """Configure Alembic for a database."""
    context.configure(
        connection=connection,
        target_metadata=Claim.metadata,  # importing one model imports them all
        include_name=is_of_program,
        compare_type=True,
        compare_server_default=True,
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
        render_item=render_plain_type,
        transactional_ddl=True,
        on_version_apply=finish_step,
        **options,
    )


@contextmanager
def foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Disable foreign keys while tables are rebuilt.

    Batch mode drops the old table; with foreign keys enabled, ON DELETE CASCADE would silently empty its children.
    The PRAGMA has no effect inside a transaction, and SQLAlchemy begins one for any statement, so this uses the
    driver's connection. Raises CommandError if a transaction is open.
    """
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")
    if driver.execute("PRAGMA foreign_keys").fetchone() != (0,):
        raise CommandError("Migrations need a connection without an open transaction.")
    # A rebuilt table is renamed to the old name. Without this, SQLite would then check all triggers, and fail at
    # those that refer to the table while it does not exist.
    driver.execute("PRAGMA legacy_alter_table = ON")
    try:
        yield
    finally:
        driver.execute("PRAGMA legacy_alter_table = OFF")
        driver.execute("PRAGMA foreign_keys = ON")


def numbers_given(connection: Connection) -> dict[str, int]:
    """Return the highest number ever used in each table with AUTOINCREMENT."""
    if not connection.scalar(text("SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_sequence'")):
        return {}
    rows = connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
    return {row.name: row.seq for row in rows}


def keep_numbers(connection: Connection, numbers: dict[str, int]) -> None:
    """Prevent the numbers of deleted records from being reused.

    Batch mode copies only existing rows, so a rebuilt table has lost the highest number used before.
    """
    there = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")))
    now = numbers_given(connection)
    for table, number in numbers.items():
        if table in there and number > now.get(table, 0):
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
            connection.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :number)"),
                {"table": table, "number": number},
            )


def check_foreign_keys(connection: Connection) -> None:
    """Raise CommandError, which rolls back the migration, if a foreign key points to no row."""
    orphans = connection.execute(
        text('SELECT "table", parent, count(*) FROM pragma_foreign_key_check() GROUP BY 1, 2 ORDER BY 1, 2')
    ).all()
    if orphans:
        listed = ", ".join(f"{count} in {child} (to {parent})" for child, parent, count in orphans)
        raise CommandError(f"Nothing changed: the migration would leave rows without their parent: {listed}.")


def finish_step(ctx: MigrationContext, heads: set[str], **_step: object) -> None:
    """Note which programs can use the schema that a migration reached, and check its triggers, before it is committed.

    SQLite rebuilds a table for most changes, and its triggers go with the old one. Raises CommandError, and so rolls
    back, if a migration to the newest revision lost a trigger.
    """
    connection = ctx.connection
    assert connection is not None
    revision = next(iter(heads), None)
    if revision is not None and inspect(connection).has_table(schema.SUPPORT):
        oldest = schema.oldest_program(context.script, revision)
        connection.execute(text(f"UPDATE {schema.SUPPORT} SET oldest_revision = :oldest"), {"oldest": oldest})  # nosec B608 - only names of our own schema
    if heads != {schema.head()}:
        return
    if differing := list(schema.trigger_differences(connection)):
        raise CommandError(
            f"Nothing changed: the migration leaves other triggers than the program needs. {' '.join(differing)}"
        )


if context.is_offline_mode():
    raise CommandError("Migrations read the data, so they need a database. The --sql mode is not supported.")
if "connection" in context.config.attributes:
    migrate(context.config.attributes["connection"])
else:
    engine = make_engine(Settings.from_environment().database_url, poolclass=NullPool)
    with engine.connect() as own_connection:
        migrate(own_connection)
