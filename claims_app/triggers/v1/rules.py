"""Rules that the database enforces about appraisals, levels, merges and the history.

- `appraisals_are_not_…`, `appraisal_evidence_is_not_…`: an appraisal and its evidence are never changed or deleted.
- `appraisal_has_evidence`, `appraisal_evidence_exists`: the evidence of an appraisal exists, belongs to the same
  claim, was accepted and counts.
- `appraisal_sets_level`: an appraisal sets the level of its claim when its last evidence item is written. An
  independent appraisal of a round sets none.
- `no_evidence_no_level`, `moved_evidence_no_level`: a claim that loses its last accepted evidence item loses its level.
- `evidence_restores_level`, `moved_evidence_restores_level`: an appraised claim that gets evidence back gets its level
  back. The level is stale until the evidence is compared.
- `level_is_of_newest_appraisal`, `new_claims_have_no_level`: a level can have no other source.
- `merges_are_not_…`: a merge never changes, except that it can be undone once.
- `revisions_are_not_…`: the history only grows.

REPLACE on SQLite and TRUNCATE on PostgreSQL delete rows without firing a trigger on DELETE. Therefore:

- `…_not_replaced`, `evidence_keeps_its_number`: no row overwrites another one.
- `appraisal_evidence_is_complete`: no evidence is added to a complete appraisal. Its lead item is written last.
- `…_not_emptied`: no statement empties a whole table.
"""

from claims_app.triggers.trigger import Trigger

_NOT_COUNTED = "('retracted', 'retracted_and_replaced', 'withdrawn')"

_KEPT = "An appraisal cannot be changed or deleted. Make a new one."
_HISTORY_KEPT = "The history cannot be changed. Only new revisions can be added."
_EVIDENCE_KEPT = "An evidence item keeps its number and cannot be overwritten by another one."
_NOT_EMPTIED = "This table cannot be emptied at once. Delete rows one by one, so that triggers run for each."
_MERGE_KEPT = "A merge cannot be changed or deleted. It can be undone once."
_NEEDS_EVIDENCE = "An appraisal needs accepted evidence for its own claim that counts."
_NOT_NEWEST = "A claim can only have the level of its newest appraisal, and only with accepted evidence."

_COUNTED_ITEMS = f"""SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE evidence_items.review_state = 'accepted' AND studies.standing NOT IN {_NOT_COUNTED}
    AND COALESCE(published.standing, 'current') NOT IN {_NOT_COUNTED}"""

_HAS_EVIDENCE = f"""EXISTS (
  {_COUNTED_ITEMS}
    AND evidence_items.id = NEW.lead_evidence_id AND evidence_items.claim_id = NEW.claim_id)"""

_EVIDENCE_EXISTS = f"""EXISTS (
  {_COUNTED_ITEMS}
    AND evidence_items.id = NEW.evidence_id AND evidence_items.study_id = NEW.study_id
    AND evidence_items.version >= NEW.evidence_version
    AND evidence_items.claim_id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id))"""

_IS_LEAD = """EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND lead_evidence_id = NEW.evidence_id
    AND stage <> 'independent')"""

_SET_LEVEL = """UPDATE claims SET appraisal_id = NEW.appraisal_id, stale_since = NULL,
    evidence_level = (SELECT level FROM appraisals WHERE id = NEW.appraisal_id)
  WHERE id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id)"""

_IS_COMPLETE = """EXISTS (
  SELECT 1 FROM appraisal_evidence JOIN appraisals ON appraisals.id = appraisal_evidence.appraisal_id
  WHERE appraisals.id = NEW.appraisal_id
    AND appraisal_evidence.evidence_id IN (NEW.evidence_id, appraisals.lead_evidence_id))"""

_IS_NEWEST = """EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id AND review_state = 'accepted'))"""

_MERGE_CHANGED = """OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
    OR NEW.id <> OLD.id OR NEW.record_type <> OLD.record_type
    OR NEW.kept_id <> OLD.kept_id OR NEW.merged_id <> OLD.merged_id
    OR NEW.reason <> OLD.reason OR NEW.merged_at <> OLD.merged_at
    OR COALESCE(NEW.merged_by_id, 0) <> COALESCE(OLD.merged_by_id, 0)
    OR CAST(NEW.effects AS TEXT) <> CAST(OLD.effects AS TEXT)"""

_REVISION_EXISTS = """EXISTS (
  SELECT 1 FROM revisions WHERE id = NEW.id
    OR (record_type = NEW.record_type AND record_id = NEW.record_id AND version = NEW.version))"""

_REMOVE_LEVEL = """UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted')"""

_RESTORE_LEVEL = """UPDATE claims SET stale_since = :now,
    appraisal_id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent'),
    evidence_level = (SELECT level FROM appraisals WHERE id =
      (SELECT max(id) FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent'))
  WHERE id = NEW.claim_id AND appraisal_id IS NULL
    AND EXISTS (SELECT 1 FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent')"""


RULES: tuple[Trigger, ...] = (
    Trigger("revisions_are_not_changed", "revisions", "BEFORE UPDATE", refusal=_HISTORY_KEPT),
    Trigger("revisions_are_not_deleted", "revisions", "BEFORE DELETE", refusal=_HISTORY_KEPT),
    Trigger(
        "revisions_are_not_replaced",
        "revisions",
        "BEFORE INSERT",
        when=_REVISION_EXISTS,
        refusal=_HISTORY_KEPT,
    ),
    Trigger(
        "merges_are_not_changed",
        "merges",
        "BEFORE UPDATE",
        when=_MERGE_CHANGED,
        refusal=_MERGE_KEPT,
    ),
    Trigger("merges_are_not_deleted", "merges", "BEFORE DELETE", refusal=_MERGE_KEPT),
    Trigger("appraisals_are_not_changed", "appraisals", "BEFORE UPDATE", refusal=_KEPT),
    Trigger("appraisals_are_not_deleted", "appraisals", "BEFORE DELETE", refusal=_KEPT),
    Trigger(
        "appraisals_are_not_replaced",
        "appraisals",
        "BEFORE INSERT",
        when="EXISTS (SELECT 1 FROM appraisals WHERE id = NEW.id)",
        refusal=_KEPT,
    ),
    Trigger("appraisal_evidence_is_not_changed", "appraisal_evidence", "BEFORE UPDATE", refusal=_KEPT),
    Trigger("appraisal_evidence_is_not_deleted", "appraisal_evidence", "BEFORE DELETE", refusal=_KEPT),
    Trigger(
        "appraisal_evidence_is_complete",
        "appraisal_evidence",
        "BEFORE INSERT",
        when=_IS_COMPLETE,
        refusal=_KEPT,
    ),
    Trigger(
        "appraisal_has_evidence",
        "appraisals",
        "BEFORE INSERT",
        when=f"NOT {_HAS_EVIDENCE}",
        refusal=_NEEDS_EVIDENCE,
    ),
    Trigger(
        "appraisal_evidence_exists",
        "appraisal_evidence",
        "BEFORE INSERT",
        when=f"NOT {_EVIDENCE_EXISTS}",
        refusal=_NEEDS_EVIDENCE,
    ),
    Trigger(
        "appraisal_sets_level",
        "appraisal_evidence",
        "AFTER INSERT",
        when=_IS_LEAD,
        action=_SET_LEVEL,
    ),
    Trigger(
        "level_is_of_newest_appraisal",
        "claims",
        "BEFORE UPDATE",
        when=f"NEW.appraisal_id IS NOT NULL AND NOT {_IS_NEWEST}",
        refusal=_NOT_NEWEST,
    ),
    Trigger(
        "new_claims_have_no_level",
        "claims",
        "BEFORE INSERT",
        when="NEW.appraisal_id IS NOT NULL",
        refusal=_NOT_NEWEST,
    ),
    Trigger("no_evidence_no_level", "evidence_items", "AFTER DELETE", action=_REMOVE_LEVEL),
    Trigger(
        "moved_evidence_no_level",
        "evidence_items",
        "AFTER UPDATE",
        when="NEW.claim_id <> OLD.claim_id OR NEW.review_state <> OLD.review_state",
        action=_REMOVE_LEVEL,
    ),
    Trigger(
        "evidence_restores_level",
        "evidence_items",
        "AFTER INSERT",
        when="NEW.review_state = 'accepted'",
        action=_RESTORE_LEVEL,
    ),
    Trigger(
        "moved_evidence_restores_level",
        "evidence_items",
        "AFTER UPDATE",
        when="NEW.review_state = 'accepted' AND (NEW.claim_id <> OLD.claim_id OR NEW.review_state <> OLD.review_state)",
        action=_RESTORE_LEVEL,
    ),
    Trigger(
        "evidence_is_not_replaced",
        "evidence_items",
        "BEFORE INSERT",
        when="EXISTS (SELECT 1 FROM evidence_items WHERE id = NEW.id)",
        refusal=_EVIDENCE_KEPT,
    ),
    Trigger(
        "evidence_keeps_its_number",
        "evidence_items",
        "BEFORE UPDATE",
        when="NEW.id <> OLD.id",
        refusal=_EVIDENCE_KEPT,
    ),
    *(
        Trigger(f"{table}_are_not_emptied", table, "BEFORE TRUNCATE", refusal=_NOT_EMPTIED)
        for table in ("evidence_items", "appraisals", "appraisal_evidence", "revisions")
    ),
)
