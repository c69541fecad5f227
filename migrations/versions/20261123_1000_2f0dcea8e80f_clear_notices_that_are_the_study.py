"""Take the DOI of a notice away where it is the DOI of the study itself.

Revision ID: 2f0dcea8e80f
Revises: 29dbe8ba0309
Create Date: 2026-11-23 10:00:00+00:00
"""

from alembic import op

revision = "2f0dcea8e80f"
down_revision = "29dbe8ba0309"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # It names no notice, so nothing is known of one.
    op.execute("UPDATE studies SET standing_notice_doi = NULL WHERE standing_notice_doi = doi")


def downgrade() -> None:
    """There is nothing to put back: the DOI stands in the study's own column."""
