"""Backups: all data in one file that either database restores exactly.

`saving.save` reads every table from one snapshot while others write. `restoring.restore` checks the whole file first,
builds a complete database beside the one in use (`on_sqlite`, `on_postgresql`), and puts it in its place in one step,
so that a failure or a `kill -9` at any moment leaves the old one or the new one. The old one is kept.

pg_dump would need the programs of the right version of PostgreSQL, and a copy of the SQLite file moves nowhere else.
"""

from claims_app.services.core.errors import ServiceError


class BackupError(ServiceError):
    """The backup cannot be made or restored. Nothing was changed."""
