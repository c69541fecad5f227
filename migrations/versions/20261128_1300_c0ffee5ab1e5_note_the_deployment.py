"""Note what the servers of a deployment have to know of each other.

Revision ID: c0ffee5ab1e5
Revises: a15e1ea5e001
Create Date: 2026-11-28 13:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "c0ffee5ab1e5"
down_revision = "a15e1ea5e001"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table(
        "deployment_notes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_deployment_notes")),
    )


def downgrade() -> None:
    op.drop_table("deployment_notes")
