"""Give claims their level from their newest appraisal, and remember when it became stale.

Revision ID: 6d21fcec474d
Revises: 5c10ebdb363c
Create Date: 2026-11-23 10:04:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "6d21fcec474d"
down_revision = "5c10ebdb363c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("claims", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("appraisal_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("stale_since", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint(op.f("ck_claims_no_naked_grade"), type_="check")
        batch.create_check_constraint(
            op.f("ck_claims_no_naked_grade"), "(evidence_level = 'not_assessed') = (appraisal_id IS NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_claims_stale_needs_appraisal"), "stale_since IS NULL OR appraisal_id IS NOT NULL"
        )
        batch.create_foreign_key(
            op.f("fk_claims_appraisal_id_appraisals"),
            "appraisals",
            ["appraisal_id"],
            ["id"],
            ondelete="RESTRICT",
        )
        batch.create_index(op.f("ix_claims_stale_since_id"), ["stale_since", "id"], unique=False)


def downgrade() -> None:
    # Without appraisals there is no level.
    op.execute("UPDATE claims SET evidence_level = 'not_assessed', appraisal_id = NULL, stale_since = NULL")
    with op.batch_alter_table("claims", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_index(op.f("ix_claims_stale_since_id"))
        batch.drop_constraint(op.f("fk_claims_appraisal_id_appraisals"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_claims_stale_needs_appraisal"), type_="check")
        batch.drop_constraint(op.f("ck_claims_no_naked_grade"), type_="check")
        batch.create_check_constraint(op.f("ck_claims_no_naked_grade"), "evidence_level = 'not_assessed'")
        batch.drop_column("stale_since")
        batch.drop_column("appraisal_id")
