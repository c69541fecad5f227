"""Kills a writing process many times: acknowledged changes are kept, and no transaction is saved partially."""

import multiprocessing
import random
import time

from sqlalchemy import select

from claims_app.database import Database
from claims_app.models import Claim, Revision
from claims_app.services.core.record_states import read_changes
from claims_app.vocabulary import Action, RecordType
from tests.concurrency.checks import assert_whole
from tests.concurrency.writing import write_until_killed
from tests.conftest import BY_TEST
from tests.factories import make_claim

KILLS = 30
"""How often the writer is killed on each kind of database."""

LONGEST_LIFE = 0.04
"""Maximum seconds between the first acknowledged change and the kill."""

Acknowledged = list[tuple[str, list[int], int | None]]


def killed_writer(url: str, life: float) -> Acknowledged:
    """Kill a writing process `life` seconds after its first change, and return the changes it acknowledged."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.concurrency.writing"])
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=write_until_killed, args=(url, sender))
    process.start()
    sender.close()
    acknowledged: Acknowledged = []
    assert receiver.poll(30), "the writer did not start"
    time.sleep(life)
    process.kill()
    process.join()
    try:
        while True:
            acknowledged.append(receiver.recv())
    except EOFError:
        receiver.close()
    return acknowledged


def test_acknowledged_changes_are_kept_and_transactions_are_atomic(
    database: Database, database_url: str
) -> None:
    with database.writing(BY_TEST) as session:
        make_claim(session)
        make_claim(session)
    database.close()
    chance = random.Random(4)  # varying times that are the same in each run
    acknowledged: Acknowledged = []
    for kill in range(KILLS):
        acknowledged += killed_writer(database_url, chance.random() * LONGEST_LIFE)
        if kill % 20 == 19:
            assert_whole(database)
        with database.reading() as session:
            first, second = (session.get_one(Claim, number).outcome for number in (1, 2))
            assert first == second, "a transaction was saved partially"
        database.close()
    with database.reading() as session:
        revisions = session.scalars(
            select(Revision).where(Revision.record_type == RecordType.CLAIM, Revision.action == Action.UPDATE)
        )
        recorded = {
            (r.record_id, r.version): r.changes["outcome"][1] for r in read_changes(session, revisions)
        }
        made = set(session.scalars(select(Claim.id)))
    for word, versions, claim_id in acknowledged:
        for number, version in zip((1, 2), versions, strict=True):
            assert recorded[number, version] == word
        assert claim_id is None or claim_id in made
    # The writer may be killed after a commit and before acknowledging it, at most once for each kill.
    assert len(acknowledged) <= len(recorded) // 2 <= len(acknowledged) + KILLS
    assert_whole(database)
