"""Keep summaries true for published versions, and for lists that other programs change in place.

Revision ID: c3d5000000a4
Revises: c3d5000000a3
Create Date: 2026-11-28 04:30:00+00:00
"""

from alembic import op

from claims_app.triggers import v9, v10

revision = "c3d5000000a4"
down_revision = "c3d5000000a3"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with v9.TRIGGERS.replaced(op, v10.TRIGGERS, v10.TABLES):
        pass


def downgrade() -> None:
    with v10.TRIGGERS.replaced(op, v9.TRIGGERS, v10.TABLES):
        pass
