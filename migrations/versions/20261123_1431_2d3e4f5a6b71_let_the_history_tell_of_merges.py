"""Let the history tell of merges.

Revision ID: 2d3e4f5a6b71
Revises: 1c2d3e4f5a60
Create Date: 2026-11-23 14:31:00+00:00
"""

from alembic import op

revision = "2d3e4f5a6b71"
down_revision = "1c2d3e4f5a60"
branch_labels = None
depends_on = None

ACTIONS = "action IN ('create', 'update', 'delete', 'restore')"
ACTIONS_WITH_MERGING = "action IN ('create', 'update', 'delete', 'restore', 'merge', 'unmerge')"

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
    _set_actions(ACTIONS_WITH_MERGING)
    _create_triggers()


def downgrade() -> None:
    _drop_triggers()
    # They changed one field of the record, which is told as a change of it before this step.
    op.execute("UPDATE revisions SET action = 'update' WHERE action IN ('merge', 'unmerge')")
    _set_actions(ACTIONS)
    _create_triggers()


def _set_actions(actions: str) -> None:
    with op.batch_alter_table("revisions", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_revisions_action_term"), type_="check")
        batch.create_check_constraint(op.f("ck_revisions_action_term"), actions)


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
