"""List the words of claims, to find the claims that a paper may be about.

Revision ID: 7b21f6071829
Revises: 7b20e5f60718
Create Date: 2026-11-23 17:21:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7b21f6071829"
down_revision = "7b20e5f60718"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_words",
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_words_claim_id_claims"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("word", "claim_id", name=op.f("pk_claim_words")),
    )
    op.create_index(op.f("ix_claim_words_claim_id"), "claim_words", ["claim_id"], unique=False)


def downgrade() -> None:
    op.drop_table("claim_words")
