"""Leave empty links out of the indexes that find records by a link.

Where most rows have no link, ANALYZE makes SQLite believe that the index finds most of the table, and it reads the
whole table instead. The indexes also take less space so.

Revision ID: c3d5000000a3
Revises: 9f4e2b7c1d08
Create Date: 2026-11-28 04:26:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "c3d5000000a3"
down_revision = "9f4e2b7c1d08"
branch_labels = None
depends_on = None

COLUMNS = (
    ("claims", "origin_study_id"),
    ("limitations", "claim_id"),
    ("limitations", "evidence_id"),
    ("studies", "group_id"),
    ("studies", "registry_id"),
    ("studies", "version_of_id"),
)


def upgrade() -> None:
    for table, column in COLUMNS:
        name = op.f(f"ix_{table}_{column}")
        filled = sa.text(f"{column} IS NOT NULL")
        op.drop_index(name, table)
        op.create_index(name, table, [column], sqlite_where=filled, postgresql_where=filled)


def downgrade() -> None:
    for table, column in COLUMNS:
        name = op.f(f"ix_{table}_{column}")
        op.drop_index(name, table)
        op.create_index(name, table, [column])
