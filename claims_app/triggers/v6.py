"""Version 6 of the triggers: on SQLite, every write that a reader could see moves the data number.

`services.core.data_number` says what the number is for. A random number never comes back, not even after an older
copy of the file was put in place. PostgreSQL needs no triggers, since it numbers its snapshots itself.
"""

from claims_app.triggers import v5
from claims_app.triggers.trigger import Trigger

MOVING: dict[str, str] = {
    **dict.fromkeys(
        (
            "appraisal_evidence",
            "appraisal_rounds",
            "appraisals",
            "candidate_decisions",
            "candidate_origins",
            "candidates",
            "claim_topics",
            "claims",
            "comments",
            "conflicts_of_interest",
            "evidence_items",
            "flags",
            "limitations",
            "merges",
            "overlap_dismissals",
            "proposals",
            "reader_reports",
            "retraction_loads",
            "retraction_notices",
            "revisions",
            "studies",
            "study_distinctions",
            "study_groups",
            "study_keys",
            "study_species",
            "study_texts",
            "topics",
            "watch_runs",
            "watches",
        ),
        "UPDATE",
    ),
    # What an account has seen, and its password, are on no page.
    "users": "UPDATE OF username, role, is_active, full_name",
}
"""The tables that pages and files for readers show, each with the updates that readers can see."""


def moving(table: str, update: str = "UPDATE") -> tuple[Trigger, ...]:
    """Return the triggers of a table that move the data number."""
    action = "UPDATE data_number SET number = random()"
    return tuple(
        Trigger(f"{table}_{name}_moves_the_data", table, f"AFTER {event}", action=action, only_on_sqlite=True)
        for name, event in (("insert", "INSERT"), ("update", update), ("delete", "DELETE"))
    )


TRIGGERS = v5.TRIGGERS.with_rules(*(one for table, update in MOVING.items() for one in moving(table, update)))
