"""A number for the state of the data: as long as it is the same, every page and file for readers is the same.

On SQLite, triggers move it at each write to a table that readers see. On PostgreSQL it is the snapshot of the
transaction: two equal snapshots see the same rows. The start of the server belongs to it, since a server that was
restored from a backup counts transactions anew.

A snapshot of PostgreSQL also moves with log-ins, with jobs and with other databases of the server. That of the records
does not: see `records_number`.

At a replica it is the position up to which the log of the primary was replayed, read before the snapshot is taken: the
snapshot of a replica does not say which transactions are running. So what is read is at least as new as its number.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from claims_app.database import RECENT, REPLICA, Database
from claims_app.models.data_number import DATA_NUMBERS
from claims_app.replicas import OpenReplica

_RECORDS = text(
    "SELECT concat(current_database(), ' ', pg_postmaster_start_time(), ' ', pg_relation_filenode('revisions'), ' ',"
    " (SELECT max(id) FROM revisions), ' ', (SELECT max(changed) FROM claim_summaries), ' ',"
    " (SELECT max(id) FROM quote_verifications), ' ',"
    " (SELECT concat(count(*), ' ', count(closed_at)) FROM flags), ' ',"
    " (SELECT string_agg(CAST(running AS text), ',' ORDER BY running)"
    "  FROM pg_snapshot_xip(pg_current_snapshot()) AS running WHERE CAST(running AS xid) NOT IN"
    "  (SELECT backend_xid FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
    "   AND (datname <> current_database() OR backend_type <> 'client backend'))))"
)
"""The newest of each thing that files depend on, and the transactions of this database that run meanwhile.

A transaction has its number before it writes any of these things. So if it ends between two snapshots, it either ran at
the first one and is missing at the second, or it began later and has added something newer.
"""


def data_number(session: Session) -> str:
    """Return the number of the state of the data that `session` sees. It cannot be compared but for equality."""
    replica: OpenReplica | None = session.info.get(REPLICA)
    return (
        replica.number
        if replica
        else str(session.scalar(text(DATA_NUMBERS[session.get_bind().dialect.name])))
    )


def records_number(session: Session) -> str:
    """Return the number of the state of the records that `session` sees, which is all that lists and files show.

    It cannot be compared but for equality. On PostgreSQL it stays while only other things are written.
    """
    if session.get_bind().dialect.name == "postgresql" and REPLICA not in session.info:
        return str(session.scalar(_RECORDS))
    return data_number(session)


def recent_data_number(database: Database) -> str:
    """Return the number of a state of the data that readers may see. What they read afterwards is at least as new.

    That is the newest state, or with replicas a little older one. Raises SQLAlchemyError if the database does not
    respond.
    """
    if database.replicas:
        with database.reading(since=RECENT) as session:
            return data_number(session)
    return str(database.scalar(DATA_NUMBERS[database.engine.dialect.name]))
