"""Makes a backup: all tables from one snapshot, while others write."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection

from claims_app.database import Database
from claims_app.formats.backup import Manifest, TableRows, sealing
from claims_app.formats.backup.sealed import Archive, Out
from claims_app.services.system import schema
from claims_app.services.system.backups import BackupError, contents, rows_on_postgresql, rows_on_sqlite
from claims_app.services.system.backups.contents import LEFT_OUT, Table


class Progress(Protocol):
    """Where the work has got to."""

    def begin(self, step: str, rows: int) -> None:
        """Begin a step of about so many rows."""

    def advance(self, rows: int) -> None:
        """So many more rows are done."""


def save(database: Database, out: Out, program: str, progress: Progress) -> Manifest:
    """Write a backup to `out`, made by the version `program`, and return what it holds.

    Everything that was committed before the call is in it. Raises BackupError if the database has no schema, and
    SchemaNewer if a newer version of the program made it.
    """
    with _snapshot(database) as connection:
        revision = schema.known_revision(connection)
        if revision is None:
            raise BackupError("The database has no schema yet, so there is nothing to back up.")
        tables = contents.tables(connection)
        highest = contents.highest_numbers(connection)
        dialect = connection.dialect
        version = ".".join(map(str, dialect.server_version_info or ()))
        with sealing(out) as archive:
            saved = {}
            progress.begin("rows", sum(contents.about_rows(connection, table) for table in tables))
            for table in tables:
                saved[table.name] = _save(archive, connection, table, highest.get(table.name), progress)
            manifest = Manifest(
                schema=revision,
                program=program,
                made_at=database.clock().isoformat(timespec="seconds"),
                database=f"{dialect.name} {version}",
                tables=saved,
                left_out=LEFT_OUT,
            )
            with archive.entry("manifest.json") as write:
                write(manifest.to_json())
    return manifest


def _save(
    archive: Archive, connection: Connection, table: Table, highest: int | None, progress: Progress
) -> TableRows:
    digest, rows, size = hashlib.sha256(), 0, 0
    driver: Any = connection.connection.driver_connection
    rows_of = rows_on_sqlite if connection.dialect.name == "sqlite" else rows_on_postgresql
    with archive.entry(f"tables/{table.name}.txt") as write:
        for lines, number in rows_of.lines(driver, table):
            write(lines)
            digest.update(lines)
            rows += number
            size += len(lines)
            progress.advance(number)
    return TableRows(table.columns, rows, digest.hexdigest(), size, highest)


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    """Yield a connection to the database that is written to, in a transaction that sees one state of all tables."""
    level = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with database.engine.connect().execution_options(**level) as connection:
        driver: Any = connection.connection.driver_connection
        if database.is_sqlite:
            rows_on_sqlite.prepare(driver)
        else:
            for setting in rows_on_postgresql.SETTINGS:
                connection.exec_driver_sql(setting.replace("SET ", "SET LOCAL ", 1))
        yield connection
