"""A program that writes until it is killed, and acknowledges each change after its commit."""

import itertools
import os
import random
from multiprocessing.connection import Connection

from claims_app.database import Change, Database
from claims_app.models import Claim
from claims_app.services.records import proposals
from claims_app.services.records.kinds import form_values
from claims_app.vocabulary import Via
from tests.factories import make_evidence


def write_until_killed(url: str, acknowledge: Connection) -> None:
    """Repeatedly set the same outcome on two claims in one transaction, sometimes adding evidence for a new claim."""
    database = Database(url)
    chance = random.Random(os.getpid())  # not for secrets
    for at in itertools.count():
        word = f"process {os.getpid()}, change {at}"
        with database.writing(Change(via=Via.COMMAND, summary=word)) as session:
            versions = []
            for number in (1, 2):
                claim = session.get_one(Claim, number)
                raw = {**form_values(session, claim), "outcome": word}
                versions.append(proposals.change(session, claim, claim.version, raw).version)
            made = make_evidence(session).claim_id if chance.random() < 0.2 else None
        # Short enough for the pipe to write it atomically.
        acknowledge.send((word, versions, made))
