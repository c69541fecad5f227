"""Refuse new evidence that says nothing but a direction.

Revision ID: c1a2000000c1
Revises: c1a0000000a5
Create Date: 2026-11-27 12:00:00+00:00
"""

from alembic import op

from claims_app.triggers import v1, v2

revision = "c1a2000000c1"
down_revision = "c1a0000000a5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with v1.TRIGGERS.replaced(op, v2.TRIGGERS, ["evidence_items"]):
        pass


def downgrade() -> None:
    with v2.TRIGGERS.replaced(op, v1.TRIGGERS, ["evidence_items"]):
        pass
