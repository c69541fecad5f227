"""Restoring replaces all or nothing, keeps the old data, and is refused while a program uses the database."""

import errno
import io
import os
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from claims_app.database import Database
from claims_app.models import Claim
from claims_app.services.memory.data_number import data_number
from claims_app.services.system import schema
from claims_app.services.system.backups import BackupError, on_postgresql, on_sqlite
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim
from tests.services.system.backups.conftest import Target, restore, save

pytestmark = on_one_database


@pytest.fixture
def backup(database: Database) -> io.BytesIO:
    """A backup with one claim."""
    add(database, "Restored.")
    return save(database)[0]


def add(database: Database, statement: str) -> None:
    """Add a claim."""
    with database.writing(BY_TEST) as session:
        make_claim(session, statement=statement)


def statements(database: Database) -> list[str]:
    """Return what all claims say."""
    with database.reading() as session:
        return [claim.statement for claim in session.query(Claim).order_by(Claim.id)]


def number_of(database: Database) -> str:
    """Return the number by which kept pages are compared."""
    with database.reading() as session:
        return data_number(session)


@pytest.fixture
def file(target: Target) -> Database:
    """An SQLite database with a claim, closed."""
    database = target("sqlite")
    schema.upgrade(database.engine)
    add(database, "Old.")
    database.close()
    return database


def path_of(database: Database) -> Path:
    """Return the file of a database."""
    return Path(str(database.engine.url.database))


def test_the_old_file_is_kept_under_a_name_with_the_time(file: Database, backup: io.BytesIO) -> None:
    path_of(file).chmod(0o640)
    before = number_of(file)
    file.close()
    kept = restore(file, backup)
    assert kept
    assert statements(Database(f"sqlite:///{kept}")) == ["Old."]
    assert statements(file) == ["Restored."]
    assert number_of(file) != before
    assert path_of(file).stat().st_mode & 0o777 == 0o640
    assert sorted(path_of(file).parent.glob("*.restoring*")) == []


def test_the_old_file_is_kept_on_a_disk_on_which_files_have_one_name(
    file: Database, backup: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    before = path_of(file).stat().st_ino
    kept = restore(file, backup)
    assert kept is not None
    assert Path(kept).stat().st_ino == before
    assert path_of(file).exists()


def test_a_file_that_a_program_has_open_is_not_replaced(file: Database, backup: io.BytesIO) -> None:
    other = Database(f"sqlite:///{path_of(file)}")
    assert statements(other) == ["Old."]  # and keeps its connection
    with pytest.raises(BackupError, match="Stop “claims up”"):
        restore(file, backup)
    assert statements(other) == ["Old."]
    other.close()


def test_a_program_that_starts_meanwhile_waits_and_cannot_write_to_the_old_file(
    file: Database, backup: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = on_sqlite._keep

    def tried(path: Path, *more: object) -> Path | None:
        with (
            sqlite3.connect(path, timeout=0) as other,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            other.execute("DELETE FROM claims")
        other.close()
        return keep(path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(on_sqlite, "_keep", tried)
    restore(file, backup)


def test_a_file_that_is_no_database_any_more_is_replaced_and_kept(file: Database, backup: io.BytesIO) -> None:
    path_of(file).write_bytes(b"damaged" * 1000)
    Path(f"{path_of(file)}-wal").write_bytes(b"left behind")
    kept = restore(file, backup)
    assert kept
    assert Path(kept).read_bytes() == b"damaged" * 1000
    assert Path(f"{kept}-wal").read_bytes() == b"left behind"
    assert statements(file) == ["Restored."]


class Killed(BaseException):
    """Ends a restore."""


@pytest.mark.parametrize("place", ["_sync", "_keep"])
def test_a_restore_that_fails_leaves_the_old_file(
    file: Database, backup: io.BytesIO, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(on_sqlite, place, fails)
    with pytest.raises(OSError, match="No space left"):
        restore(file, backup)
    assert statements(file) == ["Old."]
    assert list(path_of(file).parent.glob("*.restoring*")) == []


def test_a_row_without_its_parent_is_refused(file: Database, database: Database) -> None:
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        connection.execute(text("INSERT INTO claim_topics (claim_id, topic_id) VALUES (77, 77)"))
        connection.commit()
    with pytest.raises(BackupError, match="claim_topics"):
        restore(file, save(database)[0])
    assert statements(file) == ["Old."]


def test_a_backup_of_an_older_revision_is_upgraded(target: Target, real_migrations: None) -> None:
    older = target("sqlite")
    schema.upgrade(older.engine, "c1a0000000a5")
    with older.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO topics (slug, name, version, created_at, updated_at) VALUES ('a', 'A', 1, :now, :now)"
            ),
            {"now": "2026-01-01 00:00:00.000000"},
        )
    backup, _ = save(older)
    newer = target("sqlite")
    restore(newer, backup)
    assert schema.current(newer.engine) == schema.head()
    with newer.reading() as session:
        assert session.execute(text("SELECT slug FROM topics")).scalars().all() == ["a"]


def test_on_postgresql_the_old_tables_are_kept_and_a_failure_changes_nothing(
    target: Target, backup: io.BytesIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = target("postgresql", "schema")
    add(server, "Old.")
    others = psycopg.connect(
        str(server.engine.url.render_as_string(False)).replace("+psycopg", ""), autocommit=True
    )
    server.close()
    with pytest.raises(BackupError, match="Others are connected"):
        restore(server, backup)
    monkeypatch.setattr(on_postgresql, "_refuse_others", lambda _: None)
    move = on_postgresql._move
    refused: list[str] = []

    def fails(connection: object, source: str, _target: str) -> None:
        if source == on_postgresql.STAGED:
            others.execute("SET lock_timeout = 100")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                others.execute("DELETE FROM claims")
            refused.append(source)
            raise Killed
        move(connection, source, _target)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(on_postgresql, "_move", fails)
        with pytest.raises(Killed):
            restore(server, backup)
    assert refused
    assert statements(server) == ["Old."]
    server.close()
    before = number_of(server)
    server.close()
    kept = restore(server, backup)
    assert statements(server) == ["Restored."]
    assert number_of(server) != before
    assert others.execute(f"SELECT count(*) FROM {kept}.claims").fetchone() == (1,)
    schemas = (
        "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%claims%' OR nspname LIKE '%as_of%' ORDER BY 1"
    )
    assert [name for (name,) in others.execute(schemas)] == ["as_of", kept, f"{kept}_as_of"]
    others.close()
