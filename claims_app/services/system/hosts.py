"""The hosts that serve one PostgreSQL database: whether all of them have the same secret key.

A session that begins at one host is unknown to another one with another key. So each host notes a digest of its key in
the database when it starts. The key itself cannot be found from it, since it is long and random.
"""

import datetime
import hashlib
import socket

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from claims_app.database import Database
from claims_app.models import deployment_notes

FORGOTTEN_AFTER = datetime.timedelta(days=365)
"""How long a host counts that has not been started since."""

_PREFIX = "secret key of "


def note(database: Database, secret_key: str) -> None:
    """Note the key of this host, unless the data is in a file, which has one host."""
    if database.is_sqlite:
        return
    row = {
        "name": _PREFIX + socket.gethostname(),
        "value": f"{database.clock():%Y-%m-%d} {_digest(secret_key)}",
    }
    statement = insert(deployment_notes).values(row)
    database.try_write(statement.on_conflict_do_update(index_elements=["name"], set_={"value": row["value"]}))


def with_another_key(session: Session, secret_key: str, today: datetime.date) -> list[str]:
    """Return each host that had another key than `secret_key` when it started last, with the day of that."""
    rows = session.execute(
        select(deployment_notes)
        .where(deployment_notes.c.name.startswith(_PREFIX))
        .order_by(deployment_notes.c.name)
    )
    found = []
    for row in rows:
        day, digest = row.value.split(" ")
        if digest != _digest(secret_key) and datetime.date.fromisoformat(day) > today - FORGOTTEN_AFTER:
            found.append(f"{row.name.removeprefix(_PREFIX)} ({day})")
    return found


def _digest(secret_key: str) -> str:
    return hashlib.blake2b(secret_key.encode(), digest_size=8, person=b"claims key").hexdigest()
