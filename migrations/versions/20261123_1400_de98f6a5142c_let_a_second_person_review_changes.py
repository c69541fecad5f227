"""Let a second person review changes.

Revision ID: de98f6a5142c
Revises: cd87e5f4031b
Create Date: 2026-11-23 14:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "de98f6a5142c"
down_revision = "cd87e5f4031b"
branch_labels = None
depends_on = None

REVIEWED = ("claims", "studies", "evidence_items", "limitations")


def upgrade() -> None:
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
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
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
            "target_type IN ('claim', 'study', 'evidence', 'limitation', 'appraisal', 'study_text', 'topic', 'study_group', 'proposal')",
            name=op.f("ck_proposals_target_type_term"),
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

    for table in REVIEWED:
        # Plain steps, which both databases know: nothing is rebuilt, however many rows there are.
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN review_state VARCHAR(40) DEFAULT 'accepted' NOT NULL "
            f"CONSTRAINT ck_{table}_review_state_term "
            "CHECK (review_state IN ('submitted', 'accepted', 'rejected'))"
        )
        op.execute(f"ALTER TABLE {table} ADD COLUMN added_by_id INTEGER")
        op.create_index(
            f"ix_{table}_review_state_id",
            table,
            ["review_state", "id"],
            sqlite_where=sa.text("review_state <> 'accepted'"),
            postgresql_where=sa.text("review_state <> 'accepted'"),
        )


def downgrade() -> None:
    for table in REVIEWED:
        op.drop_index(f"ix_{table}_review_state_id", table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN added_by_id")
        op.execute(f"ALTER TABLE {table} DROP COLUMN review_state")
    op.drop_table("proposals")
    op.drop_table("conflicts_of_interest")
