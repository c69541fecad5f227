"""Print what keeps the versions of a table, and shows its past, for a migration that changes its columns.

    python migrations/print_versions.py TABLE

Such a migration changes `<table>_versions` as it changes the table. Before that it runs `stop_keeping()`, and after it
`keep()`; its downgrade does the same with what the step before had. Both are printed as they are for the models
of today, in plain words: a migration imports none of them.
"""

import sys

from claims_app.models import versions
from claims_app.models.triggers import Trigger

TEMPLATE = '''TRIGGERS = (
{triggers}
)
"""Each trigger and its table."""

SQLITE = (
{sqlite}
)

POSTGRESQL = (
{postgresql}
)


def stop_keeping() -> None:
    """Take the triggers and the view away: the columns can be changed then."""
    if not on_sqlite():
        op.execute("DROP VIEW as_of.{table}")
    for name, table in TRIGGERS:
        if on_sqlite():
            op.execute(f"DROP TRIGGER IF EXISTS {{name}}")
        else:
            op.execute(f"DROP TRIGGER {{name}} ON {{table}}")
            op.execute(f"DROP FUNCTION {{name}}()")


def keep() -> None:
    """Make the triggers and the view."""
    for statement in SQLITE if on_sqlite() else POSTGRESQL:
        op.get_bind().exec_driver_sql(statement)


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
'''


def snippet(table: str) -> str:
    """Return the part of a migration for `table`. Raises KeyError for a table without versions."""
    versioned = {each.table: each for each in versions.VERSIONED}[table]
    on_sqlite: tuple[Trigger, ...] = versioned.triggers(versions.SQLITE)
    view = f"CREATE VIEW as_of.{table} AS {versioned.view(versions.POSTGRESQL)}"
    statements = [
        statement for trigger in versioned.triggers(versions.POSTGRESQL) for statement in trigger.postgresql()
    ]
    return TEMPLATE.format(
        table=table,
        triggers="\n".join(f'    ("{trigger.name}", "{trigger.table}"),' for trigger in on_sqlite),
        sqlite="\n".join(_quoted(trigger.sqlite()) for trigger in on_sqlite),
        postgresql="\n".join(map(_quoted, [*statements, view])),
    )


def _quoted(statement: str) -> str:
    return f'    """{statement}""",'


if __name__ == "__main__":
    known = [each.table for each in versions.VERSIONED]
    if len(sys.argv) != 2 or sys.argv[1] not in known:
        sys.exit(f"Name one table: {', '.join(known)}.")
    print(snippet(sys.argv[1]))
