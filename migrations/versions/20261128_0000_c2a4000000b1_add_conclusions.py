"""Add the conclusions of appraisals and claims, and the advice that appraisals were given.

Revision ID: c2a4000000b1
Revises: b7d2c94e1f30
Create Date: 2026-11-28 00:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

from claims_app.triggers import v3, v4

revision = "c2a4000000b1"
down_revision = "b7d2c94e1f30"
branch_labels = None
depends_on = None

TABLES = ("appraisals", "appraisal_evidence", "claims", "evidence_items")
DOMAINS = (
    "risk_of_bias",
    "inconsistency",
    "indirectness",
    "imprecision",
    "publication_bias",
    "large_effect",
    "dose_response_gradient",
    "opposing_confounding",
)
CONCLUSIONS = "'supported', 'contradicted', 'no_effect', 'mixed', 'undecided'"


def upgrade() -> None:
    with v3.TRIGGERS.replaced(op, v4.TRIGGERS, TABLES):
        for domain in DOMAINS:
            check = sa.CheckConstraint(
                f"{domain}_advice IS NULL OR {domain} = {domain}_advice OR {domain}_reason IS NOT NULL",
                name=op.f(f"ck_appraisals_{domain}_departs_with_reason"),
            )
            op.add_column("appraisals", sa.Column(f"{domain}_advice", sa.Integer(), check, nullable=True))
        for name in ("conclusion", "proposed_conclusion"):
            check = sa.CheckConstraint(f"{name} IN ({CONCLUSIONS})", name=op.f(f"ck_appraisals_{name}_term"))
            # Required from the migration after the next one, once every row has one.
            op.add_column("appraisals", sa.Column(name, sa.String(length=40), check, nullable=True))
        op.add_column(
            "appraisals",
            sa.Column(
                "conclusion_reason",
                sa.String(),
                sa.CheckConstraint(
                    "length(trim(conclusion_reason)) >= 1 AND length(conclusion_reason) <= 2000",
                    name=op.f("ck_appraisals_conclusion_reason_length"),
                ),
                sa.CheckConstraint(
                    "conclusion = proposed_conclusion OR conclusion_reason IS NOT NULL",
                    name=op.f("ck_appraisals_conclusion_departs_with_reason"),
                ),
                nullable=True,
            ),
        )
        op.add_column(
            "appraisals",
            sa.Column(
                "conclusion_derived",
                sa.Boolean(),
                sa.CheckConstraint(
                    "NOT conclusion_derived OR conclusion = proposed_conclusion",
                    name=op.f("ck_appraisals_derived_is_proposed"),
                ),
                server_default=sa.true(),
                nullable=False,
            ),
        )
        check = sa.CheckConstraint(f"conclusion IN ({CONCLUSIONS})", name=op.f("ck_claims_conclusion_term"))
        op.add_column("claims", sa.Column("conclusion", sa.String(length=40), check, nullable=True))
        check = sa.CheckConstraint(
            "NOT conclusion_derived OR conclusion IS NOT NULL", name=op.f("ck_claims_derived_has_conclusion")
        )
        op.add_column(
            "claims",
            sa.Column("conclusion_derived", sa.Boolean(), check, server_default=sa.false(), nullable=False),
        )
        op.add_column("claims_versions", sa.Column("conclusion", sa.String(length=40), nullable=True))
        op.add_column(
            "claims_versions",
            sa.Column("conclusion_derived", sa.Boolean(), server_default=sa.false(), nullable=False),
        )
        op.create_index(op.f("ix_claims_conclusion_id"), "claims", ["conclusion", "id"], unique=False)
        op.create_index(
            "ix_claims_versions_conclusion_id",
            "claims_versions",
            ["conclusion", "id", "valid_from", "valid_to", "review_state"],
            unique=False,
        )


def downgrade() -> None:
    with v4.TRIGGERS.replaced(op, v3.TRIGGERS, TABLES):
        op.drop_index("ix_claims_versions_conclusion_id", table_name="claims_versions")
        op.drop_index(op.f("ix_claims_conclusion_id"), table_name="claims")
        op.drop_column("claims_versions", "conclusion_derived")
        op.drop_column("claims_versions", "conclusion")
        with op.batch_alter_table("claims", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("ck_claims_derived_has_conclusion"), type_="check")
            batch.drop_constraint(op.f("ck_claims_conclusion_term"), type_="check")
            batch.drop_column("conclusion_derived")
            batch.drop_column("conclusion")
        with op.batch_alter_table("appraisals", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("ck_appraisals_derived_is_proposed"), type_="check")
            batch.drop_constraint(op.f("ck_appraisals_conclusion_departs_with_reason"), type_="check")
            batch.drop_constraint(op.f("ck_appraisals_conclusion_reason_length"), type_="check")
            batch.drop_constraint(op.f("ck_appraisals_proposed_conclusion_term"), type_="check")
            batch.drop_constraint(op.f("ck_appraisals_conclusion_term"), type_="check")
            for name in ("conclusion_derived", "conclusion_reason", "proposed_conclusion", "conclusion"):
                batch.drop_column(name)
            for domain in DOMAINS:
                batch.drop_constraint(op.f(f"ck_appraisals_{domain}_departs_with_reason"), type_="check")
                batch.drop_column(f"{domain}_advice")
