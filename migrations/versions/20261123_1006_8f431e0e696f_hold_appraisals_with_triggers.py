"""Let the database keep appraisals as they are, and levels with them.

Revision ID: 8f431e0e696f
Revises: 7e320dfd585e
Create Date: 2026-11-23 10:06:00+00:00
"""

from alembic import op

revision = "8f431e0e696f"
down_revision = "7e320dfd585e"
branch_labels = None
depends_on = None

TRIGGERS = (
    ("appraisals_are_kept_as_they_are", "appraisals"),
    ("appraisals_are_kept", "appraisals"),
    ("appraisal_evidence_is_kept_as_it_is", "appraisal_evidence"),
    ("appraisal_evidence_is_kept", "appraisal_evidence"),
    ("appraisal_has_evidence", "appraisals"),
    ("appraisal_evidence_is_there", "appraisal_evidence"),
    ("appraisal_gives_level", "appraisal_evidence"),
    ("level_is_of_newest_appraisal", "claims"),
    ("new_claims_have_no_level", "claims"),
    ("no_evidence_no_level", "evidence_items"),
    ("moved_evidence_no_level", "evidence_items"),
)
"""Each trigger and its table."""

SQLITE = (
    """CREATE TRIGGER appraisals_are_kept_as_they_are BEFORE UPDATE ON appraisals
BEGIN
  SELECT RAISE(ABORT, 'An appraisal is never changed or deleted: make a new one.');
END""",
    """CREATE TRIGGER appraisals_are_kept BEFORE DELETE ON appraisals
BEGIN
  SELECT RAISE(ABORT, 'An appraisal is never changed or deleted: make a new one.');
END""",
    """CREATE TRIGGER appraisal_evidence_is_kept_as_it_is BEFORE UPDATE ON appraisal_evidence
BEGIN
  SELECT RAISE(ABORT, 'An appraisal is never changed or deleted: make a new one.');
END""",
    """CREATE TRIGGER appraisal_evidence_is_kept BEFORE DELETE ON appraisal_evidence
BEGIN
  SELECT RAISE(ABORT, 'An appraisal is never changed or deleted: make a new one.');
END""",
    """CREATE TRIGGER appraisal_has_evidence BEFORE INSERT ON appraisals
WHEN NOT EXISTS (
  SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND COALESCE(published.standing, 'current') NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND evidence_items.id = NEW.lead_evidence_id AND evidence_items.claim_id = NEW.claim_id)
BEGIN
  SELECT RAISE(ABORT, 'An appraisal needs evidence of its own claim that exists and counts.');
END""",
    """CREATE TRIGGER appraisal_evidence_is_there BEFORE INSERT ON appraisal_evidence
WHEN NOT EXISTS (
  SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND COALESCE(published.standing, 'current') NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND evidence_items.id = NEW.evidence_id AND evidence_items.study_id = NEW.study_id
    AND evidence_items.version >= NEW.evidence_version
    AND evidence_items.claim_id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id))
BEGIN
  SELECT RAISE(ABORT, 'An appraisal needs evidence of its own claim that exists and counts.');
END""",
    """CREATE TRIGGER appraisal_gives_level AFTER INSERT ON appraisal_evidence
WHEN EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND lead_evidence_id = NEW.evidence_id
    AND stage <> 'independent')
BEGIN
  UPDATE claims SET appraisal_id = NEW.appraisal_id, stale_since = NULL,
    evidence_level = (SELECT level FROM appraisals WHERE id = NEW.appraisal_id)
  WHERE id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id);
END""",
    """CREATE TRIGGER level_is_of_newest_appraisal BEFORE UPDATE ON claims
WHEN NEW.appraisal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id))
BEGIN
  SELECT RAISE(ABORT, 'The level of a claim is that of its newest appraisal, and needs evidence.');
END""",
    """CREATE TRIGGER new_claims_have_no_level BEFORE INSERT ON claims
WHEN NEW.appraisal_id IS NOT NULL
BEGIN
  SELECT RAISE(ABORT, 'The level of a claim is that of its newest appraisal, and needs evidence.');
END""",
    """CREATE TRIGGER no_evidence_no_level AFTER DELETE ON evidence_items
BEGIN
  UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id);
END""",
    """CREATE TRIGGER moved_evidence_no_level AFTER UPDATE ON evidence_items
WHEN NEW.claim_id <> OLD.claim_id
BEGIN
  UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id);
END""",
)

POSTGRESQL = (
    """CREATE FUNCTION appraisals_are_kept_as_they_are() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'An appraisal is never changed or deleted: make a new one.' USING ERRCODE = 'check_violation';
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisals_are_kept_as_they_are BEFORE UPDATE ON appraisals FOR EACH ROW EXECUTE FUNCTION appraisals_are_kept_as_they_are()""",
    """CREATE FUNCTION appraisals_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'An appraisal is never changed or deleted: make a new one.' USING ERRCODE = 'check_violation';
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER appraisals_are_kept BEFORE DELETE ON appraisals FOR EACH ROW EXECUTE FUNCTION appraisals_are_kept()""",
    """CREATE FUNCTION appraisal_evidence_is_kept_as_it_is() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'An appraisal is never changed or deleted: make a new one.' USING ERRCODE = 'check_violation';
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisal_evidence_is_kept_as_it_is BEFORE UPDATE ON appraisal_evidence FOR EACH ROW EXECUTE FUNCTION appraisal_evidence_is_kept_as_it_is()""",
    """CREATE FUNCTION appraisal_evidence_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
RAISE EXCEPTION 'An appraisal is never changed or deleted: make a new one.' USING ERRCODE = 'check_violation';
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER appraisal_evidence_is_kept BEFORE DELETE ON appraisal_evidence FOR EACH ROW EXECUTE FUNCTION appraisal_evidence_is_kept()""",
    """CREATE FUNCTION appraisal_has_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NOT EXISTS (
  SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND COALESCE(published.standing, 'current') NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND evidence_items.id = NEW.lead_evidence_id AND evidence_items.claim_id = NEW.claim_id) THEN
  RAISE EXCEPTION 'An appraisal needs evidence of its own claim that exists and counts.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisal_has_evidence BEFORE INSERT ON appraisals FOR EACH ROW EXECUTE FUNCTION appraisal_has_evidence()""",
    """CREATE FUNCTION appraisal_evidence_is_there() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NOT EXISTS (
  SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND COALESCE(published.standing, 'current') NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND evidence_items.id = NEW.evidence_id AND evidence_items.study_id = NEW.study_id
    AND evidence_items.version >= NEW.evidence_version
    AND evidence_items.claim_id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id)) THEN
  RAISE EXCEPTION 'An appraisal needs evidence of its own claim that exists and counts.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisal_evidence_is_there BEFORE INSERT ON appraisal_evidence FOR EACH ROW EXECUTE FUNCTION appraisal_evidence_is_there()""",
    """CREATE FUNCTION appraisal_gives_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND lead_evidence_id = NEW.evidence_id
    AND stage <> 'independent') THEN
  UPDATE claims SET appraisal_id = NEW.appraisal_id, stale_since = NULL,
    evidence_level = (SELECT level FROM appraisals WHERE id = NEW.appraisal_id)
  WHERE id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id);
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER appraisal_gives_level AFTER INSERT ON appraisal_evidence FOR EACH ROW EXECUTE FUNCTION appraisal_gives_level()""",
    """CREATE FUNCTION level_is_of_newest_appraisal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.appraisal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id)) THEN
  RAISE EXCEPTION 'The level of a claim is that of its newest appraisal, and needs evidence.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER level_is_of_newest_appraisal BEFORE UPDATE ON claims FOR EACH ROW EXECUTE FUNCTION level_is_of_newest_appraisal()""",
    """CREATE FUNCTION new_claims_have_no_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.appraisal_id IS NOT NULL THEN
  RAISE EXCEPTION 'The level of a claim is that of its newest appraisal, and needs evidence.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER new_claims_have_no_level BEFORE INSERT ON claims FOR EACH ROW EXECUTE FUNCTION new_claims_have_no_level()""",
    """CREATE FUNCTION no_evidence_no_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id);
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER no_evidence_no_level AFTER DELETE ON evidence_items FOR EACH ROW EXECUTE FUNCTION no_evidence_no_level()""",
    """CREATE FUNCTION moved_evidence_no_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.claim_id <> OLD.claim_id THEN
  UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id);
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER moved_evidence_no_level AFTER UPDATE ON evidence_items FOR EACH ROW EXECUTE FUNCTION moved_evidence_no_level()""",
)


def upgrade() -> None:
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for name, table in TRIGGERS:
        if op.get_bind().dialect.name == "sqlite":
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
