"""Waiting for locks without keeping others waiting.

A statement that waits for a table on PostgreSQL is in front of everybody who comes later, readers included. So a
migration waits for a moment only, lets the others go first, and tries again.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

T = TypeVar("T")

log = logging.getLogger("claims_app.migrating")
"""Says how a migration goes on; `claims db upgrade` prints it."""

ADVISORY_LOCK = int.from_bytes(b"claims")
"""The lock of PostgreSQL that makes simultaneous upgrades run one after the other."""

LOCK_TIMEOUT = "500ms"
"""The longest that readers queue behind a migration that waits for a lock, each time."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between two attempts, which double. Those who had queued get through meanwhile."""

GIVE_UP_SECONDS = 3600
"""How long a lock is tried for. An export of everything, which holds one, can take that long."""

_GAVE_WAY = frozenset({"55P03", "40P01"})
"""The SQLSTATE of a lock that was not granted in time, and of a deadlock."""


def gave_way(error: DBAPIError) -> bool:
    """Return whether a statement was given up in favour of others, so that it can be tried again."""
    return getattr(error.orig, "sqlstate", None) in _GAVE_WAY


def patiently(work: Callable[[], T], may_retry: Callable[[], bool] = lambda: True) -> T:
    """Return `work()`, tried again until it gets its locks. Raises the last DBAPIError after GIVE_UP_SECONDS."""
    began, pause = time.monotonic(), FIRST_PAUSE
    while True:
        try:
            return work()
        except DBAPIError as error:
            if not gave_way(error) or not may_retry() or time.monotonic() - began > GIVE_UP_SECONDS:
                raise
        log.info("Another transaction uses a table that this step changes. Trying again in %.1f s.", pause)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Run the block while no other process migrates this database on PostgreSQL, with LOCK_TIMEOUT.

    `connection` must have no open transaction. The lock belongs to the connection, so it ends with a killed process.
    """
    driver = connection.connection.driver_connection
    assert driver is not None, "held by SQLAlchemy while the connection is open"
    driver.autocommit = True
    waiting = False
    # A statement that waits would hold a snapshot, for which the index that the other one creates would wait in turn.
    while not driver.execute("SELECT pg_try_advisory_lock(%s)", (ADVISORY_LOCK,)).fetchone()[0]:
        if not waiting:
            log.info("Waiting for another upgrade of this database to end.")
        waiting = True
        time.sleep(0.2)
    driver.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
    driver.execute("SET statement_timeout = 0")
    driver.autocommit = False
    try:
        yield
    finally:
        if not driver.closed:
            if connection.in_transaction():
                connection.rollback()
            driver.autocommit = True
            driver.execute("RESET lock_timeout")
            driver.execute("RESET statement_timeout")
            driver.execute("SELECT pg_advisory_unlock(%s)", (ADVISORY_LOCK,))
            driver.autocommit = False


@contextmanager
def without_limit(connection: Connection) -> Iterator[None]:
    """Wait for locks as long as it takes: for statements whose waiting keeps nobody else from reading or writing."""
    connection.exec_driver_sql("SET lock_timeout = 0")
    try:
        yield
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
