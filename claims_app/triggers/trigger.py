"""One trigger, and how each database spells it."""

from dataclasses import dataclass

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
DIALECTS = (SQLITE, POSTGRESQL)

NOW = {
    SQLITE: "COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now'))",
    POSTGRESQL: "COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now())",
}
"""The moment of a change: that of the transaction (see `database.WriteSession`), or the time where there is none.

On SQLite, a change by other means has the time of its statement, in milliseconds.
"""

_NOW_IN_TEXT = ":now"


@dataclass(frozen=True)
class Trigger:
    """When a trigger fires, under which condition, and what it does, or the sentence with which it refuses.

    `:now` in a condition or an action is the moment of the change.
    """

    name: str
    table: str
    timing: str
    when: str | None = None
    refusal: str | None = None
    action: str | None = None

    @property
    def on_sqlite(self) -> bool:
        """Whether SQLite has it; there is no TRUNCATE there."""
        return "TRUNCATE" not in self.timing

    def definition(self, dialect: str) -> str:
        """Return the text that a database keeps of it: the statement on SQLite, the function on PostgreSQL."""
        text = self._on_sqlite() if dialect == SQLITE else self._function_body()
        return text.replace(_NOW_IN_TEXT, NOW[dialect])

    def create(self, dialect: str) -> list[str]:
        """Return the statements that make it."""
        definition = self.definition(dialect)
        if dialect == SQLITE:
            return [definition]
        each = "ROW" if self.on_sqlite else "STATEMENT"
        return [
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${definition}$$",
            f"CREATE TRIGGER {self.name} {self.timing} ON {self.table} "
            f"FOR EACH {each} EXECUTE FUNCTION {self.name}()",
        ]

    def drop(self, dialect: str) -> list[str]:
        """Return the statements that remove it. SQLite may have lost it when its table was rebuilt."""
        if dialect == SQLITE:
            return [f"DROP TRIGGER IF EXISTS {self.name}"]
        return [f"DROP TRIGGER {self.name} ON {self.table}", f"DROP FUNCTION {self.name}()"]

    def _on_sqlite(self) -> str:
        action = self.action or f"SELECT RAISE(ABORT, '{self.refusal}')"
        condition = f"\nWHEN {self.when}" if self.when else ""
        return f"CREATE TRIGGER {self.name} {self.timing} ON {self.table}{condition}\nBEGIN\n  {action};\nEND"

    def _function_body(self) -> str:
        action = self.action or f"RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'"
        work = f"IF {self.when} THEN\n  {action};\nEND IF" if self.when else action
        returned = "COALESCE(NEW, OLD)" if "DELETE" in self.timing else "NEW" if self.on_sqlite else "NULL"
        return f"\nBEGIN\n{work};\nRETURN {returned};\nEND\n"
