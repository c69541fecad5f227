"""Let the history hold proposals, and say which one was accepted.

Revision ID: ef09a7b6253d
Revises: de98f6a5142c
Create Date: 2026-11-23 14:01:00+00:00
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "ef09a7b6253d"
down_revision = "de98f6a5142c"
branch_labels = None
depends_on = None

TYPES = "record_type IN ('claim', 'study', 'evidence', 'limitation', 'appraisal', 'study_text', 'topic', 'study_group')"
TYPES_WITH_PROPOSAL = "record_type IN ('claim', 'study', 'evidence', 'limitation', 'appraisal', 'study_text', 'topic', 'study_group', 'proposal')"

TRIGGERS = (
    "revisions_are_kept_as_they_are",
    "revisions_are_kept",
    "revisions_are_not_replaced",
)

SQLITE = (
    """CREATE TRIGGER revisions_are_kept_as_they_are BEFORE UPDATE ON revisions
BEGIN
  SELECT RAISE(ABORT, 'The history is never changed: a new revision is added to it.');
END""",
    """CREATE TRIGGER revisions_are_kept BEFORE DELETE ON revisions
BEGIN
  SELECT RAISE(ABORT, 'The history is never changed: a new revision is added to it.');
END""",
    """CREATE TRIGGER revisions_are_not_replaced BEFORE INSERT ON revisions
WHEN EXISTS (
  SELECT 1 FROM revisions WHERE id = NEW.id
    OR (record_type = NEW.record_type AND record_id = NEW.record_id AND version = NEW.version))
BEGIN
  SELECT RAISE(ABORT, 'The history is never changed: a new revision is added to it.');
END""",
)

POSTGRESQL = (
    """CREATE FUNCTION revisions_are_kept_as_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'The history is never changed: a new revision is added to it.' USING ERRCODE = 'check_violation';
RETURN NEW;
END
$$""",
    """CREATE TRIGGER revisions_are_kept_as_they_are BEFORE UPDATE ON revisions FOR EACH ROW EXECUTE FUNCTION revisions_are_kept_as_they_are()""",
    """CREATE FUNCTION revisions_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'The history is never changed: a new revision is added to it.' USING ERRCODE = 'check_violation';
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER revisions_are_kept BEFORE DELETE ON revisions FOR EACH ROW EXECUTE FUNCTION revisions_are_kept()""",
    """CREATE FUNCTION revisions_are_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF EXISTS (
  SELECT 1 FROM revisions WHERE id = NEW.id
    OR (record_type = NEW.record_type AND record_id = NEW.record_id AND version = NEW.version)) THEN
  RAISE EXCEPTION 'The history is never changed: a new revision is added to it.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER revisions_are_not_replaced BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION revisions_are_not_replaced()""",
)


def upgrade() -> None:
    _drop_triggers()
    with _revisions() as batch:
        _set_types(batch, "revisions", TYPES_WITH_PROPOSAL)
        batch.add_column(sa.Column("proposal_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_revisions_proposal_id_proposals"),
            "proposals",
            ["proposal_id"],
            ["id"],
            ondelete="RESTRICT",
        )
    with op.batch_alter_table("seed_records") as batch:
        _set_types(batch, "seed_records", TYPES_WITH_PROPOSAL)
    _create_triggers()


def downgrade() -> None:
    _drop_triggers()
    # The proposals themselves go with the step below this one; their history goes with them.
    op.execute("DELETE FROM revisions WHERE record_type = 'proposal'")
    with _revisions() as batch:
        batch.drop_constraint(op.f("fk_revisions_proposal_id_proposals"), type_="foreignkey")
        batch.drop_column("proposal_id")
        _set_types(batch, "revisions", TYPES)
    with op.batch_alter_table("seed_records") as batch:
        _set_types(batch, "seed_records", TYPES)
    _create_triggers()


def _revisions() -> AbstractContextManager[BatchOperations]:
    return op.batch_alter_table("revisions", table_kwargs={"sqlite_autoincrement": True})


def _set_types(batch: BatchOperations, table: str, types: str) -> None:
    batch.drop_constraint(op.f(f"ck_{table}_record_type_term"), type_="check")
    batch.create_check_constraint(op.f(f"ck_{table}_record_type_term"), types)


def _create_triggers() -> None:
    for statement in SQLITE if _on_sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def _drop_triggers() -> None:
    for name in TRIGGERS:
        if _on_sqlite():
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON revisions")
            op.execute(f"DROP FUNCTION {name}()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
