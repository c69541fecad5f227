"""Version 10 of the triggers: summaries also follow what other programs do to versions of studies and to lists.

- Evidence of a preprint also locks its published version, on whose standing and group its counts depend.
- A species of a study locks the study, so that new evidence of that study and the species do not miss each other.
- Rows of lists, such as the topics of a claim, move summaries when they are changed in place, too.
- A limitation that moves from one claim to another locks both.
"""

from claims_app.triggers import v9
from claims_app.triggers.trigger import Trigger

_CLAIMS = "PERFORM 1 FROM claims WHERE id {} ORDER BY id FOR NO KEY UPDATE"
_STUDY = "PERFORM 1 FROM studies WHERE id = {} FOR SHARE"
_PUBLISHED = _STUDY.format("(SELECT version_of_id FROM studies WHERE id = {})")
_CHANGED_STUDY = "PERFORM 1 FROM studies WHERE id IN ({}) ORDER BY id FOR NO KEY UPDATE"

_TOUCHED = "UPDATE claim_summaries SET changed = :changed WHERE claim_id {}"
_OF_STUDIES = "IN (SELECT claim_id FROM evidence_items WHERE study_id IN ({}))"
_BOTH_CLAIMS = "IN (OLD.claim_id, NEW.claim_id)"
_BOTH_STUDIES = "OLD.study_id, NEW.study_id"
_OF_BOTH_LIMITATIONS = """IN (OLD.claim_id, NEW.claim_id,
    (SELECT claim_id FROM evidence_items WHERE id = OLD.evidence_id),
    (SELECT claim_id FROM evidence_items WHERE id = NEW.evidence_id))"""

_NEW_STUDY = "NEW.study_id AND NEW.study_id <> OLD.study_id"

LOCKS: tuple[Trigger, ...] = (
    Trigger(
        "a_lock_of_evidence",
        "evidence_items",
        "BEFORE INSERT",
        # The study first: then its published version stays the same.
        locks=(
            _CLAIMS.format("= NEW.claim_id"),
            _STUDY.format("NEW.study_id"),
            _PUBLISHED.format("NEW.study_id"),
        ),
    ),
    Trigger(
        "a_lock_of_changed_evidence",
        "evidence_items",
        "BEFORE UPDATE",
        locks=(_CLAIMS.format(_BOTH_CLAIMS), _STUDY.format(_NEW_STUDY), _PUBLISHED.format(_NEW_STUDY)),
    ),
    *(
        Trigger(
            f"a_lock_for_{event.lower()}_of_study_species",
            "study_species",
            f"BEFORE {event}",
            locks=(_CLAIMS.format(_OF_STUDIES.format(studies)), _CHANGED_STUDY.format(studies)),
        )
        for event, studies in (
            ("INSERT", "NEW.study_id"),
            ("UPDATE", _BOTH_STUDIES),
            ("DELETE", "OLD.study_id"),
        )
    ),
    Trigger(
        "a_lock_for_update_of_claim_topics",
        "claim_topics",
        "BEFORE UPDATE",
        locks=(_CLAIMS.format(_BOTH_CLAIMS),),
    ),
    Trigger(
        "a_lock_for_update_of_limitations",
        "limitations",
        "BEFORE UPDATE",
        locks=(_CLAIMS.format(_OF_BOTH_LIMITATIONS),),
    ),
)

MOVED: tuple[Trigger, ...] = (
    Trigger(
        "update_of_study_species_moves_summaries",
        "study_species",
        "AFTER UPDATE",
        action=_TOUCHED.format(_OF_STUDIES.format(_BOTH_STUDIES)),
    ),
    Trigger(
        "update_of_claim_topics_moves_summaries",
        "claim_topics",
        "AFTER UPDATE",
        action=_TOUCHED.format(_BOTH_CLAIMS),
    ),
)

TRIGGERS = v9.TRIGGERS.with_rules(*LOCKS, *MOVED)
TABLES = tuple({trigger.table: None for trigger in (*LOCKS, *MOVED)})
"""The tables whose triggers differ from those of the version before."""
