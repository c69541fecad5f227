"""A backup that is made while others write is one state of the data, with all that was saved before it began."""

import threading

from claims_app.database import Database
from claims_app.models import Claim
from claims_app.services.records import claims
from claims_app.services.records.kinds import form_values
from tests.conftest import BY_TEST
from tests.factories import make_evidence
from tests.services.system.backups.conftest import Target, restore, save
from tests.services.system.backups.test_round_trip import problems

WRITERS = 4


def test_it_is_sound_and_has_all_that_was_acknowledged_before(database: Database, target: Target) -> None:
    acknowledged: list[tuple[int, int]] = []
    enough, stop = threading.Event(), threading.Event()

    def write() -> None:
        while not stop.is_set():
            with database.writing(BY_TEST) as session:
                number = make_evidence(session).claim_id
            with database.writing(BY_TEST) as session:
                claim = session.get_one(Claim, number)
                claims.update_claim(session, claim, 1, {**form_values(session, claim), "outcome": "changed"})
            acknowledged.append((number, 2))
            if len(acknowledged) >= WRITERS:
                enough.set()

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    assert enough.wait(60)
    before = list(acknowledged)
    backup, _ = save(database)
    stop.set()
    for writer in writers:
        writer.join()
    restored = target("sqlite")
    restore(restored, backup)
    assert problems(restored) == []
    with restored.reading() as session:
        for number, version in before:
            assert session.get_one(Claim, number).version == version
