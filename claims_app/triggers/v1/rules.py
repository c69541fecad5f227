"""What the database itself holds about appraisals, levels, merges and the history.

- `appraisals_are_kept…`, `appraisal_evidence_is_kept…`: an appraisal and what it saw are never changed or deleted.
- `appraisal_has_evidence`, `appraisal_evidence_is_there`: the evidence that an appraisal is based on belongs to its
  own claim, exists, was accepted and counts.
- `appraisal_gives_level`: an appraisal gives the claim its level as soon as it has evidence. One of two independent
  ones gives none.
- `no_evidence_no_level`, `moved_evidence_no_level`: when the last accepted evidence item goes, the level goes.
- `evidence_gives_level_back`, `moved_evidence_gives_level_back`: when evidence comes back to a claim that was
  appraised, its level comes back, stale until the evidence was compared.
- `level_is_of_newest_appraisal`, `new_claims_have_no_level`: a level comes from nowhere else.
- `merges_are_kept…`: a merge is written once; it can be undone, once.
- `revisions_are_kept…`: the history is added to, and never changed.

REPLACE on SQLite and TRUNCATE on PostgreSQL delete rows without firing a trigger on DELETE. Hence:

- `…_not_replaced`, `evidence_keeps_its_number`: no row is written over another one.
- `appraisal_evidence_is_complete`: nothing is added to what an appraisal saw once it is all there: the lead item is
  written last.
- `…_not_emptied`: no table is emptied in one statement.
"""

from claims_app.triggers.trigger import Trigger

_NOT_COUNTED = "('retracted', 'retracted_and_replaced', 'withdrawn')"

_KEPT = "An appraisal is never changed or deleted: make a new one."
_HISTORY_KEPT = "The history is never changed: a new revision is added to it."
_EVIDENCE_KEPT = "Evidence is changed, moved or deleted, and never written over: it keeps its number."
_NOT_EMPTIED = "This table is not emptied: rows are deleted one by one, so that what depends on them follows."
_MERGE_KEPT = "A merge is kept as it was written: it can be undone, once."
_NOT_THERE = "An appraisal needs evidence of its own claim that exists and counts."
_NOT_NEWEST = "The level of a claim is that of its newest appraisal, and needs evidence."

_COUNTED_ITEMS = f"""SELECT 1 FROM evidence_items
  JOIN studies ON studies.id = evidence_items.study_id
  LEFT JOIN studies AS published ON published.id = studies.version_of_id
  WHERE evidence_items.review_state = 'accepted' AND studies.standing NOT IN {_NOT_COUNTED}
    AND COALESCE(published.standing, 'current') NOT IN {_NOT_COUNTED}"""

_HAS_EVIDENCE = f"""EXISTS (
  {_COUNTED_ITEMS}
    AND evidence_items.id = NEW.lead_evidence_id AND evidence_items.claim_id = NEW.claim_id)"""

_IS_THERE = f"""EXISTS (
  {_COUNTED_ITEMS}
    AND evidence_items.id = NEW.evidence_id AND evidence_items.study_id = NEW.study_id
    AND evidence_items.version >= NEW.evidence_version
    AND evidence_items.claim_id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id))"""

_IS_LEAD = """EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND lead_evidence_id = NEW.evidence_id
    AND stage <> 'independent')"""

_GIVE_LEVEL = """UPDATE claims SET appraisal_id = NEW.appraisal_id, stale_since = NULL,
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

_MERGE_IS_ANOTHER = """OLD.undone_at IS NOT NULL OR NEW.undone_at IS NULL
    OR NEW.id <> OLD.id OR NEW.record_type <> OLD.record_type
    OR NEW.kept_id <> OLD.kept_id OR NEW.merged_id <> OLD.merged_id
    OR NEW.reason <> OLD.reason OR NEW.merged_at <> OLD.merged_at
    OR COALESCE(NEW.merged_by_id, 0) <> COALESCE(OLD.merged_by_id, 0)
    OR CAST(NEW.effects AS TEXT) <> CAST(OLD.effects AS TEXT)"""

_IS_THERE_ALREADY = """EXISTS (
  SELECT 1 FROM revisions WHERE id = NEW.id
    OR (record_type = NEW.record_type AND record_id = NEW.record_id AND version = NEW.version))"""

_TAKE_LEVEL = """UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted')"""

_GIVE_LEVEL_BACK = """UPDATE claims SET stale_since = :now,
    appraisal_id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent'),
    evidence_level = (SELECT level FROM appraisals WHERE id =
      (SELECT max(id) FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent'))
  WHERE id = NEW.claim_id AND appraisal_id IS NULL
    AND EXISTS (SELECT 1 FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent')"""


RULES: tuple[Trigger, ...] = (
    Trigger("revisions_are_kept_as_they_are", "revisions", "BEFORE UPDATE", refusal=_HISTORY_KEPT),
    Trigger("revisions_are_kept", "revisions", "BEFORE DELETE", refusal=_HISTORY_KEPT),
    Trigger(
        "revisions_are_not_replaced",
        "revisions",
        "BEFORE INSERT",
        when=_IS_THERE_ALREADY,
        refusal=_HISTORY_KEPT,
    ),
    Trigger(
        "merges_are_kept_as_they_are",
        "merges",
        "BEFORE UPDATE",
        when=_MERGE_IS_ANOTHER,
        refusal=_MERGE_KEPT,
    ),
    Trigger("merges_are_kept", "merges", "BEFORE DELETE", refusal=_MERGE_KEPT),
    Trigger("appraisals_are_kept_as_they_are", "appraisals", "BEFORE UPDATE", refusal=_KEPT),
    Trigger("appraisals_are_kept", "appraisals", "BEFORE DELETE", refusal=_KEPT),
    Trigger(
        "appraisals_are_not_replaced",
        "appraisals",
        "BEFORE INSERT",
        when="EXISTS (SELECT 1 FROM appraisals WHERE id = NEW.id)",
        refusal=_KEPT,
    ),
    Trigger("appraisal_evidence_is_kept_as_it_is", "appraisal_evidence", "BEFORE UPDATE", refusal=_KEPT),
    Trigger("appraisal_evidence_is_kept", "appraisal_evidence", "BEFORE DELETE", refusal=_KEPT),
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
        refusal=_NOT_THERE,
    ),
    Trigger(
        "appraisal_evidence_is_there",
        "appraisal_evidence",
        "BEFORE INSERT",
        when=f"NOT {_IS_THERE}",
        refusal=_NOT_THERE,
    ),
    Trigger(
        "appraisal_gives_level",
        "appraisal_evidence",
        "AFTER INSERT",
        when=_IS_LEAD,
        action=_GIVE_LEVEL,
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
    Trigger("no_evidence_no_level", "evidence_items", "AFTER DELETE", action=_TAKE_LEVEL),
    Trigger(
        "moved_evidence_no_level",
        "evidence_items",
        "AFTER UPDATE",
        when="NEW.claim_id <> OLD.claim_id OR NEW.review_state <> OLD.review_state",
        action=_TAKE_LEVEL,
    ),
    Trigger(
        "evidence_gives_level_back",
        "evidence_items",
        "AFTER INSERT",
        when="NEW.review_state = 'accepted'",
        action=_GIVE_LEVEL_BACK,
    ),
    Trigger(
        "moved_evidence_gives_level_back",
        "evidence_items",
        "AFTER UPDATE",
        when="NEW.review_state = 'accepted' AND (NEW.claim_id <> OLD.claim_id OR NEW.review_state <> OLD.review_state)",
        action=_GIVE_LEVEL_BACK,
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
