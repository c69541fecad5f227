"""Keep every state of the records: a table of versions beside each table.

Revision ID: 5a01c7d2e3f4
Revises: 123cd9e0584a
Create Date: 2026-11-23 15:40:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "5a01c7d2e3f4"
down_revision = "123cd9e0584a"
branch_labels = None
depends_on = None

TABLES = (
    "claims",
    "studies",
    "evidence_items",
    "limitations",
    "appraisals",
    "study_texts",
    "topics",
    "study_groups",
    "proposals",
    "claim_topics",
    "study_species",
)


def upgrade() -> None:
    op.create_table("history_clock", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("INSERT INTO history_clock (changed_at) VALUES (NULL)")
    # The columns of each table as they are at this step.
    inspector = sa.inspect(op.get_bind())
    for table in TABLES:
        versions = f"{table}_versions"
        columns = inspector.get_columns(table)
        op.create_table(
            versions,
            sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
            sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
            *(
                sa.Column(
                    column["name"],
                    column["type"],
                    nullable=column["nullable"],
                    server_default=default_of(column["default"]),
                    autoincrement=False,
                )
                for column in columns
            ),
        )
        key = inspector.get_pk_constraint(table)["constrained_columns"]
        op.create_index(
            op.f(f"uq_{versions}_open"),
            versions,
            key,
            unique=True,
            sqlite_where=sa.text("valid_to IS NULL"),
            postgresql_where=sa.text("valid_to IS NULL"),
        )
        indexed = {f"ix_{versions}_key": key}
        for index in inspector.get_indexes(table):
            is_partial = any(option.endswith("_where") for option in index.get("dialect_options", {}))
            if not index["unique"] and not is_partial:
                name = index["name"].replace(f"ix_{table}_", f"ix_{versions}_", 1)
                indexed[name] = index["column_names"]
        asked = ["review_state"] if any(column["name"] == "review_state" for column in columns) else []
        for name, names in indexed.items():
            op.create_index(
                op.f(name), versions, list(dict.fromkeys([*names, *key, "valid_from", "valid_to", *asked]))
            )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(f"{table}_versions")
    op.drop_table("history_clock")


def default_of(default: str | None) -> sa.TextClause | None:
    """Return a default of a column; numbers are given to records, not to their versions."""
    return None if default is None or default.startswith("nextval(") else sa.text(default)
