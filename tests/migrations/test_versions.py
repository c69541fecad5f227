"""The upgrade that brings the versions: what it takes from the history, and what it makes and takes away."""

import datetime
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text

from claims_app.database import Base, Database
from claims_app.models import Claim, Topic, versions
from claims_app.services.records import claims
from claims_app.services.system import integrity, schema
from tests.conftest import BY_TEST
from tests.factories import CLAIM, make_claim
from tests.support.life import BEGINNING, live

BEFORE = "012bc9d8475f"
"""The step before the versions."""

LEVELS = ("evidence_level", "appraisal_id", "stale_since")


@contextmanager
def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def _again(database: Database) -> None:
    """Take the versions away, and bring them back as the upgrade makes them."""
    schema.downgrade(database.engine, BEFORE)
    schema.upgrade(database.engine)


def _rows(database: Database, table: str, moment: datetime.datetime) -> list[dict[str, Any]]:
    """Return the rows of a table as they were, without the levels of claims."""
    columns = [c for c in Base.metadata.tables[table].columns if c.name not in LEVELS]
    with database.reading(moment) as session:
        found = [dict(row) for row in session.execute(select(*columns)).mappings()]
    return sorted(found, key=lambda row: [str(row[column.name]) for column in columns])


def test_the_history_of_records_becomes_their_versions(database: Database) -> None:
    moments = list(live(database))
    tables = [versioned.table for versioned in versions.VERSIONED]
    # Of a text that was deleted nobody knows any more whether it was stored.
    before = {(moment, table): _rows(database, table, moment) for moment in moments for table in tables}
    _again(database)
    for (moment, table), rows in before.items():
        assert _rows(database, table, moment) == rows, (moment, table)
    for table in tables:
        assert _rows(database, table, BEGINNING - datetime.timedelta(days=1)) == []
    with database.reading() as session:
        assert list(integrity.problems(session)) == []


def test_levels_of_the_past_are_those_of_the_appraisals_of_their_time(database: Database) -> None:
    levels = {}
    for moment in live(database):
        with database.reading() as session:
            claim = session.get_one(Claim, 1)
            levels[moment] = (claim.evidence_level, claim.appraisal_id)
    _again(database)
    # When the last evidence went and came back is not told by the history of the claim.
    *known, _, _, last = levels
    for moment in (*known, last):
        with database.reading(moment) as session:
            claim = session.get_one(Claim, 1)
            assert (claim.evidence_level, claim.appraisal_id) == levels[moment], moment


def test_a_level_is_stale_from_when_it_became_so(database: Database) -> None:
    stale = {}
    for moment in live(database):
        with database.reading() as session:
            stale[moment] = session.get_one(Claim, 1).stale_since
    since = list(stale.values())[-1]
    _again(database)
    for moment in stale:
        with database.reading(moment) as session:
            found = session.get_one(Claim, 1).stale_since
        assert found == (since if since is not None and moment >= since else None)


def test_topics_are_known_by_the_names_that_they_had(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session, topics=["Pain"])
    with database.writing(BY_TEST) as session:
        topic = session.scalars(select(Topic)).one()
        topic.slug, topic.name = "ache", "Ache"
    with database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        moment = claim.created_at
        claims.update_claim(session, claim, claim.version, {**CLAIM, "topics": []})
    _again(database)
    with database.reading(moment) as session:
        assert [topic.slug for topic in session.get_one(Claim, 1).topics] == ["pain"]


def test_a_row_without_any_history_is_taken_as_it_is(empty_url: str) -> None:
    with _opened(empty_url) as database:
        schema.upgrade(database.engine, BEFORE)
        with database.engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO topics (id, slug, name, version, created_at, updated_at) VALUES "
                    "(1, 'pain', 'Pain', 3, '2024-01-01 00:00:00.000000', '2024-02-01 00:00:00.000000')"
                )
            )
        schema.upgrade(database.engine)
        for month, names in ((1, []), (3, ["Pain"])):
            with database.reading(datetime.datetime(2024, month, 15, tzinfo=datetime.UTC)) as session:
                assert list(session.scalars(select(Topic.name))) == names


def test_going_down_leaves_nothing_of_the_versions(database: Database, kind: str) -> None:
    list(live(database))
    schema.downgrade(database.engine, BEFORE)
    tables = set(inspect(database.engine).get_table_names())
    assert not tables & {"history_clock", *(versioned.versions for versioned in versions.VERSIONED)}
    if kind == "postgresql":
        assert "as_of" not in inspect(database.engine).get_schema_names()
        functions = "SELECT count(*) FROM pg_proc WHERE proname LIKE '%version%' AND prosrc LIKE '%valid_to%'"
        with database.engine.connect() as connection:
            assert connection.scalar(text(functions)) == 0


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("DROP VIEW as_of.claims", "View as_of.claims is missing."),
        ("CREATE VIEW as_of.users AS SELECT 1 AS id", "View as_of.users is not in the models."),
        (
            "CREATE OR REPLACE VIEW as_of.claim_topics AS SELECT claim_id, topic_id FROM claim_topics_versions",
            "View as_of.claim_topics does not show what it shows in the models.",
        ),
        (
            "DROP TRIGGER claims_change_a_version ON claims",
            "Trigger claims_change_a_version is missing.",
        ),
        (
            "ALTER TABLE claims_versions DROP COLUMN outcome CASCADE",
            "Column claims_versions.outcome is missing.",
        ),
    ],
)
def test_what_differs_in_the_keeping_of_versions_is_described(
    database: Database, kind: str, statement: str, sentence: str
) -> None:
    if kind == "sqlite":
        if " as_of." in statement or "CASCADE" in statement:
            pytest.skip("on SQLite each connection makes its own views")
        statement = statement.partition(" ON ")[0]
    with database.engine.begin() as connection:
        connection.execute(text(statement))
    assert sentence in schema.differences(database.engine)


def test_what_is_printed_for_migrations_keeps_the_versions_again(database: Database) -> None:
    printed = subprocess.run(
        [sys.executable, str(schema.MIGRATIONS / "print_versions.py"), "claims"],
        env={**os.environ, "PYTHONPATH": str(schema.MIGRATIONS.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    with database.engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        step: dict[str, Any] = {"op": operations}
        exec(printed.stdout, step)
        step["stop_keeping"]()
        assert not [trigger for trigger in _triggers(connection) if trigger.startswith("claims_")]
        step["keep"]()
    assert schema.differences(database.engine) == []


def _triggers(connection: Connection) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return list(connection.scalars(text(query)))
