"""Drop the indexes of version tables that only lists of the past could use.

Revision ID: c3d5000000a2
Revises: c3d5000000a1
Create Date: 2026-11-28 04:00:00+00:00
"""

from alembic import op

revision = "c3d5000000a2"
down_revision = "c3d5000000a1"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_claims_versions_conclusion_id": (
        "claims_versions",
        ["conclusion", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_claims_versions_created_at_id": (
        "claims_versions",
        ["created_at", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_claims_versions_evidence_level_id": (
        "claims_versions",
        ["evidence_level", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_claims_versions_kind_id": (
        "claims_versions",
        ["kind", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_claims_versions_stale_since_id": (
        "claims_versions",
        ["stale_since", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_claims_versions_status_id": (
        "claims_versions",
        ["status", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_claims_versions_updated_at_id": (
        "claims_versions",
        ["updated_at", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_proposals_versions_state_id": ("proposals_versions", ["state", "id", "valid_from", "valid_to"]),
    "ix_studies_versions_design": (
        "studies_versions",
        ["design", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_studies_versions_publication_state": (
        "studies_versions",
        ["publication_state", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_studies_versions_registry_id": (
        "studies_versions",
        ["registry_id", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_studies_versions_standing": (
        "studies_versions",
        ["standing", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_studies_versions_year_id": (
        "studies_versions",
        ["year", "id", "valid_from", "valid_to", "review_state"],
    ),
    "ix_study_species_versions_species_study_id": (
        "study_species_versions",
        ["species", "study_id", "valid_from", "valid_to"],
    ),
}


def upgrade() -> None:
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table)


def downgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
