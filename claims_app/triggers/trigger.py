"""A trigger, and its SQL for each database."""

from dataclasses import dataclass

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
DIALECTS = (SQLITE, POSTGRESQL)

NOW = {
    SQLITE: "COALESCE((SELECT changed_at FROM history_clock), strftime('%Y-%m-%d %H:%M:%f000', 'now'))",
    POSTGRESQL: "COALESCE(NULLIF(current_setting('claims.changed_at', true), '')::timestamptz, now())",
}
"""The time of a change: that of the transaction (see `database.WriteSession`), else the current time.

On SQLite, a change by another program has the time of its statement, in milliseconds.
"""

NEXT_CHANGE = {
    SQLITE: "(SELECT COALESCE(MAX(changed), 0) + 1 FROM claim_summaries)",
    POSTGRESQL: "pg_current_xact_id()::text::bigint",
}
"""The number of a change of a summary; see version 7."""

BY_PROGRAM = {
    SQLITE: "(SELECT changed_at IS NOT NULL FROM history_clock)",
    POSTGRESQL: "(COALESCE(current_setting('claims.changed_at', true), '') <> '')",
}
"""Whether this program makes the change; see version 9."""

_PLACEHOLDERS = {":now": NOW, ":changed": NEXT_CHANGE, ":by_program": BY_PROGRAM}


def filled(text: str, dialect: str) -> str:
    """Return the text of a statement for a database, with what the placeholders stand for."""
    for placeholder, expression in _PLACEHOLDERS.items():
        text = text.replace(placeholder, expression[dialect])
    return text


@dataclass(frozen=True)
class Trigger:
    """A trigger: when it fires, under which condition, and its action, or the message with which it refuses.

    `:now` in a condition or an action is replaced by the time of the change, `:changed` by its number, and
    `:by_program` by whether this program makes it. A trigger with
    `locks` does nothing but lock rows, on PostgreSQL only; each lock is a statement, so the next one sees what was
    committed before it. One that is `only_on_sqlite` is not needed on PostgreSQL.
    """

    name: str
    table: str
    timing: str
    when: str | None = None
    refusal: str | None = None
    action: str | None = None
    locks: tuple[str, ...] = ()
    only_on_sqlite: bool = False

    def is_on(self, dialect: str) -> bool:
        """Return whether it exists on a database. SQLite has no TRUNCATE and no locks on rows."""
        if dialect == SQLITE:
            return self._for_each_row and not self.locks
        return not self.only_on_sqlite

    @property
    def _for_each_row(self) -> bool:
        return "TRUNCATE" not in self.timing

    def definition(self, dialect: str) -> str:
        """Return its text as stored by a database: the statement on SQLite, the function body on PostgreSQL."""
        text = self._on_sqlite() if dialect == SQLITE else self._function_body()
        return filled(text, dialect)

    def create(self, dialect: str) -> list[str]:
        """Return the statements that create it."""
        definition = self.definition(dialect)
        if dialect == SQLITE:
            return [definition]
        each = "ROW" if self._for_each_row else "STATEMENT"
        return [
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${definition}$$",
            f"CREATE TRIGGER {self.name} {self.timing} ON {self.table} "
            f"FOR EACH {each} EXECUTE FUNCTION {self.name}()",
        ]

    def drop(self, dialect: str) -> list[str]:
        """Return the statements that drop it. On SQLite, rebuilding a table may have dropped it already."""
        if dialect == SQLITE:
            return [f"DROP TRIGGER IF EXISTS {self.name}"]
        return [f"DROP TRIGGER {self.name} ON {self.table}", f"DROP FUNCTION {self.name}()"]

    def _on_sqlite(self) -> str:
        action = self.action or f"SELECT RAISE(ABORT, '{self.refusal}')"
        condition = f"\nWHEN {self.when}" if self.when else ""
        return f"CREATE TRIGGER {self.name} {self.timing} ON {self.table}{condition}\nBEGIN\n  {action};\nEND"

    def _function_body(self) -> str:
        refuse = f"RAISE EXCEPTION '{self.refusal}' USING ERRCODE = 'check_violation'"
        action = ";\n  ".join(self.locks) or self.action or refuse
        work = f"IF {self.when} THEN\n  {action};\nEND IF" if self.when else action
        returned = (
            "COALESCE(NEW, OLD)" if "DELETE" in self.timing else "NEW" if self._for_each_row else "NULL"
        )
        return f"\nBEGIN\n{work};\nRETURN {returned};\nEND\n"
