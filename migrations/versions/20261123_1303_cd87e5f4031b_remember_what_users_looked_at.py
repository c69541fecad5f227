"""Remember up to which change users have looked.

Revision ID: cd87e5f4031b
Revises: bc76d4e3f20a
Create Date: 2026-11-23 13:03:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "cd87e5f4031b"
down_revision = "bc76d4e3f20a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("seen_revision_id", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("seen_revision_id")
