"""Let the database keep the history as it is.

Revision ID: bc76d4e3f20a
Revises: ab65c3d2e1f9
Create Date: 2026-11-23 13:02:00+00:00
"""

from alembic import op

revision = "bc76d4e3f20a"
down_revision = "ab65c3d2e1f9"
branch_labels = None
depends_on = None

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
    for statement in SQLITE if _on_sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for name in TRIGGERS:
        if _on_sqlite():
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON revisions")
            op.execute(f"DROP FUNCTION {name}()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
