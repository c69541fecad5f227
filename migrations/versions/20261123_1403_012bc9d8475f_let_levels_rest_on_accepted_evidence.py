"""Let levels rest on accepted evidence alone.

Revision ID: 012bc9d8475f
Revises: f01ab8c7364e
Create Date: 2026-11-23 14:03:00+00:00
"""

from alembic import op

revision = "012bc9d8475f"
down_revision = "f01ab8c7364e"
branch_labels = None
depends_on = None

TRIGGERS = (
    ("appraisal_has_evidence", "appraisals"),
    ("appraisal_evidence_is_there", "appraisal_evidence"),
    ("level_is_of_newest_appraisal", "claims"),
    ("no_evidence_no_level", "evidence_items"),
    ("moved_evidence_no_level", "evidence_items"),
)
"""Each trigger and its table."""

NEW_SQLITE = (
    """CREATE TRIGGER appraisal_has_evidence BEFORE INSERT ON appraisals
WHEN NOT EXISTS (
  SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE evidence_items.review_state = 'accepted' AND studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
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
  WHERE evidence_items.review_state = 'accepted' AND studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND COALESCE(published.standing, 'current') NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
    AND evidence_items.id = NEW.evidence_id AND evidence_items.study_id = NEW.study_id
    AND evidence_items.version >= NEW.evidence_version
    AND evidence_items.claim_id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id))
BEGIN
  SELECT RAISE(ABORT, 'An appraisal needs evidence of its own claim that exists and counts.');
END""",
    """CREATE TRIGGER level_is_of_newest_appraisal BEFORE UPDATE ON claims
WHEN NEW.appraisal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id AND review_state = 'accepted'))
BEGIN
  SELECT RAISE(ABORT, 'The level of a claim is that of its newest appraisal, and needs evidence.');
END""",
    """CREATE TRIGGER no_evidence_no_level AFTER DELETE ON evidence_items
BEGIN
  UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted');
END""",
    """CREATE TRIGGER moved_evidence_no_level AFTER UPDATE ON evidence_items
WHEN NEW.claim_id <> OLD.claim_id OR NEW.review_state <> OLD.review_state
BEGIN
  UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted');
END""",
)

NEW_POSTGRESQL = (
    """CREATE FUNCTION appraisal_has_evidence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NOT EXISTS (
  SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE evidence_items.review_state = 'accepted' AND studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
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
  WHERE evidence_items.review_state = 'accepted' AND studies.standing NOT IN ('retracted', 'retracted_and_replaced', 'withdrawn')
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
    """CREATE FUNCTION level_is_of_newest_appraisal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.appraisal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id AND review_state = 'accepted')) THEN
  RAISE EXCEPTION 'The level of a claim is that of its newest appraisal, and needs evidence.' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER level_is_of_newest_appraisal BEFORE UPDATE ON claims FOR EACH ROW EXECUTE FUNCTION level_is_of_newest_appraisal()""",
    """CREATE FUNCTION no_evidence_no_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted');
RETURN COALESCE(NEW, OLD);
END
$$""",
    """CREATE TRIGGER no_evidence_no_level AFTER DELETE ON evidence_items FOR EACH ROW EXECUTE FUNCTION no_evidence_no_level()""",
    """CREATE FUNCTION moved_evidence_no_level() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF NEW.claim_id <> OLD.claim_id OR NEW.review_state <> OLD.review_state THEN
  UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted');
END IF;
RETURN NEW;
END
$$""",
    """CREATE TRIGGER moved_evidence_no_level AFTER UPDATE ON evidence_items FOR EACH ROW EXECUTE FUNCTION moved_evidence_no_level()""",
)

OLD_SQLITE = (
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
    """CREATE TRIGGER level_is_of_newest_appraisal BEFORE UPDATE ON claims
WHEN NEW.appraisal_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id))
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

OLD_POSTGRESQL = (
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
    _replace(NEW_SQLITE if _on_sqlite() else NEW_POSTGRESQL)


def downgrade() -> None:
    _replace(OLD_SQLITE if _on_sqlite() else OLD_POSTGRESQL)


def _replace(statements: tuple[str, ...]) -> None:
    for name, table in TRIGGERS:
        if _on_sqlite():
            op.execute(f"DROP TRIGGER {name}")
        else:
            op.execute(f"DROP TRIGGER {name} ON {table}")
            op.execute(f"DROP FUNCTION {name}()")
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
