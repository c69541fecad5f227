"""No migration after those of the first release keeps others waiting; PostgreSQL itself says what each locks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from claims_app.engines import make_engine
from claims_app.migrating import backfilling
from claims_app.services.system import schema
from tests.conftest import copied
from tests.migrations.test_migrations import STEPS
from tests.support import revisions
from tests.support.databases import Templates
from tests.support.locks import observed

LAST_THAT_MAY_LOCK = "a15e1ea5e001"
"""The newest revision from before there was a rule. Do not move it: write the next one with `claims_app.migrating`."""

_NUMBERS = [step.revision for step in STEPS]
NEW = STEPS[_NUMBERS.index(LAST_THAT_MAY_LOCK) + 1 :]


@pytest.fixture(scope="module")
def engine(templates: Templates) -> Iterator[Engine]:
    """One database with the seed for all these tests. Migrations are read anew, and backfills take small batches."""
    with copied(templates, "postgresql", "seed") as url, pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "ScriptDirectory", ScriptDirectory)
        patch.setattr(backfilling, "FIRST_BATCH", 5)
        patch.setattr(backfilling, "LARGEST_BATCH", 5)
        patch.setattr(backfilling, "REST", 0)
        engine = make_engine(url)
        try:
            yield engine
        finally:
            engine.dispose()


@pytest.fixture(autouse=True)
def _stamp_the_newest_revision(engine: Engine) -> Iterator[None]:
    """Forget a made-up revision after the test; what it made stays."""
    yield
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{schema.head()}'"))


def test_no_new_migration_keeps_others_waiting(engine: Engine) -> None:
    schema.downgrade(engine, LAST_THAT_MAY_LOCK)
    for step in NEW:
        with observed(engine) as observer:
            schema.upgrade(engine, step.revision)
        assert list(observer.complaints()) == [], (
            f"{step.revision}: see “Change a large table” in CONTRIBUTING.md"
        )


@pytest.mark.parametrize("step", NEW, ids=lambda step: step.revision)
def test_each_new_migration_says_what_it_does_to_the_program_before(step: schema.Migration) -> None:
    module = schema._scripts().get_revision(step.revision).module
    assert module.phase in ("expand", "contract")
    if module.phase == "contract":
        assert _NUMBERS.index(module.needs) < _NUMBERS.index(step.revision)


BAD = {
    "an index": ('op.create_index("ix_x", "claims", ["outcome"])', "reads all rows of claims"),
    "a check": ('op.create_check_constraint("ck_x", "claims", "id > 0")', "reads all rows of claims"),
    "a foreign key": (
        'op.create_foreign_key("fk_x", "evidence_items", "claims", ["claim_id"], ["id"])',
        "reads all rows of evidence_items",
    ),
    "a required column": (
        'op.alter_column("claims", "review_state", type_=sa.String(80), nullable=False)\n'
        'op.alter_column("claims_versions", "valid_from", nullable=True)\n'
        'op.alter_column("claims_versions", "valid_from", nullable=False)',
        "reads all rows of claims_versions",
    ),
    "another type": (
        'op.alter_column("claim_summaries", "n_null", type_=sa.BigInteger())',
        "rewrites claim_summaries",
    ),
    "a default for each row": (
        'op.add_column("claims", sa.Column("x", sa.Float(), server_default=sa.text("random()")))',
        "rewrites claims",
    ),
    "all rows at once": (
        'op.execute("UPDATE claim_summaries SET n_null = n_null + 0")',
        "writes all rows of claim_summaries",
    ),
    "rows under a lock": (
        'op.execute("LOCK TABLE claims")\nop.execute("SELECT count(*) FROM evidence_items")',
        "reads all rows of evidence_items",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_keeps_others_waiting_is_found(engine: Engine, tmp_path: Path, case: str) -> None:
    upgrade, complaint = BAD[case]
    revisions.write(tmp_path, upgrade)
    with observed(engine) as observer:
        revisions.migrate(engine, tmp_path)
    assert complaint in " ".join(observer.complaints())


GOOD = """migrating.create_index(op, "ix_claims_outcome", "claims", ["outcome"], where="outcome IS NOT NULL")
migrating.add_check(op, "claims", "ck_claims_positive", "id > 0")
migrating.add_column(op, "claims", sa.Column("length", sa.Integer(), nullable=True))
migrating.backfill(op, "claims", "id", {"length": "length(statement)"}, "length IS NULL", quietly=True)
migrating.require(op, "claims", "length", sa.Integer())
migrating.add_foreign_key(op, "claim_summaries", "fk_x", ["claim_id"], "claims", ["id"])"""


def test_the_tools_keep_nobody_waiting(engine: Engine, tmp_path: Path) -> None:
    revisions.write(tmp_path, GOOD)
    with observed(engine) as observer:
        revisions.migrate(engine, tmp_path)
    assert list(observer.complaints()) == []
    assert {work.locks.get("claims") for work in observer.done} >= {
        "AccessExclusiveLock",
        "ShareUpdateExclusiveLock",
    }
