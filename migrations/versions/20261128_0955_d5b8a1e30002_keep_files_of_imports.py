"""Keep uploaded files until they are read, and how far a command came with a file.

Revision ID: d5b8a1e30002
Revises: e9c40b7d5a12
Create Date: 2026-11-28 09:55:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "d5b8a1e30002"
down_revision = "e9c40b7d5a12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_files",
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("encoding", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_files_import_id_imports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_files")),
    )
    op.create_table(
        "import_checkpoints",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("length(digest) = 64", name=op.f("ck_import_checkpoints_digest_length")),
        sa.CheckConstraint("done >= 0", name=op.f("ck_import_checkpoints_done_range")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_import_checkpoints")),
    )


def downgrade() -> None:
    op.drop_table("import_checkpoints")
    op.drop_table("import_files")
