"""Version 5 of the triggers: the outcome of an evidence item, and the events, means and deviations of its groups."""

from claims_app.triggers import v4

TRIGGERS = v4.TRIGGERS.with_columns(
    "evidence_items",
    "outcome",
    "events_cases",
    "events_controls",
    "mean_cases",
    "sd_cases",
    "mean_controls",
    "sd_controls",
)
