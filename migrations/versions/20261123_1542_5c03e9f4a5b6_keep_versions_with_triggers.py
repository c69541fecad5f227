"""Let the database keep the versions, and show what was valid at a moment.

Revision ID: 5c03e9f4a5b6
Revises: 5b02d8e3f4a5
Create Date: 2026-11-23 15:42:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "5c03e9f4a5b6"
down_revision = "5b02d8e3f4a5"
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

BLANKED = {("study_texts", "content")}
"""Columns of which only is kept whether they are empty."""

REFUSAL = "The past is never changed: what a row was stays."

SQLITE_NOW = "COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now'))"
POSTGRESQL_NOW = "COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now())"

AT_ONE_MOMENT = """{prefix}valid_from <= (SELECT current_setting('claims.as_of')::timestamptz) AND ({prefix}valid_to IS NULL OR {prefix}valid_to > (SELECT current_setting('claims.as_of')::timestamptz))"""

END = """UPDATE {versions} SET valid_to = {later}({now}, valid_from)
  WHERE {is_row} AND valid_to IS NULL"""

BEGIN = """INSERT INTO {versions} ({names}, valid_from)
  VALUES ({values},
    {later}({now}, COALESCE((SELECT max(valid_to) FROM {versions} WHERE {is_new}), {before_all})))"""

TIDY = "DELETE FROM {versions} WHERE {is_row} AND valid_to = valid_from"

FILLING = (
    ("begin_a_version", "AFTER INSERT", (END, TIDY, BEGIN), "NEW"),
    ("change_a_version", "AFTER UPDATE", (END, TIDY, BEGIN), "OLD"),
    ("end_a_version", "AFTER DELETE", (END, TIDY), "OLD"),
)
"""The triggers of a table: name, when, what they do, and to which row."""

KEEPING = (
    (
        "begin_now",
        "BEFORE INSERT",
        """NEW.valid_to IS NOT NULL OR NEW.valid_from < {now}
  OR EXISTS (SELECT 1 FROM {versions} WHERE {is_new} AND valid_to IS NULL)""",
    ),
    (
        "end_now",
        "BEFORE UPDATE OF valid_to",
        """OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL
  OR NEW.valid_to <> {later}({now}, OLD.valid_from)""",
    ),
    ("are_kept_as_they_are", "BEFORE UPDATE OF {names}, valid_from", None),
    ("are_kept", "BEFORE DELETE", "OLD.valid_to IS NULL OR OLD.valid_to > OLD.valid_from"),
)
"""The triggers of its versions: name, when, and what is refused."""


def upgrade() -> None:
    inspector = sa.inspect(op.get_bind())
    if not on_sqlite():
        op.execute("CREATE SCHEMA as_of")
    for table in TABLES:
        columns = columns_of(inspector, table)
        keep(table, inspector.get_pk_constraint(table)["constrained_columns"], columns)
        show(table, columns, f"{table}_versions\n  WHERE {AT_ONE_MOMENT.format(prefix='')}")
    show(
        "appraisal_evidence",
        columns_of(inspector, "appraisal_evidence"),
        "appraisal_evidence AS seen\n  WHERE EXISTS (SELECT 1 FROM appraisals_versions AS made "
        f"WHERE made.id = seen.appraisal_id AND {AT_ONE_MOMENT.format(prefix='made.')})",
    )
    show(
        "revisions",
        columns_of(inspector, "revisions"),
        "revisions\n  WHERE changed_at <= (SELECT current_setting('claims.as_of')::timestamptz)",
    )


def downgrade() -> None:
    if not on_sqlite():
        op.execute("DROP SCHEMA as_of CASCADE")
    for table in TABLES:
        for name, _, _, _ in FILLING:
            drop(f"{table}_{name}", table)
        for name, _, _ in KEEPING:
            drop(f"{table}_versions_{name}", f"{table}_versions")


def columns_of(inspector: sa.Inspector, table: str) -> list[str]:
    """Return the columns of `table` as they are at this step, in the order in which triggers name them."""
    return sorted(column["name"] for column in inspector.get_columns(table))


def keep(table: str, key: list[str], columns: list[str]) -> None:
    """Make the triggers that fill the versions of `table`, and those that keep them."""
    words = {
        "versions": f"{table}_versions",
        "now": SQLITE_NOW if on_sqlite() else POSTGRESQL_NOW,
        "later": "max" if on_sqlite() else "GREATEST",
        "before_all": "''" if on_sqlite() else "'-infinity'",
        "names": ", ".join(columns),
        "values": ", ".join(kept(table, column) for column in columns),
        "is_new": is_row(key, "NEW"),
    }
    for name, timing, actions, row in FILLING:
        done = ";\n  ".join(action.format(**words, is_row=is_row(key, row)) for action in actions)
        create(f"{table}_{name}", table, timing, None, done)
    refused = (
        f"SELECT RAISE(ABORT, '{REFUSAL}')"
        if on_sqlite()
        else f"RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'check_violation'"
    )
    for name, timing, when in KEEPING:
        condition = when and when.format(**words)
        create(f"{table}_versions_{name}", f"{table}_versions", timing.format(**words), condition, refused)


def is_row(key: list[str], row: str) -> str:
    """Return the condition that a version is one of `row`."""
    return " AND ".join(f"{column} = {row}.{column}" for column in key)


def kept(table: str, column: str) -> str:
    """Return what is kept of a new value."""
    if (table, column) in BLANKED:
        return f"CASE WHEN NEW.{column} IS NULL THEN NULL ELSE '' END"
    return f"NEW.{column}"


def create(name: str, table: str, timing: str, when: str | None, action: str) -> None:
    """Make one trigger."""
    execute = op.get_bind().exec_driver_sql
    if on_sqlite():
        condition = f"\nWHEN {when}" if when else ""
        execute(f"CREATE TRIGGER {name} {timing} ON {table}{condition}\nBEGIN\n  {action};\nEND")
        return
    work = f"IF {when} THEN\n  {action};\nEND IF" if when else action
    returned = "COALESCE(NEW, OLD)" if "DELETE" in timing else "NEW"
    execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$\nBEGIN\n{work};\nRETURN {returned};\nEND\n$$"
    )
    execute(f"CREATE TRIGGER {name} {timing} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def drop(name: str, table: str) -> None:
    """Take one trigger away."""
    if on_sqlite():
        op.execute(f"DROP TRIGGER {name}")
    else:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")


def show(table: str, columns: list[str], valid: str) -> None:
    """Make the view of `table` at a moment; on SQLite each connection makes its own."""
    if not on_sqlite():
        op.execute(f"CREATE VIEW as_of.{table} AS SELECT {', '.join(columns)} FROM {valid}")


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
