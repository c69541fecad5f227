"""All triggers and views of one version, and how a migration installs or replaces them."""

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection

from claims_app.triggers.trigger import POSTGRESQL, Trigger

AS_OF = "as_of"
"""The schema of the views of past data on PostgreSQL; on SQLite each connection creates its own views."""

View = Callable[[str], str]
"""Returns the query of a view for a dialect."""


class VersionedTable(Protocol):
    """A versioned table: all versions of its rows are kept."""

    @property
    def table(self) -> str:
        """Its name."""

    @property
    def versions(self) -> str:
        """The name of its version table."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns of its primary key."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All its columns."""

    @property
    def blanked(self) -> frozenset[str]:
        """The columns whose content is not kept, only whether they were empty."""

    def with_columns(self, *names: str) -> "VersionedTable":
        """Return a copy with more columns."""

    def triggers(self, dialect: str) -> tuple[Trigger, ...]:
        """Return the triggers that fill and protect its version table."""

    def view(self, dialect: str) -> str:
        """Return the query for the rows that were valid at the requested moment."""


class Operations(Protocol):
    """The part of `alembic.op` that is used here."""

    def execute(self, sqltext: str) -> None:
        """Execute a statement."""

    def get_bind(self) -> Connection:
        """Return the connection."""


@dataclass(frozen=True)
class TriggerSet:
    """The triggers that enforce rules, the versioned tables, and views of past data for other tables."""

    rules: tuple[Trigger, ...]
    versioned: tuple[VersionedTable, ...]
    other_views: Mapping[str, View] = field(default_factory=dict)

    def with_columns(self, table: str, *names: str) -> "TriggerSet":
        """Return a copy with more columns of a versioned table. Raises KeyError for any other table."""
        if table not in {one.table for one in self.versioned}:
            raise KeyError(table)
        versioned = tuple(one.with_columns(*names) if one.table == table else one for one in self.versioned)
        return dataclasses.replace(self, versioned=versioned)

    def with_table(self, table: VersionedTable) -> "TriggerSet":
        """Return a copy with one more versioned table."""
        return dataclasses.replace(self, versioned=(*self.versioned, table))

    def with_rules(self, *rules: Trigger) -> "TriggerSet":
        """Return a copy with more rules; one with the name of an older rule takes its place."""
        named = {rule.name: rule for rule in (*self.rules, *rules)}
        return dataclasses.replace(self, rules=tuple(named.values()))

    def rule(self, name: str) -> Trigger:
        """Return the rule called `name`. Raises KeyError if there is none."""
        return {rule.name: rule for rule in self.rules}[name]

    def triggers(self, dialect: str) -> dict[str, Trigger]:
        """Return all triggers for a dialect, by name."""
        every = [*self.rules, *(trigger for table in self.versioned for trigger in table.triggers(dialect))]
        return {trigger.name: trigger for trigger in every if trigger.is_on(dialect)}

    def views(self, dialect: str) -> dict[str, str]:
        """Return the query of each view of past data, by the name of the table that it replaces."""
        made = {table.table: table.view(dialect) for table in self.versioned}
        return made | {name: view(dialect) for name, view in self.other_views.items()}

    def create(self, dialect: str) -> Iterator[str]:
        """Yield the statements that create all triggers and views. The tables must exist."""
        if dialect == POSTGRESQL:
            yield f"CREATE SCHEMA {AS_OF}"
        yield from self._made(dialect, None)

    def drop(self, dialect: str) -> Iterator[str]:
        """Yield the statements that drop all triggers and views."""
        yield from self._dropped(dialect, None)
        if dialect == POSTGRESQL:
            yield f"DROP SCHEMA {AS_OF}"

    @contextmanager
    def replaced(self, op: Operations, newer: "TriggerSet", tables: Collection[str]) -> Iterator[None]:
        """Drop the triggers and views of `tables`, run the block, and create those of `newer`.

        `tables` must name the tables that the block changes and those whose triggers differ in `newer`. Their
        version tables are included.
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
        versions = {kept.versions: kept.table for kept in self.versioned}
        for trigger in self.triggers(dialect).values():
            if tables is None or versions.get(trigger.table, trigger.table) in tables:
                yield trigger
