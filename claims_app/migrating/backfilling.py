"""Filling a column of the rows that there are, a batch at a time."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy import Connection

from claims_app.migrating.operations import is_sqlite, step_by_step
from claims_app.migrating.patience import log, patiently
from claims_app.migrating.rebuilding import without_triggers

FIRST_BATCH, LARGEST_BATCH = 500, 50_000
BATCH_SECONDS = 0.2
"""How long a batch should take: a writer waits at most that long for one of its rows."""

REST = 1.0
"""The pause after a batch, as a share of the time that the batch took. On a busy machine, both become longer."""

REPORT_SECONDS = 10


def backfill(
    op: Operations, table: str, key: str, values: Mapping[str, str], where: str, *, quietly: bool = False
) -> None:
    """Set columns to SQL expressions in the rows of `table` that fulfil `where`, in batches by a number, `key`.

    `where` must say which rows are still to be done, so that a migration that was killed goes on where it was: rows
    that are done are read, but not written again. Those who write meanwhile fill the new columns themselves: by a
    default, by a trigger, or by a program that knows them; run it again when all programs do.

    With `quietly`, no trigger sees it. That is for the past of a record: a new column is no change that somebody
    made. PostgreSQL allows that to superusers, and to those with `GRANT SET ON PARAMETER session_replication_role`.
    """
    assignments = ", ".join(f"{name} = {expression}" for name, expression in values.items())
    update = f"UPDATE {table} SET {assignments} WHERE ({where})"  # nosec B608 - only names of our own schema
    if is_sqlite(op):
        with without_triggers(op, table) if quietly else nullcontext():
            op.execute(update)
        return
    with step_by_step(op) as connection, _quiet(connection) if quietly else nullcontext():
        _fill(connection, table, key, update)


def _fill(connection: Connection, table: str, key: str, update: str) -> None:
    first, end = connection.execute(sa.text(f"SELECT min({key}), max({key}) FROM {table}")).one()  # nosec B608 - only names of our own schema
    if first is None:
        return
    bounds = sa.text(
        f"SELECT max({key}) FROM (SELECT {key} FROM {table} WHERE {key} > :last ORDER BY {key} LIMIT :size) AS part"  # nosec B608 - only names of our own schema
    )
    batch = sa.text(f"{update} AND {key} > :last AND {key} <= :upto")
    last, size, written, reported = first - 1, FIRST_BATCH, 0, time.monotonic()
    while (upto := connection.scalar(bounds, {"last": last, "size": size})) is not None:
        began = time.monotonic()
        period = {"last": last, "upto": upto}
        done = patiently(lambda period=period: connection.execute(batch, period).rowcount)  # type: ignore[misc]
        took = time.monotonic() - began
        last, written = upto, written + done
        size = min(
            max(int(size * min(2.0, BATCH_SECONDS / max(took, 0.001))), FIRST_BATCH // 10), LARGEST_BATCH
        )
        if time.monotonic() - reported > REPORT_SECONDS:
            reported = time.monotonic()
            log.info("%s: %d rows filled, up to %s %d of %d.", table, written, key, last, end)
        if done:
            time.sleep(REST * took)


@contextmanager
def _quiet(connection: Connection) -> Iterator[None]:
    connection.exec_driver_sql("SET session_replication_role = replica")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql("RESET session_replication_role")
