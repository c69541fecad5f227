"""Add the outcome, and the events, means and deviations of both groups, to evidence items.

Revision ID: c1a2000000c2
Revises: 7b1f0c62d9e4
Create Date: 2026-11-28 00:20:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v4, v5

revision = "c1a2000000c2"
down_revision = "7b1f0c62d9e4"
branch_labels = None
depends_on = None

GROUPS = ("cases", "controls")


def columns() -> list[tuple[str, type[sa.types.TypeEngine[object]], dict[str, str]]]:
    """Return the name and the type of each new column, and its checks by their name."""
    new: list[tuple[str, type[sa.types.TypeEngine[object]], dict[str, str]]] = [
        ("outcome", sa.String, {"outcome_length": "length(trim(outcome)) >= 1 AND length(outcome) <= 300"})
    ]
    for group in GROUPS:
        n, events, mean, sd = (f"{what}_{group}" for what in ("n", "events", "mean", "sd"))
        counted = {
            f"{events}_range": f"{events} BETWEEN 0 AND 1000000000 AND {events} = CAST({events} AS INTEGER)",
            f"{events}_needs_{n}": f"{events} IS NULL OR {n} IS NOT NULL",
            f"{events}_within_{n}": f"{events} IS NULL OR {n} IS NULL OR {events} <= {n}",
        }
        measured = {
            f"{mean}_range": f"{mean} BETWEEN -1000000000000.0 AND 1000000000000.0",
            f"{mean}_needs_{n}": f"{mean} IS NULL OR {n} IS NOT NULL",
        }
        spread = {
            f"{sd}_range": f"{sd} BETWEEN 0 AND 1000000000000.0",
            f"{sd}_needs_{mean}": f"{sd} IS NULL OR {mean} IS NOT NULL",
        }
        new += [(events, sa.Integer, counted), (mean, sa.Double, measured), (sd, sa.Double, spread)]
    return new


def upgrade() -> None:
    with v4.TRIGGERS.replaced(op, v5.TRIGGERS, ["evidence_items"]):
        for name, kind, checks in columns():
            constraints = [
                sa.CheckConstraint(sql, name=op.f(f"ck_evidence_items_{check}"))
                for check, sql in checks.items()
            ]
            op.add_column("evidence_items", sa.Column(name, kind(), *constraints, nullable=True))
            op.add_column("evidence_items_versions", sa.Column(name, kind(), nullable=True))


def downgrade() -> None:
    with v5.TRIGGERS.replaced(op, v4.TRIGGERS, ["evidence_items"]):
        for name, _, _ in columns():
            op.drop_column("evidence_items_versions", name)
        with op.batch_alter_table("evidence_items", table_kwargs={"sqlite_autoincrement": True}) as batch:
            for _, _, checks in columns():
                for check in checks:
                    batch.drop_constraint(op.f(f"ck_evidence_items_{check}"), type_="check")
            for name, _, _ in columns():
                batch.drop_column(name)
