"""A scripted history of a claim and its evidence: each step is one transaction, some weeks after the previous one."""

import datetime
from collections.abc import Callable, Iterator

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Claim, EvidenceItem, Limitation, Study
from claims_app.services.core import records
from claims_app.services.history import restore
from claims_app.services.records import claims, evidence, studies
from claims_app.vocabulary import RecordType, Via
from tests.factories import (
    CLAIM,
    EVIDENCE,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)

Step = Callable[[WriteSession], object]

BEGINNING = datetime.datetime(2024, 1, 10, 9, 30, 15, 123456, datetime.UTC)
BETWEEN_STEPS = datetime.timedelta(days=20, hours=5, minutes=1)


def live(database: Database) -> Iterator[datetime.datetime]:
    """Run the steps, and yield the time of each when it is done. The clock does not move within a step."""
    moment = BEGINNING
    for step in LIFE:
        set_clock(database, moment)
        with database.writing(Change(via=Via.COMMAND, summary="a step of a life")) as session:
            step(session)
        yield moment
        moment += BETWEEN_STEPS
    set_clock(database, moment)


def set_clock(database: Database, moment: datetime.datetime) -> None:
    """Set the clock of the database to `moment`."""
    database.clock = lambda: moment


def _create(session: WriteSession) -> None:
    make_claim(session, statement="Antibodies are raised.", topics=["Pain"], outcome="titres")


def _add_evidence(session: WriteSession) -> None:
    study = make_study(session, title="First study", design="case_control", year=2020, species=["human"])
    make_evidence(session, session.get_one(Claim, 1), study, n_cases=40, n_controls=40)


def _limit(session: WriteSession) -> None:
    make_limitation(session, session.get_one(Claim, 1), text="One centre.", domain="imprecision")
    make_limitation(session, session.get_one(EvidenceItem, 1), text="Few people.")


def _appraise(session: WriteSession) -> None:
    make_appraisal(
        session,
        session.get_one(Claim, 1),
        risk_of_bias_tool="quips",
        risk_of_bias="0",
        inconsistency="0",
        indirectness="0",
        imprecision="0",
        publication_bias="0",
        large_effect="0",
        dose_response_gradient="0",
        opposing_confounding="0",
    )


def _reword(session: WriteSession) -> None:
    claim = session.get_one(Claim, 1)
    raw = {**CLAIM, "statement": "Antibodies may be raised.", "topics": ["Pain", "Fatigue"]}
    claims.update_claim(session, claim, claim.version, raw)


def _add_to_the_study(session: WriteSession) -> None:
    study = session.get_one(Study, 1)
    raw = {**STUDY, "title": "First study", "design": "case_control", "year": "2020"}
    studies.update_study(
        session, study, study.version, {**raw, "species": ["human", "mouse"], "group": "Lab"}
    )


def _add_a_preprint(session: WriteSession) -> None:
    preprint = make_study(session, title="Second study", publication_state="preprint", year=2023, group="Lab")
    make_evidence(session, session.get_one(Claim, 1), preprint, direction="contradicts")
    studies.attach_text(session, preprint, {"label": "Full text", "content": "All of the words."})


def _retract(session: WriteSession) -> None:
    study = session.get_one(Study, 1)
    raw = {**STUDY, "title": "First study", "design": "case_control", "year": "2020", "group": "Lab"}
    retracted = {"standing": "retracted", "standing_date": "2024-07-01", "standing_reason": "Invented data."}
    studies.update_study(session, study, study.version, {**raw, **retracted})


def _change_the_evidence(session: WriteSession) -> None:
    item = session.get_one(EvidenceItem, 2)
    raw = {
        **EVIDENCE,
        "study_id": "STU-2",
        "direction": "null",
        "summary": "Nothing was found.",
        "n_animals": 9,
    }
    evidence.update_evidence(session, item, item.version, raw)


def _delete_a_limitation(session: WriteSession) -> None:
    limitation = session.get_one(Limitation, 1)
    evidence.delete_limitation(session, limitation, limitation.version)


def _delete_the_evidence(session: WriteSession) -> None:
    limitation = session.get_one(Limitation, 2)
    evidence.delete_limitation(session, limitation, limitation.version)
    for number in (1, 2):
        item = session.get_one(EvidenceItem, number)
        evidence.delete_evidence(session, item, item.version)


def _restore_the_evidence(session: WriteSession) -> None:
    restore.restore(session, RecordType.EVIDENCE, "EVD-2")


def _create_another(session: WriteSession) -> None:
    make_claim(session, statement="Another claim.", topics=["Pain"])


def _delete_the_other(session: WriteSession) -> None:
    claim = session.get_one(Claim, 2)
    claims.delete_claim(session, claim, claim.version)


def _restore_the_other(session: WriteSession) -> None:
    restore.restore(session, RecordType.CLAIM, "CLM-2")


def _go_back_to_the_old_words(session: WriteSession) -> None:
    claim = records.get(session, Claim, 1)
    restore.revert(session, claim, claim.version, 1)


LIFE: tuple[Step, ...] = (
    _create,
    _add_evidence,
    _limit,
    _appraise,
    _reword,
    _create_another,
    _add_to_the_study,
    _add_a_preprint,
    _appraise,
    _delete_the_other,
    _retract,
    _change_the_evidence,
    _restore_the_other,
    _delete_a_limitation,
    _delete_the_evidence,
    _restore_the_evidence,
    _go_back_to_the_old_words,
)
