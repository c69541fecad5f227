"""Keep the answers of requests with an Idempotency-Key.

Revision ID: a9c4e7d20001
Revises: d5b8a1e30001
Create Date: 2026-11-28 09:45:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "a9c4e7d20001"
down_revision = "d5b8a1e30001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_requests",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("tag", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(key) = 64", name=op.f("ck_api_requests_key_form")),
        sa.CheckConstraint(
            "length(content_hash) = 64",
            name=op.f("ck_api_requests_content_hash_form"),
        ),
        sa.CheckConstraint("status BETWEEN 200 AND 299", name=op.f("ck_api_requests_status_range")),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["api_tokens.id"],
            name=op.f("fk_api_requests_token_id_api_tokens"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_requests")),
    )
    op.create_index(op.f("ix_api_requests_made_at"), "api_requests", ["made_at"], unique=False)
    op.create_index(op.f("ix_api_requests_token_id"), "api_requests", ["token_id"], unique=False)


def downgrade() -> None:
    op.drop_table("api_requests")
