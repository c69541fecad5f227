"""The migrations: they are linear, and each runs up and down with rows in all tables and loses none."""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, inspect, select, text
from sqlalchemy.exc import IntegrityError

from claims_app.database import Base
from claims_app.engines import make_engine
from claims_app.models.search import is_of_engine
from claims_app.models.versions import VERSIONS as VERSIONS_TABLES
from claims_app.services.system import schema

VERSIONS = sorted((schema.MIGRATIONS / "versions").glob("*.py"))
STEPS = schema.history()
NOW = "2026-11-23 05:00:00"

# One minimal row for each table, inserted once the table exists.
ROWS: dict[str, dict[str, Any]] = {
    "users": {
        "id": 1,
        "username": "ada",
        "role": "editor",
        "password_hash": "x",
        "is_active": True,
        "created_at": NOW,
    },
    "sessions": {
        "id": 1,
        "token_hash": "0" * 64,
        "user_id": 1,
        "agent": "Firefox",
        "began_at": NOW,
        "seen_at": NOW,
        "ends_at": NOW,
    },
    "password_resets": {"id": 1, "token_hash": "0" * 64, "user_id": 1, "made_at": NOW, "ends_at": NOW},
    "api_tokens": {
        "id": 1,
        "user_id": 1,
        "label": "L",
        "scope": "read",
        "token_hash": "0" * 64,
        "made_at": NOW,
    },
    "api_requests": {
        "key": "0" * 64,
        "token_id": 1,
        "content_hash": "0" * 64,
        "status": 201,
        "body": "{}",
        "made_at": NOW,
    },
    "attempts": {"id": 1, "kind": "login", "subject": "ada", "source": "127.0.0.1", "made_at": NOW},
    "deployment_notes": {"name": "lineage", "value": "1"},
    "facet_snapshots": {"id": 1, "format": 1, "origin": "", "number": 1, "content": b"x"},
    "form_submissions": {"token": "t", "user_id": 1, "location": "/", "sent_at": NOW},
    "topics": {"id": 1, "slug": "pain", "name": "Pain", "version": 1, "created_at": NOW, "updated_at": NOW},
    "study_groups": {"id": 1, "name": "G", "version": 1, "created_at": NOW, "updated_at": NOW},
    "studies": {
        "id": 1,
        "title": "T",
        "publication_state": "published",
        "standing": "current",
        "group_id": 1,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "study_species": {"study_id": 1, "species": "mouse"},
    "claims": {
        "id": 1,
        "statement": "S",
        "kind": "mechanism",
        "status": "active",
        "evidence_level": "not_assessed",
        "origin_study_id": 1,
        "origin_quote": "exact words",
        "origin_quote_check": "text_unavailable",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "claim_topics": {"claim_id": 1, "topic_id": 1},
    "evidence_items": {
        "id": 1,
        "claim_id": 1,
        "study_id": 1,
        "direction": "supports",
        "directness": "direct",
        "risk_of_bias": "low",
        "summary": "S",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "limitations": {
        "id": 1,
        "evidence_id": 1,
        "kind": "other",
        "text": "T",
        "quote": "more words",
        "quote_check": "text_unavailable",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "study_texts": {
        "id": 1,
        "study_id": 1,
        "label": "L",
        "length": 1,
        "sha256": "0" * 64,
        "sections": "[]",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "revisions": {
        "id": 1,
        "record_type": "claim",
        "record_id": 1,
        "version": 1,
        "action": "create",
        "changed_at": NOW,
        "via": "seed",
    },
    "releases": {
        "id": 1,
        "version": "2026.11",
        "moment": NOW,
        "made_at": NOW,
        "schema_version": "1.0.0",
        **dict.fromkeys(("made_with", "counts", "levels"), "{}"),
        **dict.fromkeys(("creators", "files"), "[]"),
        "base_url": "http://127.0.0.1:8000",
        "title": "T",
        "sha256": "0" * 64,
        "archive_bytes": 1,
        "archive_sha256": "0" * 64,
    },
    "seed_records": {"key": "claim:C01", "record_type": "claim", "record_id": 1},
    "quote_verifications": {
        "id": 1,
        "study_id": 1,
        "record_type": "claim",
        "record_id": 1,
        "quote_sha256": "0" * 64,
        "outcome": "verified",
        "text_length": 1,
        "text_sha256": "0" * 64,
        "checked_at": NOW,
        "via": "seed",
    },
    "overlap_dismissals": {"first_id": 1, "second_id": 2, "reason": "R", "decided_at": NOW},
    "appraisal_rounds": {"id": 1, "claim_id": 1, "opened_at": NOW},
    "appraisal_drafts": {"id": 1, "claim_id": 1, "author_id": 1, "content": "{}", "saved_at": NOW},
    "appraisals": {
        "id": 1,
        "claim_id": 1,
        "stage": "settled",
        "round_id": 1,
        "scheme": "grade",
        "scheme_version": "1",
        "claim_kind": "mechanism",
        "start_level": "low",
        "start_reason": "R",
        "may_rate_up": True,
        "translated": False,
        "risk_of_bias": -1,
        "risk_of_bias_reason": "R",
        **dict.fromkeys(("inconsistency", "indirectness", "imprecision", "publication_bias"), 0),
        **dict.fromkeys(("large_effect", "dose_response_gradient", "opposing_confounding"), 0),
        "risk_of_bias_advice": -1,
        **dict.fromkeys(("inconsistency_advice", "indirectness_advice", "imprecision_advice"), 0),
        **dict.fromkeys(("publication_bias_advice", "large_effect_advice"), 0),
        **dict.fromkeys(("dose_response_gradient_advice", "opposing_confounding_advice"), 0),
        "computed_level": "very_low",
        "level": "low",
        "override_reason": "R",
        "conclusion": "undecided",
        "proposed_conclusion": "undecided",
        "conclusion_derived": False,
        "evidence_digest": "0" * 64,
        "weaknesses": "[]",
        "lead_evidence_id": 1,
        "appraised_at": NOW,
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "appraisal_evidence": {
        "appraisal_id": 1,
        "evidence_id": 1,
        "evidence_version": 1,
        "study_id": 1,
        "study_version": 1,
        "finding": "{}",
    },
    "proposals": {
        "id": 1,
        "kind": "change",
        "target_type": "claim",
        "target_id": 1,
        "target_version": 1,
        "claim_id": 1,
        "changes": "{}",
        "reason": "R",
        "state": "submitted",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "merges": {
        "id": 1,
        "record_type": "claim",
        "kept_id": 1,
        "merged_id": 2,
        "reason": "R",
        "merged_at": NOW,
        "merged_by_id": 1,
        "effects": "{}",
    },
    "comments": {
        "id": 1,
        "record_type": "claim",
        "record_id": 1,
        "claim_id": 1,
        "author_id": 1,
        "text": "T",
        "written_at": NOW,
    },
    "drafts": {
        "id": 1,
        "author_id": 1,
        "address": "/claims/new",
        "label": "L",
        "content": "{}",
        "state": 1,
        "begun_at": NOW,
        "saved_at": NOW,
    },
    "jobs": {
        "id": 1,
        "kind": "import",
        "subject": 1,
        "arguments": "{}",
        "asked": 1,
        "tries": 0,
        "due_at": NOW,
        "done": 0,
        "queued_at": NOW,
    },
    "recent_errors": {"id": 1, "request_id": "0" * 16, "happened_at": NOW, "kind": "ValueError"},
    "webhooks": {
        "id": 1,
        "address": "https://example.org/",
        "events": "claim.created",
        "secret_salt": "0" * 64,
        "secret_hash": "0" * 64,
        "revision_id": 0,
        "made_at": NOW,
    },
    "webhook_deliveries": {
        "id": 1,
        "webhook_id": 1,
        "event_id": "evt_1",
        "event": "claim.created",
        "subject": "CLM-1",
        "body": "{}",
        "state": "failed",
        "queued_at": NOW,
        "attempts": 1,
        "failures": 1,
    },
    "saved_views": {
        "id": 1,
        "author_id": 1,
        "name": "Pain",
        "section": "claims",
        "query": "topic=pain",
        "saved_at": NOW,
    },
    "mentions": {"id": 1, "comment_id": 1, "user_id": 1},
    "flags": {
        "id": 1,
        "record_type": "claim",
        "record_id": 1,
        "claim_id": 1,
        "kind": "other",
        "text": "T",
        "raised_at": NOW,
    },
    "reader_reports": {
        "id": 1,
        "claim_id": 1,
        "text": "T",
        "sent_at": NOW,
        "decided_at": NOW,
        "decided_by_id": 1,
        "flag_id": 1,
    },
    "conflicts_of_interest": {
        "id": 1,
        "user_id": 1,
        "topic_id": 1,
        "text": "T",
        "declared_at": NOW,
        "ends_at": "2027-11-23 05:00:00",
    },
    "imports": {
        "id": 1,
        "user_id": 1,
        "file_name": "F",
        "what": "RIS",
        "kind": "references",
        "notes": "[]",
        "header": "",
        "state": "open",
        "made_at": NOW,
    },
    "import_files": {"import_id": 1, "content": b"x"},
    "import_checkpoints": {"digest": "0" * 64, "done": 1, "saved_at": NOW},
    "import_rows": {"import_id": 1, "number": 1, "state": "new", "plan": "{}", "take": True},
    "decided_references": {
        "digest": "0" * 64,
        "decision": "added",
        "study_id": 1,
        "decided_by_id": 1,
        "decided_at": NOW,
    },
    "claim_words": {"word": "pain", "claim_id": 1},
    "candidates": {
        "id": 1,
        "title": "T",
        "title_key": "0" * 64,
        "content": "{}",
        "state": "later",
        "decided_at": NOW,
        "decided_by_id": 1,
        "added_at": NOW,
        "version": 1,
    },
    "candidate_origins": {
        "id": 1,
        "candidate_id": 1,
        "kind": "file",
        "detail": "a.ris",
        "line": 1,
        "at": NOW,
    },
    "candidate_decisions": {"id": 1, "candidate_id": 1, "action": "later", "by_id": 1, "at": NOW},
    "watches": {
        "id": 1,
        "service": "pubmed",
        "query": "fibromyalgia",
        "claim_id": 1,
        "state": "active",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    },
    "watch_runs": {
        "id": 1,
        "watch_id": 1,
        "service": "pubmed",
        "query": "fibromyalgia",
        "began_at": NOW,
        "alive_until": NOW,
        "since": "2026-11-01",
        "until": "2026-11-23",
        **dict.fromkeys(("n_found", "n_new", "n_known", "n_not_relevant"), 0),
    },
    "history_clock": {"changed_at": None},
    "data_number": {"number": 0},
    "schema_support": {"oldest_revision": "0" * 12},
    "claim_summaries": {"claim_id": 1, "changed": 1},
    "claim_documents": {"claim_id": 1, "statement": "s", "own": ""},
    "study_documents": {"study_id": 1, "words": "t"},
    "search_pending": {"id": 1, "kind": "claim", "record_id": 1, "by_program": False},
    "study_keys": {"key": "=t", "study_id": 1},
    "study_pairs": {"key": "=t", "first_id": 1, "second_id": 2, "score": 0.5},
    "study_pair_queue": {"id": 1, "key": "=t"},
    "study_distinctions": {"id": 1, "first_id": 1, "second_id": 2, "reason": "R", "decided_at": NOW},
    "retraction_loads": {
        "id": 1,
        "begun_at": NOW,
        "file_name": "F",
        "sha256": "0" * 64,
        "n_loaded": 1,
        "n_without_identifier": 0,
        "n_refused": 0,
    },
    "retraction_notices": {"number": 1, "load_id": 1, "nature": "retraction", "original_pmid": "1"},
}

# Further rows that a row above needs.
ALSO = {"overlap_dismissals": ("studies", {**ROWS["studies"], "id": 2})}


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """An engine for a database without a schema."""
    with _engine(empty_url) as engine:
        yield engine


def _tables(engine: Engine) -> set[str]:
    there = set(inspect(engine).get_table_names()) - {"alembic_version", "sqlite_sequence"}
    return {table for table in there if not is_of_engine(table)}


def _insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def _fill(engine: Engine) -> None:
    """Insert a row into every empty table, parents first, with the columns that there are so far."""
    with engine.begin() as connection:
        there = {
            table: {column["name"] for column in columns}
            for (_, table), columns in inspect(connection).get_multi_columns().items()
        }
        for table, row in ROWS.items():
            if table in there and not connection.scalar(text(f"SELECT count(*) FROM {table}")):
                if table in ALSO:
                    _insert(connection, *ALSO[table])
                _insert(connection, table, {name: row[name] for name in row if name in there[table]})


def _counts(engine: Engine) -> dict[str, int]:
    """Return the number of rows of each table, without version tables, which are derived."""
    tables = [t for t in sorted(_tables(engine)) if not t.endswith("_versions")]
    with engine.connect() as connection:
        return {t: connection.scalar(text(f"SELECT count(*) FROM {t}")) or 0 for t in tables}


def _content(engine: Engine, table: str) -> list[dict[str, Any]]:
    reflected = MetaData()
    reflected.reflect(engine, only=[table])
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(reflected.tables[table])).mappings()]


def _rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table as the driver has them, which is quicker than to ask for their types."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


def _kept(row: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Return the values of `row` for what had a value `before`: a migration may add columns and fill empty ones."""
    return {name: row.get(name) for name, value in before.items() if value is not None}


def _where(index: Any) -> str:
    """Return the condition of a partial index."""
    options = index.get("dialect_options", {})
    return str(options.get("sqlite_where", options.get("postgresql_where", "")))


def shape(engine: Engine) -> dict[str, Any]:
    """Return everything that must agree between migrations and models, including the texts of checks."""
    if engine.dialect.name != "sqlite":
        return _reflected(engine, sorted(_tables(engine)), {})
    statements = _statements(engine)
    found: dict[str, Any] = {}
    for table, sql in sorted(statements.items()):
        # What SQLAlchemy reads of a table is in these statements, and reading it again takes most of the time.
        if (table, *sql) not in _SHAPES:
            _SHAPES.update({(table, *sql): _reflected(engine, [table], statements)[table]})
        found[table] = _SHAPES[table, *sql]
    return found


_SHAPES: dict[tuple[str, ...], Any] = {}


def _statements(engine: Engine) -> dict[str, tuple[str, ...]]:
    """Return the statements by which SQLite has each table, first its own and then those of its indexes."""
    found: dict[str, list[str]] = defaultdict(list)
    known = "SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
    with engine.connect() as connection:
        for row in connection.execute(text(f"{known} ORDER BY type DESC, name")):
            found[row.tbl_name].append(row.sql)
    return {table: tuple(found[table]) for table in _tables(engine)}


def _reflected(
    engine: Engine, tables: list[str], statements: Mapping[str, tuple[str, ...]]
) -> dict[str, Any]:
    """Return what SQLAlchemy reads of `tables`, and what it cannot read of SQLite from their statements."""
    inspector = inspect(engine)
    # For all tables at once: otherwise PostgreSQL would run some three hundred queries.
    columns = inspector.get_multi_columns(filter_names=tables)
    keys = inspector.get_multi_pk_constraint(filter_names=tables)
    uniques = inspector.get_multi_unique_constraints(filter_names=tables)
    checks = inspector.get_multi_check_constraints(filter_names=tables)
    foreign_keys = inspector.get_multi_foreign_keys(filter_names=tables)
    indexes = inspector.get_multi_indexes(filter_names=tables)
    return {
        table: {
            "columns": sorted(
                (c["name"], str(c["type"]), c["nullable"], c["default"]) for c in columns[None, table]
            ),
            "primary key": keys[None, table],
            "unique": sorted((u["name"], tuple(u["column_names"])) for u in uniques[None, table]),
            "checks": sorted((c["name"], " ".join(c["sqltext"].split())) for c in checks[None, table]),
            "foreign keys": sorted(
                (f["name"], tuple(f["constrained_columns"]), f["referred_table"], str(f["options"]))
                for f in foreign_keys[None, table]
            ),
            "indexes": sorted(
                (i["name"], tuple(i["column_names"]), bool(i["unique"]), _where(i))
                for i in indexes[None, table]
            ),
            "indexes of expressions": sorted(
                sql for sql in statements.get(table, ())[1:] if sql.count("(") > 1
            ),
            "numbers are never given twice": "AUTOINCREMENT" in "".join(statements.get(table, ())[:1]),
        }
        for table in tables
    }


def test_the_migrations_are_linear() -> None:
    assert STEPS[0].down_revision is None
    assert [step.down_revision for step in STEPS[1:]] == [step.revision for step in STEPS[:-1]]
    assert len(STEPS) > 1


def test_each_migration_up_down_and_up_gives_the_same_schema(engine: Engine) -> None:
    start = shape(engine)
    for before, step in zip([None, *STEPS], STEPS, strict=False):
        schema.upgrade(engine, step.revision)
        reached = shape(engine)
        schema.downgrade(engine, before.revision if before else "base")
        assert shape(engine) == start, step
        schema.upgrade(engine, step.revision)
        start = shape(engine)
        assert start == reached, step


def test_each_migration_up_and_down_loses_no_rows(engine: Engine) -> None:
    for step in STEPS:
        before = {table: _rows(engine, table) for table in _counts(engine)}
        schema.upgrade(engine, step.revision)
        for table, rows in before.items():
            if table == "data_number":
                continue  # it moves
            kept = [_kept(row, old) for row, old in zip(_rows(engine, table), rows, strict=True)]
            assert kept == [_kept(row, row) for row in rows], (step, table)
        _fill(engine)
    assert set(_counts(engine)) == set(ROWS)
    assert set((_counts(engine) | {"studies": 1, "search_pending": 1}).values()) == {1}
    for step in reversed(STEPS):
        before = _counts(engine)
        schema.downgrade(engine, step.down_revision or "base")
        assert _counts(engine).items() <= before.items(), step
    assert not _tables(engine)


def test_older_evidence_that_says_nothing_is_kept_and_stays_as_it_is(engine: Engine) -> None:
    schema.upgrade(engine, "c1a0000000a5")
    _fill(engine)
    bare = {**ROWS["evidence_items"], "id": 2, "summary": None}
    with engine.begin() as connection:
        _insert(connection, "evidence_items", bare)
    schema.upgrade(engine)

    def change(assignment: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE evidence_items SET {assignment} WHERE id = 2"))

    change("directness = 'indirect'")
    for worse in ("direction = 'contradicts'", "direction = 'null', summary = 'S'"):
        with pytest.raises(IntegrityError):
            change(worse)
    change("direction = 'null', summary = 'S', n_cases = 40")
    with pytest.raises(IntegrityError):
        change("n_cases = NULL")
    with pytest.raises(IntegrityError), engine.begin() as connection:
        _insert(connection, "evidence_items", {**bare, "id": 3})


def test_every_row_of_a_versioned_table_has_its_version(database_url: str) -> None:
    with _engine(database_url) as engine:
        _fill(engine)
        counts = _counts(engine)
        with engine.connect() as connection:
            for table in VERSIONS_TABLES:
                is_open = text(f"SELECT count(*) FROM {table}_versions WHERE valid_to IS NULL")
                assert connection.scalar(is_open) == counts[table], table


def _models_for(engine: Engine) -> MetaData:
    """Return the tables of the models; for PostgreSQL a copy.

    It creates some constraints after their tables. That marks them, so that SQLite would leave them out.
    """
    if engine.dialect.name == "sqlite":
        return Base.metadata
    copy = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(copy)
    return copy


def test_the_migrated_schema_matches_the_models(engine: Engine, database_url: str) -> None:
    _models_for(engine).create_all(engine)
    with _engine(database_url) as migrated:
        assert shape(migrated) == shape(engine)
        assert schema.differences(migrated) == []


def test_a_schema_that_differs_is_described(database_url: str) -> None:
    with _engine(database_url) as engine:
        with engine.begin() as connection:
            connection.execute(text("DROP INDEX ix_claims_kind_id"))
            connection.execute(text("ALTER TABLE topics ADD COLUMN colour VARCHAR"))
        found = schema.differences(engine)
    assert any("ix_claims_kind_id" in sentence for sentence in found)
    assert any("topics.colour" in sentence for sentence in found)


def test_a_missing_or_different_trigger_is_described(database_url: str) -> None:
    with _engine(database_url) as engine:
        of_table = "" if engine.dialect.name == "sqlite" else " ON appraisals"
        with engine.begin() as connection:
            connection.execute(text(f"DROP TRIGGER appraisals_are_not_deleted{of_table}"))
        assert schema.differences(engine) == ["Trigger appraisals_are_not_deleted is missing."]


def _as_by_a_newer_program(engine: Engine, oldest: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ffffffffffff'"))
        connection.execute(text(f"UPDATE schema_support SET oldest_revision = '{oldest}'"))


def test_a_newer_database_from_which_something_was_taken_is_left_alone(database_url: str) -> None:
    with _engine(database_url) as engine:
        _as_by_a_newer_program(engine, "ffffffffffff")
        assert schema.fit(engine) is schema.Fit.FOREIGN
        with pytest.raises(schema.SchemaNewer, match="newer version"):
            schema.upgrade(engine)


def test_a_newer_database_to_which_something_was_added_is_served_as_it_is(database_url: str) -> None:
    with _engine(database_url) as engine:
        _as_by_a_newer_program(engine, STEPS[-1].revision)
        assert schema.fit(engine) is schema.Fit.NEWER
        schema.upgrade(engine)
        assert schema.current(engine) == "ffffffffffff"


def test_an_older_database_does_not_fit(engine: Engine) -> None:
    assert schema.fit(engine) is schema.Fit.OLDER
    schema.upgrade(engine, STEPS[-2].revision)
    assert schema.fit(engine) is schema.Fit.OLDER
    schema.upgrade(engine)
    assert schema.fit(engine) is schema.Fit.CURRENT


@pytest.mark.parametrize(
    ("phases", "oldest"),
    [
        ([], "old"),
        ([("a", "expand", None)], "old"),
        ([("a", "expand", None), ("b", "contract", "a")], "a"),
        ([("a", "expand", None), ("b", "contract", "a"), ("c", "expand", None)], "a"),
        ([("a", "expand", None), ("b", "contract", None)], "b"),
        ([("a", None, None)], "a"),
        ([("a", "expand", None), ("b", "contract", "a"), ("c", "contract", "old")], "a"),
    ],
)
def test_a_contraction_says_what_a_program_must_know(
    phases: list[tuple[str, str | None, str | None]], oldest: str
) -> None:
    steps = [SimpleNamespace(revision="old", module=SimpleNamespace())]
    for revision, phase, needs in phases:
        said = {name: value for name, value in (("phase", phase), ("needs", needs)) if value}
        steps.append(SimpleNamespace(revision=revision, module=SimpleNamespace(**said)))
    scripts: Any = SimpleNamespace(iterate_revisions=lambda *_: reversed(steps))
    assert schema.oldest_program(scripts, steps[-1].revision) == oldest


def test_a_deletion_by_sql_does_not_cascade_to_records(database_url: str) -> None:
    with _engine(database_url) as engine:
        _fill(engine)
        for table in ("studies", "claims", "evidence_items", "topics", "study_groups"):
            with pytest.raises(IntegrityError), engine.begin() as connection:
                connection.execute(text(f"DELETE FROM {table}"))


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_migrations_import_only_triggers_and_their_tools_from_the_program(path: Path) -> None:
    allowed = ("claims_app.triggers", "claims_app.migrating")
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            of_module = isinstance(node, ast.ImportFrom)
            named = {str(node.module)} if of_module else {alias.name for alias in node.names}
            assert all(not n.startswith("claims_app") or n in allowed for n in named)
