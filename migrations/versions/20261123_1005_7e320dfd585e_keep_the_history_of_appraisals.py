"""Let the history hold appraisals.

Revision ID: 7e320dfd585e
Revises: 6d21fcec474d
Create Date: 2026-11-23 10:05:00+00:00
"""

from alembic import op

revision = "7e320dfd585e"
down_revision = "6d21fcec474d"
branch_labels = None
depends_on = None

TYPES = "record_type IN ('claim', 'study', 'evidence', 'limitation', 'study_text', 'topic', 'study_group')"
TYPES_WITH_APPRAISAL = "record_type IN ('claim', 'study', 'evidence', 'limitation', 'appraisal', 'study_text', 'topic', 'study_group')"


def upgrade() -> None:
    _replace(TYPES_WITH_APPRAISAL)


def downgrade() -> None:
    # Appraisals themselves go with the step below this one; their history goes with them.
    op.execute("DELETE FROM revisions WHERE record_type = 'appraisal'")
    op.execute("DELETE FROM seed_records WHERE record_type = 'appraisal'")
    _replace(TYPES)


def _replace(types: str) -> None:
    with op.batch_alter_table("revisions", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_revisions_record_type_term"), type_="check")
        batch.create_check_constraint(op.f("ck_revisions_record_type_term"), types)
    with op.batch_alter_table("seed_records") as batch:
        batch.drop_constraint(op.f("ck_seed_records_record_type_term"), type_="check")
        batch.create_check_constraint(op.f("ck_seed_records_record_type_term"), types)
