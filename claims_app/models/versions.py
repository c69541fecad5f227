"""The version tables: for each versioned table, one with the same columns and the period of validity of each row.

Triggers fill them (`claims_app.triggers`), however a row is written; this module only describes them to SQLAlchemy.
`Database.reading(as_of)` shows the rows that were valid at a moment; `services.core.record_states` reads the fields
of a record at a version.
"""

from sqlalchemy import Column, Index, Table, text

from claims_app.database import Base
from claims_app.models.types import UtcDateTime
from claims_app.triggers import CURRENT, VersionedTable

_IN_EVERY_INDEX = ("review_state",)
"""Columns that nearly all queries filter by."""

_OF_LISTS = frozenset(
    {
        *("conclusion", "created_at", "evidence_level", "kind", "stale_since", "status", "updated_at"),
        *("design", "publication_state", "registry_id", "species", "standing", "state", "year"),
    }
)
"""Columns by which lists are filtered and sorted. Lists of the past go through all rows anyway, since they count."""

history_clock = Table(
    "history_clock",
    Base.metadata,
    Column(
        "changed_at",
        UtcDateTime,
        doc="The time of the current transaction; empty between transactions. Only SQLite needs it: its triggers "
        "cannot read transaction settings.",
    ),
)
"""A table with one row."""


def _make_versions_table(kept: VersionedTable) -> Table:
    """Return the version table of a table: the same columns without constraints, and the indexes that find records.

    Each index is extended by the key, the period, and
    the columns that nearly all queries filter by, so that it covers a query for the rows valid at a moment.
    """
    table = Base.metadata.tables[kept.table]
    made = Table(
        kept.versions,
        Base.metadata,
        # First in the row, so that SQLite skips invalid rows without reading further.
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
    asked = [name for name in _IN_EVERY_INDEX if name in made.c]
    indexed = {f"ix_{made.name}_key": list(kept.key)}
    for index in table.indexes:
        if len(index.columns) < len(index.expressions):
            continue  # An expression is for the order of a list.
        is_of_links = index.info.get("is_of_links", False)
        is_partial = index.dialect_options["postgresql"]["where"] is not None and not is_of_links
        if not index.unique and not is_partial and next(iter(index.columns)).name not in _OF_LISTS:
            name = str(index.name).replace(f"ix_{table.name}_", f"ix_{made.name}_", 1)
            indexed[name] = [column.name for column in index.columns]
    for name, columns in indexed.items():
        names = dict.fromkeys((*columns, *kept.key, "valid_from", "valid_to", *asked))
        Index(name, *(made.c[column] for column in names))
    return made


VERSIONS: dict[str, Table] = {}
"""The version tables by the name of the table that they belong to; `claims_app.models` fills it."""


def make_versions_tables() -> None:
    """Define the version tables, once the tables that they belong to are defined."""
    VERSIONS.update((kept.table, _make_versions_table(kept)) for kept in CURRENT.versioned)
