"""The triggers, and the views of past data: rules that the database enforces, however a row is written.

Constraints restrict one row; triggers restrict rows in relation to each other, and keep every state of a row. Their
text is in this package only, in one module or subpackage for each version. A migration imports the version that it
installs; a released version is never edited. To change a trigger, or a column of a versioned table, add the next
version, built on the one before, and a migration from one to the other (see CONTRIBUTING). This package never
imports models, because they keep changing.
"""

from claims_app.triggers import v13
from claims_app.triggers.trigger import DIALECTS, POSTGRESQL, SQLITE, Trigger, filled
from claims_app.triggers.trigger_set import AS_OF, TriggerSet, VersionedTable
from claims_app.triggers.v1.versions import TableSpec

CURRENT: TriggerSet = v13.TRIGGERS
"""The version that the current models need; `claims db check` compares a database with it."""

CURRENT_NAME = "v13"
"""Its name, for new migrations."""

__all__ = [
    "AS_OF",
    "CURRENT",
    "CURRENT_NAME",
    "DIALECTS",
    "POSTGRESQL",
    "SQLITE",
    "TableSpec",
    "Trigger",
    "TriggerSet",
    "VersionedTable",
    "filled",
]
