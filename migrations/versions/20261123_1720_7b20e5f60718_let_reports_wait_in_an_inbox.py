"""Let reports wait in an inbox.

Claims, topics, watches, studies and evidence are named by number, without a foreign key: no deletion takes along
what was decided.

Revision ID: 7b20e5f60718
Revises: 1f5a6b7c8d90
Create Date: 2026-11-23 17:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7b20e5f60718"
down_revision = "1f5a6b7c8d90"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("title_key", sa.String(), nullable=True),
        sa.Column("authors", sa.String(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("journal", sa.String(), nullable=True),
        sa.Column("doi", sa.String(), nullable=True),
        sa.Column("pmid", sa.String(), nullable=True),
        sa.Column("pmcid", sa.String(), nullable=True),
        sa.Column("registry_id", sa.String(), nullable=True),
        sa.Column("abstract", sa.String(), nullable=True),
        sa.Column("retraction", sa.String(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("assigned_to_id", sa.Integer(), nullable=True),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "length(doi) <= 255 AND doi LIKE '10.%/_%' AND doi = lower(doi) AND doi NOT LIKE '% %'",
            name=op.f("ck_candidates_doi_form"),
        ),
        sa.CheckConstraint(
            "length(pmcid) <= 255 AND substr(pmcid, 1, 3) = 'PMC' AND length(pmcid) BETWEEN 4 AND 13 AND ltrim(substr(pmcid, 4), '0123456789') = '' AND substr(pmcid, 4, 1) <> '0'",
            name=op.f("ck_candidates_pmcid_form"),
        ),
        sa.CheckConstraint(
            "length(pmid) <= 255 AND length(pmid) BETWEEN 1 AND 9 AND ltrim(pmid, '0123456789') = '' AND substr(pmid, 1, 1) <> '0'",
            name=op.f("ck_candidates_pmid_form"),
        ),
        sa.CheckConstraint(
            "length(registry_id) <= 40 AND length(registry_id) BETWEEN 5 AND 40 AND registry_id = upper(registry_id) AND registry_id NOT LIKE '% %'",
            name=op.f("ck_candidates_registry_id_form"),
        ),
        sa.CheckConstraint(
            "state <> 'linked' OR study_id IS NOT NULL", name=op.f("ck_candidates_linked_to_a_study")
        ),
        sa.CheckConstraint(
            "state <> 'not_relevant' OR reason IS NOT NULL",
            name=op.f("ck_candidates_not_relevant_with_reason"),
        ),
        sa.CheckConstraint(
            "state = 'waiting' OR decided_at IS NOT NULL", name=op.f("ck_candidates_decided_at_some_time")
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'later', 'linked', 'not_relevant')", name=op.f("ck_candidates_state_term")
        ),
        sa.CheckConstraint(
            "(title IS NULL) = (title_key IS NULL)", name=op.f("ck_candidates_title_with_key")
        ),
        sa.CheckConstraint(
            "length(trim(abstract)) >= 1 AND length(abstract) <= 2000000",
            name=op.f("ck_candidates_abstract_length"),
        ),
        sa.CheckConstraint(
            "length(trim(authors)) >= 1 AND length(authors) <= 20000",
            name=op.f("ck_candidates_authors_length"),
        ),
        sa.CheckConstraint(
            "length(trim(journal)) >= 1 AND length(journal) <= 300", name=op.f("ck_candidates_journal_length")
        ),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500", name=op.f("ck_candidates_reason_length")
        ),
        sa.CheckConstraint(
            "length(trim(retraction)) >= 1 AND length(retraction) <= 500",
            name=op.f("ck_candidates_retraction_length"),
        ),
        sa.CheckConstraint(
            "length(trim(title)) >= 1 AND length(title) <= 1000", name=op.f("ck_candidates_title_length")
        ),
        sa.CheckConstraint(
            "title IS NOT NULL OR doi IS NOT NULL OR pmid IS NOT NULL OR pmcid IS NOT NULL OR registry_id IS NOT NULL",
            name=op.f("ck_candidates_known_by_something"),
        ),
        sa.CheckConstraint(
            "year BETWEEN 1500 AND 2100 AND year = CAST(year AS INTEGER)",
            name=op.f("ck_candidates_year_range"),
        ),
        sa.ForeignKeyConstraint(
            ["assigned_to_id"],
            ["users.id"],
            name=op.f("fk_candidates_assigned_to_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_candidates_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidates")),
        sa.UniqueConstraint("doi", name=op.f("uq_candidates_doi")),
        sa.UniqueConstraint("pmcid", name=op.f("uq_candidates_pmcid")),
        sa.UniqueConstraint("pmid", name=op.f("uq_candidates_pmid")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_candidates_assigned_to_id_state_id"),
        "candidates",
        ["assigned_to_id", "state", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_candidates_registry_id"), "candidates", ["registry_id"], unique=False)
    op.create_index(op.f("ix_candidates_state_id"), "candidates", ["state", "id"], unique=False)
    op.create_index(op.f("ix_candidates_study_id"), "candidates", ["study_id"], unique=False)
    op.create_index(op.f("ix_candidates_title_key"), "candidates", ["title_key"], unique=False)

    op.create_table(
        "candidate_decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("study_id", sa.Integer(), nullable=True),
        sa.Column("evidence_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "action <> 'not_relevant' OR reason IS NOT NULL",
            name=op.f("ck_candidate_decisions_not_relevant_with_reason"),
        ),
        sa.CheckConstraint(
            "action IN ('linked', 'study_made', 'taken_as_study', 'not_relevant', 'later', 'handed_on', 'brought_back', 'completed')",
            name=op.f("ck_candidate_decisions_action_term"),
        ),
        sa.CheckConstraint(
            "length(trim(reason)) >= 1 AND length(reason) <= 500",
            name=op.f("ck_candidate_decisions_reason_length"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_candidate_decisions_by_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidates.id"],
            name=op.f("fk_candidate_decisions_candidate_id_candidates"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["to_id"], ["users.id"], name=op.f("fk_candidate_decisions_to_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_decisions")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_candidate_decisions_candidate_id"), "candidate_decisions", ["candidate_id"], unique=False
    )
    op.create_index(
        op.f("ix_candidate_decisions_claim_id_action"),
        "candidate_decisions",
        ["claim_id", "action"],
        unique=False,
    )

    op.create_table(
        "candidate_origins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("candidate_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("watch_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind = 'watch' OR watch_id IS NULL", name=op.f("ck_candidate_origins_watch_of_a_watch")
        ),
        sa.CheckConstraint(
            "kind IN ('identifier', 'file', 'watch')", name=op.f("ck_candidate_origins_kind_term")
        ),
        sa.CheckConstraint(
            "length(trim(detail)) >= 1 AND length(detail) <= 500",
            name=op.f("ck_candidate_origins_detail_length"),
        ),
        sa.CheckConstraint("line IS NULL OR line >= 1", name=op.f("ck_candidate_origins_line_range")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_candidate_origins_by_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["candidates.id"],
            name=op.f("fk_candidate_origins_candidate_id_candidates"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidate_origins")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_candidate_origins_candidate_id"), "candidate_origins", ["candidate_id"], unique=False
    )
    op.create_index(
        op.f("ix_candidate_origins_claim_id_candidate_id"),
        "candidate_origins",
        ["claim_id", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_candidate_origins_kind_candidate_id"),
        "candidate_origins",
        ["kind", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_candidate_origins_topic_id_candidate_id"),
        "candidate_origins",
        ["topic_id", "candidate_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_candidate_origins_watch_id_candidate_id"),
        "candidate_origins",
        ["watch_id", "candidate_id"],
        unique=False,
    )


def downgrade() -> None:
    for table in ("candidate_origins", "candidate_decisions", "candidates"):
        op.drop_table(table)
