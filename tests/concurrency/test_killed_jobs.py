"""Kills a server that imports many times: the next one goes on, with nothing twice and nothing lost."""

import datetime
import multiprocessing
import random
import time

import pytest
from sqlalchemy import func, select

from claims_app.database import Database
from claims_app.models import Import, ImportRow, Revision, Study, User
from claims_app.services.transfer.importing import background, batches, files
from claims_app.vocabulary import ImportState, RowOutcome, RowState
from tests.concurrency.checks import assert_whole
from tests.concurrency.working import work, work_until_killed
from tests.conftest import BY_TEST

REFERENCES = 60
KILLS = 2
"""How often a server is killed while it reads, and while it saves."""
LONGEST_LIFE = 0.02
"""Maximum seconds between a step and the kill."""

ONE_MINUTE = datetime.timedelta(minutes=1)


class Killing:
    """Kills one server after the other, each a minute later by its own clock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.kills = 0
        self._chance = random.Random(7)  # varying times that are the same in each run

    def once(self) -> None:
        """Let a server work, and kill it."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tests.concurrency.writing", "tests.concurrency.working"])
        receiver, sender = context.Pipe(duplex=False)
        self.kills += 1
        process = context.Process(target=work_until_killed, args=(self.url, self.kills * ONE_MINUTE, sender))
        process.start()
        sender.close()
        for _ in range(3):
            assert receiver.poll(30), "the server does nothing"
            receiver.recv()
        time.sleep(self._chance.random() * LONGEST_LIFE)
        process.kill()
        process.join()
        receiver.close()

    def finish(self) -> None:
        """Let a last server work to the end."""
        self.kills += 1
        work(self.url, self.kills * ONE_MINUTE)


def count(database: Database, column: object, *conditions: object) -> int:
    """Return the number of rows with a value in `column`."""
    with database.reading() as session:
        return session.scalar(select(func.count(column)).where(*conditions)) or 0  # type: ignore[arg-type]


def test_an_import_goes_on_after_each_kill(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((files, "PART"), (batches, "FEWEST_ROWS"), (batches, "MOST_ROWS"), (batches, "GAP")):
        monkeypatch.setattr(module, name, getattr(module, name))  # `work` changes them
    records = (
        f"TY  - JOUR\nTI  - Study {n} of something else\nDO  - 10.1000/{n}\nER  - \n"
        for n in range(REFERENCES)
    )
    with database.writing(BY_TEST) as session:
        session.add(User(username="ada", role="curator", password_hash="x"))
        session.flush()
        number = background.upload(session, 1, "library.ris", "".join(records).encode(), None)
    killing = Killing(database_url)
    for _ in range(KILLS):
        killing.once()
        assert 0 < count(database, ImportRow.number) < REFERENCES
    killing.finish()
    assert count(database, ImportRow.number) == REFERENCES
    with database.writing(BY_TEST) as session:
        background.save(session, session.get_one(Import, number), "A reason.")
    for _ in range(KILLS):
        killing.once()
        assert 0 < count(database, Study.id) < REFERENCES
    killing.finish()
    assert count(database, ImportRow.number, ImportRow.state == RowState.NEW) == REFERENCES
    assert count(database, ImportRow.number, ImportRow.outcome == RowOutcome.CREATED) == REFERENCES
    assert count(database, Study.id) == count(database, Revision.id) == REFERENCES
    with database.reading() as session:
        assert session.get_one(Import, number).state is ImportState.DONE
    assert_whole(database)
