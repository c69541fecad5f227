"""Keep releases.

Revision ID: a15e1ea5e001
Revises: d5b8a1e30002
Create Date: 2026-11-28 10:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v12, v13

revision = "a15e1ea5e001"
down_revision = "d5b8a1e30002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with v12.TRIGGERS.replaced(op, v13.TRIGGERS, v13.TABLES):
        op.create_table(
            "releases",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("version", sa.String(), nullable=False),
            sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
            sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
            sa.Column("made_by_id", sa.Integer(), nullable=True),
            sa.Column("note", sa.String(), nullable=True),
            sa.Column("schema_version", sa.String(), nullable=False),
            sa.Column("made_with", sa.JSON(), nullable=False),
            sa.Column("base_url", sa.String(), nullable=False),
            sa.Column("title", sa.String(), nullable=False),
            sa.Column("license", sa.String(), nullable=True),
            sa.Column("creators", sa.JSON(), nullable=False),
            sa.Column("counts", sa.JSON(), nullable=False),
            sa.Column("levels", sa.JSON(), nullable=False),
            sa.Column("files", sa.JSON(), nullable=False),
            sa.Column("sha256", sa.String(), nullable=False),
            sa.Column("archive_bytes", sa.BigInteger(), nullable=False),
            sa.Column("archive_sha256", sa.String(), nullable=False),
            sa.CheckConstraint(
                "length(version) BETWEEN 1 AND 30 AND ltrim(version, 'abcdefghijklmnopqrstuvwxyz0123456789.-') = '' "
                "AND substr(version, 1, 1) BETWEEN '0' AND '9'",
                name=op.f("ck_releases_version_form"),
            ),
            sa.CheckConstraint(
                "length(sha256) = 64 AND length(archive_sha256) = 64", name=op.f("ck_releases_sha256_length")
            ),
            sa.CheckConstraint("archive_bytes > 0", name=op.f("ck_releases_archive_bytes_range")),
            sa.CheckConstraint(
                "length(trim(note)) >= 1 AND length(note) <= 1000", name=op.f("ck_releases_note_length")
            ),
            sa.ForeignKeyConstraint(
                ["made_by_id"], ["users.id"], name=op.f("fk_releases_made_by_id_users"), ondelete="RESTRICT"
            ),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
            sa.UniqueConstraint("version", name=op.f("uq_releases_version")),
            sqlite_autoincrement=True,
        )
        op.create_index(op.f("ix_releases_moment_id"), "releases", ["moment", "id"], unique=False)


def downgrade() -> None:
    with v13.TRIGGERS.replaced(op, v12.TRIGGERS, v13.TABLES):
        op.drop_table("releases")
