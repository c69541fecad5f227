"""All triggers and views of one version, and how a migration brings them in or goes to the next version."""

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from claims_app.triggers.trigger import POSTGRESQL, SQLITE, Trigger

AS_OF = "as_of"
"""The schema of the views of the past on PostgreSQL; on SQLite each connection makes its own."""

View = Callable[[str], str]
"""Gives the query of a view, for a dialect."""


class KeptTable(Protocol):
    """A table that is kept with all versions of its rows."""

    @property
    def table(self) -> str:
        """Its name."""

    @property
    def versions(self) -> str:
        """The name of the table of its versions."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All its columns."""

    @property
    def blanked(self) -> frozenset[str]:
        """The columns of which the versions say only whether they are empty."""

    def with_columns(self, *names: str) -> "KeptTable":
        """Return the same table with more columns."""

    def triggers(self, dialect: str) -> tuple[Trigger, ...]:
        """Return the triggers that keep its versions."""

    def view(self, dialect: str) -> str:
        """Return the query for the rows that were valid at the moment asked for."""


class Operations(Protocol):
    """What a migration does its work with: `alembic.op`."""

    def execute(self, sqltext: str) -> None:
        """Execute a statement."""

    def get_bind(self) -> Connection:
        """Return the connection."""


@dataclass(frozen=True)
class TriggerSet:
    """The triggers of the rules, the tables that are kept with their versions, and views for other tables."""

    rules: tuple[Trigger, ...]
    kept: tuple[KeptTable, ...]
    other_views: Mapping[str, View] = field(default_factory=dict)

    def with_columns(self, table: str, *names: str) -> "TriggerSet":
        """Return the next version: the same, with more columns of a table. Raises KeyError for one not kept."""
        if table not in {kept.table for kept in self.kept}:
            raise KeyError(table)
        kept = tuple(kept.with_columns(*names) if kept.table == table else kept for kept in self.kept)
        return dataclasses.replace(self, kept=kept)

    def with_table(self, table: KeptTable) -> "TriggerSet":
        """Return the next version: the same, with one more table that is kept with its versions."""
        return dataclasses.replace(self, kept=(*self.kept, table))

    def triggers(self, dialect: str) -> dict[str, Trigger]:
        """Return all triggers that a database of this dialect has, by name."""
        every = [*self.rules, *(trigger for table in self.kept for trigger in table.triggers(dialect))]
        return {trigger.name: trigger for trigger in every if trigger.on_sqlite or dialect != SQLITE}

    def views(self, dialect: str) -> dict[str, str]:
        """Return the query of each view of the past, by the name of the table that it stands for."""
        made = {table.table: table.view(dialect) for table in self.kept}
        return made | {name: view(dialect) for name, view in self.other_views.items()}

    def create(self, dialect: str) -> Iterator[str]:
        """Yield the statements that make all of it, in a database that has the tables."""
        if dialect == POSTGRESQL:
            yield f"CREATE SCHEMA {AS_OF}"
        yield from self._made(dialect, None)

    def drop(self, dialect: str) -> Iterator[str]:
        """Yield the statements that remove all of it."""
        yield from self._dropped(dialect, None)
        if dialect == POSTGRESQL:
            yield f"DROP SCHEMA {AS_OF}"

    @contextmanager
    def replaced(self, op: Operations, newer: "TriggerSet", tables: Collection[str]) -> Iterator[None]:
        """Let a migration change `tables` in the block: without their triggers and views, which are new after it.

        `tables` are those that the block changes and those whose triggers differ in `newer`; the tables of
        their versions are meant with them.
        """
        dialect = op.get_bind().dialect.name
        for statement in self._dropped(dialect, tables):
            op.execute(statement)
        yield
        for statement in newer._made(dialect, tables):
            op.execute(statement)

    def _made(self, dialect: str, tables: Collection[str] | None) -> Iterator[str]:
        for trigger in self._of_tables(dialect, tables):
            yield from trigger.create(dialect)
        if dialect == POSTGRESQL:
            for name, query in self.views(dialect).items():
                if tables is None or name in tables:
                    yield f"CREATE VIEW {AS_OF}.{name} AS {query}"

    def _dropped(self, dialect: str, tables: Collection[str] | None) -> Iterator[str]:
        if dialect == POSTGRESQL:
            for name in self.views(dialect):
                if tables is None or name in tables:
                    yield f"DROP VIEW {AS_OF}.{name}"
        for trigger in self._of_tables(dialect, tables):
            yield from trigger.drop(dialect)

    def _of_tables(self, dialect: str, tables: Collection[str] | None) -> Iterator[Trigger]:
        versions = {kept.versions: kept.table for kept in self.kept}
        for trigger in self.triggers(dialect).values():
            if tables is None or versions.get(trigger.table, trigger.table) in tables:
                yield trigger
