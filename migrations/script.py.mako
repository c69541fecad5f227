"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

# House rules; delete this comment once they are kept.
# - The message is a sentence that says what changes: "Add the year of publication to studies."
# - Schema or data, never both: a data migration is a file of its own.
# - Never import models or vocabulary: they go on changing. Write out the few columns that are needed.
# - Constraints and indexes have the names of the convention in claims_app/database.py, in op.f("…").
# - A table with triggers is changed inside `with v1.TRIGGERS.replaced(op, dialect, v2.TRIGGERS, [table]):`
#   (see CONTRIBUTING.md), together with the table of its versions.
# - Constraints of existing tables are changed with op.batch_alter_table: SQLite rebuilds the table. Drop a
#   CHECK before a column that it names is renamed.
# - A table of records never gives a number twice, so rebuild it with
#   op.batch_alter_table(…, table_kwargs={"sqlite_autoincrement": True}).
# - Foreign keys are off on SQLite meanwhile: nothing cascades, so delete the children first.
# - Defaults are sa.text("CURRENT_TIMESTAMP") and the like, which both databases know.
# - Try it up, down and up again with rows in every table, on SQLite and PostgreSQL.

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
