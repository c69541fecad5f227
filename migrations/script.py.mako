<%
import re

from claims_app import triggers

# The tables with triggers that the generated operations change, or whose version table they change.
names = re.findall(r"""(?:batch_alter_table|add_column|drop_column)\(\s*['"](\w+)['"]""", upgrades or "")
kept = {trigger.table.removesuffix("_versions") for trigger in triggers.CURRENT.rules} | {k.table for k in triggers.CURRENT.versioned}
changed = sorted({name.removesuffix("_versions") for name in names} & kept)
newest = triggers.CURRENT_NAME
before = f"v{max(int(newest[1:]) - 1, 1)}"

def inside(text):
    return (text or "pass").replace("\n    ", "\n        ")
%>\
"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

# House rules; delete this comment once you have followed them.
# - The message is a sentence that says what changes: "Add the year of publication to studies."
# - Change the schema or the data, never both in one file.
# - Change tables that may be large only with claims_app.migrating: a test refuses what keeps others waiting.
# - Say what the programs of the release before make of it: phase = "expand" if it only adds what they need not know, or
#   "contract" if it takes something away, and then needs = "…", the newest revision that a program must know so that it
#   does without. Expand in one release, contract in the next.
# - Import only claims_app.triggers and claims_app.migrating from the program, because models keep changing. Write out the columns needed.
# - Name constraints and indexes by the convention in claims_app/database.py, in op.f("…").
# - Replace the triggers of changed tables (the block below): name all tables that change, and the versions of the
#   triggers before and after. A migration to the newest revision that loses a trigger is refused.
# - A new column with its CHECK needs no rebuild of the table on SQLite: put sa.CheckConstraint(…) into the column of
#   op.add_column. Other changes to constraints need op.batch_alter_table. Numbers of records are never reused, so
#   rebuild their tables with table_kwargs={"sqlite_autoincrement": True}. Drop a CHECK before a column that it names.
# - Foreign keys are disabled on SQLite during a migration. Nothing cascades, so delete children first.
# - Use defaults that both databases support, such as sa.text("CURRENT_TIMESTAMP").
# - Test the migration up, down and up again with rows in every table, on SQLite and PostgreSQL.

import sqlalchemy as sa
from alembic import op
% if changed:

from claims_app.triggers import ${", ".join(sorted({before, newest}))}
% endif
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

phase = "expand"


def upgrade() -> None:
% if changed:
    with ${before}.TRIGGERS.replaced(op, ${newest}.TRIGGERS, ${repr(changed)}):
        ${inside(upgrades)}
% else:
    ${upgrades if upgrades else "pass"}
% endif


def downgrade() -> None:
% if changed:
    with ${newest}.TRIGGERS.replaced(op, ${before}.TRIGGERS, ${repr(changed)}):
        ${inside(downgrades)}
% else:
    ${downgrades if downgrades else "pass"}
% endif
