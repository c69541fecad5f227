"""What migrations use to change large tables while others read and write: no step stops them for long.

On PostgreSQL, each function commits its steps one by one, so a migration that is killed has done some of them. All of
them look at what is there already: run again, a migration goes on and ends right. On SQLite, where an upgrade is one
transaction and readers never wait, they do the plain thing.

A migration is either made of these functions, or of plain operations on new or small tables, which then are one
transaction. `tests/migrations/test_locks.py` refuses one that would keep others waiting.
"""

from claims_app.migrating.backfilling import backfill
from claims_app.migrating.operations import (
    add_check,
    add_column,
    add_foreign_key,
    create_index,
    drop_column,
    drop_constraint,
    drop_index,
    require,
)

__all__ = [
    "add_check",
    "add_column",
    "add_foreign_key",
    "backfill",
    "create_index",
    "drop_column",
    "drop_constraint",
    "drop_index",
    "require",
]
