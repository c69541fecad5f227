"""The triggers, and the views of the past: what the database itself holds, however a row is written.

Constraints say what one row may be; these say what rows may be together, and keep every state that a row
was in. Their text is here alone, a module or package for each version. Migrations import the version that
they bring in; a released version is never edited. To change a trigger, or a column of a table that is kept
with its versions, add `v2` beside `v1`, and let a migration go from one to the other (see CONTRIBUTING).
Nothing in here imports models: they go on changing.
"""

from claims_app.triggers import v1
from claims_app.triggers.trigger import DIALECTS, POSTGRESQL, SQLITE, Trigger
from claims_app.triggers.trigger_set import AS_OF, KeptTable, TriggerSet
from claims_app.triggers.v1.versions import Kept

CURRENT: TriggerSet = v1.TRIGGERS
"""What the models of today need; `claims db check` compares a database with it."""

CURRENT_NAME = "v1"
"""Its name, for new migrations."""

__all__ = [
    "AS_OF",
    "CURRENT",
    "CURRENT_NAME",
    "DIALECTS",
    "POSTGRESQL",
    "SQLITE",
    "Kept",
    "KeptTable",
    "Trigger",
    "TriggerSet",
]
