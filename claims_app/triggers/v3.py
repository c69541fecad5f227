"""Version 3 of the triggers: what two transactions do to one claim happens one after the other.

On PostgreSQL, whoever writes evidence or an appraisal locks its claim first. So a trigger that then reads the evidence,
in a statement of its own, sees all that others have committed, and what it sees stays true until its transaction ends.
On SQLite only one transaction writes at a time, so it needs no locks.

- `a_lock_of_evidence`, `a_lock_of_changed_evidence`, `a_lock_of_deleted_evidence`: lock the claim, and the study that
  the evidence is newly linked to, so that its standing does not change meanwhile.
- `a_lock_of_appraisals`, `a_lock_of_appraisal_evidence`: lock the claim.
- `a_lock_of_studies`: a study that begins or ceases to count locks the claims that it is evidence of. Its own published
  version, on which that depends too, does not change meanwhile.

PostgreSQL runs triggers in the order of their names, so these names come first.
"""

from claims_app.triggers import v2
from claims_app.triggers.trigger import Trigger

_CLAIMS = "PERFORM 1 FROM claims WHERE id {} ORDER BY id FOR NO KEY UPDATE"
_STUDY = "PERFORM 1 FROM studies WHERE id = {} FOR SHARE"

_OF_STUDY = """IN (
    SELECT evidence_items.claim_id FROM evidence_items
    JOIN studies ON studies.id = evidence_items.study_id
    WHERE studies.id = NEW.id OR studies.version_of_id = NEW.id)"""

LOCKS: tuple[Trigger, ...] = (
    Trigger(
        "a_lock_of_evidence",
        "evidence_items",
        "BEFORE INSERT",
        locks=(_CLAIMS.format("= NEW.claim_id"), _STUDY.format("NEW.study_id")),
    ),
    Trigger(
        "a_lock_of_changed_evidence",
        "evidence_items",
        "BEFORE UPDATE",
        locks=(
            _CLAIMS.format("IN (OLD.claim_id, NEW.claim_id)"),
            _STUDY.format("NEW.study_id AND NEW.study_id <> OLD.study_id"),
        ),
    ),
    Trigger(
        "a_lock_of_deleted_evidence",
        "evidence_items",
        "BEFORE DELETE",
        locks=(_CLAIMS.format("= OLD.claim_id"),),
    ),
    Trigger(
        "a_lock_of_appraisals",
        "appraisals",
        "BEFORE INSERT",
        locks=(_CLAIMS.format("= NEW.claim_id"),),
    ),
    Trigger(
        "a_lock_of_appraisal_evidence",
        "appraisal_evidence",
        "BEFORE INSERT",
        locks=(_CLAIMS.format("= (SELECT claim_id FROM appraisals WHERE id = NEW.appraisal_id)"),),
    ),
    Trigger(
        "a_lock_of_studies",
        "studies",
        "BEFORE UPDATE",
        when="NEW.standing <> OLD.standing OR NEW.version_of_id IS DISTINCT FROM OLD.version_of_id",
        locks=(_CLAIMS.format(_OF_STUDY), _STUDY.format("NEW.version_of_id")),
    ),
)

TRIGGERS = v2.TRIGGERS.with_rules(*LOCKS)
