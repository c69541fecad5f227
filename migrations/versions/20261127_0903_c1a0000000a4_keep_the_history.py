"""Create the version tables and the triggers.

Revision ID: c1a0000000a4
Revises: c1a0000000a3
Create Date: 2026-11-27 09:03:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v1

revision = "c1a0000000a4"
down_revision = "c1a0000000a3"
branch_labels = None
depends_on = None

TABLES = (
    "claim_topics_versions",
    "claims_versions",
    "evidence_items_versions",
    "history_clock",
    "limitations_versions",
    "proposals_versions",
    "studies_versions",
    "study_groups_versions",
    "study_species_versions",
    "study_texts_versions",
    "topics_versions",
    "watches_versions",
)


def upgrade() -> None:
    op.create_table(
        "claim_topics_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("topic_id", sa.Integer(), autoincrement=False, nullable=False),
    )
    op.create_index(
        "ix_claim_topics_versions_key",
        "claim_topics_versions",
        ["claim_id", "topic_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_claim_topics_versions_topic_id_claim_id",
        "claim_topics_versions",
        ["topic_id", "claim_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "uq_claim_topics_versions_open",
        "claim_topics_versions",
        ["claim_id", "topic_id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "claims_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("statement", sa.String(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("evidence_level", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("appraisal_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("stale_since", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("population", sa.String(), autoincrement=False, nullable=True),
        sa.Column("exposure", sa.String(), autoincrement=False, nullable=True),
        sa.Column("comparator", sa.String(), autoincrement=False, nullable=True),
        sa.Column("outcome", sa.String(), autoincrement=False, nullable=True),
        sa.Column("origin_study_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("origin_section", sa.String(), autoincrement=False, nullable=True),
        sa.Column("origin_quote", sa.String(), autoincrement=False, nullable=True),
        sa.Column("origin_quote_prefix", sa.String(), autoincrement=False, nullable=True),
        sa.Column("origin_quote_suffix", sa.String(), autoincrement=False, nullable=True),
        sa.Column("origin_quote_check", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("last_searched_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "review_state",
            sa.String(length=40),
            server_default="accepted",
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("added_by_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("merged_into_id", sa.Integer(), autoincrement=False, nullable=True),
    )
    op.create_index(
        "ix_claims_versions_created_at_id",
        "claims_versions",
        ["created_at", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_evidence_level_id",
        "claims_versions",
        ["evidence_level", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_key",
        "claims_versions",
        ["id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_kind_id",
        "claims_versions",
        ["kind", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_origin_study_id",
        "claims_versions",
        ["origin_study_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_stale_since_id",
        "claims_versions",
        ["stale_since", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_status_id",
        "claims_versions",
        ["status", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_claims_versions_updated_at_id",
        "claims_versions",
        ["updated_at", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "uq_claims_versions_open",
        "claims_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "evidence_items_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("directness", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("hedge", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("risk_of_bias", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("summary", sa.String(), autoincrement=False, nullable=True),
        sa.Column("effect_measure", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("effect_value", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("ci_low", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("ci_high", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("ci_level", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("p_value", sa.String(), autoincrement=False, nullable=True),
        sa.Column("p_number", sa.Double(), autoincrement=False, nullable=True),
        sa.Column("n_cases", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("n_controls", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("n_animals", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("n_donors", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("unit_of_analysis", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("quote", sa.String(), autoincrement=False, nullable=True),
        sa.Column("quote_prefix", sa.String(), autoincrement=False, nullable=True),
        sa.Column("quote_suffix", sa.String(), autoincrement=False, nullable=True),
        sa.Column("quote_check", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("locator", sa.String(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "review_state",
            sa.String(length=40),
            server_default="accepted",
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("added_by_id", sa.Integer(), autoincrement=False, nullable=True),
    )
    op.create_index(
        "ix_evidence_items_versions_claim_id_direction",
        "evidence_items_versions",
        ["claim_id", "direction", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_evidence_items_versions_key",
        "evidence_items_versions",
        ["id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_evidence_items_versions_study_id_claim_id",
        "evidence_items_versions",
        ["study_id", "claim_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "uq_evidence_items_versions_open",
        "evidence_items_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table("history_clock", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "limitations_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("evidence_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("domain", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("text", sa.String(), autoincrement=False, nullable=False),
        sa.Column("quote", sa.String(), autoincrement=False, nullable=True),
        sa.Column("quote_prefix", sa.String(), autoincrement=False, nullable=True),
        sa.Column("quote_suffix", sa.String(), autoincrement=False, nullable=True),
        sa.Column("quote_check", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "review_state",
            sa.String(length=40),
            server_default="accepted",
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("added_by_id", sa.Integer(), autoincrement=False, nullable=True),
    )
    op.create_index(
        "ix_limitations_versions_claim_id",
        "limitations_versions",
        ["claim_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_limitations_versions_evidence_id",
        "limitations_versions",
        ["evidence_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_limitations_versions_key",
        "limitations_versions",
        ["id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "uq_limitations_versions_open",
        "limitations_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "proposals_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("target_type", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target_version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("changes", sa.JSON(), autoincrement=False, nullable=False),
        sa.Column("evidence_digest", sa.String(), autoincrement=False, nullable=True),
        sa.Column("reason", sa.String(), autoincrement=False, nullable=False),
        sa.Column("author_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("decided_by_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("decision_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("decision_seen_at", sa.DateTime(timezone=True), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
    )
    op.create_index(
        "ix_proposals_versions_author_id_id",
        "proposals_versions",
        ["author_id", "id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_proposals_versions_claim_id_state",
        "proposals_versions",
        ["claim_id", "state", "id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_proposals_versions_key", "proposals_versions", ["id", "valid_from", "valid_to"], unique=False
    )
    op.create_index(
        "ix_proposals_versions_state_id",
        "proposals_versions",
        ["state", "id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_proposals_versions_target_type_target_id_state",
        "proposals_versions",
        ["target_type", "target_id", "state", "id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "uq_proposals_versions_open",
        "proposals_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "studies_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(), autoincrement=False, nullable=False),
        sa.Column("authors", sa.String(), autoincrement=False, nullable=True),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("journal", sa.String(), autoincrement=False, nullable=True),
        sa.Column("volume", sa.String(), autoincrement=False, nullable=True),
        sa.Column("issue", sa.String(), autoincrement=False, nullable=True),
        sa.Column("pages", sa.String(), autoincrement=False, nullable=True),
        sa.Column("doi", sa.String(), autoincrement=False, nullable=True),
        sa.Column("pmid", sa.String(), autoincrement=False, nullable=True),
        sa.Column("pmcid", sa.String(), autoincrement=False, nullable=True),
        sa.Column("registry_id", sa.String(), autoincrement=False, nullable=True),
        sa.Column("design", sa.String(length=40), autoincrement=False, nullable=True),
        sa.Column("publication_state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("group_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("centre", sa.String(), autoincrement=False, nullable=True),
        sa.Column("data_from", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("data_to", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("version_of_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("standing", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("standing_date", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("standing_reason", sa.String(), autoincrement=False, nullable=True),
        sa.Column("standing_notice_doi", sa.String(), autoincrement=False, nullable=True),
        sa.Column("url", sa.String(), autoincrement=False, nullable=True),
        sa.Column("note", sa.String(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "review_state",
            sa.String(length=40),
            server_default="accepted",
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("added_by_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("merged_into_id", sa.Integer(), autoincrement=False, nullable=True),
    )
    op.create_index(
        "ix_studies_versions_design",
        "studies_versions",
        ["design", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_group_id",
        "studies_versions",
        ["group_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_key",
        "studies_versions",
        ["id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_publication_state",
        "studies_versions",
        ["publication_state", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_registry_id",
        "studies_versions",
        ["registry_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_standing",
        "studies_versions",
        ["standing", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_version_of_id",
        "studies_versions",
        ["version_of_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_studies_versions_year_id",
        "studies_versions",
        ["year", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "uq_studies_versions_open",
        "studies_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "study_groups_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
    )
    op.create_index(
        "ix_study_groups_versions_key",
        "study_groups_versions",
        ["id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "uq_study_groups_versions_open",
        "study_groups_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "study_species_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("species", sa.String(length=40), autoincrement=False, nullable=False),
    )
    op.create_index(
        "ix_study_species_versions_key",
        "study_species_versions",
        ["study_id", "species", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "ix_study_species_versions_species_study_id",
        "study_species_versions",
        ["species", "study_id", "valid_from", "valid_to"],
        unique=False,
    )
    op.create_index(
        "uq_study_species_versions_open",
        "study_species_versions",
        ["study_id", "species"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "study_texts_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("study_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(), autoincrement=False, nullable=False),
        sa.Column("content", sa.String(), autoincrement=False, nullable=True),
        sa.Column("length", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), autoincrement=False, nullable=False),
        sa.Column("sections", sa.JSON(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
    )
    op.create_index(
        "ix_study_texts_versions_key", "study_texts_versions", ["id", "valid_from", "valid_to"], unique=False
    )
    op.create_index(
        "uq_study_texts_versions_open",
        "study_texts_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "topics_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), autoincrement=False, nullable=False),
        sa.Column("definition", sa.String(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
    )
    op.create_index(
        "ix_topics_versions_key", "topics_versions", ["id", "valid_from", "valid_to"], unique=False
    )
    op.create_index(
        "uq_topics_versions_open",
        "topics_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.create_table(
        "watches_versions",
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("service", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("query", sa.String(), autoincrement=False, nullable=False),
        sa.Column("claim_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("topic_id", sa.Integer(), autoincrement=False, nullable=True),
        sa.Column("state", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("note", sa.String(), autoincrement=False, nullable=True),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), autoincrement=False, nullable=False),
        sa.Column(
            "review_state",
            sa.String(length=40),
            server_default="accepted",
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("added_by_id", sa.Integer(), autoincrement=False, nullable=True),
    )
    op.create_index(
        "ix_watches_versions_claim_id",
        "watches_versions",
        ["claim_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_watches_versions_key",
        "watches_versions",
        ["id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "ix_watches_versions_topic_id",
        "watches_versions",
        ["topic_id", "id", "valid_from", "valid_to", "review_state"],
        unique=False,
    )
    op.create_index(
        "uq_watches_versions_open",
        "watches_versions",
        ["id"],
        unique=True,
        sqlite_where=sa.text("valid_to IS NULL"),
        postgresql_where=sa.text("valid_to IS NULL"),
    )
    op.execute("INSERT INTO history_clock (changed_at) VALUES (NULL)")
    for statement in v1.TRIGGERS.create(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in v1.TRIGGERS.drop(op.get_bind().dialect.name):
        op.execute(statement)
    for table in reversed(TABLES):
        op.drop_table(table)
