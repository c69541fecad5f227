"""Index what the facets beside the list of studies count.

Revision ID: b7d4e2c90001
Revises: f1a8000000d2
Create Date: 2026-11-28 08:00:00+00:00
"""

from alembic import op

revision = "b7d4e2c90001"
down_revision = "f1a8000000d2"
branch_labels = None
depends_on = None

INDEX = "ix_studies_facets"
COLUMNS = ["design", "standing", "publication_state", "year", "review_state", "merged_into_id"]


def upgrade() -> None:
    op.create_index(INDEX, "studies", COLUMNS)


def downgrade() -> None:
    op.drop_index(INDEX, "studies")
