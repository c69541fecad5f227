"""Create the inbox, imports, searches, retraction notices and discussion.

Revision ID: c1a0000000a3
Revises: c1a0000000a2
Create Date: 2026-11-27 09:02:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "c1a0000000a3"
down_revision = "c1a0000000a2"
branch_labels = None
depends_on = None

TABLES = (
    "watch_runs",
    "candidates",
    "candidate_origins",
    "candidate_decisions",
    "imports",
    "import_rows",
    "retraction_loads",
    "retraction_notices",
    "comments",
    "mentions",
    "flags",
    "reader_reports",
)
"""In the order of creation: foreign keys point only to earlier tables."""


def upgrade() -> None:
    op.create_table(
        "watch_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alive_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("n_found", sa.Integer(), nullable=False),
        sa.Column("n_new", sa.Integer(), nullable=False),
        sa.Column("n_known", sa.Integer(), nullable=False),
        sa.Column("n_not_relevant", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint("service IN ('pubmed', 'europe_pmc')", name=op.f("ck_watch_runs_service_term")),
        sa.CheckConstraint(
            "error IS NULL OR ended_at IS NOT NULL", name=op.f("ck_watch_runs_error_at_its_end")
        ),
        sa.CheckConstraint(
            "length(trim(error)) >= 1 AND length(error) <= 500", name=op.f("ck_watch_runs_error_length")
        ),
        sa.CheckConstraint(
            "n_found >= 0 AND n_new >= 0 AND n_known >= 0 AND n_not_relevant >= 0",
            name=op.f("ck_watch_runs_counts_range"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_watch_runs_watch_id_id"), "watch_runs", ["watch_id", "id"], unique=False)
    op.create_index(
        "uq_watch_runs_open",
        "watch_runs",
        ["watch_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
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
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_imports_done_when")),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_imports_state_term")),
        sa.CheckConstraint(
            "length(trim(file_name)) >= 1 AND length(file_name) <= 200",
            name=op.f("ck_imports_file_name_length"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_imports_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_imports_made_at"), "imports", ["made_at"], unique=False)
    op.create_index(op.f("ix_imports_user_id_id"), "imports", ["user_id", "id"], unique=False)
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("take", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("record", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('created', 'updated', 'proposed', 'submitted', 'inbox', 'skipped', 'refused')",
            name=op.f("ck_import_rows_outcome_term"),
        ),
        sa.CheckConstraint(
            "state IN ('new', 'changed', 'conflict', 'differs', 'unsure', 'same', 'unchanged', 'refused')",
            name=op.f("ck_import_rows_state_term"),
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_rows")),
    )
    op.create_index(
        op.f("ix_import_rows_import_id_state_number"),
        "import_rows",
        ["import_id", "state", "number"],
        unique=False,
    )
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
        sa.CheckConstraint(
            "nature IN ('retraction', 'correction', 'expression_of_concern', 'reinstatement')",
            name=op.f("ck_retraction_notices_nature_term"),
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_retraction_notices_number_range")),
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
    op.create_index(op.f("ix_retraction_notices_load_id"), "retraction_notices", ["load_id"], unique=False)
    op.create_index(
        op.f("ix_retraction_notices_original_doi"), "retraction_notices", ["original_doi"], unique=False
    )
    op.create_index(
        op.f("ix_retraction_notices_original_pmid"), "retraction_notices", ["original_pmid"], unique=False
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_by_id", sa.Integer(), nullable=True),
        sa.Column("hidden_reason", sa.String(), nullable=True),
        sa.CheckConstraint(
            "record_type IN ('claim', 'evidence', 'proposal')", name=op.f("ck_comments_record_type_term")
        ),
        sa.CheckConstraint(
            "(hidden_at IS NULL) = (hidden_by_id IS NULL) AND (hidden_at IS NULL) = (hidden_reason IS NULL)",
            name=op.f("ck_comments_hidden_with_reason"),
        ),
        sa.CheckConstraint(
            "length(trim(hidden_reason)) >= 1 AND length(hidden_reason) <= 500",
            name=op.f("ck_comments_hidden_reason_length"),
        ),
        sa.CheckConstraint(
            "length(trim(text)) >= 1 AND length(text) <= 4000", name=op.f("ck_comments_text_length")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_comments_author_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["hidden_by_id"], ["users.id"], name=op.f("fk_comments_hidden_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_comments_claim_id"), "comments", ["claim_id"], unique=False)
    op.create_index(
        op.f("ix_comments_record_type_record_id_id"),
        "comments",
        ["record_type", "record_id", "id"],
        unique=False,
    )
    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comments.id"], name=op.f("fk_mentions_comment_id_comments"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_mentions_user_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint("comment_id", "user_id", name=op.f("uq_mentions_comment_id_user_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mentions_user_id_read_at"), "mentions", ["user_id", "read_at"], unique=False)
    op.create_table(
        "flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("resolution", sa.String(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('wrong_quote', 'wrong_direction', 'retracted_study', 'duplicate', 'unclear', 'other')",
            name=op.f("ck_flags_kind_term"),
        ),
        sa.CheckConstraint("record_type IN ('claim', 'evidence')", name=op.f("ck_flags_record_type_term")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (closed_by_id IS NULL)", name=op.f("ck_flags_closed_by_somebody")
        ),
        sa.CheckConstraint(
            "closed_at IS NULL OR resolution IS NOT NULL OR (author_id IS NOT NULL AND closed_by_id = author_id)",
            name=op.f("ck_flags_closed_with_resolution"),
        ),
        sa.CheckConstraint(
            "length(trim(resolution)) >= 1 AND length(resolution) <= 500",
            name=op.f("ck_flags_resolution_length"),
        ),
        sa.CheckConstraint(
            "length(trim(text)) >= 1 AND length(text) <= 4000", name=op.f("ck_flags_text_length")
        ),
        sa.CheckConstraint(
            "resolution IS NULL OR closed_at IS NOT NULL", name=op.f("ck_flags_resolved_when_closed")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_flags_author_id_users"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["users.id"], name=op.f("fk_flags_closed_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_flags_closed_at_record_type"), "flags", ["closed_at", "record_type"], unique=False
    )
    op.create_index(
        op.f("ix_flags_record_type_record_id"), "flags", ["record_type", "record_id"], unique=False
    )
    op.create_table(
        "reader_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("dismissal", sa.String(), nullable=True),
        sa.Column("flag_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(decided_at IS NULL AND flag_id IS NULL AND dismissal IS NULL) OR (decided_at IS NOT NULL AND (flag_id IS NULL) <> (dismissal IS NULL))",
            name=op.f("ck_reader_reports_accepted_or_dismissed"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)",
            name=op.f("ck_reader_reports_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "length(trim(contact)) >= 1 AND length(contact) <= 200",
            name=op.f("ck_reader_reports_contact_length"),
        ),
        sa.CheckConstraint(
            "length(trim(dismissal)) >= 1 AND length(dismissal) <= 500",
            name=op.f("ck_reader_reports_dismissal_length"),
        ),
        sa.CheckConstraint(
            "length(trim(text)) >= 1 AND length(text) <= 4000", name=op.f("ck_reader_reports_text_length")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["users.id"],
            name=op.f("fk_reader_reports_decided_by_id_users"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["flag_id"], ["flags.id"], name=op.f("fk_reader_reports_flag_id_flags"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reader_reports")),
        sa.UniqueConstraint("flag_id", name=op.f("uq_reader_reports_flag_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_reader_reports_decided_at_id"), "reader_reports", ["decided_at", "id"], unique=False
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
