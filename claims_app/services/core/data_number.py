"""A number for the state of the data: as long as it is the same, every page and file for readers is the same.

On SQLite, triggers move it at each write to a table that readers see. On PostgreSQL it is the snapshot of the
transaction: two equal snapshots see the same rows. The start of the server belongs to it, since a server that was
restored from a backup counts transactions anew.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from claims_app.database import Database

_QUERIES = {
    "sqlite": "SELECT CAST(number AS TEXT) FROM data_number",
    "postgresql": "SELECT concat_ws('-', current_database(), pg_postmaster_start_time(), pg_current_snapshot())",
}


def data_number(session: Session) -> str:
    """Return the number of the state of the data that `session` sees. It cannot be compared but for equality."""
    return str(session.scalar(text(_QUERIES[session.get_bind().dialect.name])))


def newest_data_number(database: Database) -> str:
    """Return the number of the newest state of the data. What is read afterwards is at least as new.

    Raises SQLAlchemyError if the database does not respond.
    """
    return str(database.scalar(_QUERIES[database.engine.dialect.name]))
