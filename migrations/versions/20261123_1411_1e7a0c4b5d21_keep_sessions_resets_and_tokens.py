"""Keep sessions, links for new passwords, API tokens, and what is counted against guessing.

Sessions of before end with this: their cookies name none of the new table. Failed log-ins of before
are forgotten.

Revision ID: 1e7a0c4b5d21
Revises: 2f8b1d5c6e32
Create Date: 2026-11-23 14:11:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "1e7a0c4b5d21"
down_revision = "2f8b1d5c6e32"
branch_labels = None
depends_on = None

EMAIL = "length(email) BETWEEN 6 AND 254 AND email LIKE '_%@_%.__%' AND email = lower(email)"
ORCID = "length(orcid) = 19 AND orcid LIKE '____-____-____-____' AND ltrim(substr(orcid, 1, 18), '0123456789-') = '' AND ltrim(substr(orcid, 19), '0123456789X') = ''"


def upgrade() -> None:
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("email", sa.String(), nullable=True))
        batch.add_column(sa.Column("orcid", sa.String(), nullable=True))
        batch.create_unique_constraint(op.f("uq_users_email"), ["email"])
        batch.create_unique_constraint(op.f("uq_users_orcid"), ["orcid"])
        batch.create_check_constraint(op.f("ck_users_email_form"), EMAIL)
        batch.create_check_constraint(op.f("ck_users_orcid_form"), ORCID)
        batch.drop_column("session_number")
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_sessions_token_hash_form")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_user_id"), "sessions", ["user_id"], unique=False)
    op.create_table(
        "password_resets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_password_resets_token_hash_form")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_password_resets_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_resets")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_password_resets_token_hash")),
    )
    op.create_index(op.f("ix_password_resets_user_id"), "password_resets", ["user_id"], unique=False)
    op.create_table(
        "api_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("scope", sa.String(length=40), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(token_hash) = 64", name=op.f("ck_api_tokens_token_hash_form")),
        sa.CheckConstraint(
            "length(trim(label)) >= 1 AND length(label) <= 100", name=op.f("ck_api_tokens_label_length")
        ),
        sa.CheckConstraint("scope IN ('read', 'write')", name=op.f("ck_api_tokens_scope_term")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_tokens_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_tokens_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_api_tokens_user_id"), "api_tokens", ["user_id"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('login', 'reset', 'token')", name=op.f("ck_attempts_kind_term")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    for columns in (["kind", "subject", "made_at"], ["kind", "source", "made_at"], ["made_at"]):
        op.create_index(op.f(f"ix_attempts_{'_'.join(columns)}"), "attempts", columns, unique=False)
    op.drop_table("login_failures")


def downgrade() -> None:
    op.create_table(
        "login_failures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    op.create_index(
        op.f("ix_login_failures_username_failed_at"),
        "login_failures",
        ["username", "failed_at"],
        unique=False,
    )
    for table in ("attempts", "api_tokens", "password_resets", "sessions"):
        op.drop_table(table)
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("session_number", sa.Integer(), nullable=False, server_default="1"))
        for column in ("orcid", "email"):
            batch.drop_constraint(op.f(f"ck_users_{column}_form"), type_="check")
            batch.drop_constraint(op.f(f"uq_users_{column}"), type_="unique")
            batch.drop_column(column)
    with op.batch_alter_table("users", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("session_number", server_default=None)
