"""Counts the statements that reach a database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from claims_app.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Give the list of the statements that run meanwhile, without the beginning of transactions."""
    run: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            run.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield run
    event.remove(database.engine, "before_cursor_execute", note)
