"""Let no row be written over, and no table be emptied.

REPLACE on SQLite and TRUNCATE on PostgreSQL delete rows without firing a trigger on DELETE.

Revision ID: 123cd9e0584a
Revises: 2d3e4f5a6b71
Create Date: 2026-11-23 15:30:00+00:00
"""

from alembic import op

revision = "123cd9e0584a"
down_revision = "2d3e4f5a6b71"
branch_labels = None
depends_on = None

TRIGGERS = (
    ("appraisals_are_not_replaced", "appraisals"),
    ("appraisal_evidence_is_complete", "appraisal_evidence"),
    ("evidence_is_not_replaced", "evidence_items"),
    ("evidence_keeps_its_number", "evidence_items"),
    ("evidence_items_are_not_emptied", "evidence_items"),
    ("appraisals_are_not_emptied", "appraisals"),
    ("appraisal_evidence_are_not_emptied", "appraisal_evidence"),
    ("revisions_are_not_emptied", "revisions"),
)
"""Each new trigger and its table; the last four, on TRUNCATE, are those of PostgreSQL alone."""

SQLITE = (
    """CREATE TRIGGER appraisals_are_not_replaced BEFORE INSERT ON appraisals
WHEN EXISTS (SELECT 1 FROM appraisals WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'An appraisal is never changed or deleted: make a new one.');
END""",
    """CREATE TRIGGER appraisal_evidence_is_complete BEFORE INSERT ON appraisal_evidence
WHEN EXISTS (
  SELECT 1 FROM appraisal_evidence JOIN appraisals ON appraisals.id = appraisal_evidence.appraisal_id
  WHERE appraisals.id = NEW.appraisal_id
    AND appraisal_evidence.evidence_id IN (NEW.evidence_id, appraisals.lead_evidence_id))
BEGIN
  SELECT RAISE(ABORT, 'An appraisal is never changed or deleted: make a new one.');
END""",
    """CREATE TRIGGER evidence_is_not_replaced BEFORE INSERT ON evidence_items
WHEN EXISTS (SELECT 1 FROM evidence_items WHERE id = NEW.id)
BEGIN
  SELECT RAISE(ABORT, 'Evidence is changed, moved or deleted, and never written over: it keeps its number.');
END""",
    """CREATE TRIGGER evidence_keeps_its_number BEFORE UPDATE ON evidence_items
WHEN NEW.id <> OLD.id
BEGIN
  SELECT RAISE(ABORT, 'Evidence is changed, moved or deleted, and never written over: it keeps its number.');
END""",
)

POSTGRESQL = (
    """CREATE FUNCTION appraisals_are_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF EXISTS (SELECT 1 FROM appraisals WHERE id = NEW.id) THEN
  RAISE EXCEPTION 'An appraisal is never changed or deleted: make a new one.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisals_are_not_replaced BEFORE INSERT ON appraisals FOR EACH ROW EXECUTE FUNCTION appraisals_are_not_replaced()""",
    """CREATE FUNCTION appraisal_evidence_is_complete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF EXISTS (
  SELECT 1 FROM appraisal_evidence JOIN appraisals ON appraisals.id = appraisal_evidence.appraisal_id
  WHERE appraisals.id = NEW.appraisal_id
    AND appraisal_evidence.evidence_id IN (NEW.evidence_id, appraisals.lead_evidence_id)) THEN
  RAISE EXCEPTION 'An appraisal is never changed or deleted: make a new one.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisal_evidence_is_complete BEFORE INSERT ON appraisal_evidence FOR EACH ROW EXECUTE FUNCTION appraisal_evidence_is_complete()""",
    """CREATE FUNCTION evidence_is_not_replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF EXISTS (SELECT 1 FROM evidence_items WHERE id = NEW.id) THEN
  RAISE EXCEPTION 'Evidence is changed, moved or deleted, and never written over: it keeps its number.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER evidence_is_not_replaced BEFORE INSERT ON evidence_items FOR EACH ROW EXECUTE FUNCTION evidence_is_not_replaced()""",
    """CREATE FUNCTION evidence_keeps_its_number() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.id <> OLD.id THEN
  RAISE EXCEPTION 'Evidence is changed, moved or deleted, and never written over: it keeps its number.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER evidence_keeps_its_number BEFORE UPDATE ON evidence_items FOR EACH ROW EXECUTE FUNCTION evidence_keeps_its_number()""",
    """CREATE FUNCTION evidence_items_are_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'This table is not emptied: rows are deleted one by one, so that what hangs on them follows.' USING ERRCODE = 'check_violation';
RETURN NULL;
END
$$""",
    """CREATE TRIGGER evidence_items_are_not_emptied BEFORE TRUNCATE ON evidence_items FOR EACH STATEMENT EXECUTE FUNCTION evidence_items_are_not_emptied()""",
    """CREATE FUNCTION appraisals_are_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'This table is not emptied: rows are deleted one by one, so that what hangs on them follows.' USING ERRCODE = 'check_violation';
RETURN NULL;
END
$$""",
    """CREATE TRIGGER appraisals_are_not_emptied BEFORE TRUNCATE ON appraisals FOR EACH STATEMENT EXECUTE FUNCTION appraisals_are_not_emptied()""",
    """CREATE FUNCTION appraisal_evidence_are_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'This table is not emptied: rows are deleted one by one, so that what hangs on them follows.' USING ERRCODE = 'check_violation';
RETURN NULL;
END
$$""",
    """CREATE TRIGGER appraisal_evidence_are_not_emptied BEFORE TRUNCATE ON appraisal_evidence FOR EACH STATEMENT EXECUTE FUNCTION appraisal_evidence_are_not_emptied()""",
    """CREATE FUNCTION revisions_are_not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'This table is not emptied: rows are deleted one by one, so that what hangs on them follows.' USING ERRCODE = 'check_violation';
RETURN NULL;
END
$$""",
    """CREATE TRIGGER revisions_are_not_emptied BEFORE TRUNCATE ON revisions FOR EACH STATEMENT EXECUTE FUNCTION revisions_are_not_emptied()""",
)


def upgrade() -> None:
    for statement in SQLITE if _on_sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for name, table in TRIGGERS:
        if not _on_sqlite():
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
        elif not name.endswith("_emptied"):
            op.execute(f"DROP TRIGGER {name}")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
