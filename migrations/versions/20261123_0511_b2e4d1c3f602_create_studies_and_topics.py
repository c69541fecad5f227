"""Create topics, study groups and studies.

Revision ID: b2e4d1c3f602
Revises: a1f3c0d2e501
Create Date: 2026-11-23 05:11:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "b2e4d1c3f602"
down_revision = "a1f3c0d2e501"
branch_labels = None
depends_on = None


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
            "standing IN ('current', 'corrected', 'expression_of_concern', 'retracted', 'retracted_and_replaced', 'withdrawn', 'superseded_preprint')",
            name=op.f("ck_studies_standing_term"),
        ),
        sa.CheckConstraint(
            "url IS NULL OR (length(url) > 8 AND (substr(url, 1, 8) = 'https://' OR substr(url, 1, 7) = 'http://'))",
            name=op.f("ck_studies_url_is_web_address"),
        ),
        sa.CheckConstraint(
            "length(trim(authors)) >= 1 AND length(authors) <= 20000", name=op.f("ck_studies_authors_length")
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
            ["version_of_id"],
            ["studies.id"],
            name=op.f("fk_studies_version_of_id_studies"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_studies")),
        sa.UniqueConstraint("doi", name=op.f("uq_studies_doi")),
        sa.UniqueConstraint("pmcid", name=op.f("uq_studies_pmcid")),
        sa.UniqueConstraint("pmid", name=op.f("uq_studies_pmid")),
        sa.UniqueConstraint("registry_id", name=op.f("uq_studies_registry_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_studies_design"), "studies", ["design"], unique=False)
    op.create_index(op.f("ix_studies_group_id"), "studies", ["group_id"], unique=False)
    op.create_index(op.f("ix_studies_publication_state"), "studies", ["publication_state"], unique=False)
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


def downgrade() -> None:
    op.drop_table("study_species")
    op.drop_table("studies")
    op.drop_table("study_groups")
    op.drop_table("topics")
