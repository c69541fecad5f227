"""Remember what was decided on the records of imported files.

Revision ID: 4d7e2a90c351
Revises: c1a2000000c1
Create Date: 2026-11-27 23:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "4d7e2a90c351"
down_revision = "c1a2000000c1"
branch_labels = None
depends_on = None

BEFORE = "state IN ('new', 'changed', 'conflict', 'differs', 'unsure', 'same', 'unchanged', 'refused')"
AFTER = (
    "state IN ('new', 'changed', 'conflict', 'differs', 'unsure', 'decided', 'incomplete', 'same', 'unchanged', "
    "'refused')"
)


def upgrade() -> None:
    op.create_table(
        "decided_references",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("decision", sa.String(length=40), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('added', 'matched', 'skipped')", name=op.f("ck_decided_references_decision_term")
        ),
        sa.CheckConstraint(
            "length(digest) = 64 AND ltrim(digest, '0123456789abcdef') = ''",
            name=op.f("ck_decided_references_digest_form"),
        ),
        sa.CheckConstraint(
            "(decision = 'skipped') = (study_id IS NULL)", name=op.f("ck_decided_references_about_a_study")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_decided_references_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["studies.id"],
            name=op.f("fk_decided_references_study_id_studies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_decided_references")),
    )
    op.create_index(op.f("ix_decided_references_study_id"), "decided_references", ["study_id"], unique=False)
    _allow_states(AFTER)


def downgrade() -> None:
    # Rows of uploads that wait to be applied: the nearest states that there were.
    op.execute(sa.text("UPDATE import_rows SET state = 'same' WHERE state = 'decided'"))
    op.execute(sa.text("UPDATE import_rows SET state = 'refused' WHERE state = 'incomplete'"))
    _allow_states(BEFORE)
    op.drop_table("decided_references")


def _allow_states(condition: str) -> None:
    with op.batch_alter_table("import_rows") as batch:
        batch.drop_constraint(op.f("ck_import_rows_state_term"), type_="check")
        batch.create_check_constraint(op.f("ck_import_rows_state_term"), condition)
