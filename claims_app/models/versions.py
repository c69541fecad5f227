"""Versions: every state that a record was ever in, with the time that it lasted.

Beside each table of records stands a `<table>_versions`: the same columns, and from when to when a row was
so. Triggers fill it, so it is right whatever door a change comes through. All changes of a transaction have
one moment (`WriteSession.changed_at`; else the time of the transaction or, on SQLite, of the statement, to the
millisecond). A
version is closed and never changed otherwise; one that lasted no time at all, since its own transaction
changed the row again, does not stay.

Over the versions lie views that are called like the tables and show what was valid at one moment:
`Database.reading(as_of)` puts them in front of the tables, and all queries are the same.

Migrations have their own copies of the triggers and the views; `python migrations/print_versions.py TABLE`
prints them for a table as it is now. `services.system.schema` compares a database with what stands here.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Column, Index, Table, text

from claims_app.database import AS_OF, Base
from claims_app.models.appraisal import Appraisal, AppraisalEvidence
from claims_app.models.claim import Claim
from claims_app.models.evidence import EvidenceItem, Limitation
from claims_app.models.proposal import Proposal
from claims_app.models.revision import Revision
from claims_app.models.study import Study, StudyGroup, StudySpecies, StudyText
from claims_app.models.topic import Topic, claim_topics
from claims_app.models.triggers import Trigger
from claims_app.models.types import UtcDateTime
from claims_app.models.watch import Watch

RECORDS = (
    Claim,
    Study,
    EvidenceItem,
    Limitation,
    Appraisal,
    StudyText,
    Topic,
    StudyGroup,
    Proposal,
    Watch,
)
"""The records that have versions: all sorts."""

ASSOCIATIONS = (claim_topics, cast(Table, StudySpecies.__table__))
"""The tables that belong to records and have versions of their own rows."""

_KEPT = "The past is never changed: what a row was stays."

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
DIALECTS = (SQLITE, POSTGRESQL)

_NOW = {
    SQLITE: "COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now'))",
    POSTGRESQL: "COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now())",
}
"""The moment of a change."""

_THEN = {
    SQLITE: "(SELECT moment FROM temp.as_of_moment)",
    POSTGRESQL: "(SELECT current_setting('claims.as_of')::timestamptz)",
}
"""The moment that is asked for; in a query of its own, so that it is read once and not for each row."""

_LATER = {SQLITE: "max", POSTGRESQL: "GREATEST"}
_BEFORE_ALL = {SQLITE: "''", POSTGRESQL: "'-infinity'"}
_TABLES_OF_TODAY = {SQLITE: "main.", POSTGRESQL: ""}

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


@dataclass(frozen=True)
class Versioned:
    """A table with versions: its key, all its columns, and those of which only is kept whether they are empty."""

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    blanked: frozenset[str] = frozenset()

    @property
    def versions(self) -> str:
        """The name of the table of its versions."""
        return f"{self.table}_versions"

    def triggers(self, dialect: str) -> tuple[Trigger, ...]:
        """Return the triggers that fill the versions, and those that keep them as they are."""
        now, later = _NOW[dialect], _LATER[dialect]
        names = ", ".join(self.columns)
        values = ", ".join(self._kept(column) for column in self.columns)
        begin = (
            f"INSERT INTO {self.versions} ({names}, valid_from)\n  VALUES ({values},\n    {later}({now}, "
            f"COALESCE((SELECT max(valid_to) FROM {self.versions} WHERE {self._is('NEW')}), {_BEFORE_ALL[dialect]})))"
        )
        others = ", ".join((*self.columns, "valid_from"))
        return (
            Trigger(
                f"{self.table}_begin_a_version",
                self.table,
                "AFTER INSERT",
                # REPLACE takes a row away without a word.
                action=";\n  ".join((self._end("NEW", dialect), self._tidy("NEW"), begin)),
            ),
            Trigger(
                f"{self.table}_change_a_version",
                self.table,
                "AFTER UPDATE",
                action=";\n  ".join((self._end("OLD", dialect), self._tidy("OLD"), begin)),
            ),
            Trigger(
                f"{self.table}_end_a_version",
                self.table,
                "AFTER DELETE",
                action=";\n  ".join((self._end("OLD", dialect), self._tidy("OLD"))),
            ),
            Trigger(
                f"{self.versions}_begin_now",
                self.versions,
                "BEFORE INSERT",
                when=f"NEW.valid_to IS NOT NULL OR NEW.valid_from < {now}\n"
                f"  OR EXISTS (SELECT 1 FROM {self.versions} WHERE {self._is('NEW')} AND valid_to IS NULL)",
                refusal=_KEPT,
            ),
            Trigger(
                f"{self.versions}_end_now",
                self.versions,
                "BEFORE UPDATE OF valid_to",
                when=f"OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL\n"
                f"  OR NEW.valid_to <> {later}({now}, OLD.valid_from)",
                refusal=_KEPT,
            ),
            Trigger(
                f"{self.versions}_are_kept_as_they_are",
                self.versions,
                f"BEFORE UPDATE OF {others}",
                refusal=_KEPT,
            ),
            Trigger(
                f"{self.versions}_are_kept",
                self.versions,
                "BEFORE DELETE",
                when="OLD.valid_to IS NULL OR OLD.valid_to > OLD.valid_from",
                refusal=_KEPT,
            ),
        )

    def view(self, dialect: str) -> str:
        """Return the query for the rows that were valid at the moment that is asked for."""
        source = f"{_TABLES_OF_TODAY[dialect]}{self.versions}"
        return f"SELECT {', '.join(self.columns)} FROM {source}\n  WHERE {valid(_THEN[dialect])}"

    def _is(self, row: str) -> str:
        return " AND ".join(f"{column} = {row}.{column}" for column in self.key)

    def _kept(self, column: str) -> str:
        if column in self.blanked:
            return f"CASE WHEN NEW.{column} IS NULL THEN NULL ELSE '' END"
        return f"NEW.{column}"

    def _end(self, row: str, dialect: str) -> str:
        ends = f"{_LATER[dialect]}({_NOW[dialect]}, valid_from)"
        return f"UPDATE {self.versions} SET valid_to = {ends}\n  WHERE {self._is(row)} AND valid_to IS NULL"

    def _tidy(self, row: str) -> str:
        return f"DELETE FROM {self.versions} WHERE {self._is(row)} AND valid_to = valid_from"


def valid(moment: str, prefix: str = "") -> str:
    """Return the condition that a version was valid at `moment`."""
    return f"{prefix}valid_from <= {moment} AND ({prefix}valid_to IS NULL OR {prefix}valid_to > {moment})"


def _versioned(table: Table, blanked: Sequence[str] = ()) -> Versioned:
    # In alphabetical order: tables that were changed by migrations have their columns in another one.
    columns = tuple(sorted(column.name for column in table.columns))
    return Versioned(
        table.name, tuple(column.name for column in table.primary_key), columns, frozenset(blanked)
    )


def _make_versions_table(versioned: Versioned) -> Table:
    """Put the table of versions beside its table: the same columns without constraints, and the same indexes.

    Each index goes on with the key and the time (and with what nearly all queries ask), so that what was
    valid is found by it alone.
    """
    table = Base.metadata.tables[versioned.table]
    made = Table(
        versioned.versions,
        Base.metadata,
        # Before the rest, so that what was not valid is passed over at once.
        Column("valid_from", UtcDateTime, nullable=False),
        Column("valid_to", UtcDateTime, doc="When it became another one, or went; empty for what is."),
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
        *(made.c[name] for name in versioned.key),
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    asked = [name for name in _ASKED_OF_ALL if name in made.c]
    indexed = {f"ix_{made.name}_key": list(versioned.key)}
    for index in table.indexes:
        if not index.unique and index.dialect_options["postgresql"]["where"] is None:
            name = str(index.name).replace(f"ix_{table.name}_", f"ix_{made.name}_", 1)
            indexed[name] = [column.name for column in index.columns]
    for name, columns in indexed.items():
        names = dict.fromkeys((*columns, *versioned.key, "valid_from", "valid_to", *asked))
        Index(name, *(made.c[column] for column in names))
    return made


def _of_past_appraisals(dialect: str) -> str:
    """Return the view of what appraisals saw. It is written with its appraisal and never changed."""
    table = AppraisalEvidence.__tablename__
    today = _TABLES_OF_TODAY[dialect]
    columns = ", ".join(sorted(column.name for column in Base.metadata.tables[table].columns))
    return (
        f"SELECT {columns} FROM {today}{table} AS seen\n  WHERE EXISTS (SELECT 1 FROM {today}appraisals_versions "
        f"AS made WHERE made.id = seen.appraisal_id\n    AND {valid(_THEN[dialect], 'made.')})"
    )


def _of_past_revisions(dialect: str) -> str:
    """Return the view of the history as far as it went. It is only added to."""
    table = Revision.__tablename__
    columns = ", ".join(sorted(column.name for column in Base.metadata.tables[table].columns))
    return f"SELECT {columns} FROM {_TABLES_OF_TODAY[dialect]}{table}\n  WHERE changed_at <= {_THEN[dialect]}"


VERSIONED: tuple[Versioned, ...] = (
    *(_versioned(cast(Table, model.__table__), model.unrecorded) for model in RECORDS),
    *(_versioned(table) for table in ASSOCIATIONS),
)
"""All tables with versions."""

for _each in VERSIONED:
    _make_versions_table(_each)
    Base.metadata.tables[_each.table].info[AS_OF] = {dialect: _each.view(dialect) for dialect in DIALECTS}
Base.metadata.tables[AppraisalEvidence.__tablename__].info[AS_OF] = {
    dialect: _of_past_appraisals(dialect) for dialect in DIALECTS
}
Base.metadata.tables[Revision.__tablename__].info[AS_OF] = {
    dialect: _of_past_revisions(dialect) for dialect in DIALECTS
}


def triggers(dialect: str) -> Iterator[Trigger]:
    """Yield the triggers of all tables with versions."""
    for versioned in VERSIONED:
        yield from versioned.triggers(dialect)


def views(dialect: str) -> dict[str, str]:
    """Return the views that show a moment, by the name of their table."""
    return {
        table.name: table.info[AS_OF][dialect] for table in Base.metadata.sorted_tables if AS_OF in table.info
    }
