"""Require a conclusion of every appraisal, and of every claim with a level.

Revision ID: c2a4000000b3
Revises: c2a4000000b2
Create Date: 2026-11-28 00:02:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v4

revision = "c2a4000000b3"
down_revision = "c2a4000000b2"
branch_labels = None
depends_on = None

NUMBERED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    with v4.TRIGGERS.replaced(op, v4.TRIGGERS, ["appraisals", "claims"]):
        with op.batch_alter_table("appraisals", table_kwargs=NUMBERED) as batch:
            for name in ("conclusion", "proposed_conclusion"):
                batch.alter_column(name, existing_type=sa.String(length=40), nullable=False)
            batch.alter_column("conclusion_derived", existing_type=sa.Boolean(), server_default=None)
        with op.batch_alter_table("claims", table_kwargs=NUMBERED) as batch:
            batch.create_check_constraint(
                op.f("ck_claims_level_has_conclusion"),
                "(evidence_level = 'not_assessed') = (conclusion IS NULL)",
            )


def downgrade() -> None:
    with v4.TRIGGERS.replaced(op, v4.TRIGGERS, ["appraisals", "claims"]):
        with op.batch_alter_table("claims", table_kwargs=NUMBERED) as batch:
            batch.drop_constraint(op.f("ck_claims_level_has_conclusion"), type_="check")
        with op.batch_alter_table("appraisals", table_kwargs=NUMBERED) as batch:
            batch.alter_column("conclusion_derived", existing_type=sa.Boolean(), server_default=sa.true())
            for name in ("conclusion", "proposed_conclusion"):
                batch.alter_column(name, existing_type=sa.String(length=40), nullable=True)
