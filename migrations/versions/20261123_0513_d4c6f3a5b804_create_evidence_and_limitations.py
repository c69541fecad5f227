"""Create evidence items and limitations.

Revision ID: d4c6f3a5b804
Revises: c3d5e2b4a703
Create Date: 2026-11-23 05:13:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d4c6f3a5b804"
down_revision = "c3d5e2b4a703"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("directness", sa.String(length=40), nullable=False),
        sa.Column("hedge", sa.String(length=40), nullable=True),
        sa.Column("risk_of_bias", sa.String(length=40), nullable=False),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("effect_measure", sa.String(length=40), nullable=True),
        sa.Column("effect_value", sa.Double(), nullable=True),
        sa.Column("ci_low", sa.Double(), nullable=True),
        sa.Column("ci_high", sa.Double(), nullable=True),
        sa.Column("ci_level", sa.Double(), nullable=True),
        sa.Column("p_value", sa.String(), nullable=True),
        sa.Column("p_number", sa.Double(), nullable=True),
        sa.Column("n_cases", sa.Integer(), nullable=True),
        sa.Column("n_controls", sa.Integer(), nullable=True),
        sa.Column("n_animals", sa.Integer(), nullable=True),
        sa.Column("n_donors", sa.Integer(), nullable=True),
        sa.Column("unit_of_analysis", sa.String(length=40), nullable=True),
        sa.Column("quote", sa.String(), nullable=True),
        sa.Column("quote_prefix", sa.String(), nullable=True),
        sa.Column("quote_suffix", sa.String(), nullable=True),
        sa.Column("locator", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "direction IN ('supports', 'contradicts', 'null', 'inconclusive')",
            name=op.f("ck_evidence_items_direction_term"),
        ),
        sa.CheckConstraint(
            "directness IN ('direct', 'indirect', 'unknown')", name=op.f("ck_evidence_items_directness_term")
        ),
        sa.CheckConstraint(
            "effect_measure IN ('OR', 'RR', 'HR', 'MD', 'SMD', 'r', 'rho', 'AUC', 'percent', 'other')",
            name=op.f("ck_evidence_items_effect_measure_term"),
        ),
        sa.CheckConstraint(
            "effect_measure IS NULL OR effect_measure NOT IN ('AUC') OR ((effect_value IS NULL OR (effect_value >= 0 AND effect_value <= 1)) AND (ci_low IS NULL OR (ci_low >= 0 AND ci_low <= 1)) AND (ci_high IS NULL OR (ci_high >= 0 AND ci_high <= 1)))",
            name=op.f("ck_evidence_items_auc_within_one"),
        ),
        sa.CheckConstraint(
            "effect_measure IS NULL OR effect_measure NOT IN ('OR', 'RR', 'HR') OR ((effect_value IS NULL OR (effect_value > 0)) AND (ci_low IS NULL OR (ci_low > 0)) AND (ci_high IS NULL OR (ci_high > 0)))",
            name=op.f("ck_evidence_items_ratio_is_positive"),
        ),
        sa.CheckConstraint(
            "effect_measure IS NULL OR effect_measure NOT IN ('r', 'rho') OR ((effect_value IS NULL OR (effect_value >= -1 AND effect_value <= 1)) AND (ci_low IS NULL OR (ci_low >= -1 AND ci_low <= 1)) AND (ci_high IS NULL OR (ci_high >= -1 AND ci_high <= 1)))",
            name=op.f("ck_evidence_items_correlation_within_one"),
        ),
        sa.CheckConstraint(
            "hedge IN ('stated', 'suggested', 'speculated')", name=op.f("ck_evidence_items_hedge_term")
        ),
        sa.CheckConstraint(
            "risk_of_bias IN ('low', 'some_concerns', 'high', 'not_assessed')",
            name=op.f("ck_evidence_items_risk_of_bias_term"),
        ),
        sa.CheckConstraint(
            "unit_of_analysis IN ('participants', 'serum_donors', 'animals', 'samples', 'studies')",
            name=op.f("ck_evidence_items_unit_of_analysis_term"),
        ),
        sa.CheckConstraint(
            "(ci_low IS NULL OR ci_high IS NULL OR ci_low <= ci_high) AND (ci_low IS NULL OR effect_value IS NULL OR ci_low <= effect_value) AND (ci_high IS NULL OR effect_value IS NULL OR effect_value <= ci_high)",
            name=op.f("ck_evidence_items_interval_contains_estimate"),
        ),
        sa.CheckConstraint(
            "(ci_low IS NULL) = (ci_high IS NULL)", name=op.f("ck_evidence_items_ci_low_with_ci_high")
        ),
        sa.CheckConstraint(
            "(ci_low IS NULL) = (ci_level IS NULL)", name=op.f("ck_evidence_items_ci_low_with_ci_level")
        ),
        sa.CheckConstraint(
            "(p_value IS NULL) = (p_number IS NULL)", name=op.f("ck_evidence_items_p_value_with_p_number")
        ),
        sa.CheckConstraint(
            "ci_high BETWEEN -1000000000000.0 AND 1000000000000.0",
            name=op.f("ck_evidence_items_ci_high_range"),
        ),
        sa.CheckConstraint("ci_level BETWEEN 50 AND 99.999", name=op.f("ck_evidence_items_ci_level_range")),
        sa.CheckConstraint(
            "ci_low BETWEEN -1000000000000.0 AND 1000000000000.0", name=op.f("ck_evidence_items_ci_low_range")
        ),
        sa.CheckConstraint(
            "ci_low IS NULL OR effect_measure IS NOT NULL",
            name=op.f("ck_evidence_items_ci_low_needs_effect_measure"),
        ),
        sa.CheckConstraint(
            "effect_value BETWEEN -1000000000000.0 AND 1000000000000.0",
            name=op.f("ck_evidence_items_effect_value_range"),
        ),
        sa.CheckConstraint(
            "effect_value IS NULL OR effect_measure IS NOT NULL",
            name=op.f("ck_evidence_items_effect_value_needs_effect_measure"),
        ),
        sa.CheckConstraint(
            "length(trim(locator)) >= 1 AND length(locator) <= 1000",
            name=op.f("ck_evidence_items_locator_length"),
        ),
        sa.CheckConstraint(
            "length(trim(p_value)) >= 1 AND length(p_value) <= 40",
            name=op.f("ck_evidence_items_p_value_length"),
        ),
        sa.CheckConstraint(
            "length(trim(quote)) >= 1 AND length(quote) <= 2000", name=op.f("ck_evidence_items_quote_length")
        ),
        sa.CheckConstraint(
            "length(trim(quote_prefix)) >= 1 AND length(quote_prefix) <= 200",
            name=op.f("ck_evidence_items_quote_prefix_length"),
        ),
        sa.CheckConstraint(
            "length(trim(quote_suffix)) >= 1 AND length(quote_suffix) <= 200",
            name=op.f("ck_evidence_items_quote_suffix_length"),
        ),
        sa.CheckConstraint(
            "length(trim(summary)) >= 1 AND length(summary) <= 2000",
            name=op.f("ck_evidence_items_summary_length"),
        ),
        sa.CheckConstraint(
            "n_animals BETWEEN 0 AND 1000000000 AND n_animals = CAST(n_animals AS INTEGER)",
            name=op.f("ck_evidence_items_n_animals_range"),
        ),
        sa.CheckConstraint(
            "n_cases BETWEEN 0 AND 1000000000 AND n_cases = CAST(n_cases AS INTEGER)",
            name=op.f("ck_evidence_items_n_cases_range"),
        ),
        sa.CheckConstraint(
            "n_controls BETWEEN 0 AND 1000000000 AND n_controls = CAST(n_controls AS INTEGER)",
            name=op.f("ck_evidence_items_n_controls_range"),
        ),
        sa.CheckConstraint(
            "n_donors BETWEEN 0 AND 1000000000 AND n_donors = CAST(n_donors AS INTEGER)",
            name=op.f("ck_evidence_items_n_donors_range"),
        ),
        sa.CheckConstraint("p_number BETWEEN 0 AND 1", name=op.f("ck_evidence_items_p_number_range")),
        sa.CheckConstraint(
            "quote_prefix IS NULL OR quote IS NOT NULL",
            name=op.f("ck_evidence_items_quote_prefix_needs_quote"),
        ),
        sa.CheckConstraint(
            "quote_suffix IS NULL OR quote IS NOT NULL",
            name=op.f("ck_evidence_items_quote_suffix_needs_quote"),
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_evidence_items_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_evidence_items_study_id_studies"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_items")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_evidence_items_claim_id_direction"),
        "evidence_items",
        ["claim_id", "direction"],
        unique=False,
    )
    op.create_index(
        op.f("ix_evidence_items_study_id_claim_id"), "evidence_items", ["study_id", "claim_id"], unique=False
    )
    op.create_table(
        "limitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(length=40), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=True),
        sa.Column("quote_prefix", sa.String(), nullable=True),
        sa.Column("quote_suffix", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "domain IN ('risk_of_bias', 'inconsistency', 'indirectness', 'imprecision', 'publication_bias', 'large_effect', 'dose_response_gradient', 'opposing_confounding')",
            name=op.f("ck_limitations_domain_term"),
        ),
        sa.CheckConstraint(
            "kind IN ('early_stage', 'preliminary', 'small_sample', 'needs_replication', 'needs_diverse_samples', 'specificity_unknown', 'not_all_patients', 'heterogeneous_condition', 'subgroup_size_unknown', 'unknown_trigger', 'needs_efficacy_and_safety_data', 'no_source_named', 'no_control_group', 'selection', 'confounding', 'measurement', 'not_blinded', 'reverse_causation', 'indirect_evidence', 'selective_reporting', 'overlapping_participants', 'other')",
            name=op.f("ck_limitations_kind_term"),
        ),
        sa.CheckConstraint(
            "(claim_id IS NULL) <> (evidence_id IS NULL)", name=op.f("ck_limitations_of_claim_or_evidence")
        ),
        sa.CheckConstraint(
            "length(trim(quote)) >= 1 AND length(quote) <= 2000", name=op.f("ck_limitations_quote_length")
        ),
        sa.CheckConstraint(
            "length(trim(quote_prefix)) >= 1 AND length(quote_prefix) <= 200",
            name=op.f("ck_limitations_quote_prefix_length"),
        ),
        sa.CheckConstraint(
            "length(trim(quote_suffix)) >= 1 AND length(quote_suffix) <= 200",
            name=op.f("ck_limitations_quote_suffix_length"),
        ),
        sa.CheckConstraint(
            "length(trim(text)) >= 1 AND length(text) <= 1000", name=op.f("ck_limitations_text_length")
        ),
        sa.CheckConstraint(
            "quote_prefix IS NULL OR quote IS NOT NULL", name=op.f("ck_limitations_quote_prefix_needs_quote")
        ),
        sa.CheckConstraint(
            "quote_suffix IS NULL OR quote IS NOT NULL", name=op.f("ck_limitations_quote_suffix_needs_quote")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_limitations_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"],
            ["evidence_items.id"],
            name=op.f("fk_limitations_evidence_id_evidence_items"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limitations")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_limitations_claim_id"), "limitations", ["claim_id"], unique=False)
    op.create_index(op.f("ix_limitations_evidence_id"), "limitations", ["evidence_id"], unique=False)
    # ### end Alembic commands ###


def downgrade() -> None:
    op.drop_table("limitations")
    op.drop_table("evidence_items")
