"""Add the full name to users, as it stands in lists of authors.

Revision ID: 234dea9f156b
Revises: 5c03e9f4a5b6
Create Date: 2026-11-23 15:50:00+00:00
"""

from alembic import op

revision = "234dea9f156b"
down_revision = "5c03e9f4a5b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "ALTER TABLE users ADD COLUMN full_name VARCHAR CONSTRAINT ck_users_full_name_length "
        "CHECK (length(trim(full_name)) >= 1 AND length(full_name) <= 120)"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN full_name")
