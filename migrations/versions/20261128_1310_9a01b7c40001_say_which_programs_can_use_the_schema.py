"""Say which programs can use the schema.

Revision ID: 9a01b7c40001
Revises: c0ffee5ab1e5
Create Date: 2026-11-28 13:10:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "9a01b7c40001"
down_revision = "c0ffee5ab1e5"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table("schema_support", sa.Column("oldest_revision", sa.String(), nullable=False))
    op.execute("INSERT INTO schema_support (oldest_revision) VALUES ('a15e1ea5e001')")


def downgrade() -> None:
    op.drop_table("schema_support")
