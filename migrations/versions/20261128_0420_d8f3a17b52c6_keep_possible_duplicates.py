"""Keep the pairs of studies that may be duplicates.

Revision ID: d8f3a17b52c6
Revises: d4e6000000b1
Create Date: 2026-11-28 04:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v7, v8

revision = "d8f3a17b52c6"
down_revision = "d4e6000000b1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with v7.TRIGGERS.replaced(op, v8.TRIGGERS, v8.TABLES):
        op.create_table(
            "study_pair_queue",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("key", sa.String(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_study_pair_queue")),
            sqlite_autoincrement=True,
        )
        op.create_table(
            "study_pairs",
            sa.Column("key", sa.String(), nullable=False),
            sa.Column("first_id", sa.Integer(), nullable=False),
            sa.Column("second_id", sa.Integer(), nullable=False),
            sa.Column("score", sa.Double(), nullable=False),
            sa.CheckConstraint("first_id < second_id", name=op.f("ck_study_pairs_in_order")),
            sa.ForeignKeyConstraint(
                ["first_id"], ["studies.id"], name=op.f("fk_study_pairs_first_id_studies"), ondelete="CASCADE"
            ),
            sa.ForeignKeyConstraint(
                ["second_id"],
                ["studies.id"],
                name=op.f("fk_study_pairs_second_id_studies"),
                ondelete="CASCADE",
            ),
            sa.PrimaryKeyConstraint("key", "first_id", "second_id", name=op.f("pk_study_pairs")),
        )
        op.create_index(
            op.f("ix_study_pairs_score_first_id_second_id"),
            "study_pairs",
            ["score", "first_id", "second_id"],
            unique=False,
        )
        op.create_index(op.f("ix_study_pairs_first_id"), "study_pairs", ["first_id"], unique=False)
        op.create_index(op.f("ix_study_pairs_second_id"), "study_pairs", ["second_id"], unique=False)
        op.execute(
            "INSERT INTO study_pair_queue (key) SELECT key FROM study_keys "
            "WHERE substr(key, 1, 1) IN ('=', '@') GROUP BY key HAVING count(*) > 1"
        )


def downgrade() -> None:
    with v8.TRIGGERS.replaced(op, v7.TRIGGERS, v8.TABLES):
        op.drop_table("study_pairs")
        op.drop_table("study_pair_queue")
