"""Uploads in each state of their page, for audits of all pages."""

import datetime

from sqlalchemy import select

from claims_app.database import Change, Database
from claims_app.models import User
from claims_app.services.jobs import queue
from claims_app.services.transfer.importing import background, files, uploads
from claims_app.services.transfer.importing.seen import Seen
from claims_app.vocabulary import Via

_A_DAY = datetime.timedelta(days=1)
_RIS = b"TY  - JOUR\nTI  - A study to import\nPY  - 2020\nER  - \nTY  - JOUR\nN1  - No title\nER  - \n"


def in_each_state(database: Database, username: str) -> list[str]:
    """Return the addresses of an upload that is being read, of one that failed, and of a preview."""
    with database.writing(Change(via=Via.COMMAND)) as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        numbers = [background.upload(session, user.id, f"{name}.ris", _RIS, None) for name in ("a", "b", "c")]
        for number in numbers[:2]:
            job = queue.take(session, uploads.JOB, "somebody", most_tries=1, subject=number)
            assert job is not None
            job.done, job.total, job.held_until = 12_500, 20_000, session.changed_at + _A_DAY
            session.flush()
            if number == numbers[1]:
                queue.fail(session, job.id, "somebody", "The format of this file is not known.")
        queue.cancel(session, uploads.JOB, numbers[2])
        opened = files.open_file(_RIS)
        uploads.describe(session, numbers[2], opened)
        uploads.add(session, numbers[2], 1, files.plan(session, opened, opened.rows, Seen(), ""))
    return [f"/imports/{number}" for number in numbers]
