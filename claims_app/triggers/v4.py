"""Version 4 of the triggers: a level comes with its conclusion, and every question of an appraisal was answered.

- `appraisal_sets_level`, `…_no_level`, `…_restores_level`, `level_is_of_newest_appraisal`: the conclusion of a claim
  is that of the appraisal that its level comes from.
- `appraisal_is_answered`: a new appraisal holds the advice that its answers are compared with, and a conclusion that
  a person decided. Rows from before these were kept are left as they are.
"""

from dataclasses import replace

from claims_app.triggers import v3
from claims_app.triggers.trigger import Trigger

_DOMAINS = (
    "risk_of_bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication_bias",
    "large_effect",
    "dose_response_gradient",
    "opposing_confounding",
)

_COPIED = (
    ("evidence_level", "level"),
    ("conclusion", "conclusion"),
    ("conclusion_derived", "conclusion_derived"),
)
"""The columns of a claim that an appraisal sets, each with the column of the appraisal."""

_NEWEST = "(SELECT max(id) FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent')"


def _set_from(appraisal: str) -> str:
    """Return the assignments that take the level and its conclusion from an appraisal."""
    return ",\n    ".join(
        f"{column} = (SELECT {source} FROM appraisals WHERE id = {appraisal})" for column, source in _COPIED
    )


_SET_LEVEL = f"""UPDATE claims SET appraisal_id = NEW.appraisal_id, stale_since = NULL,
    {_set_from("NEW.appraisal_id")}
  WHERE id = (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id)"""

_REMOVE_LEVEL = """UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', conclusion = NULL,
    conclusion_derived = FALSE, stale_since = NULL
  WHERE id = OLD.claim_id AND appraisal_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = OLD.claim_id AND review_state = 'accepted')"""

_RESTORE_LEVEL = f"""UPDATE claims SET stale_since = :now, appraisal_id = {_NEWEST},
    {_set_from(_NEWEST)}
  WHERE id = NEW.claim_id AND appraisal_id IS NULL
    AND EXISTS (SELECT 1 FROM appraisals WHERE claim_id = NEW.claim_id AND stage <> 'independent')"""

_IS_NEWEST = """EXISTS (
  SELECT 1 FROM appraisals WHERE id = NEW.appraisal_id AND level = NEW.evidence_level
    AND conclusion = NEW.conclusion AND conclusion_derived = NEW.conclusion_derived
    AND id = (SELECT max(id) FROM appraisals WHERE claim_id = NEW.id AND stage <> 'independent')
    AND EXISTS (SELECT 1 FROM appraisal_evidence WHERE appraisal_id = NEW.appraisal_id)
    AND EXISTS (SELECT 1 FROM evidence_items WHERE claim_id = NEW.id AND review_state = 'accepted'))"""

_NOT_ANSWERED = "NEW.conclusion_derived OR " + " OR ".join(f"NEW.{name}_advice IS NULL" for name in _DOMAINS)

_rule = v3.TRIGGERS.rule

TRIGGERS = v3.TRIGGERS.with_columns("claims", "conclusion", "conclusion_derived").with_rules(
    replace(_rule("appraisal_sets_level"), action=_SET_LEVEL),
    replace(_rule("level_is_of_newest_appraisal"), when=f"NEW.appraisal_id IS NOT NULL AND NOT {_IS_NEWEST}"),
    replace(_rule("no_evidence_no_level"), action=_REMOVE_LEVEL),
    replace(_rule("moved_evidence_no_level"), action=_REMOVE_LEVEL),
    replace(_rule("evidence_restores_level"), action=_RESTORE_LEVEL),
    replace(_rule("moved_evidence_restores_level"), action=_RESTORE_LEVEL),
    Trigger(
        "appraisal_is_answered",
        "appraisals",
        "BEFORE INSERT",
        when=_NOT_ANSWERED,
        refusal="An appraisal needs an answer to every question, the advice for each, and a conclusion of a person.",
    ),
)
