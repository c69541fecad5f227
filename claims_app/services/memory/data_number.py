"""A number for the state of the data: as long as it is the same, every page and file for readers is the same.

On SQLite, triggers move it at each write to a table that readers see. On PostgreSQL it is the snapshot of the
transaction: two equal snapshots see the same rows. The start of the server belongs to it, since a server that was
restored from a backup counts transactions anew.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.models.data_number import DATA_NUMBERS


def data_number(session: Session) -> str:
    """Return the number of the state of the data that `session` sees. It cannot be compared but for equality."""
    return str(session.scalar(text(DATA_NUMBERS[session.get_bind().dialect.name])))


def newest_data_number(database: Database) -> str:
    """Return the number of the newest state of the data. What is read afterwards is at least as new.

    Raises SQLAlchemyError if the database does not respond.
    """
    return str(database.scalar(DATA_NUMBERS[database.engine.dialect.name]))
