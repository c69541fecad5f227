"""Create the texts of studies that quotes are checked against.

Revision ID: e5b7a4f6c905
Revises: d4c6f3a5b804
Create Date: 2026-11-23 05:14:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "e5b7a4f6c905"
down_revision = "d4c6f3a5b804"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "study_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(sha256) = 64 AND ltrim(sha256, '0123456789abcdef') = ''",
            name=op.f("ck_study_texts_sha256_form"),
        ),
        sa.CheckConstraint("length > 0", name=op.f("ck_study_texts_length_range")),
        sa.CheckConstraint("length(content) <= 2000000", name=op.f("ck_study_texts_content_length")),
        sa.CheckConstraint(
            "length(trim(label)) >= 1 AND length(label) <= 100", name=op.f("ck_study_texts_label_length")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_texts_study_id_studies"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_texts")),
        sa.UniqueConstraint("study_id", "sha256", name=op.f("uq_study_texts_study_id_sha256")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("study_texts")
