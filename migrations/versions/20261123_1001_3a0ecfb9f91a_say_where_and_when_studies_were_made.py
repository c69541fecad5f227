"""Say where and when studies were made, let reports share a registry number, and let a study be reinstated.

Revision ID: 3a0ecfb9f91a
Revises: 2f0dcea8e80f
Create Date: 2026-11-23 10:01:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "3a0ecfb9f91a"
down_revision = "2f0dcea8e80f"
branch_labels = None
depends_on = None

STANDING = "standing IN ('current', 'corrected', 'expression_of_concern', 'retracted', 'retracted_and_replaced', 'withdrawn', 'superseded_preprint')"
STANDING_WITH_REINSTATED = "standing IN ('current', 'corrected', 'expression_of_concern', 'retracted', 'retracted_and_replaced', 'withdrawn', 'reinstated', 'superseded_preprint')"


def upgrade() -> None:
    with op.batch_alter_table("studies", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("centre", sa.String(), nullable=True))
        batch.add_column(sa.Column("data_from", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("data_to", sa.Integer(), nullable=True))
        batch.drop_constraint(op.f("uq_studies_registry_id"), type_="unique")
        batch.create_index(op.f("ix_studies_registry_id"), ["registry_id"], unique=False)
        batch.create_check_constraint(
            op.f("ck_studies_centre_length"), "length(trim(centre)) >= 1 AND length(centre) <= 300"
        )
        for name in ("data_from", "data_to"):
            batch.create_check_constraint(
                op.f(f"ck_studies_{name}_range"),
                f"{name} BETWEEN 1500 AND 2100 AND {name} = CAST({name} AS INTEGER)",
            )
        batch.create_check_constraint(
            op.f("ck_studies_data_years_in_order"),
            "data_from IS NULL OR data_to IS NULL OR data_from <= data_to",
        )
        batch.create_check_constraint(
            op.f("ck_studies_notice_is_not_the_study"),
            "doi IS NULL OR standing_notice_doi IS NULL OR doi <> standing_notice_doi",
        )
        batch.drop_constraint(op.f("ck_studies_standing_term"), type_="check")
        batch.create_check_constraint(op.f("ck_studies_standing_term"), STANDING_WITH_REINSTATED)


def downgrade() -> None:
    # What an older program does not know is told in its own words; of reports that share a registry
    # number, the first one keeps it.
    op.execute("UPDATE studies SET standing = 'current' WHERE standing = 'reinstated'")
    op.execute(
        "UPDATE studies SET registry_id = NULL WHERE EXISTS (SELECT 1 FROM studies AS first "
        "WHERE first.registry_id = studies.registry_id AND first.id < studies.id)"
    )
    with op.batch_alter_table("studies", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_studies_standing_term"), type_="check")
        batch.create_check_constraint(op.f("ck_studies_standing_term"), STANDING)
        for name in (
            "notice_is_not_the_study",
            "data_years_in_order",
            "data_to_range",
            "data_from_range",
            "centre_length",
        ):
            batch.drop_constraint(op.f(f"ck_studies_{name}"), type_="check")
        batch.drop_index(op.f("ix_studies_registry_id"))
        batch.create_unique_constraint(op.f("uq_studies_registry_id"), ["registry_id"])
        batch.drop_column("data_to")
        batch.drop_column("data_from")
        batch.drop_column("centre")
