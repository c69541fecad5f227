"""The tables of versions: beside each table that is kept, the same columns and from when to when a row was so.

Triggers fill them (`claims_app.triggers`), so they are right however a row is written; what is read here is a model
of them. `Database.reading(as_of)` shows what was valid at a moment; `services.core.record_states` reads what a record
was at a version.
"""

from sqlalchemy import Column, Index, Table, text

from claims_app.database import Base
from claims_app.models.types import UtcDateTime
from claims_app.triggers import CURRENT, KeptTable

_ASKED_OF_ALL = ("review_state",)
"""Columns that nearly all queries ask for."""

history_clock = Table(
    "history_clock",
    Base.metadata,
    Column(
        "changed_at",
        UtcDateTime,
        doc="The moment of the transaction that writes; empty between two. Only SQLite needs it: its triggers "
        "know no settings of a transaction.",
    ),
)
"""One row."""


def _make_versions_table(kept: KeptTable) -> Table:
    """Return the table of versions of a table: the same columns without constraints, and the same indexes.

    Each index goes on with the key and the time (and with what nearly all queries ask), so that what was
    valid is found by it alone.
    """
    table = Base.metadata.tables[kept.table]
    made = Table(
        kept.versions,
        Base.metadata,
        # Before the rest, so that what was not valid is passed over at once.
        Column("valid_from", UtcDateTime, nullable=False),
        Column("valid_to", UtcDateTime, doc="When it was changed or deleted; empty for the present."),
        *(
            Column(
                column.name,
                column.type,
                autoincrement=False,
                nullable=column.nullable,
                server_default=getattr(column.server_default, "arg", None),
            )
            for column in table.columns
        ),
    )
    is_open = text("valid_to IS NULL")
    Index(
        f"uq_{made.name}_open",
        *(made.c[name] for name in kept.key),
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    asked = [name for name in _ASKED_OF_ALL if name in made.c]
    indexed = {f"ix_{made.name}_key": list(kept.key)}
    for index in table.indexes:
        if not index.unique and index.dialect_options["postgresql"]["where"] is None:
            name = str(index.name).replace(f"ix_{table.name}_", f"ix_{made.name}_", 1)
            indexed[name] = [column.name for column in index.columns]
    for name, columns in indexed.items():
        names = dict.fromkeys((*columns, *kept.key, "valid_from", "valid_to", *asked))
        Index(name, *(made.c[column] for column in names))
    return made


VERSIONS: dict[str, Table] = {}
"""The tables of versions, by the name of the table that they belong to; `claims_app.models` has them made."""


def make_versions_tables() -> None:
    """Make the tables of versions, once the tables that they belong to are there."""
    VERSIONS.update((kept.table, _make_versions_table(kept)) for kept in CURRENT.kept)
