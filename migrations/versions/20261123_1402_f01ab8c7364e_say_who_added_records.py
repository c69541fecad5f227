"""Say who added the records that are there, from their history.

Revision ID: f01ab8c7364e
Revises: ef09a7b6253d
Create Date: 2026-11-23 14:02:00+00:00
"""

from alembic import op

revision = "f01ab8c7364e"
down_revision = "ef09a7b6253d"
branch_labels = None
depends_on = None

TYPES = {"claims": "claim", "studies": "study", "evidence_items": "evidence", "limitations": "limitation"}


def upgrade() -> None:
    for table, record_type in TYPES.items():
        op.execute(
            f"""UPDATE {table} SET added_by_id = (
              SELECT actor_id FROM revisions
              WHERE record_type = '{record_type}' AND record_id = {table}.id
                AND action IN ('create', 'restore')
              ORDER BY version DESC LIMIT 1)"""
        )


def downgrade() -> None:
    """Leave it: the column goes with an earlier step."""
