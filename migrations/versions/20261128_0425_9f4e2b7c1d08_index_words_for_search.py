"""Index the words of claims and studies for a search by the database.

The documents of existing records are written after the upgrade, by the command that upgrades.

Revision ID: 9f4e2b7c1d08
Revises: d8f3a17b52c6
Create Date: 2026-11-28 04:25:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

from claims_app.triggers import v8, v9

revision = "9f4e2b7c1d08"
down_revision = "d8f3a17b52c6"
branch_labels = None
depends_on = None

_DOCUMENTS = {"claim": ("statement", "own"), "study": ("words",)}
_BY_STUDY = ["study_id", "claim_id"]


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    words = sa.Text() if on_sqlite else TSVECTOR()
    with v8.TRIGGERS.replaced(op, v9.TRIGGERS, v9.TABLES):
        op.create_table(
            "search_pending",
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("kind", sa.String(), nullable=False),
            sa.Column("record_id", sa.Integer(), nullable=False),
            sa.Column("by_program", sa.Boolean(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f("pk_search_pending")),
        )
        op.create_index(
            op.f("ix_search_pending_by_program_id"), "search_pending", ["by_program", "id"], unique=False
        )
        for kind, columns in _DOCUMENTS.items():
            table = f"{kind}_documents"
            op.create_table(
                table,
                sa.Column(f"{kind}_id", sa.Integer(), autoincrement=False, nullable=False),
                *(sa.Column(name, words, nullable=False) for name in columns),
                sa.PrimaryKeyConstraint(f"{kind}_id", name=op.f(f"pk_{table}")),
            )
            if on_sqlite:
                op.execute(
                    f"CREATE VIRTUAL TABLE {kind}_search USING fts5({', '.join(columns)}, content='{table}', "
                    f"content_rowid='{kind}_id', tokenize='ascii', columnsize=0)"
                )
            else:
                for name in columns:
                    op.create_index(f"ix_{table}_{name}", table, [name], unique=False, postgresql_using="gin")
        # With the state of the review, the index answers which claims a study speaks to.
        _index_evidence("review_state")
        for kind, table in (("study", "studies"), ("claim", "claims")):
            op.execute(v9.queued(kind, f"SELECT id AS number FROM {table}", "FALSE"))


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    with v9.TRIGGERS.replaced(op, v8.TRIGGERS, v9.TABLES):
        _index_evidence()
        for kind in _DOCUMENTS:
            if on_sqlite:
                op.drop_table(f"{kind}_search")
            op.drop_table(f"{kind}_documents")
        op.drop_table("search_pending")


def _index_evidence(*more: str) -> None:
    """Make the index of evidence by study again, with `more` columns next to the claim."""
    period = ["id", "valid_from", "valid_to"]
    tables = {
        "evidence_items": [*_BY_STUDY, *more],
        "evidence_items_versions": list(dict.fromkeys((*_BY_STUDY, *more, *period, "review_state"))),
    }
    for table, columns in tables.items():
        name = op.f(f"ix_{table}_study_id_claim_id")
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, unique=False)
