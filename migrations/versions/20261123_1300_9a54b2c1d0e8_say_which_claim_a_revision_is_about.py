"""Say which claim a revision is about, and let deleted records come back.

Revision ID: 9a54b2c1d0e8
Revises: 8f431e0e696f
Create Date: 2026-11-23 13:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "9a54b2c1d0e8"
down_revision = "8f431e0e696f"
branch_labels = None
depends_on = None

ACTIONS = "action IN ('create', 'update', 'delete')"
ACTIONS_WITH_RESTORE = "action IN ('create', 'update', 'delete', 'restore')"

OF_CLAIMS = "UPDATE revisions SET claim_id = record_id WHERE record_type = 'claim'"

OF_PARTS = """UPDATE revisions SET claim_id = (
    SELECT {claim} FROM revisions AS made
    WHERE made.record_type = revisions.record_type AND made.record_id = revisions.record_id AND made.version = 1)
  WHERE record_type IN ('evidence', 'limitation', 'appraisal')"""

OF_LIMITATIONS_OF_EVIDENCE = """UPDATE revisions SET claim_id = (
    SELECT item.claim_id FROM revisions AS made
    JOIN revisions AS item ON item.record_type = 'evidence' AND item.version = 1
      AND item.record_id = {evidence}
    WHERE made.record_type = 'limitation' AND made.record_id = revisions.record_id AND made.version = 1)
  WHERE record_type = 'limitation' AND claim_id IS NULL"""


def upgrade() -> None:
    with op.batch_alter_table("revisions", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("claim_id", sa.Integer(), nullable=True))
        batch.drop_constraint(op.f("ck_revisions_action_term"), type_="check")
        batch.create_check_constraint(op.f("ck_revisions_action_term"), ACTIONS_WITH_RESTORE)
        batch.drop_index(op.f("ix_revisions_actor_id"))
        batch.create_index(op.f("ix_revisions_actor_id_id"), ["actor_id", "id"])
        batch.create_index(op.f("ix_revisions_claim_id_id"), ["claim_id", "id"])
    op.execute(OF_CLAIMS)
    op.execute(OF_PARTS.format(claim=made_with("claim_id")))
    op.execute(OF_LIMITATIONS_OF_EVIDENCE.format(evidence=made_with("evidence_id")))


def downgrade() -> None:
    # A version that knows no restoring reads it as what it also was.
    op.execute("UPDATE revisions SET action = 'create' WHERE action = 'restore'")
    with op.batch_alter_table("revisions", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_index(op.f("ix_revisions_claim_id_id"))
        batch.drop_index(op.f("ix_revisions_actor_id_id"))
        batch.create_index(op.f("ix_revisions_actor_id"), ["actor_id"])
        batch.drop_constraint(op.f("ck_revisions_action_term"), type_="check")
        batch.create_check_constraint(op.f("ck_revisions_action_term"), ACTIONS)
        batch.drop_column("claim_id")


def made_with(field: str) -> str:
    """Return the SQL for the number in `field` that a record was made with."""
    if op.get_bind().dialect.name == "sqlite":
        return f"json_extract(made.changes, '$.{field}[1]')"
    return f"CAST(made.changes -> '{field}' ->> 1 AS integer)"
