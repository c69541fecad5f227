"""Version 1 of the triggers and of the views of past data."""

from claims_app.triggers.trigger_set import TriggerSet
from claims_app.triggers.v1.rules import RULES
from claims_app.triggers.v1.tables import TABLES
from claims_app.triggers.v1.versions import appraisal_evidence_view, appraisals_view, revisions_view

TRIGGERS = TriggerSet(
    rules=RULES,
    versioned=TABLES,
    other_views={
        "appraisals": appraisals_view,
        "appraisal_evidence": appraisal_evidence_view,
        "revisions": revisions_view,
    },
)
