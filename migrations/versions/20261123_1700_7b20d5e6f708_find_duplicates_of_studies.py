"""Find duplicates of studies by keys, and remember which are none.

Revision ID: 7b20d5e6f708
Revises: 7a12d4e5f607
Create Date: 2026-11-23 17:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7b20d5e6f708"
down_revision = "7a12d4e5f607"
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
        "study_distinctions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_study_distinctions_in_order")),
        sa.CheckConstraint(
            "(second_id IS NULL) <> (fingerprint IS NULL)", name=op.f("ck_study_distinctions_from_one_other")
        ),
        sa.CheckConstraint(
            "length(fingerprint) >= 3 AND length(fingerprint) <= 300",
            name=op.f("ck_study_distinctions_fingerprint_length"),
        ),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500",
            name=op.f("ck_study_distinctions_reason_length"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_study_distinctions_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["studies.id"],
            name=op.f("fk_study_distinctions_first_id_studies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["studies.id"],
            name=op.f("fk_study_distinctions_second_id_studies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_distinctions")),
        sa.UniqueConstraint(
            "first_id", "fingerprint", name=op.f("uq_study_distinctions_first_id_fingerprint")
        ),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_study_distinctions_first_id_second_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_study_distinctions_second_id"), "study_distinctions", ["second_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("study_distinctions")
    op.drop_table("study_keys")
