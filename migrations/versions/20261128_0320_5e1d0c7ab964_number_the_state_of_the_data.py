"""Number the state of the data, so that pages are made again only after a change.

Revision ID: 5e1d0c7ab964
Revises: c1a2000000c2
Create Date: 2026-11-28 03:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v5, v6

revision = "5e1d0c7ab964"
down_revision = "c1a2000000c2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with v5.TRIGGERS.replaced(op, v6.TRIGGERS, v6.MOVING):
        op.create_table("data_number", sa.Column("number", sa.BigInteger(), nullable=False))
        op.execute("INSERT INTO data_number (number) VALUES (random())")


def downgrade() -> None:
    with v6.TRIGGERS.replaced(op, v5.TRIGGERS, v6.MOVING):
        op.drop_table("data_number")
