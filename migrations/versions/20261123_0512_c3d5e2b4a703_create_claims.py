"""Create claims and their topics.

Revision ID: c3d5e2b4a703
Revises: b2e4d1c3f602
Create Date: 2026-11-23 05:12:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "c3d5e2b4a703"
down_revision = "b2e4d1c3f602"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("evidence_level", sa.String(length=40), nullable=False),
        sa.Column("population", sa.String(), nullable=True),
        sa.Column("exposure", sa.String(), nullable=True),
        sa.Column("comparator", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("origin_study_id", sa.Integer(), nullable=True),
        sa.Column("origin_section", sa.String(), nullable=True),
        sa.Column("origin_quote", sa.String(), nullable=True),
        sa.Column("origin_quote_prefix", sa.String(), nullable=True),
        sa.Column("origin_quote_suffix", sa.String(), nullable=True),
        sa.Column("last_searched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("evidence_level = 'not_assessed'", name=op.f("ck_claims_no_naked_grade")),
        sa.CheckConstraint(
            "kind IN ('association', 'animal_transfer', 'dose_response', 'mechanism', 'diagnostic', 'prognostic', 'treatment', 'prevalence')",
            name=op.f("ck_claims_kind_term"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'contested', 'superseded', 'withdrawn')",
            name=op.f("ck_claims_status_term"),
        ),
        sa.CheckConstraint(
            "length(trim(comparator)) >= 1 AND length(comparator) <= 300",
            name=op.f("ck_claims_comparator_length"),
        ),
        sa.CheckConstraint(
            "length(trim(exposure)) >= 1 AND length(exposure) <= 300", name=op.f("ck_claims_exposure_length")
        ),
        sa.CheckConstraint(
            "length(trim(origin_quote)) >= 1 AND length(origin_quote) <= 2000",
            name=op.f("ck_claims_origin_quote_length"),
        ),
        sa.CheckConstraint(
            "length(trim(origin_quote_prefix)) >= 1 AND length(origin_quote_prefix) <= 200",
            name=op.f("ck_claims_origin_quote_prefix_length"),
        ),
        sa.CheckConstraint(
            "length(trim(origin_quote_suffix)) >= 1 AND length(origin_quote_suffix) <= 200",
            name=op.f("ck_claims_origin_quote_suffix_length"),
        ),
        sa.CheckConstraint(
            "length(trim(origin_section)) >= 1 AND length(origin_section) <= 300",
            name=op.f("ck_claims_origin_section_length"),
        ),
        sa.CheckConstraint(
            "length(trim(outcome)) >= 1 AND length(outcome) <= 300", name=op.f("ck_claims_outcome_length")
        ),
        sa.CheckConstraint(
            "length(trim(population)) >= 1 AND length(population) <= 300",
            name=op.f("ck_claims_population_length"),
        ),
        sa.CheckConstraint(
            "length(trim(statement)) >= 1 AND length(statement) <= 500",
            name=op.f("ck_claims_statement_length"),
        ),
        sa.CheckConstraint(
            "origin_quote IS NULL OR origin_study_id IS NOT NULL",
            name=op.f("ck_claims_origin_quote_needs_origin_study_id"),
        ),
        sa.CheckConstraint(
            "origin_quote_prefix IS NULL OR origin_quote IS NOT NULL",
            name=op.f("ck_claims_origin_quote_prefix_needs_origin_quote"),
        ),
        sa.CheckConstraint(
            "origin_quote_suffix IS NULL OR origin_quote IS NOT NULL",
            name=op.f("ck_claims_origin_quote_suffix_needs_origin_quote"),
        ),
        sa.CheckConstraint(
            "origin_section IS NULL OR origin_study_id IS NOT NULL",
            name=op.f("ck_claims_origin_section_needs_origin_study_id"),
        ),
        sa.ForeignKeyConstraint(
            ["origin_study_id"],
            ["studies.id"],
            name=op.f("fk_claims_origin_study_id_studies"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_claims_created_at_id"), "claims", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_claims_evidence_level_id"), "claims", ["evidence_level", "id"], unique=False)
    op.create_index(op.f("ix_claims_kind_id"), "claims", ["kind", "id"], unique=False)
    op.create_index(op.f("ix_claims_origin_study_id"), "claims", ["origin_study_id"], unique=False)
    op.create_index(op.f("ix_claims_status_id"), "claims", ["status", "id"], unique=False)
    op.create_index(op.f("ix_claims_updated_at_id"), "claims", ["updated_at", "id"], unique=False)
    op.create_table(
        "claim_topics",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_topics_claim_id_claims"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_claim_topics_topic_id_topics"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("claim_id", "topic_id", name=op.f("pk_claim_topics")),
    )
    op.create_index(
        "ix_claim_topics_topic_id_claim_id", "claim_topics", ["topic_id", "claim_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("claim_topics")
    op.drop_table("claims")
