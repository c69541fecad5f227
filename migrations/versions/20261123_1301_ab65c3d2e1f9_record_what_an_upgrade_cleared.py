"""Write into the history of studies what an earlier upgrade changed: the notices that were the study itself.

Revision ID: ab65c3d2e1f9
Revises: 9a54b2c1d0e8
Create Date: 2026-11-23 13:01:00+00:00
"""

import datetime
import json

import sqlalchemy as sa
from alembic import op

revision = "ab65c3d2e1f9"
down_revision = "9a54b2c1d0e8"
branch_labels = None
depends_on = None

SUMMARY = "The DOI of the notice was that of the study itself; an upgrade of the program took it away."

REVISIONS = sa.table(
    "revisions",
    sa.column("record_type"),
    sa.column("record_id"),
    sa.column("version"),
    sa.column("action"),
    sa.column("changed_at", sa.DateTime(timezone=True)),
    sa.column("via"),
    sa.column("edit_summary"),
    sa.column("changes", sa.JSON()),
)


def upgrade() -> None:
    connection = op.get_bind()
    now = datetime.datetime.now(datetime.UTC)
    without_notice = dict(
        connection.execute(sa.text("SELECT id, version FROM studies WHERE standing_notice_doi IS NULL")).all()
    )
    recorded = {}
    for number, changes in connection.execute(
        sa.text("SELECT record_id, changes FROM revisions WHERE record_type = 'study' ORDER BY id")
    ):
        named = json.loads(changes) if isinstance(changes, str) else changes
        if "standing_notice_doi" in named:
            recorded[number] = named["standing_notice_doi"][1]
    for number, notice in recorded.items():
        if notice is None or number not in without_notice:
            continue
        version = without_notice[number] + 1
        connection.execute(
            sa.insert(REVISIONS).values(
                record_type="study",
                record_id=number,
                version=version,
                action="update",
                changed_at=now,
                via="command",
                edit_summary=SUMMARY,
                changes={"standing_notice_doi": [notice, None]},
            )
        )
        connection.execute(
            sa.text("UPDATE studies SET version = :version, updated_at = :now WHERE id = :number").bindparams(
                sa.bindparam("now", type_=sa.DateTime(timezone=True))
            ),
            {"version": version, "now": now, "number": number},
        )


def downgrade() -> None:
    """The history stays as it is: it says what happened."""
