"""The tools for migrations of large tables: they end right however they were interrupted, and give way to others."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, OperationalError

from claims_app.database import Change, Database
from claims_app.engines import make_engine
from claims_app.migrating import backfilling, patience
from claims_app.migrating.patience import alone
from claims_app.models import Claim
from claims_app.services.system import schema
from claims_app.vocabulary import Via
from tests.conftest import on_both_databases
from tests.support import revisions

pytestmark = pytest.mark.databases("postgresql")

NO_WAIT = SimpleNamespace(sleep=lambda _seconds: None, monotonic=lambda: 0.0)


@pytest.fixture
def engine(seeded_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database with the seed, to which migrations are read anew."""
    monkeypatch.setattr(command, "ScriptDirectory", ScriptDirectory)
    engine = make_engine(seeded_url)
    try:
        yield engine
    finally:
        engine.dispose()


def application_database(app: Flask) -> Database:
    """Return the database of an application."""
    database: Database = app.extensions["claims_database"]
    return database


def _scalar(engine: Engine, query: str) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(query))


ADD_ALL = """migrating.create_index(op, "ix_claims_outcome", "claims", ["outcome"], where="outcome IS NOT NULL")
positive = sa.CheckConstraint("size > 0", name=op.f("ck_size"))
migrating.add_column(op, "claims", sa.Column("size", sa.Integer(), positive))
migrating.backfill(op, "claims", "id", {"size": "length(statement)"}, "size IS NULL", quietly=True)
migrating.require(op, "claims", "size", sa.Integer())
migrating.add_check(op, "claims", "ck_positive", "id > 0")
migrating.add_foreign_key(op, "claim_summaries", "fk_x", ["claim_id"], "claims", ["id"])"""

DROP_ALL = """migrating.drop_constraint(op, "claim_summaries", "fk_x", "foreignkey")
migrating.drop_constraint(op, "claims", "ck_positive", "check")
migrating.drop_constraint(op, "claims", "ck_size", "check")
migrating.drop_column(op, "claims", "size")
migrating.drop_index(op, "ix_claims_outcome", "claims")"""


@on_both_databases
def test_all_tools_together_change_nothing_else_and_can_be_undone(engine: Engine, tmp_path: Path) -> None:
    versions = _scalar(engine, "SELECT count(*) FROM claims_versions")
    revisions.write(tmp_path, ADD_ALL, DROP_ALL)
    revisions.migrate(engine, tmp_path)
    assert _scalar(engine, "SELECT count(*) FROM claims WHERE size = length(statement)") > 0
    columns = {column["name"]: column for column in inspect(engine).get_columns("claims")}
    assert not columns["size"]["nullable"]
    checks = {check["name"] for check in inspect(engine).get_check_constraints("claims")}
    assert {"ck_size", "ck_positive"} <= checks
    assert _scalar(engine, "SELECT count(*) FROM claims_versions") == versions
    revisions.migrate(engine, tmp_path, schema.head())
    assert schema.differences(engine) == []


EXPANSION = """migrating.add_column(op, "claims", sa.Column("size", sa.Integer(), server_default="7"))
migrating.add_column(op, "claims_versions", sa.Column("size", sa.Integer(), server_default="7"))
migrating.create_index(op, "ix_claims_size", "claims", ["size"])
op.create_table("remarks", sa.Column("claim_id", sa.Integer(), sa.ForeignKey("claims.id")))"""


@on_both_databases
def test_a_running_program_reads_and_writes_on_after_an_expansion_that_it_does_not_know(
    seeded_app: Flask, engine: Engine, tmp_path: Path
) -> None:
    client, database = seeded_app.test_client(), application_database(seeded_app)
    pages = ("/", "/claims", "/claims/CLM-1", "/claims/CLM-1/history", "/readyz")

    def read() -> list[int]:
        return [
            client.get(page).status_code for page in pages for _ in range(6)
        ]  # psycopg prepares the sixth

    def write(outcome: str) -> int:
        with database.writing(Change(via=Via.COMMAND, summary="a test")) as session:
            claim = session.get_one(Claim, 1)
            claim.outcome = outcome
            session.flush()
            return claim.version

    assert set(read()) == {200}
    version = write("pain")
    revisions.write(tmp_path, EXPANSION)
    revisions.migrate(engine, tmp_path)
    assert set(read()) == {200}
    assert write("sleep") == version + 1
    assert schema.fit(database.engine) is schema.Fit.NEWER
    schema.upgrade(database.engine)
    assert schema.current(engine) == revisions.NEXT
    sizes = "SELECT count(*) FROM claims_versions WHERE id = 1 AND size = 7"
    assert _scalar(engine, sizes) == _scalar(engine, "SELECT count(*) FROM claims_versions WHERE id = 1")


def test_an_index_of_an_interrupted_build_is_built_again(engine: Engine, tmp_path: Path) -> None:
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("CREATE UNIQUE INDEX CONCURRENTLY ix_kind ON claims (kind)"))
    revisions.write(tmp_path, 'migrating.create_index(op, "ix_kind", "claims", ["kind"])')
    revisions.migrate(engine, tmp_path)
    assert _scalar(engine, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_kind'::regclass")


def test_an_index_that_cannot_be_built_leaves_none(engine: Engine, tmp_path: Path) -> None:
    revisions.write(tmp_path, 'migrating.create_index(op, "ix_kind", "claims", ["kind"], unique=True)')
    with pytest.raises(IntegrityError):
        revisions.migrate(engine, tmp_path)
    assert _scalar(engine, "SELECT to_regclass('ix_kind')") is None


def test_a_backfill_that_was_killed_goes_on_and_writes_no_row_twice(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException): ...

    def killed(_seconds: float) -> None:
        raise Killed

    monkeypatch.setattr(backfilling, "FIRST_BATCH", 3)
    monkeypatch.setattr(backfilling, "time", SimpleNamespace(sleep=killed, monotonic=lambda: 0.0))
    revisions.write(
        tmp_path,
        'migrating.add_column(op, "claims", sa.Column("times", sa.Integer()))\n'
        'migrating.backfill(op, "claims", "id", {"times": "coalesce(times, 0) + 1"}, "times IS NULL", quietly=True)',
    )
    with pytest.raises(Killed):
        revisions.migrate(engine, tmp_path)
    assert _scalar(engine, "SELECT sum(times) FROM claims") == 3
    monkeypatch.setattr(backfilling, "time", NO_WAIT)
    revisions.migrate(engine, tmp_path)
    assert _scalar(engine, "SELECT count(*) FROM claims WHERE times IS DISTINCT FROM 1") == 0


@pytest.mark.parametrize(
    "upgrade",
    [
        'migrating.add_column(op, "claims", sa.Column("x", sa.Integer()))',
        'op.add_column("claims", sa.Column("x", sa.Integer()))',
    ],
    ids=["tools", "a plain migration"],
)
def test_a_migration_steps_back_from_a_table_in_use_and_tries_again(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, upgrade: str
) -> None:
    monkeypatch.setattr(patience, "LOCK_TIMEOUT", "10ms")
    revisions.write(tmp_path, upgrade)
    with engine.connect() as export:
        export.execute(text("SELECT count(*) FROM claims"))
        there_meanwhile = []

        def pause(_seconds: float) -> None:
            with engine.connect() as reader:  # nobody queues before it
                there_meanwhile.append(reader.scalar(text("SELECT count(*) FROM claims")))
            export.rollback()

        monkeypatch.setattr(patience, "time", SimpleNamespace(sleep=pause, monotonic=lambda: 0.0))
        revisions.migrate(engine, tmp_path)
    assert len(there_meanwhile) == 1
    assert "x" in {column["name"] for column in inspect(engine).get_columns("claims")}


def test_a_migration_gives_up_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 10.0, patience.GIVE_UP_SECONDS + 1.0])
    monkeypatch.setattr(
        patience, "time", SimpleNamespace(sleep=lambda _: None, monotonic=lambda: next(moments))
    )
    tries = []

    def work() -> None:
        tries.append(1)
        refused = Exception()
        refused.sqlstate = "55P03"  # type: ignore[attr-defined]
        raise OperationalError("ALTER TABLE", {}, refused)

    with pytest.raises(OperationalError):
        patience.patiently(work)
    assert len(tries) == 2


def test_of_two_upgrades_at_once_one_waits_for_the_other(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    schema.downgrade(engine, "-1")
    first = engine.connect()
    ending = alone(first)
    ending.__enter__()
    released: list[Callable[[], Any]] = [lambda: ending.__exit__(None, None, None)]

    def sleep(_seconds: float) -> None:
        if released:
            assert schema.fit(engine) is schema.Fit.OLDER
            released.pop()()

    monkeypatch.setattr(patience, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: 0.0))
    with caplog.at_level(logging.INFO, "claims_app.migrating"), ThreadPoolExecutor(1) as other:
        other.submit(schema.upgrade, engine).result()
    first.close()
    assert "Waiting for another upgrade" in caplog.text
    assert schema.fit(engine) is schema.Fit.CURRENT


def test_a_connection_is_as_before_after_a_migration(engine: Engine) -> None:
    with engine.connect() as connection:
        usual = connection.scalar(text("SHOW lock_timeout"))
        connection.rollback()
        with alone(connection):
            assert connection.scalar(text("SHOW lock_timeout")) == patience.LOCK_TIMEOUT
        assert connection.scalar(text("SHOW lock_timeout")) == usual
        assert connection.scalar(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")) == 0
