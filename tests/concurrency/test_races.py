"""Random pairs of writes that bear on the level of one claim, at once: the level stays what its evidence carries."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from threading import Barrier, Event

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from claims_app.database import Change, Database
from claims_app.models import Appraisal, Claim, EvidenceItem, Revision, bodies_of
from claims_app.services.core.errors import ServiceError
from claims_app.vocabulary import AppraisalStage, EvidenceLevel, RecordType, ReviewState, Via
from tests.concurrency.checks import assert_whole
from tests.concurrency.moves import MOVES, Move, Plot, appraise, lay_out
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_evidence

ROUNDS = {"sqlite": 60, "postgresql": 240}
"""How many pairs are drawn on each kind of database; CLAIMS_RACES multiplies it."""

ROUNDS_OF_A_PLOT = 8
"""How often the same claims are written to. Their first appraisal is more delicate than any later one."""

PATIENCE = 0.005
"""For how many seconds at most a transaction that has written waits for the other one to write too."""


@dataclass
class Outcome:
    """What became of one of two writes: the error, or else the record that it wrote with its new version."""

    name: str
    error: Exception | None = None
    written: tuple[RecordType, int, int] | None = None


def run(
    database: Database, plot: Plot, pair: tuple[Move, Move], seed: str, pool: ThreadPoolExecutor
) -> list[Outcome]:
    """Run both moves in transactions that read before either of them writes, and return what became of each."""
    barrier, written = Barrier(2), (Event(), Event())

    def one(index: int) -> Outcome:
        move, chance = pair[index], Random(f"{seed} {index}")
        outcome = Outcome(move.__name__)
        meet = [barrier.wait]
        if database.is_sqlite:  # where the second transaction begins when the first one ends
            meet.pop()()
        try:
            with database.writing(Change(via=Via.COMMAND, summary=f"{seed} {index}")) as session:
                write = move(session, plot, chance)
                if meet:
                    meet.pop()()
                record = write()
                written[index].set()
                # If it does not wait for this transaction, the other one now writes before this one commits.
                written[1 - index].wait(PATIENCE)
            if record is not None:
                outcome.written = (record.record_type, record.id, record.version)
        except Exception as error:
            outcome.error = error
        finally:
            written[index].set()
            if meet:
                meet.pop()()
        return outcome

    return list(pool.map(one, range(2)))


def faults(session: Session, plot: Plot) -> list[str]:
    """Return a sentence for each claim of the plot whose level is not what its evidence and appraisals lead to."""
    found = []
    bodies = bodies_of(session, plot.claims)
    accepted = set(
        session.scalars(
            select(EvidenceItem.claim_id).where(
                EvidenceItem.claim_id.in_(plot.claims), EvidenceItem.review_state == ReviewState.ACCEPTED
            )
        )
    )
    newest = (
        select(func.max(Appraisal.id))
        .where(Appraisal.claim_id == Claim.id, Appraisal.stage != AppraisalStage.INDEPENDENT)
        .correlate(Claim)
        .scalar_subquery()
    )
    pairs = select(Claim, Appraisal).outerjoin(Appraisal, Appraisal.id == newest)
    for claim, appraisal in session.execute(pairs.where(Claim.id.in_(plot.claims))):
        if appraisal is None or claim.id not in accepted:
            if claim.evidence_level is not EvidenceLevel.NOT_ASSESSED:
                found.append(f"{claim.public_id} has a level without an appraisal or without evidence.")
        elif (claim.appraisal_id, claim.evidence_level, claim.conclusion) != (
            appraisal.id,
            appraisal.level,
            appraisal.conclusion,
        ):
            found.append(f"{claim.public_id} does not have the level of {appraisal.public_id}.")
        elif (claim.stale_since is None) != (bodies[claim.id].digest() == appraisal.evidence_digest):
            found.append(f"{claim.public_id} is marked as {claim.level_state.value}, but is not.")
    return found


def lost(session: Session, written: set[tuple[RecordType, int, int]]) -> set[tuple[RecordType, int, int]]:
    """Return those of the records and versions that were acknowledged which the history does not have."""
    known = select(Revision.record_type, Revision.record_id, Revision.version)
    return written - {(kind, number, version) for kind, number, version in session.execute(known)}


def test_two_writes_at_once_leave_the_level_that_the_evidence_carries(database: Database, kind: str) -> None:
    chance = Random(2026)
    wrong: list[str] = []
    written: set[tuple[RecordType, int, int]] = set()
    tally: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for round_ in range(int(ROUNDS[kind] * float(os.environ.get("CLAIMS_RACES", "1")))):
            if round_ % ROUNDS_OF_A_PLOT == 0:
                with database.writing(BY_TEST) as session:
                    plot = lay_out(session)
            first = appraise if chance.random() < 0.4 else chance.choice(MOVES)
            pair = (first, chance.choice(MOVES))
            seed = f"round {round_}"
            outcomes = run(database, plot, pair, seed, pool)
            unexpected = [
                f"{outcome.name}: {outcome.error!r}"
                for outcome in outcomes
                if outcome.error is not None and not isinstance(outcome.error, ServiceError)
            ]
            written |= {outcome.written for outcome in outcomes if outcome.written is not None}
            tally.update("refused" if outcome.error else "done" for outcome in outcomes)
            bad = unexpected
            if any(outcome.error is None for outcome in outcomes):
                with database.reading() as session:
                    bad += faults(session, plot)
            wrong += [
                f"{seed}, {' and '.join(outcome.name for outcome in outcomes)}: {fault}" for fault in bad
            ]
    assert wrong == []
    with database.reading() as session:
        assert lost(session, written) == set()
    assert tally["done"] > tally["refused"] / 2
    assert_whole(database)


@pytest.mark.parametrize("kind", ["postgresql"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM evidence_items",
        "UPDATE evidence_items SET directness = 'indirect'",
        "UPDATE studies SET standing = 'retracted'",
    ],
)
def test_a_claim_cannot_be_appraised_while_sql_changes_its_evidence(
    database: Database, statement: str
) -> None:
    with database.writing(BY_TEST) as session:
        make_evidence(session)
    with database.engine.begin() as other:
        other.execute(text(statement))
        with database.writing(BY_TEST) as session:
            session.execute(text("SET LOCAL lock_timeout = '20ms'"))
            claim = session.get_one(Claim, 1)
            with pytest.raises(OperationalError, match="lock timeout"):
                make_appraisal(session, claim)
            session.rollback()
