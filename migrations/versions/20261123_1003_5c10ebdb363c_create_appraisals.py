"""Create appraisals, their rounds and their drafts.

Revision ID: 5c10ebdb363c
Revises: 4b0fdacafa2b
Create Date: 2026-11-23 10:03:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "5c10ebdb363c"
down_revision = "4b0fdacafa2b"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appraisal_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("opened_by_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_appraisal_rounds_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"],
            ["users.id"],
            name=op.f("fk_appraisal_rounds_opened_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_rounds")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_appraisal_rounds_claim_id"), "appraisal_rounds", ["claim_id"], unique=False)
    op.create_index(
        "uq_appraisal_rounds_open_claim_id",
        "appraisal_rounds",
        ["claim_id"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "appraisal_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("evidence_digest", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(handed_in_at IS NULL) = (evidence_digest IS NULL)",
            name=op.f("ck_appraisal_drafts_handed_in_with_digest"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_appraisal_drafts_author_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_appraisal_drafts_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisal_drafts")),
        sa.UniqueConstraint("claim_id", "author_id", name=op.f("uq_appraisal_drafts_claim_id_author_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "appraisals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=40), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=True),
        sa.Column("scheme", sa.String(length=40), nullable=False),
        sa.Column("scheme_version", sa.String(), nullable=False),
        sa.Column("claim_kind", sa.String(length=40), nullable=False),
        sa.Column("start_level", sa.String(length=40), nullable=False),
        sa.Column("start_reason", sa.String(), nullable=False),
        sa.Column("may_rate_up", sa.Boolean(), nullable=False),
        sa.Column("translated", sa.Boolean(), nullable=False),
        sa.Column("risk_of_bias_tool", sa.String(length=40), nullable=True),
        sa.Column("risk_of_bias", sa.Integer(), nullable=False),
        sa.Column("risk_of_bias_reason", sa.String(), nullable=True),
        sa.Column("inconsistency", sa.Integer(), nullable=False),
        sa.Column("inconsistency_reason", sa.String(), nullable=True),
        sa.Column("indirectness", sa.Integer(), nullable=False),
        sa.Column("indirectness_reason", sa.String(), nullable=True),
        sa.Column("imprecision", sa.Integer(), nullable=False),
        sa.Column("imprecision_reason", sa.String(), nullable=True),
        sa.Column("publication_bias", sa.Integer(), nullable=False),
        sa.Column("publication_bias_reason", sa.String(), nullable=True),
        sa.Column("large_effect", sa.Integer(), nullable=False),
        sa.Column("large_effect_reason", sa.String(), nullable=True),
        sa.Column("dose_response_gradient", sa.Integer(), nullable=False),
        sa.Column("dose_response_gradient_reason", sa.String(), nullable=True),
        sa.Column("opposing_confounding", sa.Integer(), nullable=False),
        sa.Column("opposing_confounding_reason", sa.String(), nullable=True),
        sa.Column("rate_up_reason", sa.String(), nullable=True),
        sa.Column("computed_level", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column("rationale", sa.String(), nullable=True),
        sa.Column("evidence_digest", sa.String(), nullable=False),
        sa.Column("weaknesses", sa.JSON(), nullable=False),
        sa.Column("lead_evidence_id", sa.Integer(), nullable=False),
        sa.Column("appraised_by_id", sa.Integer(), nullable=True),
        sa.Column("appraised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "CASE computed_level WHEN 'high' THEN 4 WHEN 'moderate' THEN 3 WHEN 'low' THEN 2 WHEN 'very_low' THEN 1 END = CASE WHEN (CASE start_level WHEN 'high' THEN 4 WHEN 'moderate' THEN 3 WHEN 'low' THEN 2 WHEN 'very_low' THEN 1 END + risk_of_bias + inconsistency + indirectness + imprecision + publication_bias + large_effect + dose_response_gradient + opposing_confounding) < 1 THEN 1 WHEN (CASE start_level WHEN 'high' THEN 4 WHEN 'moderate' THEN 3 WHEN 'low' THEN 2 WHEN 'very_low' THEN 1 END + risk_of_bias + inconsistency + indirectness + imprecision + publication_bias + large_effect + dose_response_gradient + opposing_confounding) > 4 THEN 4 ELSE (CASE start_level WHEN 'high' THEN 4 WHEN 'moderate' THEN 3 WHEN 'low' THEN 2 WHEN 'very_low' THEN 1 END + risk_of_bias + inconsistency + indirectness + imprecision + publication_bias + large_effect + dose_response_gradient + opposing_confounding) END",
            name=op.f("ck_appraisals_computed_as_published"),
        ),
        sa.CheckConstraint(
            "claim_kind IN ('association', 'animal_transfer', 'dose_response', 'mechanism', 'diagnostic', 'prognostic', 'treatment', 'prevalence')",
            name=op.f("ck_appraisals_claim_kind_term"),
        ),
        sa.CheckConstraint(
            "computed_level IN ('very_low', 'low', 'moderate', 'high')",
            name=op.f("ck_appraisals_computed_level_term"),
        ),
        sa.CheckConstraint("level <> 'not_assessed'", name=op.f("ck_appraisals_level_is_a_level")),
        sa.CheckConstraint(
            "level IN ('high', 'moderate', 'low', 'very_low', 'not_assessed')",
            name=op.f("ck_appraisals_level_term"),
        ),
        sa.CheckConstraint(
            "risk_of_bias > -3 OR COALESCE(risk_of_bias_tool, '') IN ('robins_i', 'robins_e')",
            name=op.f("ck_appraisals_three_levels_need_tool"),
        ),
        sa.CheckConstraint(
            "NOT (COALESCE(risk_of_bias_tool, '') IN ('robins_i', 'robins_e')) OR risk_of_bias_reason IS NOT NULL",
            name=op.f("ck_appraisals_tool_needs_reason"),
        ),
        sa.CheckConstraint(
            "risk_of_bias_tool IN ('rob_2', 'robins_i', 'robins_e', 'quips', 'quadas_2', 'syrcle', 'newcastle_ottawa', 'other')",
            name=op.f("ck_appraisals_risk_of_bias_tool_term"),
        ),
        sa.CheckConstraint("scheme IN ('grade')", name=op.f("ck_appraisals_scheme_term")),
        sa.CheckConstraint(
            "stage = 'single' OR round_id IS NOT NULL", name=op.f("ck_appraisals_stage_needs_round")
        ),
        sa.CheckConstraint(
            "stage IN ('single', 'independent', 'settled')", name=op.f("ck_appraisals_stage_term")
        ),
        sa.CheckConstraint(
            "start_level IN ('very_low', 'low', 'moderate', 'high')",
            name=op.f("ck_appraisals_start_level_term"),
        ),
        sa.CheckConstraint(
            "(level = computed_level) = (override_reason IS NULL)",
            name=op.f("ck_appraisals_no_silent_override"),
        ),
        sa.CheckConstraint(
            "NOT (risk_of_bias < 0 OR inconsistency < 0 OR indirectness < 0 OR imprecision < 0 OR publication_bias < 0) OR NOT (large_effect > 0 OR dose_response_gradient > 0 OR opposing_confounding > 0) OR rate_up_reason IS NOT NULL",
            name=op.f("ck_appraisals_up_and_down_needs_reason"),
        ),
        sa.CheckConstraint(
            "NOT translated OR indirectness < 0", name=op.f("ck_appraisals_translated_is_indirect")
        ),
        sa.CheckConstraint(
            "dose_response_gradient = 0 OR dose_response_gradient_reason IS NOT NULL",
            name=op.f("ck_appraisals_dose_response_gradient_needs_reason"),
        ),
        sa.CheckConstraint(
            "dose_response_gradient BETWEEN 0 AND 1 AND dose_response_gradient = CAST(dose_response_gradient AS INTEGER)",
            name=op.f("ck_appraisals_dose_response_gradient_range"),
        ),
        sa.CheckConstraint(
            "imprecision = 0 OR imprecision_reason IS NOT NULL",
            name=op.f("ck_appraisals_imprecision_needs_reason"),
        ),
        sa.CheckConstraint(
            "imprecision BETWEEN -3 AND 0 AND imprecision = CAST(imprecision AS INTEGER)",
            name=op.f("ck_appraisals_imprecision_range"),
        ),
        sa.CheckConstraint(
            "inconsistency = 0 OR inconsistency_reason IS NOT NULL",
            name=op.f("ck_appraisals_inconsistency_needs_reason"),
        ),
        sa.CheckConstraint(
            "inconsistency BETWEEN -2 AND 0 AND inconsistency = CAST(inconsistency AS INTEGER)",
            name=op.f("ck_appraisals_inconsistency_range"),
        ),
        sa.CheckConstraint(
            "indirectness = 0 OR indirectness_reason IS NOT NULL",
            name=op.f("ck_appraisals_indirectness_needs_reason"),
        ),
        sa.CheckConstraint(
            "indirectness BETWEEN -2 AND 0 AND indirectness = CAST(indirectness AS INTEGER)",
            name=op.f("ck_appraisals_indirectness_range"),
        ),
        sa.CheckConstraint(
            "large_effect = 0 OR large_effect_reason IS NOT NULL",
            name=op.f("ck_appraisals_large_effect_needs_reason"),
        ),
        sa.CheckConstraint(
            "large_effect BETWEEN 0 AND 2 AND large_effect = CAST(large_effect AS INTEGER)",
            name=op.f("ck_appraisals_large_effect_range"),
        ),
        sa.CheckConstraint(
            "length(trim(dose_response_gradient_reason)) >= 1 AND length(dose_response_gradient_reason) <= 2000",
            name=op.f("ck_appraisals_dose_response_gradient_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(imprecision_reason)) >= 1 AND length(imprecision_reason) <= 2000",
            name=op.f("ck_appraisals_imprecision_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(inconsistency_reason)) >= 1 AND length(inconsistency_reason) <= 2000",
            name=op.f("ck_appraisals_inconsistency_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(indirectness_reason)) >= 1 AND length(indirectness_reason) <= 2000",
            name=op.f("ck_appraisals_indirectness_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(large_effect_reason)) >= 1 AND length(large_effect_reason) <= 2000",
            name=op.f("ck_appraisals_large_effect_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(opposing_confounding_reason)) >= 1 AND length(opposing_confounding_reason) <= 2000",
            name=op.f("ck_appraisals_opposing_confounding_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(override_reason)) >= 1 AND length(override_reason) <= 2000",
            name=op.f("ck_appraisals_override_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(publication_bias_reason)) >= 1 AND length(publication_bias_reason) <= 2000",
            name=op.f("ck_appraisals_publication_bias_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(rate_up_reason)) >= 1 AND length(rate_up_reason) <= 2000",
            name=op.f("ck_appraisals_rate_up_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(rationale)) >= 1 AND length(rationale) <= 2000",
            name=op.f("ck_appraisals_rationale_length"),
        ),
        sa.CheckConstraint(
            "length(trim(risk_of_bias_reason)) >= 1 AND length(risk_of_bias_reason) <= 2000",
            name=op.f("ck_appraisals_risk_of_bias_reason_length"),
        ),
        sa.CheckConstraint(
            "may_rate_up OR NOT (large_effect > 0 OR dose_response_gradient > 0 OR opposing_confounding > 0)",
            name=op.f("ck_appraisals_randomised_is_not_rated_up"),
        ),
        sa.CheckConstraint(
            "opposing_confounding = 0 OR opposing_confounding_reason IS NOT NULL",
            name=op.f("ck_appraisals_opposing_confounding_needs_reason"),
        ),
        sa.CheckConstraint(
            "opposing_confounding BETWEEN 0 AND 1 AND opposing_confounding = CAST(opposing_confounding AS INTEGER)",
            name=op.f("ck_appraisals_opposing_confounding_range"),
        ),
        sa.CheckConstraint(
            "publication_bias = 0 OR publication_bias_reason IS NOT NULL",
            name=op.f("ck_appraisals_publication_bias_needs_reason"),
        ),
        sa.CheckConstraint(
            "publication_bias BETWEEN -2 AND 0 AND publication_bias = CAST(publication_bias AS INTEGER)",
            name=op.f("ck_appraisals_publication_bias_range"),
        ),
        sa.CheckConstraint(
            "risk_of_bias = 0 OR risk_of_bias_reason IS NOT NULL",
            name=op.f("ck_appraisals_risk_of_bias_needs_reason"),
        ),
        sa.CheckConstraint(
            "risk_of_bias BETWEEN -3 AND 0 AND risk_of_bias = CAST(risk_of_bias AS INTEGER)",
            name=op.f("ck_appraisals_risk_of_bias_range"),
        ),
        sa.ForeignKeyConstraint(
            ["appraised_by_id"],
            ["users.id"],
            name=op.f("fk_appraisals_appraised_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_appraisals_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["appraisal_rounds.id"],
            name=op.f("fk_appraisals_round_id_appraisal_rounds"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appraisals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_appraisals_appraised_at_id"), "appraisals", ["appraised_at", "id"], unique=False)
    op.create_index(op.f("ix_appraisals_claim_id_id"), "appraisals", ["claim_id", "id"], unique=False)
    op.create_index(op.f("ix_appraisals_round_id"), "appraisals", ["round_id"], unique=False)
    op.create_table(
        "appraisal_evidence",
        sa.Column("appraisal_id", sa.Integer(), nullable=False),
        sa.Column("evidence_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evidence_version", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("finding", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appraisal_id"],
            ["appraisals.id"],
            name=op.f("fk_appraisal_evidence_appraisal_id_appraisals"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("appraisal_id", "evidence_id", name=op.f("pk_appraisal_evidence")),
    )
    op.create_index(
        op.f("ix_appraisal_evidence_evidence_id"), "appraisal_evidence", ["evidence_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("appraisal_evidence")
    op.drop_table("appraisals")
    op.drop_table("appraisal_drafts")
    op.drop_table("appraisal_rounds")
