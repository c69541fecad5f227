"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Create Date: ${create_date}
"""

# House rules; delete this comment once you have followed them.
# - The message is a sentence that says what changes: "Add the year of publication to studies."
# - Change the schema or the data, never both in one file.
# - Never import models or vocabulary, because they keep changing. Write out the columns that you need.
# - Name constraints and indexes by the convention in claims_app/database.py, in op.f("…").
# - Change existing tables with op.batch_alter_table, because SQLite rebuilds them. Drop a CHECK before
#   you rename a column that it names. Wrap the change in TriggerSet.replaced (claims_app/triggers),
#   because a rebuild drops the triggers of the table.
# - Numbers of records are never reused, so rebuild their tables with
#   op.batch_alter_table(…, table_kwargs={"sqlite_autoincrement": True}).
# - Foreign keys are disabled on SQLite during a migration. Nothing cascades, so delete children first.
# - Use defaults that both databases support, such as sa.text("CURRENT_TIMESTAMP").
# - Test the migration up, down and up again with rows in every table, on SQLite and PostgreSQL.

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
