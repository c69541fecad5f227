"""Save the bitmaps of the facets of claims, so that a new process need not read all claims first.

Revision ID: d4e6000000b1
Revises: c3d5000000a2
Create Date: 2026-11-28 04:10:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d4e6000000b1"
down_revision = "c3d5000000a2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "facet_snapshots",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("format", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_facet_snapshots_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facet_snapshots")),
    )


def downgrade() -> None:
    op.drop_table("facet_snapshots")
