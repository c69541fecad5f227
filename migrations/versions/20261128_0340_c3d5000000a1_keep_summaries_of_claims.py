"""Keep a summary of each claim, with the counts of its evidence.

Revision ID: c3d5000000a1
Revises: 5e1d0c7ab964
Create Date: 2026-11-28 03:40:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import filled, v6, v7

revision = "c3d5000000a1"
down_revision = "5e1d0c7ab964"
branch_labels = None
depends_on = None


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    with v6.TRIGGERS.replaced(op, v7.TRIGGERS, v7.TABLES):
        op.create_table(
            "claim_summaries",
            sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=False),
            *(
                sa.Column(name, sa.Integer(), nullable=True)
                if name == "newest_year"
                else sa.Column(name, sa.Integer(), server_default="0", nullable=False)
                for name in v7.COUNTS
            ),
            sa.Column("n_limitations", sa.Integer(), server_default="0", nullable=False),
            sa.Column("changed", sa.BigInteger(), nullable=False),
            sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_summaries")),
        )
        # One number for all of them: nobody has read them before.
        change = "1" if dialect == "sqlite" else filled(":changed", dialect)
        op.execute(v7.added("SELECT id FROM claims", change))
        op.execute(v7.recounted("IS NOT NULL", change))
        op.create_index(op.f("ix_claim_summaries_changed"), "claim_summaries", ["changed"], unique=False)


def downgrade() -> None:
    with v7.TRIGGERS.replaced(op, v6.TRIGGERS, v7.TABLES):
        op.drop_table("claim_summaries")
