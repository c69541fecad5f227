"""Let records be merged into one another.

Revision ID: 1c2d3e4f5a60
Revises: 1e7a0c4b5d21
Create Date: 2026-11-23 14:30:00+00:00
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "1c2d3e4f5a60"
down_revision = "1e7a0c4b5d21"
branch_labels = None
depends_on = None

TABLES = ("claims", "studies")

TRIGGERS = ("merges_are_kept_as_they_are", "merges_are_kept")

SQLITE = (
    """CREATE TRIGGER merges_are_kept_as_they_are BEFORE UPDATE ON merges
WHEN OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
    OR NEW.id <> OLD.id OR NEW.record_type <> OLD.record_type
    OR NEW.kept_id <> OLD.kept_id OR NEW.merged_id <> OLD.merged_id
    OR NEW.reason <> OLD.reason OR NEW.merged_at <> OLD.merged_at
    OR COALESCE(NEW.merged_by_id, 0) <> COALESCE(OLD.merged_by_id, 0)
    OR CAST(NEW.effects AS TEXT) <> CAST(OLD.effects AS TEXT)
BEGIN
  SELECT RAISE(ABORT, 'A merge is kept as it was written: it can be undone, once.');
END""",
    """CREATE TRIGGER merges_are_kept BEFORE DELETE ON merges
BEGIN
  SELECT RAISE(ABORT, 'A merge is kept as it was written: it can be undone, once.');
END""",
)

TRIGGERS_OF_CLAIMS = (
    """CREATE TRIGGER level_is_of_newest_appraisal BEFORE UPDATE ON claims
WHEN NEW.appraisal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id AND review_state = 'accepted'))
BEGIN
  SELECT RAISE(ABORT, 'The level of a claim is that of its newest appraisal, and needs evidence.');
END""",
    """CREATE TRIGGER new_claims_have_no_level BEFORE INSERT ON claims
WHEN NEW.appraisal_id IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'The level of a claim is that of its newest appraisal, and needs evidence.');
END""",
)

POSTGRESQL = (
    """CREATE FUNCTION merges_are_kept_as_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
    OR NEW.id <> OLD.id OR NEW.record_type <> OLD.record_type
    OR NEW.kept_id <> OLD.kept_id OR NEW.merged_id <> OLD.merged_id
    OR NEW.reason <> OLD.reason OR NEW.merged_at <> OLD.merged_at
    OR COALESCE(NEW.merged_by_id, 0) <> COALESCE(OLD.merged_by_id, 0)
    OR CAST(NEW.effects AS TEXT) <> CAST(OLD.effects AS TEXT) THEN
  RAISE EXCEPTION 'A merge is kept as it was written: it can be undone, once.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER merges_are_kept_as_they_are BEFORE UPDATE ON merges FOR EACH ROW EXECUTE FUNCTION merges_are_kept_as_they_are()""",
    """CREATE FUNCTION merges_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'A merge is kept as it was written: it can be undone, once.' USING ERRCODE = 'check_violation';
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER merges_are_kept BEFORE DELETE ON merges FOR EACH ROW EXECUTE FUNCTION merges_are_kept()""",
)


def upgrade() -> None:
    for table in TABLES:
        with _rebuilt(table) as batch:
            batch.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
            batch.create_check_constraint(op.f(f"ck_{table}_merged_into_another"), "merged_into_id <> id")
            batch.create_foreign_key(
                op.f(f"fk_{table}_merged_into_id_{table}"),
                table,
                ["merged_into_id"],
                ["id"],
                ondelete="RESTRICT",
            )
        op.create_index(
            op.f(f"ix_{table}_merged_into_id"),
            table,
            ["merged_into_id"],
            sqlite_where=sa.text("merged_into_id IS NOT NULL"),
            postgresql_where=sa.text("merged_into_id IS NOT NULL"),
        )
    _create_triggers_of_claims()
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by_id", sa.Integer(), nullable=True),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("record_type IN ('claim', 'study')", name=op.f("ck_merges_record_type_term")),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_merges_of_two_records")),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500", name=op.f("ck_merges_reason_length")
        ),
        sa.CheckConstraint(
            "undone_by_id IS NULL OR undone_at IS NOT NULL", name=op.f("ck_merges_undone_at_some_time")
        ),
        sa.ForeignKeyConstraint(
            ["merged_by_id"], ["users.id"], name=op.f("fk_merges_merged_by_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_merges_undone_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_merges_present_record_type_merged_id",
        "merges",
        ["record_type", "merged_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index(op.f("ix_merges_record_type_merged_id"), "merges", ["record_type", "merged_id"])
    op.create_index(op.f("ix_merges_record_type_kept_id"), "merges", ["record_type", "kept_id"])
    for statement in SQLITE if _on_sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    op.drop_table("merges")
    if not _on_sqlite():
        for name in TRIGGERS:
            op.execute(f"DROP FUNCTION {name}()")
    for table in TABLES:
        op.drop_index(op.f(f"ix_{table}_merged_into_id"), table)
        with _rebuilt(table) as batch:
            batch.drop_constraint(op.f(f"fk_{table}_merged_into_id_{table}"), type_="foreignkey")
            batch.drop_constraint(op.f(f"ck_{table}_merged_into_another"), type_="check")
            batch.drop_column("merged_into_id")
            if _on_sqlite():
                batch.drop_constraint(op.f(f"ck_{table}_review_state_term"), type_="check")
        if _on_sqlite():
            _check_review_state_in_its_column(table)
    _create_triggers_of_claims()


def _rebuilt(table: str) -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})


def _check_review_state_in_its_column(table: str) -> None:
    """Put a CHECK back where the rebuild took it from: SQLite drops a column only with a CHECK of its own."""
    op.drop_index(op.f(f"ix_{table}_review_state_id"), table)
    op.execute(f"ALTER TABLE {table} RENAME COLUMN review_state TO old_review_state")
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN review_state VARCHAR(40) DEFAULT 'accepted' NOT NULL "
        f"CONSTRAINT ck_{table}_review_state_term "
        "CHECK (review_state IN ('submitted', 'accepted', 'rejected'))"
    )
    op.execute(f"UPDATE {table} SET review_state = old_review_state")
    op.execute(f"ALTER TABLE {table} DROP COLUMN old_review_state")
    op.create_index(
        op.f(f"ix_{table}_review_state_id"),
        table,
        ["review_state", "id"],
        sqlite_where=sa.text("review_state <> 'accepted'"),
    )


def _create_triggers_of_claims() -> None:
    """Make the triggers again that the rebuild has lost; PostgreSQL rebuilds nothing."""
    if _on_sqlite():
        for statement in TRIGGERS_OF_CLAIMS:
            op.get_bind().exec_driver_sql(statement)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
