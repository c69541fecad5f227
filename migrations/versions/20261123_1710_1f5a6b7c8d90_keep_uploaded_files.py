"""Keep uploaded files until it is decided what becomes of their rows.

Revision ID: 1f5a6b7c8d90
Revises: 7b21e6f70819
Create Date: 2026-11-23 17:10:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "1f5a6b7c8d90"
down_revision = "7b21e6f70819"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("header", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_imports_done_when")),
        sa.CheckConstraint(
            "length(trim(file_name)) >= 1 AND length(file_name) <= 200",
            name=op.f("ck_imports_file_name_length"),
        ),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_imports_state_term")),
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
            "outcome IN ('created', 'updated', 'proposed', 'submitted', 'skipped', 'refused')",
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


def downgrade() -> None:
    op.drop_table("import_rows")
    op.drop_table("imports")
