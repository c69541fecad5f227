"""Send webhooks.

Revision ID: e9c40b7d5a12
Revises: a9c4e7d20001
Create Date: 2026-11-28 09:50:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "e9c40b7d5a12"
down_revision = "a9c4e7d20001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("events", sa.String(), nullable=False),
        sa.Column("secret_salt", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_reason", sa.String(), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("succeeded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(address LIKE 'https://%' OR address LIKE 'http://%') AND length(address) <= 2000",
            name=op.f("ck_webhooks_address_form"),
        ),
        sa.CheckConstraint("length(events) >= 1", name=op.f("ck_webhooks_events_chosen")),
        sa.CheckConstraint("length(secret_hash) = 64", name=op.f("ck_webhooks_secret_hash_form")),
        sa.CheckConstraint("length(secret_salt) = 64", name=op.f("ck_webhooks_secret_salt_form")),
        sa.CheckConstraint(
            "length(trim(description)) >= 1 AND length(description) <= 200",
            name=op.f("ck_webhooks_description_length"),
        ),
        sa.CheckConstraint(
            "pause_reason IS NULL OR paused_at IS NOT NULL", name=op.f("ck_webhooks_pause_has_time")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_webhooks_made_by_id_users"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (next_attempt_at IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_pending_has_next"),
        ),
        sa.CheckConstraint(
            "event IN ('claim.created', 'claim.changed', 'claim.deleted', 'level.changed', 'study.retracted', 'release.published', 'ping')",
            name=op.f("ck_webhook_deliveries_event_term"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_state_term")
        ),
        sa.CheckConstraint(
            "attempts >= failures AND failures >= 0", name=op.f("ck_webhook_deliveries_attempts_range")
        ),
        sa.ForeignKeyConstraint(
            ["webhook_id"],
            ["webhooks.id"],
            name=op.f("fk_webhook_deliveries_webhook_id_webhooks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint("webhook_id", "event_id", name=op.f("uq_webhook_deliveries_webhook_id_event_id")),
        sqlite_autoincrement=True,
    )
    for columns in (["queued_at"], ["webhook_id", "id"], ["webhook_id", "state", "next_attempt_at"]):
        op.create_index(f"ix_webhook_deliveries_{'_'.join(columns)}", "webhook_deliveries", columns)


def downgrade() -> None:
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
