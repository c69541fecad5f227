"""Create the search indexes of claims and studies.

Revision ID: c1a0000000a5
Revises: c1a0000000a4
Create Date: 2026-11-27 09:04:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "c1a0000000a5"
down_revision = "c1a0000000a4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "study_keys",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(key) >= 1 AND length(key) <= 60", name=op.f("ck_study_keys_key_length")),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_keys_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", "study_id", name=op.f("pk_study_keys")),
    )
    op.create_index(op.f("ix_study_keys_study_id"), "study_keys", ["study_id"], unique=False)
    op.create_table(
        "claim_words",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_words_claim_id_claims"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "claim_id", name=op.f("pk_claim_words")),
    )
    op.create_index("ix_claim_words_claim_id", "claim_words", ["claim_id"], unique=False)


def downgrade() -> None:
    op.drop_table("claim_words")
    op.drop_table("study_keys")
