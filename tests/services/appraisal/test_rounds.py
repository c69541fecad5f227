"""Two independent appraisals: hidden until both are submitted, then shown, then settled."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Appraisal, AppraisalDraft, Claim, EvidenceItem, Revision, Study, User
from claims_app.services.appraisal import appraisals, desks, overlaps, rounds
from claims_app.services.appraisal.agreement import agreement_of_claims
from claims_app.services.appraisal.appraisals import HandedIn
from claims_app.services.core.errors import Invalid, NotAllowed
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.core.record_states import read_changes
from claims_app.services.records import claims, evidence
from claims_app.services.transfer.export import Export
from claims_app.services.transfer.export_request import ExportRequest
from claims_app.vocabulary import AppraisalStage, EvidenceLevel, LevelState, RecordType, Role, Via
from tests.conftest import BY_TEST
from tests.factories import ANSWERS, make_claim, make_evidence, make_study

ADA, BOB, EVE = 1, 2, 3
SECRET = "What Ada thinks of the randomisation."
ADAS = {**ANSWERS, "risk_of_bias": "-1", "risk_of_bias_reason": SECRET}
BOBS = {**ANSWERS, "imprecision": "-1", "imprecision_reason": "Few donors."}


@pytest.fixture
def requested(database: Database) -> Database:
    """CLM-1 with evidence of a cohort; two independent appraisals have been requested."""
    with database.writing(BY_TEST) as session:
        for name in ("ada", "bob", "eve"):
            session.add(User(username=name, role="curator", password_hash="x"))
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="cohort"))
        rounds.open_round(session, claim, EVE)
    return database


def appraise(database: Database, who: int, values: dict[str, Any]) -> Appraisal | HandedIn:
    """Appraise CLM-1 as `who`."""
    with database.writing(BY_TEST) as session:
        return appraisals.appraise(session, session.get_one(Claim, 1), values, appraiser_id=who)


def number_of(database: Database, model: type) -> int:
    """Return how many rows there are."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def everything_exported(database: Database) -> str:
    """Return all exported files as one text."""
    return "".join(
        chunk.decode()
        for name in ("claims", "studies", "evidence", "limitations", "appraisals")
        for chunk in Export(database, ExportRequest.read(name, {}), "").chunks()
    )


def test_the_first_appraisal_is_kept_hidden(requested: Database) -> None:
    assert isinstance(appraise(requested, ADA, ADAS), HandedIn)
    assert number_of(requested, Appraisal) == 0
    with requested.reading() as session:
        claim = session.get_one(Claim, 1)
        assert claim.level_state is LevelState.NOT_ASSESSED
        assert SECRET not in json.dumps(
            [r.changes for r in read_changes(session, session.scalars(select(Revision)))]
        )
        desk = desks.desk_of(session, claim, BOB)
        assert (desk.draft, desk.settling, desk.n_handed_in) == (None, None, 1)
        assert desks.begun(desk) == {}
    assert SECRET not in everything_exported(requested)


def test_the_second_appraisal_makes_both_but_sets_no_level(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    appraise(requested, BOB, BOBS)
    with requested.reading() as session:
        found = session.scalars(select(Appraisal).order_by(Appraisal.id)).all()
        assert [(a.appraised_by_id, a.stage, a.level) for a in found] == [
            (ADA, AppraisalStage.INDEPENDENT, EvidenceLevel.VERY_LOW),
            (BOB, AppraisalStage.INDEPENDENT, EvidenceLevel.VERY_LOW),
        ]
        assert session.get_one(Claim, 1).level_state is LevelState.NOT_ASSESSED
    assert number_of(requested, AppraisalDraft) == 0


def test_the_history_names_the_author_of_each_appraisal(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    appraise(requested, BOB, BOBS)
    with requested.reading() as session:
        made = select(Revision.actor_id).where(Revision.record_type == RecordType.APPRAISAL)
        assert session.scalars(made.order_by(Revision.record_id)).all() == [ADA, BOB]


def test_the_export_marks_independent_appraisals(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    appraise(requested, BOB, BOBS)
    appraise(requested, EVE, {**ADAS, "imprecision": "0"})
    rows = (
        b"".join(Export(requested, ExportRequest.read("appraisals", {}), "").chunks())
        .decode()
        .splitlines()[1:]
    )
    assert ["does not set the level on its own" in row for row in rows] == [True, True, False]


def test_a_third_appraisal_settles_the_round(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    appraise(requested, BOB, BOBS)
    with requested.reading() as session:
        desk = desks.desk_of(session, session.get_one(Claim, 1), EVE)
        begun = desks.begun(desk)
    assert begun["inconsistency"] == "0"
    assert not {"risk_of_bias", "risk_of_bias_reason", "imprecision"} & set(begun)
    settled = appraise(requested, EVE, {**ADAS, "imprecision": "0"})
    assert isinstance(settled, Appraisal)
    assert settled.stage is AppraisalStage.SETTLED
    with requested.reading() as session:
        assert session.get_one(Claim, 1).appraisal_id == settled.id
        assert rounds.open_round_of(session, 1) is None


def test_settling_needs_a_rating_where_the_two_differ(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    appraise(requested, BOB, BOBS)
    with requested.reading() as session:
        begun = desks.begun(desks.desk_of(session, session.get_one(Claim, 1), EVE))
    with pytest.raises(Invalid) as refused:
        appraise(requested, EVE, {**begun, "risk_of_bias": "-1", "risk_of_bias_reason": "R"})
    assert set(refused.value.errors) == {"imprecision"}
    assert number_of(requested, Appraisal) == 2


def test_one_appraiser_cannot_submit_twice(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    with pytest.raises(Invalid, match="waiting for the second appraiser"):
        appraise(requested, ADA, BOBS)
    assert number_of(requested, Appraisal) == 0


def test_an_invalid_appraisal_is_not_submitted(requested: Database) -> None:
    with pytest.raises(Invalid):
        appraise(requested, ADA, {"risk_of_bias": "-1"})
    assert number_of(requested, AppraisalDraft) == 0


def test_changed_evidence_returns_the_first_appraisal(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    with requested.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), direction="null")
    appraise(requested, BOB, BOBS)
    with requested.reading() as session:
        handed_in = [draft.author_id for draft in rounds.handed_in(session, 1)]
        returned = appraisals.draft_of(session, 1, ADA)
        assert handed_in == [BOB]
        assert returned is not None
        assert returned.content == ADAS
    appraise(requested, ADA, ADAS)
    assert number_of(requested, Appraisal) == 2


def test_cancelling_returns_the_submitted_appraisal(requested: Database) -> None:
    appraise(requested, ADA, ADAS)
    with requested.writing(BY_TEST) as session:
        rounds.call_off(session, session.get_one(Claim, 1))
    with requested.reading() as session:
        draft = appraisals.draft_of(session, 1, ADA)
        assert draft is not None
        assert (draft.content, draft.handed_in_at) == (ADAS, None)
    assert isinstance(appraise(requested, ADA, ADAS), Appraisal)


def test_a_reader_cannot_request_a_round_save_a_draft_or_separate_studies(database: Database) -> None:
    with database.writing(BY_TEST) as session:
        session.add(User(username="rita", role="reader", password_hash="x"))
        make_claim(session)
        make_study(session)
        make_study(session)
    by_reader = Change(via=Via.WEB, actor_id=1, actor_role=Role.READER)
    attempts: list[Callable[[WriteSession, Claim], object]] = [
        lambda session, claim: rounds.open_round(session, claim, 1),
        lambda session, claim: rounds.call_off(session, claim),
        lambda session, claim: appraisals.save_draft(session, claim, 1, {}),
        lambda session, _: overlaps.dismiss(
            session, session.get_one(Study, 1), session.get_one(Study, 2), "R", 1
        ),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed), database.writing(by_reader) as session:
            attempt(session, session.get_one(Claim, 1))


def test_a_second_round_cannot_be_requested(requested: Database) -> None:
    with requested.writing(BY_TEST) as session, pytest.raises(Invalid, match="already"):
        rounds.open_round(session, session.get_one(Claim, 1), ADA)


def test_agreement_is_measured_over_the_matching_claims(session: WriteSession) -> None:
    for name in ("ada", "bob"):
        session.add(User(username=name, role="curator", password_hash="x"))
    for kind, second in (("association", ADAS), ("association", ANSWERS), ("treatment", ADAS)):
        claim = make_claim(session, kind=kind)
        make_evidence(session, claim, make_study(session, design="cohort"))
        rounds.open_round(session, claim, ADA)
        appraisals.appraise(session, claim, ADAS, appraiser_id=ADA)
        appraisals.appraise(session, claim, second, appraiser_id=BOB)
    every = agreement_of_claims(session, ClaimFilters())
    assert (len(every.pairs), every.linear.n) == (3, 3)
    assert every.linear.observed == pytest.approx(2 / 3)
    chosen = agreement_of_claims(session, ClaimFilters.read({"kind": ["treatment"]}))
    assert [pair.claim.id for pair in chosen.pairs] == [3]
    by_domain = {rule.domain.value: agreement.observed for rule, agreement in every.domains}
    assert by_domain["risk_of_bias"] == pytest.approx(2 / 3)
    assert by_domain["imprecision"] == 1
    assert (every.conclusion.n, every.conclusion.observed) == (3, 1)


def test_a_draft_may_be_incomplete_and_is_private(requested: Database) -> None:
    with requested.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        appraisals.save_draft(session, claim, ADA, {"imprecision": "-2", "level": "nonsense"})
        appraisals.save_draft(session, claim, ADA, {"imprecision": "-1", "rationale": "Half a thought"})
    with requested.reading() as session:
        claim = session.get_one(Claim, 1)
        mine, others = (desks.begun(desks.desk_of(session, claim, who)) for who in (ADA, BOB))
    assert mine == {"imprecision": "-1", "rationale": "Half a thought"}
    assert others == {}


def test_deleting_a_claim_deletes_its_drafts_and_its_open_round(requested: Database) -> None:
    with requested.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        appraisals.save_draft(session, claim, ADA, ADAS)
        evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)
        claims.delete_claim(session, claim, claim.version)
    assert number_of(requested, AppraisalDraft) == number_of(requested, Claim) == 0
