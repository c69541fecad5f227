"""Keep notices of retractions, and when they were loaded.

Revision ID: 7b21e6f70819
Revises: 7b20d5e6f708
Create Date: 2026-11-23 17:01:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7b21e6f70819"
down_revision = "7b20d5e6f708"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "retraction_loads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("n_loaded", sa.Integer(), nullable=False),
        sa.Column("n_without_identifier", sa.Integer(), nullable=False),
        sa.Column("n_refused", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "length(sha256) = 64 AND ltrim(sha256, '0123456789abcdef') = ''",
            name=op.f("ck_retraction_loads_sha256_form"),
        ),
        sa.CheckConstraint(
            "length(file_name) >= 1 AND length(file_name) <= 300",
            name=op.f("ck_retraction_loads_file_name_length"),
        ),
        sa.CheckConstraint(
            "n_loaded >= 0 AND n_without_identifier >= 0 AND n_refused >= 0",
            name=op.f("ck_retraction_loads_counts_range"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retraction_loads")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "retraction_notices",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("load_id", sa.Integer(), nullable=False),
        sa.Column("nature", sa.String(length=40), nullable=False),
        sa.Column("noticed_on", sa.Date(), nullable=True),
        sa.Column("notice_doi", sa.String(), nullable=True),
        sa.Column("notice_pmid", sa.String(), nullable=True),
        sa.Column("original_doi", sa.String(), nullable=True),
        sa.Column("original_pmid", sa.String(), nullable=True),
        sa.Column("reasons", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.CheckConstraint("number > 0", name=op.f("ck_retraction_notices_number_range")),
        sa.CheckConstraint(
            "nature IN ('retraction', 'correction', 'expression_of_concern', 'reinstatement')",
            name=op.f("ck_retraction_notices_nature_term"),
        ),
        sa.CheckConstraint(
            "original_doi IS NOT NULL OR original_pmid IS NOT NULL",
            name=op.f("ck_retraction_notices_about_a_known_paper"),
        ),
        sa.ForeignKeyConstraint(
            ["load_id"],
            ["retraction_loads.id"],
            name=op.f("fk_retraction_notices_load_id_retraction_loads"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_retraction_notices")),
    )
    for column in ("load_id", "original_doi", "original_pmid"):
        op.create_index(op.f(f"ix_retraction_notices_{column}"), "retraction_notices", [column], unique=False)


def downgrade() -> None:
    op.drop_table("retraction_notices")
    op.drop_table("retraction_loads")
