"""Versions: every past state of a row, with its period of validity.

Each versioned table has a `<table>_versions` with the same columns, `valid_from` and `valid_to`. Triggers fill it,
however a row is written. A version is closed once and never changed otherwise. Several changes of one transaction,
which have the same time and the same `version` of the record, leave one row.

Views with the names of the tables show the rows that were valid at a moment. `Database.reading(as_of)` puts them in
front of the tables, so that the same queries work.
"""

import dataclasses
from dataclasses import dataclass

from claims_app.triggers.trigger import SQLITE, Trigger

_KEPT = "Past versions cannot be changed or deleted."
_MOMENT = {
    "sqlite": "(SELECT moment FROM temp.as_of_moment)",
    "postgresql": "(SELECT current_setting('claims.as_of')::timestamptz)",
}
"""The requested moment, as a subquery, so that it is read once and not for each row."""

_LATER = {"sqlite": "max", "postgresql": "GREATEST"}
_BEFORE_ALL = {"sqlite": "''", "postgresql": "'-infinity'"}
_PRESENT_TABLES = {"sqlite": "main.", "postgresql": ""}


@dataclass(frozen=True)
class TableSpec:
    """The specification of a versioned table: its key, its columns, and the blanked columns, whose content is not kept.

    A table of records has a column `version`; the table of a list (such as the topics of a claim) has none.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    blanked: frozenset[str] = frozenset()

    @property
    def versions(self) -> str:
        """The name of its version table."""
        return f"{self.table}_versions"

    def with_columns(self, *names: str) -> "TableSpec":
        """Return a copy with more columns."""
        return dataclasses.replace(self, columns=(*self.columns, *names))

    def triggers(self, dialect: str) -> tuple[Trigger, ...]:
        """Return the triggers that fill the version table, and those that protect it."""
        later = _LATER[dialect]
        return (
            Trigger(
                f"{self.table}_begin_version", self.table, "AFTER INSERT", action=self._inserted(dialect)
            ),
            Trigger(
                f"{self.table}_change_version",
                self.table,
                "AFTER UPDATE",
                action=self._steps(self._end("OLD", dialect), self._tidy("OLD", "NEW"), self._begin(dialect)),
            ),
            Trigger(
                f"{self.table}_end_version",
                self.table,
                "AFTER DELETE",
                action=self._steps(self._end("OLD", dialect), self._tidy("OLD", "OLD")),
            ),
            Trigger(
                f"{self.versions}_begin_in_the_present",
                self.versions,
                "BEFORE INSERT",
                when=f"NEW.valid_to IS NOT NULL OR NEW.valid_from < :now\n"
                f"  OR EXISTS (SELECT 1 FROM {self.versions} WHERE {self._is('NEW')} AND valid_to IS NULL)",
                refusal=_KEPT,
            ),
            Trigger(
                f"{self.versions}_change_only_by_ending",
                self.versions,
                "BEFORE UPDATE",
                when="OLD.valid_to IS NOT NULL OR NEW.valid_to IS NULL\n"
                f"  OR NEW.valid_to <> {later}(:now, OLD.valid_from)\n"
                f"  OR {self._something_else_changed(dialect)}",
                refusal=_KEPT,
            ),
            Trigger(
                f"{self.versions}_are_not_deleted",
                self.versions,
                "BEFORE DELETE",
                when="OLD.valid_to IS NULL OR OLD.valid_to > OLD.valid_from",
                refusal=_KEPT,
            ),
        )

    def view(self, dialect: str) -> str:
        """Return the query for the rows that were valid at the requested moment."""
        source, moment = f"{_PRESENT_TABLES[dialect]}{self.versions}", _MOMENT[dialect]
        return (
            f"SELECT {', '.join(self.columns)} FROM {source}\n"
            f"  WHERE valid_from <= {moment} AND (valid_to IS NULL OR valid_to > {moment})"
        )

    def _inserted(self, dialect: str) -> str:
        # REPLACE on SQLite removes a row without firing a trigger on DELETE.
        if dialect == SQLITE:
            return self._steps(self._end("NEW", dialect), self._begin(dialect))
        return self._begin(dialect)

    def _begin(self, dialect: str) -> str:
        names = ", ".join(self.columns)
        values = ", ".join(map(self._value, self.columns))
        latest = f"(SELECT max(valid_to) FROM {self.versions} WHERE {self._is('NEW')})"
        return (
            f"INSERT INTO {self.versions} ({names}, valid_from)\n  VALUES ({values},\n"
            f"    {_LATER[dialect]}(:now, COALESCE({latest}, {_BEFORE_ALL[dialect]})))"
        )

    def _end(self, row: str, dialect: str) -> str:
        return (
            f"UPDATE {self.versions} SET valid_to = {_LATER[dialect]}(:now, valid_from)\n"
            f"  WHERE {self._is(row)} AND valid_to IS NULL"
        )

    def _tidy(self, row: str, same_as: str) -> str:
        """Return the statement that deletes earlier rows of the same change, whose period is empty."""
        same = f" AND version = {same_as}.version" if "version" in self.columns else ""
        return f"DELETE FROM {self.versions} WHERE {self._is(row)} AND valid_to = valid_from{same}"

    def _is(self, row: str) -> str:
        return " AND ".join(f"{column} = {row}.{column}" for column in self.key)

    def _value(self, column: str) -> str:
        if column in self.blanked:
            return f"CASE WHEN NEW.{column} IS NULL THEN NULL ELSE '' END"
        return f"NEW.{column}"

    def _something_else_changed(self, dialect: str) -> str:
        if dialect == SQLITE:
            others = (*self.columns, "valid_from")
            return " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in others)
        # As JSON, since PostgreSQL compares no rows with a column of JSON in them.
        return "to_jsonb(NEW) - 'valid_to' <> to_jsonb(OLD) - 'valid_to'"

    @staticmethod
    def _steps(*statements: str) -> str:
        return ";\n  ".join(statements)


def appraisals_view(dialect: str) -> str:
    """Return the query of the view of past appraisals. They never change, so they need no versions."""
    return f"SELECT * FROM {_PRESENT_TABLES[dialect]}appraisals\n  WHERE created_at <= {_MOMENT[dialect]}"


def appraisal_evidence_view(dialect: str) -> str:
    """Return the query of the view of the evidence of past appraisals."""
    present = _PRESENT_TABLES[dialect]
    return (
        f"SELECT seen.* FROM {present}appraisal_evidence AS seen\n"
        f"  JOIN {present}appraisals AS made ON made.id = seen.appraisal_id\n"
        f"  WHERE made.created_at <= {_MOMENT[dialect]}"
    )


def revisions_view(dialect: str) -> str:
    """Return the query of the view of past revisions. They never change, so they need no versions."""
    return f"SELECT * FROM {_PRESENT_TABLES[dialect]}revisions\n  WHERE changed_at <= {_MOMENT[dialect]}"
