"""Lock the claim before evidence or an appraisal is written.

Revision ID: b7d2c94e1f30
Revises: 4d7e2a90c351
Create Date: 2026-11-27 23:30:00+00:00
"""

from alembic import op

from claims_app.triggers import v2, v3

revision = "b7d2c94e1f30"
down_revision = "4d7e2a90c351"
branch_labels = None
depends_on = None

_TABLES = ("appraisal_evidence", "appraisals", "evidence_items", "studies")


def upgrade() -> None:
    with v2.TRIGGERS.replaced(op, v3.TRIGGERS, _TABLES):
        pass


def downgrade() -> None:
    with v3.TRIGGERS.replaced(op, v2.TRIGGERS, _TABLES):
        pass
