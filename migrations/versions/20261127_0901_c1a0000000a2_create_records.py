"""Create the records: claims, studies, evidence, appraisals and their revisions.

Revision ID: c1a0000000a2
Revises: c1a0000000a1
Create Date: 2026-11-27 09:01:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "c1a0000000a2"
down_revision = "c1a0000000a1"
branch_labels = None
depends_on = None

TABLES = (
    "topics",
    "study_groups",
    "studies",
    "study_species",
    "study_texts",
    "claims",
    "claim_topics",
    "evidence_items",
    "limitations",
    "appraisal_rounds",
    "appraisal_drafts",
    "appraisals",
    "appraisal_evidence",
    "proposals",
    "conflicts_of_interest",
    "merges",
    "revisions",
    "watches",
    "seed_records",
    "overlap_dismissals",
    "study_distinctions",
)
"""In the order of creation: foreign keys point only to earlier tables."""


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "ltrim(slug, 'abcdefghijklmnopqrstuvwxyz0123456789-') = '' AND substr(slug, 1, 1) <> '-'",
            name=op.f("ck_topics_slug_form"),
        ),
        sa.CheckConstraint(
            "length(trim(definition)) >= 1 AND length(definition) <= 300",
            name=op.f("ck_topics_definition_length"),
        ),
        sa.CheckConstraint(
            "length(trim(name)) >= 1 AND length(name) <= 80", name=op.f("ck_topics_name_length")
        ),
        sa.CheckConstraint(
            "length(trim(slug)) >= 1 AND length(slug) <= 80", name=op.f("ck_topics_slug_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("slug", name=op.f("uq_topics_slug")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "study_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "length(trim(name)) >= 1 AND length(name) <= 200", name=op.f("ck_study_groups_name_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_study_groups_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "studies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authors", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("journal", sa.String(), nullable=True),
        sa.Column("volume", sa.String(), nullable=True),
        sa.Column("issue", sa.String(), nullable=True),
        sa.Column("pages", sa.String(), nullable=True),
        sa.Column("doi", sa.String(), nullable=True),
        sa.Column("pmid", sa.String(), nullable=True),
        sa.Column("pmcid", sa.String(), nullable=True),
        sa.Column("registry_id", sa.String(), nullable=True),
        sa.Column("design", sa.String(length=40), nullable=True),
        sa.Column("publication_state", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("centre", sa.String(), nullable=True),
        sa.Column("data_from", sa.Integer(), nullable=True),
        sa.Column("data_to", sa.Integer(), nullable=True),
        sa.Column("version_of_id", sa.Integer(), nullable=True),
        sa.Column("standing", sa.String(length=40), nullable=False),
        sa.Column("standing_date", sa.Date(), nullable=True),
        sa.Column("standing_reason", sa.String(), nullable=True),
        sa.Column("standing_notice_doi", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default="accepted", nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "design IN ('systematic_review', 'randomised_trial', 'non_randomised_trial', 'cohort', 'case_control', 'cross_sectional', 'case_series', 'animal_experiment', 'in_vitro', 'narrative_review', 'expert_opinion', 'news_report')",
            name=op.f("ck_studies_design_term"),
        ),
        sa.CheckConstraint(
            "length(doi) <= 255 AND doi LIKE '10.%/_%' AND doi = lower(doi) AND doi NOT LIKE '% %'",
            name=op.f("ck_studies_doi_form"),
        ),
        sa.CheckConstraint(
            "length(pmcid) <= 255 AND substr(pmcid, 1, 3) = 'PMC' AND length(pmcid) BETWEEN 4 AND 13 AND ltrim(substr(pmcid, 4), '0123456789') = '' AND substr(pmcid, 4, 1) <> '0'",
            name=op.f("ck_studies_pmcid_form"),
        ),
        sa.CheckConstraint(
            "length(pmid) <= 255 AND length(pmid) BETWEEN 1 AND 9 AND ltrim(pmid, '0123456789') = '' AND substr(pmid, 1, 1) <> '0'",
            name=op.f("ck_studies_pmid_form"),
        ),
        sa.CheckConstraint(
            "length(registry_id) <= 40 AND length(registry_id) BETWEEN 5 AND 40 AND registry_id = upper(registry_id) AND registry_id NOT LIKE '% %'",
            name=op.f("ck_studies_registry_id_form"),
        ),
        sa.CheckConstraint(
            "length(standing_notice_doi) <= 255 AND standing_notice_doi LIKE '10.%/_%' AND standing_notice_doi = lower(standing_notice_doi) AND standing_notice_doi NOT LIKE '% %'",
            name=op.f("ck_studies_standing_notice_doi_form"),
        ),
        sa.CheckConstraint(
            "publication_state IN ('published', 'preprint', 'abstract_only', 'registered', 'completed_unpublished')",
            name=op.f("ck_studies_publication_state_term"),
        ),
        sa.CheckConstraint(
            "review_state IN ('submitted', 'accepted', 'rejected')", name=op.f("ck_studies_review_state_term")
        ),
        sa.CheckConstraint(
            "standing IN ('current', 'corrected', 'expression_of_concern', 'retracted', 'retracted_and_replaced', 'withdrawn', 'reinstated', 'superseded_preprint')",
            name=op.f("ck_studies_standing_term"),
        ),
        sa.CheckConstraint(
            "url IS NULL OR (length(url) > 8 AND (substr(url, 1, 8) = 'https://' OR substr(url, 1, 7) = 'http://'))",
            name=op.f("ck_studies_url_is_web_address"),
        ),
        sa.CheckConstraint(
            "data_from BETWEEN 1500 AND 2100 AND data_from = CAST(data_from AS INTEGER)",
            name=op.f("ck_studies_data_from_range"),
        ),
        sa.CheckConstraint(
            "data_from IS NULL OR data_to IS NULL OR data_from <= data_to",
            name=op.f("ck_studies_data_years_in_order"),
        ),
        sa.CheckConstraint(
            "data_to BETWEEN 1500 AND 2100 AND data_to = CAST(data_to AS INTEGER)",
            name=op.f("ck_studies_data_to_range"),
        ),
        sa.CheckConstraint(
            "doi IS NULL OR standing_notice_doi IS NULL OR doi <> standing_notice_doi",
            name=op.f("ck_studies_notice_is_not_the_study"),
        ),
        sa.CheckConstraint(
            "length(trim(authors)) >= 1 AND length(authors) <= 20000", name=op.f("ck_studies_authors_length")
        ),
        sa.CheckConstraint(
            "length(trim(centre)) >= 1 AND length(centre) <= 300", name=op.f("ck_studies_centre_length")
        ),
        sa.CheckConstraint(
            "length(trim(issue)) >= 1 AND length(issue) <= 50", name=op.f("ck_studies_issue_length")
        ),
        sa.CheckConstraint(
            "length(trim(journal)) >= 1 AND length(journal) <= 300", name=op.f("ck_studies_journal_length")
        ),
        sa.CheckConstraint(
            "length(trim(note)) >= 1 AND length(note) <= 2000", name=op.f("ck_studies_note_length")
        ),
        sa.CheckConstraint(
            "length(trim(pages)) >= 1 AND length(pages) <= 50", name=op.f("ck_studies_pages_length")
        ),
        sa.CheckConstraint(
            "length(trim(standing_reason)) >= 1 AND length(standing_reason) <= 1000",
            name=op.f("ck_studies_standing_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(title)) >= 1 AND length(title) <= 1000", name=op.f("ck_studies_title_length")
        ),
        sa.CheckConstraint(
            "length(trim(url)) >= 1 AND length(url) <= 1000", name=op.f("ck_studies_url_length")
        ),
        sa.CheckConstraint(
            "length(trim(volume)) >= 1 AND length(volume) <= 50", name=op.f("ck_studies_volume_length")
        ),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_studies_merged_into_another")),
        sa.CheckConstraint("version_of_id <> id", name=op.f("ck_studies_version_of_another")),
        sa.CheckConstraint(
            "year BETWEEN 1500 AND 2100 AND year = CAST(year AS INTEGER)", name=op.f("ck_studies_year_range")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["study_groups.id"],
            name=op.f("fk_studies_group_id_study_groups"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["studies.id"],
            name=op.f("fk_studies_merged_into_id_studies"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["version_of_id"],
            ["studies.id"],
            name=op.f("fk_studies_version_of_id_studies"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("doi", name=op.f("uq_studies_doi")),
        sa.UniqueConstraint("pmcid", name=op.f("uq_studies_pmcid")),
        sa.UniqueConstraint("pmid", name=op.f("uq_studies_pmid")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_studies_design"), "studies", ["design"], unique=False)
    op.create_index(op.f("ix_studies_group_id"), "studies", ["group_id"], unique=False)
    op.create_index(
        op.f("ix_studies_merged_into_id"),
        "studies",
        ["merged_into_id"],
        unique=False,
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_studies_publication_state"), "studies", ["publication_state"], unique=False)
    op.create_index(op.f("ix_studies_registry_id"), "studies", ["registry_id"], unique=False)
    op.create_index(
        op.f("ix_studies_review_state_id"),
        "studies",
        ["review_state", "id"],
        unique=False,
        sqlite_where=sa.text("review_state <> 'accepted'"),
        postgresql_where=sa.text("review_state <> 'accepted'"),
    )
    op.create_index(op.f("ix_studies_standing"), "studies", ["standing"], unique=False)
    op.create_index(op.f("ix_studies_version_of_id"), "studies", ["version_of_id"], unique=False)
    op.create_index(op.f("ix_studies_year_id"), "studies", ["year", "id"], unique=False)
    op.create_table(
        "study_species",
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("species", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "species IN ('human', 'mouse', 'rat', 'other_animal')", name=op.f("ck_study_species_species_term")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_study_species_study_id_studies"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("study_id", "species", name=op.f("pk_study_species")),
    )
    op.create_index(
        "ix_study_species_species_study_id", "study_species", ["species", "study_id"], unique=False
    )
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
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("evidence_level", sa.String(length=40), nullable=False),
        sa.Column("appraisal_id", sa.Integer(), nullable=True),
        sa.Column("stale_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("population", sa.String(), nullable=True),
        sa.Column("exposure", sa.String(), nullable=True),
        sa.Column("comparator", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("origin_study_id", sa.Integer(), nullable=True),
        sa.Column("origin_section", sa.String(), nullable=True),
        sa.Column("origin_quote", sa.String(), nullable=True),
        sa.Column("origin_quote_prefix", sa.String(), nullable=True),
        sa.Column("origin_quote_suffix", sa.String(), nullable=True),
        sa.Column("origin_quote_check", sa.String(length=40), nullable=True),
        sa.Column("last_searched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default="accepted", nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(evidence_level = 'not_assessed') = (appraisal_id IS NULL)",
            name=op.f("ck_claims_no_naked_grade"),
        ),
        sa.CheckConstraint(
            "kind IN ('association', 'animal_transfer', 'dose_response', 'mechanism', 'diagnostic', 'prognostic', 'treatment', 'prevalence')",
            name=op.f("ck_claims_kind_term"),
        ),
        sa.CheckConstraint(
            "origin_quote_check IN ('verified', 'not_found', 'text_unavailable')",
            name=op.f("ck_claims_origin_quote_check_term"),
        ),
        sa.CheckConstraint(
            "review_state IN ('submitted', 'accepted', 'rejected')", name=op.f("ck_claims_review_state_term")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'active', 'contested', 'superseded', 'withdrawn')",
            name=op.f("ck_claims_status_term"),
        ),
        sa.CheckConstraint(
            "(origin_quote IS NULL) = (origin_quote_check IS NULL)",
            name=op.f("ck_claims_origin_quote_is_checked"),
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
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_claims_merged_into_another")),
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
        sa.CheckConstraint(
            "stale_since IS NULL OR appraisal_id IS NOT NULL", name=op.f("ck_claims_stale_needs_appraisal")
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"],
            ["claims.id"],
            name=op.f("fk_claims_merged_into_id_claims"),
            ondelete="RESTRICT",
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
    op.create_index(
        op.f("ix_claims_merged_into_id"),
        "claims",
        ["merged_into_id"],
        unique=False,
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_claims_origin_study_id"), "claims", ["origin_study_id"], unique=False)
    op.create_index(
        op.f("ix_claims_review_state_id"),
        "claims",
        ["review_state", "id"],
        unique=False,
        sqlite_where=sa.text("review_state <> 'accepted'"),
        postgresql_where=sa.text("review_state <> 'accepted'"),
    )
    op.create_index(op.f("ix_claims_stale_since_id"), "claims", ["stale_since", "id"], unique=False)
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
        sa.Column("quote_check", sa.String(length=40), nullable=True),
        sa.Column("locator", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default="accepted", nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
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
            "quote_check IN ('verified', 'not_found', 'text_unavailable')",
            name=op.f("ck_evidence_items_quote_check_term"),
        ),
        sa.CheckConstraint(
            "review_state IN ('submitted', 'accepted', 'rejected')",
            name=op.f("ck_evidence_items_review_state_term"),
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
            "(quote IS NULL) = (quote_check IS NULL)", name=op.f("ck_evidence_items_quote_is_checked")
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
        op.f("ix_evidence_items_review_state_id"),
        "evidence_items",
        ["review_state", "id"],
        unique=False,
        sqlite_where=sa.text("review_state <> 'accepted'"),
        postgresql_where=sa.text("review_state <> 'accepted'"),
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
        sa.Column("quote_check", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default="accepted", nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "domain IN ('risk_of_bias', 'inconsistency', 'indirectness', 'imprecision', 'publication_bias', 'large_effect', 'dose_response_gradient', 'opposing_confounding')",
            name=op.f("ck_limitations_domain_term"),
        ),
        sa.CheckConstraint(
            "kind IN ('early_stage', 'preliminary', 'small_sample', 'needs_replication', 'needs_diverse_samples', 'specificity_unknown', 'not_all_patients', 'heterogeneous_condition', 'subgroup_size_unknown', 'unknown_trigger', 'needs_efficacy_and_safety_data', 'no_source_named', 'no_control_group', 'selection', 'confounding', 'measurement', 'not_blinded', 'reverse_causation', 'indirect_evidence', 'selective_reporting', 'overlapping_participants', 'other')",
            name=op.f("ck_limitations_kind_term"),
        ),
        sa.CheckConstraint(
            "quote_check IN ('verified', 'not_found', 'text_unavailable')",
            name=op.f("ck_limitations_quote_check_term"),
        ),
        sa.CheckConstraint(
            "review_state IN ('submitted', 'accepted', 'rejected')",
            name=op.f("ck_limitations_review_state_term"),
        ),
        sa.CheckConstraint(
            "(claim_id IS NULL) <> (evidence_id IS NULL)", name=op.f("ck_limitations_of_claim_or_evidence")
        ),
        sa.CheckConstraint(
            "(quote IS NULL) = (quote_check IS NULL)", name=op.f("ck_limitations_quote_is_checked")
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
    op.create_index(
        op.f("ix_limitations_review_state_id"),
        "limitations",
        ["review_state", "id"],
        unique=False,
        sqlite_where=sa.text("review_state <> 'accepted'"),
        postgresql_where=sa.text("review_state <> 'accepted'"),
    )
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
        sa.Column("id", sa.Integer(), nullable=False),
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
            "NOT (COALESCE(risk_of_bias_tool, '') IN ('robins_i', 'robins_e')) OR risk_of_bias_reason IS NOT NULL",
            name=op.f("ck_appraisals_tool_needs_reason"),
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
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target_type", sa.String(length=40), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("target_version", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("evidence_digest", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=True),
        sa.Column("decision_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'appraisal') = (evidence_digest IS NOT NULL)",
            name=op.f("ck_proposals_appraisal_of_known_evidence"),
        ),
        sa.CheckConstraint(
            "(state = 'submitted') = (decided_at IS NULL)", name=op.f("ck_proposals_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "kind IN ('change', 'deletion', 'appraisal')", name=op.f("ck_proposals_kind_term")
        ),
        sa.CheckConstraint(
            "state <> 'rejected' OR decision_reason IS NOT NULL",
            name=op.f("ck_proposals_rejected_with_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('submitted', 'accepted', 'rejected', 'superseded', 'withdrawn')",
            name=op.f("ck_proposals_state_term"),
        ),
        sa.CheckConstraint(
            "length(trim(decision_reason)) >= 1 AND length(decision_reason) <= 500",
            name=op.f("ck_proposals_decision_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500", name=op.f("ck_proposals_reason_length")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_proposals_author_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_proposals_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_proposals_author_id_id"), "proposals", ["author_id", "id"], unique=False)
    op.create_index(op.f("ix_proposals_claim_id_state"), "proposals", ["claim_id", "state"], unique=False)
    op.create_index(op.f("ix_proposals_state_id"), "proposals", ["state", "id"], unique=False)
    op.create_index(
        op.f("ix_proposals_target_type_target_id_state"),
        "proposals",
        ["target_type", "target_id", "state"],
        unique=False,
    )
    op.create_table(
        "conflicts_of_interest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > declared_at", name=op.f("ck_conflicts_of_interest_ends_later")),
        sa.CheckConstraint(
            "length(trim(text)) >= 1 AND length(text) <= 500",
            name=op.f("ck_conflicts_of_interest_text_length"),
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"],
            ["topics.id"],
            name=op.f("fk_conflicts_of_interest_topic_id_topics"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_conflicts_of_interest_user_id_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts_of_interest")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_conflicts_of_interest_user_id_ends_at"),
        "conflicts_of_interest",
        ["user_id", "ends_at"],
        unique=False,
    )
    op.create_table(
        "merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by_id", sa.Integer(), nullable=True),
        sa.Column("effects", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("record_type IN ('claim', 'study')", name=op.f("ck_merges_record_type_term")),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_merges_of_two_records")),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500", name=op.f("ck_merges_reason_length")
        ),
        sa.CheckConstraint(
            "undone_by_id IS NULL OR undone_at IS NOT NULL", name=op.f("ck_merges_undone_at_some_time")
        ),
        sa.ForeignKeyConstraint(
            ["merged_by_id"], ["users.id"], name=op.f("fk_merges_merged_by_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["users.id"], name=op.f("fk_merges_undone_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merges")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_merges_record_type_kept_id"), "merges", ["record_type", "kept_id"], unique=False)
    op.create_index(
        op.f("ix_merges_record_type_merged_id"), "merges", ["record_type", "merged_id"], unique=False
    )
    op.create_index(
        "uq_merges_present_record_type_merged_id",
        "merges",
        ["record_type", "merged_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_role", sa.String(length=40), nullable=True),
        sa.Column("via", sa.String(length=40), nullable=False),
        sa.Column("edit_summary", sa.String(), nullable=True),
        sa.Column("proposal_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "length(trim(edit_summary)) >= 1 AND length(edit_summary) <= 500",
            name=op.f("ck_revisions_edit_summary_length"),
        ),
        sa.CheckConstraint(
            "action IN ('create', 'update', 'delete', 'restore', 'merge', 'unmerge')",
            name=op.f("ck_revisions_action_term"),
        ),
        sa.CheckConstraint(
            "actor_role IN ('reader', 'curator', 'editor', 'admin')",
            name=op.f("ck_revisions_actor_role_term"),
        ),
        sa.CheckConstraint("via IN ('web', 'api', 'command', 'seed')", name=op.f("ck_revisions_via_term")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["users.id"], name=op.f("fk_revisions_actor_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["proposals.id"],
            name=op.f("fk_revisions_proposal_id_proposals"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
        sa.UniqueConstraint(
            "record_type", "record_id", "version", name=op.f("uq_revisions_record_type_record_id_version")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_revisions_actor_id_id"), "revisions", ["actor_id", "id"], unique=False)
    op.create_index(op.f("ix_revisions_changed_at"), "revisions", ["changed_at"], unique=False)
    op.create_index(op.f("ix_revisions_claim_id_id"), "revisions", ["claim_id", "id"], unique=False)
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("review_state", sa.String(length=40), server_default="accepted", nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "review_state IN ('submitted', 'accepted', 'rejected')", name=op.f("ck_watches_review_state_term")
        ),
        sa.CheckConstraint("service IN ('pubmed', 'europe_pmc')", name=op.f("ck_watches_service_term")),
        sa.CheckConstraint("state IN ('active', 'paused')", name=op.f("ck_watches_state_term")),
        sa.CheckConstraint(
            "(claim_id IS NULL) <> (topic_id IS NULL)", name=op.f("ck_watches_of_claim_or_topic")
        ),
        sa.CheckConstraint(
            "length(trim(note)) >= 1 AND length(note) <= 1000", name=op.f("ck_watches_note_length")
        ),
        sa.CheckConstraint(
            "length(trim(query)) >= 1 AND length(query) <= 2000", name=op.f("ck_watches_query_length")
        ),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_watches_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_watches_topic_id_topics"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_watches_claim_id"), "watches", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_watches_review_state_id"),
        "watches",
        ["review_state", "id"],
        unique=False,
        sqlite_where=sa.text("review_state <> 'accepted'"),
        postgresql_where=sa.text("review_state <> 'accepted'"),
    )
    op.create_index(op.f("ix_watches_topic_id"), "watches", ["topic_id"], unique=False)
    op.create_table(
        "seed_records",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_seed_records")),
    )
    op.create_table(
        "overlap_dismissals",
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_overlap_dismissals_in_order")),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500",
            name=op.f("ck_overlap_dismissals_reason_length"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_overlap_dismissals_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["studies.id"],
            name=op.f("fk_overlap_dismissals_first_id_studies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["studies.id"],
            name=op.f("fk_overlap_dismissals_second_id_studies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_overlap_dismissals")),
    )
    op.create_index(
        op.f("ix_overlap_dismissals_second_id"), "overlap_dismissals", ["second_id"], unique=False
    )
    op.create_table(
        "study_distinctions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(second_id IS NULL) <> (fingerprint IS NULL)", name=op.f("ck_study_distinctions_from_one_other")
        ),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_study_distinctions_in_order")),
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
    # Claims and appraisals reference each other.
    with op.batch_alter_table("claims", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.create_foreign_key(
            op.f("fk_claims_appraisal_id_appraisals"),
            "appraisals",
            ["appraisal_id"],
            ["id"],
            ondelete="RESTRICT",
        )


def downgrade() -> None:
    op.execute("UPDATE claims SET appraisal_id = NULL, evidence_level = 'not_assessed', stale_since = NULL")
    with op.batch_alter_table("claims", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("fk_claims_appraisal_id_appraisals"), type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
