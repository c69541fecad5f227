"""The rules of `migrations/env.py`, tested with a made-up revision after the newest one.

It adds a column to a table that SQLite rebuilds for it, and goes from one version of the triggers to the next.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError, InternalError

from claims_app.engines import make_engine
from claims_app.services.system import schema
from claims_app.triggers import CURRENT
from tests.migrations.test_migrations import ROWS, _content, _counts, _fill, _insert, shape

NEXT = "ffff00000001"

BODY = '''"""Give topics a colour."""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import CURRENT
from tests.migrations.test_next_revision import WITH_COLOUR

revision = "{revision}"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rebuilt = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with CURRENT.replaced(op, WITH_COLOUR, ["topics"]):
        for table in ("topics", "topics_versions"):
            kwargs = {{"sqlite_autoincrement": table == "topics"}}
            with op.batch_alter_table(table, recreate=rebuilt, table_kwargs=kwargs) as batch:
                batch.add_column(sa.Column("colour", sa.String(), nullable=True))
    {besides}


def downgrade() -> None:
    rebuilt = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with WITH_COLOUR.replaced(op, CURRENT, ["topics"]):
        for table in ("topics", "topics_versions"):
            kwargs = {{"sqlite_autoincrement": table == "topics"}}
            with op.batch_alter_table(table, recreate=rebuilt, table_kwargs=kwargs) as batch:
                batch.drop_column("colour")
'''


WITH_COLOUR = CURRENT.with_columns("topics", "colour")
"""The next version of the triggers, which also versions the colour."""


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine for a database with the newest schema and a row in every table."""
    engine = make_engine(database_url)
    _fill(engine)
    try:
        yield engine
    finally:
        engine.dispose()


def _migrate(engine: Engine, folder: Path, revision: str, besides: str = "pass", body: str = BODY) -> None:
    """Migrate to `revision`, with the made-up one among the migrations."""
    folder.joinpath("next.py").write_text(
        body.format(revision=NEXT, head=schema.head(), besides=besides), encoding="utf-8"
    )
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("version_locations", f"{schema.MIGRATIONS / 'versions'} {folder}")
    config.set_main_option("path_separator", "space")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        if revision == NEXT:
            command.upgrade(config, revision)
        else:
            command.downgrade(config, revision)


@pytest.fixture(autouse=True)
def _read_all_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable the cache of migration scripts, so that commands find the made-up one."""
    monkeypatch.setattr(command, "ScriptDirectory", ScriptDirectory)


def test_the_next_migration_loses_no_rows(engine: Engine, tmp_path: Path) -> None:
    rows, before = _counts(engine), shape(engine)
    _migrate(engine, tmp_path, NEXT)
    assert _counts(engine) == rows
    assert "colour" in {column["name"] for column in inspect(engine).get_columns("topics")}
    _migrate(engine, tmp_path, schema.head())
    assert (_counts(engine), shape(engine)) == (rows, before)
    assert schema.differences(engine) == []


def test_rebuilding_a_table_keeps_its_children(engine: Engine, tmp_path: Path) -> None:
    links = _content(engine, "claim_topics")
    _migrate(engine, tmp_path, NEXT)
    assert _content(engine, "claim_topics") == links != []


def test_the_new_column_is_versioned(engine: Engine, tmp_path: Path) -> None:
    _migrate(engine, tmp_path, NEXT)
    with engine.begin() as connection:
        connection.execute(text("UPDATE topics SET colour = 'red', version = version + 1"))
    assert [row["colour"] for row in _content(engine, "topics_versions")] == [None, "red"]


def test_triggers_are_enforced_after_the_migration(engine: Engine, tmp_path: Path) -> None:
    _migrate(engine, tmp_path, NEXT)
    with pytest.raises(IntegrityError, match="Past versions cannot be changed"), engine.begin() as connection:
        connection.execute(text("DELETE FROM topics_versions"))


def test_numbers_are_not_reused_after_a_table_was_rebuilt(engine: Engine, tmp_path: Path) -> None:
    row = {name: value for name, value in ROWS["topics"].items() if name != "id"}
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT setval('topics_id_seq', 1)"))
        _insert(connection, "topics", {**row, "slug": "second", "name": "Second"})
        connection.execute(text("DELETE FROM topics WHERE id = 2"))
    _migrate(engine, tmp_path, NEXT)
    with engine.begin() as connection:
        _insert(connection, "topics", {**row, "slug": "third", "name": "Third"})
        assert connection.scalar(text("SELECT max(id) FROM topics")) == 3


def test_a_migration_that_leaves_orphans_changes_nothing(engine: Engine, tmp_path: Path, kind: str) -> None:
    before = shape(engine)
    with pytest.raises(Exception, match=r"without their parent|foreign key constraint"):
        _migrate(engine, tmp_path, NEXT, besides='op.execute("DELETE FROM topics")')
    assert shape(engine) == before
    assert len(_content(engine, "topics")) == 1


def test_a_migration_that_fails_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    before = shape(engine)
    with pytest.raises(ZeroDivisionError):
        _migrate(engine, tmp_path, NEXT, besides="1 / 0")
    assert shape(engine) == before
    assert schema.differences(engine) == []


def test_one_to_the_newest_revision_that_loses_a_trigger_changes_nothing(
    engine: Engine, tmp_path: Path
) -> None:
    _migrate(engine, tmp_path, NEXT)
    before = shape(engine)
    forgetful = BODY.replace('    with WITH_COLOUR.replaced(op, CURRENT, ["topics"]):', "    if True:")
    # On PostgreSQL the view of the past is in the way already.
    with pytest.raises((CommandError, InternalError), match=r"leaves other triggers|depends on column"):
        _migrate(engine, tmp_path, schema.head(), body=forgetful)
    assert shape(engine) == before
