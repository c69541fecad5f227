"""Index the studies by what the list by year is sorted by.

Revision ID: e5a1b7c3d902
Revises: c3d5000000a4
Create Date: 2026-11-28 06:50:00+00:00
"""

from alembic import op
from sqlalchemy import text

revision = "e5a1b7c3d902"
down_revision = "c3d5000000a4"
branch_labels = None
depends_on = None

INDEX = "ix_studies_year_or_zero_id"


def upgrade() -> None:
    op.create_index(INDEX, "studies", [text("coalesce(year, 0)"), "id"])


def downgrade() -> None:
    op.drop_index(INDEX, "studies")
