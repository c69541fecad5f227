<%
import re

from claims_app import triggers

# Tables with triggers that the generated operations change; those of versions belong to theirs.
names = re.findall(r"""(?:batch_alter_table|add_column|drop_column)\(\s*['"](\w+)['"]""", upgrades or "")
kept = {trigger.table.removesuffix("_versions") for trigger in triggers.CURRENT.rules} | {k.table for k in triggers.CURRENT.kept}
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

# House rules; delete this comment once they are kept.
# - The message is a sentence that says what changes: "Add the year of publication to studies."
# - Schema or data, never both: a data migration is a file of its own.
# - Import nothing of the program but claims_app.triggers: models go on changing. Write out the few columns needed.
# - Constraints and indexes have the names of the convention in claims_app/database.py, in op.f("…").
# - Triggers of a table that is changed are replaced (the block below): name all tables that change, and say the
#   versions of the triggers before and after. A migration to the newest revision that loses one is refused.
# - A new column with its CHECK needs no rebuild of the table on SQLite: put sa.CheckConstraint(…) into the column of
#   op.add_column. Other changes of constraints need op.batch_alter_table; a table of records never gives a number
#   twice, so rebuild it with table_kwargs={"sqlite_autoincrement": True}. Drop a CHECK before a column that it names.
# - Foreign keys are off on SQLite meanwhile: nothing cascades, so delete the children first.
# - Defaults are sa.text("CURRENT_TIMESTAMP") and the like, which both databases know.
# - Try it up, down and up again with rows in every table, on SQLite and PostgreSQL.

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
