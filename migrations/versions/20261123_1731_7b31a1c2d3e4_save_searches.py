"""Save searches for papers about claims and topics, with their history, and note each time that one is run.

Revision ID: 7b31a1c2d3e4
Revises: 7b30b2d3e4f5
Create Date: 2026-11-23 17:31:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7b31a1c2d3e4"
down_revision = "7b30b2d3e4f5"
branch_labels = None
depends_on = None

TRIGGERS = (
    ("watches_begin_a_version", "watches"),
    ("watches_change_a_version", "watches"),
    ("watches_end_a_version", "watches"),
    ("watches_versions_begin_now", "watches_versions"),
    ("watches_versions_end_now", "watches_versions"),
    ("watches_versions_are_kept_as_they_are", "watches_versions"),
    ("watches_versions_are_kept", "watches_versions"),
)
"""Each trigger and its table."""

SQLITE = (
    """CREATE TRIGGER watches_begin_a_version AFTER INSERT ON watches
BEGIN
  UPDATE watches_versions SET valid_to = max(COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now')), valid_from)
  WHERE id = NEW.id AND valid_to IS NULL;
  DELETE FROM watches_versions WHERE id = NEW.id AND valid_to = valid_from;
  INSERT INTO watches_versions (added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version, valid_from)
  VALUES (NEW.added_by_id, NEW.claim_id, NEW.created_at, NEW.id, NEW.note, NEW.query, NEW.review_state, NEW.service, NEW.state, NEW.topic_id, NEW.updated_at, NEW.version,
    max(COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now')), COALESCE((SELECT max(valid_to) FROM watches_versions WHERE id = NEW.id), '')));
END""",
    """CREATE TRIGGER watches_change_a_version AFTER UPDATE ON watches
BEGIN
  UPDATE watches_versions SET valid_to = max(COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now')), valid_from)
  WHERE id = OLD.id AND valid_to IS NULL;
  DELETE FROM watches_versions WHERE id = OLD.id AND valid_to = valid_from;
  INSERT INTO watches_versions (added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version, valid_from)
  VALUES (NEW.added_by_id, NEW.claim_id, NEW.created_at, NEW.id, NEW.note, NEW.query, NEW.review_state, NEW.service, NEW.state, NEW.topic_id, NEW.updated_at, NEW.version,
    max(COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now')), COALESCE((SELECT max(valid_to) FROM watches_versions WHERE id = NEW.id), '')));
END""",
    """CREATE TRIGGER watches_end_a_version AFTER DELETE ON watches
BEGIN
  UPDATE watches_versions SET valid_to = max(COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now')), valid_from)
  WHERE id = OLD.id AND valid_to IS NULL;
  DELETE FROM watches_versions WHERE id = OLD.id AND valid_to = valid_from;
END""",
    """CREATE TRIGGER watches_versions_begin_now BEFORE INSERT ON watches_versions
WHEN NEW.valid_to IS NOT NULL OR NEW.valid_from < COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now'))
  OR EXISTS (SELECT 1 FROM watches_versions WHERE id = NEW.id AND valid_to IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'The past is never changed: what a row was stays.');
END""",
    """CREATE TRIGGER watches_versions_end_now BEFORE UPDATE OF valid_to ON watches_versions
WHEN OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL
  OR NEW.valid_to <> max(COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now')), OLD.valid_from)
BEGIN
  SELECT RAISE(ABORT, 'The past is never changed: what a row was stays.');
END""",
    """CREATE TRIGGER watches_versions_are_kept_as_they_are BEFORE UPDATE OF added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version, valid_from ON watches_versions
BEGIN
  SELECT RAISE(ABORT, 'The past is never changed: what a row was stays.');
END""",
    """CREATE TRIGGER watches_versions_are_kept BEFORE DELETE ON watches_versions
WHEN OLD.valid_to IS NULL OR OLD.valid_to > OLD.valid_from
BEGIN
  SELECT RAISE(ABORT, 'The past is never changed: what a row was stays.');
END""",
)

POSTGRESQL = (
    """CREATE FUNCTION watches_begin_a_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
UPDATE watches_versions SET valid_to = GREATEST(COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now()), valid_from)
  WHERE id = NEW.id AND valid_to IS NULL;
  DELETE FROM watches_versions WHERE id = NEW.id AND valid_to = valid_from;
  INSERT INTO watches_versions (added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version, valid_from)
  VALUES (NEW.added_by_id, NEW.claim_id, NEW.created_at, NEW.id, NEW.note, NEW.query, NEW.review_state, NEW.service, NEW.state, NEW.topic_id, NEW.updated_at, NEW.version,
    GREATEST(COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now()), COALESCE((SELECT max(valid_to) FROM watches_versions WHERE id = NEW.id), '-infinity')));
RETURN NEW;
END
$$""",
    """CREATE TRIGGER watches_begin_a_version AFTER INSERT ON watches FOR EACH ROW EXECUTE FUNCTION watches_begin_a_version()""",
    """CREATE FUNCTION watches_change_a_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
UPDATE watches_versions SET valid_to = GREATEST(COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now()), valid_from)
  WHERE id = OLD.id AND valid_to IS NULL;
  DELETE FROM watches_versions WHERE id = OLD.id AND valid_to = valid_from;
  INSERT INTO watches_versions (added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version, valid_from)
  VALUES (NEW.added_by_id, NEW.claim_id, NEW.created_at, NEW.id, NEW.note, NEW.query, NEW.review_state, NEW.service, NEW.state, NEW.topic_id, NEW.updated_at, NEW.version,
    GREATEST(COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now()), COALESCE((SELECT max(valid_to) FROM watches_versions WHERE id = NEW.id), '-infinity')));
RETURN NEW;
END
$$""",
    """CREATE TRIGGER watches_change_a_version AFTER UPDATE ON watches FOR EACH ROW EXECUTE FUNCTION watches_change_a_version()""",
    """CREATE FUNCTION watches_end_a_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
UPDATE watches_versions SET valid_to = GREATEST(COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now()), valid_from)
  WHERE id = OLD.id AND valid_to IS NULL;
  DELETE FROM watches_versions WHERE id = OLD.id AND valid_to = valid_from;
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER watches_end_a_version AFTER DELETE ON watches FOR EACH ROW EXECUTE FUNCTION watches_end_a_version()""",
    """CREATE FUNCTION watches_versions_begin_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.valid_to IS NOT NULL OR NEW.valid_from < COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now())
  OR EXISTS (SELECT 1 FROM watches_versions WHERE id = NEW.id AND valid_to IS NULL) THEN
  RAISE EXCEPTION 'The past is never changed: what a row was stays.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER watches_versions_begin_now BEFORE INSERT ON watches_versions FOR EACH ROW EXECUTE FUNCTION watches_versions_begin_now()""",
    """CREATE FUNCTION watches_versions_end_now() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL
  OR NEW.valid_to <> GREATEST(COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now()), OLD.valid_from) THEN
  RAISE EXCEPTION 'The past is never changed: what a row was stays.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER watches_versions_end_now BEFORE UPDATE OF valid_to ON watches_versions FOR EACH ROW EXECUTE FUNCTION watches_versions_end_now()""",
    """CREATE FUNCTION watches_versions_are_kept_as_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'The past is never changed: what a row was stays.' USING ERRCODE = 'check_violation';
RETURN NEW;
END
$$""",
    """CREATE TRIGGER watches_versions_are_kept_as_they_are BEFORE UPDATE OF added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version, valid_from ON watches_versions FOR EACH ROW EXECUTE FUNCTION watches_versions_are_kept_as_they_are()""",
    """CREATE FUNCTION watches_versions_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF OLD.valid_to IS NULL OR OLD.valid_to > OLD.valid_from THEN
  RAISE EXCEPTION 'The past is never changed: what a row was stays.' USING ERRCODE = 'check_violation';
END IF;
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER watches_versions_are_kept BEFORE DELETE ON watches_versions FOR EACH ROW EXECUTE FUNCTION watches_versions_are_kept()""",
    """CREATE VIEW as_of.watches AS SELECT added_by_id, claim_id, created_at, id, note, query, review_state, service, state, topic_id, updated_at, version FROM watches_versions
  WHERE valid_from <= (SELECT current_setting('claims.as_of')::timestamptz) AND (valid_to IS NULL OR valid_to > (SELECT current_setting('claims.as_of')::timestamptz))""",
)


def upgrade() -> None:
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default=sa.text("'accepted'"), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "review_state IN ('submitted', 'accepted', 'rejected')", name=op.f("ck_watches_review_state_term")
        ),
        sa.CheckConstraint("service IN ('pubmed', 'europe_pmc')", name=op.f("ck_watches_service_term")),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_watches_state_term")),
        sa.CheckConstraint(
            "(claim_id IS NULL) <> (topic_id IS NULL)", name=op.f("ck_watches_of_claim_or_topic")
        ),
        sa.CheckConstraint(
            "length(trim(note)) >= 1 AND length(note) <= 1000", name=op.f("ck_watches_note_length")
        ),
        sa.CheckConstraint(
            "length(trim(query)) >= 1 AND length(query) <= 2000", name=op.f("ck_watches_query_length")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_watches_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_watches_topic_id_topics"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_watches_claim_id"), "watches", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_watches_review_state_id"),
        "watches",
        ["review_state", "id"],
        unique=False,
        sqlite_where=sa.text("review_state <> 'accepted'"),
        postgresql_where=sa.text("review_state <> 'accepted'"),
    )
    op.create_index(op.f("ix_watches_topic_id"), "watches", ["topic_id"], unique=False)
    op.create_table(
        "watch_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alive_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("n_found", sa.Integer(), nullable=False),
        sa.Column("n_new", sa.Integer(), nullable=False),
        sa.Column("n_known", sa.Integer(), nullable=False),
        sa.Column("n_not_relevant", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("service IN ('pubmed', 'europe_pmc')", name=op.f("ck_watch_runs_service_term")),
        sa.CheckConstraint(
            "error IS NULL OR ended_at IS NOT NULL", name=op.f("ck_watch_runs_error_at_its_end")
        ),
        sa.CheckConstraint(
            "length(trim(error)) >= 1 AND length(error) <= 500", name=op.f("ck_watch_runs_error_length")
        ),
        sa.CheckConstraint(
            "n_found >= 0 AND n_new >= 0 AND n_known >= 0 AND n_not_relevant >= 0",
            name=op.f("ck_watch_runs_counts_range"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_watch_runs_watch_id_id"), "watch_runs", ["watch_id", "id"], unique=False)
    op.create_index(
        op.f("uq_watch_runs_open"),
        "watch_runs",
        ["watch_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "watches_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default=sa.text("'accepted'"), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
    )
    op.create_index(
        op.f("ix_watches_versions_claim_id"),
        "watches_versions",
        ["claim_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watches_versions_key"),
        "watches_versions",
        ["id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        op.f("ix_watches_versions_topic_id"),
        "watches_versions",
        ["topic_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        op.f("uq_watches_versions_open"),
        "watches_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    keep()


def downgrade() -> None:
    stop_keeping()
    for table in ("watches_versions", "watch_runs", "watches"):
        op.drop_table(table)


def stop_keeping() -> None:
    """Take the triggers and the view away: the columns can be changed then."""
    if not on_sqlite():
        op.execute("DROP VIEW as_of.watches")
    for name, table in TRIGGERS:
        if on_sqlite():
            op.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")


def keep() -> None:
    """Make the triggers and the view."""
    for statement in SQLITE if on_sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
