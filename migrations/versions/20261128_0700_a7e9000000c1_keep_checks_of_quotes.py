"""Keep which quotes were found in a text that is not kept.

Revision ID: a7e9000000c1
Revises: e5a1b7c3d902
Create Date: 2026-11-28 07:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v10, v11

revision = "a7e9000000c1"
down_revision = "e5a1b7c3d902"
branch_labels = None
depends_on = None

CHECKS = {
    "claims": ("claim", "origin_quote_check", "{0}.origin_study_id"),
    "evidence_items": ("evidence", "quote_check", "{0}.study_id"),
    "limitations": (
        "limitation",
        "quote_check",
        "COALESCE((SELECT origin_study_id FROM claims WHERE claims.id = {0}.claim_id), "
        "(SELECT study_id FROM evidence_items WHERE evidence_items.id = {0}.evidence_id))",
    ),
}
_DIGEST = "length({0}) = 64 AND ltrim({0}, '0123456789abcdef') = ''"


def upgrade() -> None:
    with v10.TRIGGERS.replaced(op, v11.TRIGGERS, v11.TABLES):
        op.create_table(
            "quote_verifications",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("study_id", sa.Integer(), nullable=False),
            sa.Column("record_type", sa.String(length=40), nullable=False),
            sa.Column("record_id", sa.Integer(), nullable=False),
            sa.Column("quote_sha256", sa.String(), nullable=False),
            sa.Column("outcome", sa.String(length=40), nullable=False),
            sa.Column("text_length", sa.Integer(), nullable=False),
            sa.Column("text_sha256", sa.String(), nullable=False),
            sa.Column("checked_by_id", sa.Integer(), nullable=True),
            sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("via", sa.String(length=40), nullable=False),
            sa.CheckConstraint(
                "record_type IN ('claim', 'evidence', 'limitation')",
                name=op.f("ck_quote_verifications_record_type_term"),
            ),
            sa.CheckConstraint(
                "outcome IN ('verified', 'verified_typography')",
                name=op.f("ck_quote_verifications_outcome_term"),
            ),
            sa.CheckConstraint(
                _DIGEST.format("quote_sha256"), name=op.f("ck_quote_verifications_quote_sha256_form")
            ),
            sa.CheckConstraint(
                _DIGEST.format("text_sha256"), name=op.f("ck_quote_verifications_text_sha256_form")
            ),
            sa.CheckConstraint("text_length > 0", name=op.f("ck_quote_verifications_text_length_range")),
            sa.CheckConstraint(
                "via IN ('web', 'api', 'command', 'seed')", name=op.f("ck_quote_verifications_via_term")
            ),
            sa.ForeignKeyConstraint(
                ["study_id"],
                ["studies.id"],
                name=op.f("fk_quote_verifications_study_id_studies"),
                ondelete="CASCADE",
            ),
            sa.ForeignKeyConstraint(
                ["checked_by_id"],
                ["users.id"],
                name=op.f("fk_quote_verifications_checked_by_id_users"),
                ondelete="RESTRICT",
            ),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_verifications")),
            sa.UniqueConstraint(
                "record_type",
                "record_id",
                "study_id",
                "quote_sha256",
                "text_sha256",
                name=op.f("uq_quote_verifications_once"),
            ),
            sqlite_autoincrement=True,
        )
        op.create_index(
            op.f("ix_quote_verifications_study_id_quote_sha256"),
            "quote_verifications",
            ["study_id", "quote_sha256"],
            unique=False,
        )


def downgrade() -> None:
    # Before, a quote was verified only by a stored text.
    with v11.TRIGGERS.replaced(op, v10.TRIGGERS, (*v11.TABLES, *CHECKS)):
        for table, (record_type, column, study) in CHECKS.items():
            for name in (table, f"{table}_versions"):
                op.execute(
                    f"UPDATE {name} SET {column} = 'text_unavailable' WHERE {column} LIKE 'verified%' "
                    "AND id IN (SELECT record_id FROM quote_verifications "
                    f"WHERE record_type = '{record_type}') AND NOT EXISTS (SELECT 1 FROM study_texts "
                    f"WHERE content IS NOT NULL AND study_texts.study_id = {study.format(name)})"
                )
        op.drop_table("quote_verifications")
