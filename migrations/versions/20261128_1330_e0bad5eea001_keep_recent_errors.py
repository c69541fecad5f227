"""Keep recent errors.

Revision ID: e0bad5eea001
Revises: 9a01b7c40001
Create Date: 2026-11-28 13:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "e0bad5eea001"
down_revision = "9a01b7c40001"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table(
        "recent_errors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("route", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.CheckConstraint(
            "length(request_id) >= 1 AND length(request_id) <= 64",
            name=op.f("ck_recent_errors_request_id_length"),
        ),
        sa.CheckConstraint("length(route) <= 200", name=op.f("ck_recent_errors_route_length")),
        sa.CheckConstraint(
            "length(kind) <= 100 AND length(place) <= 200", name=op.f("ck_recent_errors_kind_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recent_errors")),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("recent_errors")
