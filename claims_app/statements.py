"""What the statements of a request cost, and those that are slow, with their plan in the log.

The text of a statement has placeholders, and values in plans are hidden: they may be words of a person. A statement
that is not slow costs two readings of the clock.
"""

import logging
import re
import time
from typing import Any

from sqlalchemy import Connection, Engine, event

from claims_app import logs

MOST_IN_A_MINUTE = 20
"""Slow statements that one process logs with their plan; the next line says how many were left out."""

_LONGEST = 4000
"""Characters of a statement; the rest is more of the same."""

_MOST_LINES = 100
_EXPLAINED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")
_TEXT = re.compile(r"'(?:[^']|'')*'")

_log = logging.getLogger(__name__)


class _Slow:
    """When a statement is slow in this process, and which of them are logged."""

    def __init__(self) -> None:
        self.seconds = float("inf")
        self.logged = logs.PerMinute(MOST_IN_A_MINUTE)


_slow = _Slow()


def log_slower_than(milliseconds: int) -> None:
    """Let this process log statements that take longer; 0 logs none."""
    _slow.seconds = milliseconds / 1000 if milliseconds else float("inf")


def watch(engine: Engine) -> None:
    """Note the statements that are sent through `engine`."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)


def _begin(
    _c: Connection, _cursor: Any, _statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    context.claims_began = time.perf_counter()


def _end(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, context: Any, many: bool
) -> None:
    seconds = time.perf_counter() - context.claims_began
    if (task := logs.current()) is not None:
        task.statements += 1
        task.database_seconds += seconds
    if seconds > _slow.seconds:
        _report(connection, statement, parameters[:1] if many else parameters, seconds)


def _report(connection: Connection, statement: str, parameters: Any, seconds: float) -> None:
    if not _slow.logged.may():
        return
    left_out = _slow.logged.refused()
    task = logs.current()
    fields = {
        "ms": round(seconds * 1000),
        "route": task.route if task is not None else None,
        "statement": " ".join(statement.split())[:_LONGEST],
        "plan": _plan(connection, statement, parameters),
        **({"left_out": left_out} if left_out else {}),
    }
    _log.warning("slow statement", extra=fields)


def _plan(connection: Connection, statement: str, parameters: Any) -> str | None:
    """Return the plan of a statement, which is not run again; None if the database does not say it."""
    if not statement.lstrip(" (\n").upper().startswith(_EXPLAINED):
        return None
    if isinstance(parameters, list):  # of several rows
        parameters = parameters[0] if parameters else ()
    try:
        if connection.dialect.name == "sqlite":
            return _plan_of_sqlite(connection, statement, parameters)
        return _plan_of_postgresql(connection, statement, parameters)
    except Exception as error:  # of the driver, which this module does not know
        return f"not known: {type(error).__name__}"


def _plan_of_sqlite(connection: Connection, statement: str, parameters: Any) -> str:
    cursor = connection.connection.cursor()
    try:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        depths, lines = {0: 0}, []
        for number, parent, _, words in cursor.fetchmany(_MOST_LINES):
            depths[number] = depths.get(parent, 0) + 1
            lines.append(f"{'  ' * (depths[number] - 1)}{words}")
    finally:
        cursor.close()
    return "\n".join(lines)


def _plan_of_postgresql(connection: Connection, statement: str, parameters: Any) -> str | None:
    """Return the plan, in the transaction of the statement, which holds the locks that planning needs."""
    driver: Any = connection.connection.driver_connection
    if driver.info.transaction_status.name != "INTRANS":
        return None
    with driver.cursor() as cursor:
        # An error would end the transaction.
        cursor.execute("SAVEPOINT claims_plan")
        try:
            cursor.execute(f"EXPLAIN {statement}", parameters)
            lines = [line for (line,) in cursor.fetchmany(_MOST_LINES)]
        except Exception:
            cursor.execute("ROLLBACK TO SAVEPOINT claims_plan")
            raise
        finally:
            cursor.execute("RELEASE SAVEPOINT claims_plan")
    return _TEXT.sub("'…'", "\n".join(lines))
