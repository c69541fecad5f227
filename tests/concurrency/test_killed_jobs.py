"""Kills a server and a command that import: the next one goes on, with nothing twice and nothing lost."""

import datetime
import multiprocessing
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from claims_app.database import Database
from claims_app.models import Claim, Import, ImportCheckpoint, ImportRow, Revision, Study, User
from claims_app.services.transfer.importing import background, batches, files
from claims_app.vocabulary import ImportState, RowOutcome, RowState
from tests.concurrency.checks import assert_whole
from tests.concurrency.working import command, import_until_killed, work, work_until_killed
from tests.conftest import BY_TEST

REFERENCES = 60
KILLS = 2
"""How often a server is killed while it reads, and while it saves."""
LONGEST_LIFE = 0.02
"""Maximum seconds between a step and the kill."""

ONE_MINUTE = datetime.timedelta(minutes=1)


CHANCE = random.Random(7)  # varying times that are the same in each run


@pytest.fixture(autouse=True)
def _restored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore what `working` changes in this process."""
    for module, name in ((files, "PART"), *((batches, name) for name in ("FEWEST_ROWS", "MOST_ROWS", "GAP"))):
        monkeypatch.setattr(module, name, getattr(module, name))


def kill(target: Callable[..., None], *arguments: object) -> None:
    """Kill a process soon after its third step."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.concurrency.writing", "tests.concurrency.working"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=target, args=(*arguments, sender))
    process.start()
    sender.close()
    for _ in range(3):
        assert receiver.poll(30), "the process does nothing"
        receiver.recv()
    time.sleep(CHANCE.random() * LONGEST_LIFE)
    process.kill()
    process.join()
    receiver.close()


class Servers:
    """One server after the other, each a minute later by its own clock."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._later = datetime.timedelta(0)

    def kill(self) -> None:
        """Let a server work, and kill it."""
        self._later += ONE_MINUTE
        kill(work_until_killed, self.url, self._later)

    def finish(self) -> None:
        """Let a last server work to the end."""
        self._later += ONE_MINUTE
        work(self.url, self._later)


def count(database: Database, column: object, *conditions: object) -> int:
    """Return the number of rows with a value in `column`."""
    with database.reading() as session:
        return session.scalar(select(func.count(column)).where(*conditions)) or 0  # type: ignore[arg-type]


def test_an_import_goes_on_after_each_kill(database: Database, database_url: str) -> None:
    records = (
        f"TY  - JOUR\nTI  - Study {n} of something else\nDO  - 10.1000/{n}\nER  - \n"
        for n in range(REFERENCES)
    )
    with database.writing(BY_TEST) as session:
        session.add(User(username="ada", role="curator", password_hash="x"))
        session.flush()
        number = background.upload(session, 1, "library.ris", "".join(records).encode(), None)
    servers = Servers(database_url)
    for _ in range(KILLS):
        servers.kill()
        assert 0 < count(database, ImportRow.number) < REFERENCES
    servers.finish()
    assert count(database, ImportRow.number) == REFERENCES
    with database.writing(BY_TEST) as session:
        background.save(session, session.get_one(Import, number), "A reason.")
    for _ in range(KILLS):
        servers.kill()
        assert 0 < count(database, Study.id) < REFERENCES
    servers.finish()
    assert count(database, ImportRow.number, ImportRow.state == RowState.NEW) == REFERENCES
    assert count(database, ImportRow.number, ImportRow.outcome == RowOutcome.CREATED) == REFERENCES
    assert count(database, Study.id) == count(database, Revision.id) == REFERENCES
    with database.reading() as session:
        assert session.get_one(Import, number).state is ImportState.DONE
    assert_whole(database)


def test_a_command_goes_on_after_each_kill_with_rows_that_nothing_identifies(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "claims.csv"
    lines = (f",Claim {number}.,mechanism\n" for number in range(REFERENCES))
    file.write_text("".join(["claim_id,statement,kind\n", *lines]))
    for _ in range(KILLS):
        kill(import_until_killed, database_url, str(tmp_path), (str(file),))
    saved = count(database, Claim.id)
    assert 0 < saved < REFERENCES
    said = command(database_url, str(tmp_path), str(file))
    assert f"was interrupted after {saved} rows. It goes on from there." in said
    assert count(database, Claim.id) == count(database, Claim.statement.distinct()) == REFERENCES
    assert count(database, ImportCheckpoint.digest) == 0
    assert_whole(database)
