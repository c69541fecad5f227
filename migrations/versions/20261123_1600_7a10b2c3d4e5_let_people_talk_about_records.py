"""Let people talk about records: comments and whom they mention, flags, and what readers report.

What these are about is named by type and number, without a foreign key: no deletion takes words along.

Revision ID: 7a10b2c3d4e5
Revises: 234dea9f156b
Create Date: 2026-11-23 16:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "7a10b2c3d4e5"
down_revision = "234dea9f156b"
branch_labels = None
depends_on = None


def upgrade() -> None:
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
    for table in ("reader_reports", "mentions", "flags", "comments"):
        op.drop_table(table)
