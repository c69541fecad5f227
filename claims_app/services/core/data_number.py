"""A number for the state of the data: as long as it is the same, every page and file for readers is the same.

On SQLite, triggers move it at each write to a table that readers see. On PostgreSQL it is the snapshot of the
transaction: two equal snapshots see the same rows. The start of the server belongs to it, since a server that was
restored from a backup counts transactions anew.
"""

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from claims_app.models.data_number import data_number as table

_ON_SQLITE = select(cast(table.c.number, String))
_ON_POSTGRESQL = select(
    cast(
        func.concat_ws(
            "-",
            func.current_database(),
            cast(func.pg_postmaster_start_time(), String),
            cast(func.pg_current_snapshot(), String),
        ),
        String,
    )
)


def data_number(session: Session) -> str:
    """Return the number of the state of the data that `session` sees. It cannot be compared but for equality."""
    dialect = session.get_bind().dialect.name
    return session.scalars(_ON_SQLITE if dialect == "sqlite" else _ON_POSTGRESQL).one()
