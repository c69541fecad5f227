"""Made-up revisions after the newest one."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from claims_app.services.system import schema

NEXT = "ffff00000001"

BODY = '''"""Try something."""

import sqlalchemy as sa
from alembic import op

from claims_app import migrating

revision = "{revision}"
down_revision = "{before}"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def write(folder: Path, upgrade: str, downgrade: str = "pass") -> None:
    """Write a revision after the newest one to `folder`, with these statements."""
    values = {"revision": NEXT, "before": schema.head(), "upgrade": upgrade, "downgrade": downgrade}
    text = BODY.format(**{name: value.replace("\n", "\n    ") for name, value in values.items()})
    (folder / "next.py").write_text(text, encoding="utf-8")


def migrate(engine: Engine, folder: Path, revision: str = NEXT) -> None:
    """Migrate to `revision`, with those in `folder` among the migrations, read anew."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("version_locations", f"{schema.MIGRATIONS / 'versions'} {folder}")
    config.set_main_option("path_separator", "space")
    steps = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        downwards = schema.current(engine) in steps[: steps.index(revision)]
        (command.downgrade if downwards else command.upgrade)(config, revision)
