"""Two independent appraisals: blind until both are in, then shown, then settled."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from claims_app.database import Change, Database, WriteSession
from claims_app.models import Appraisal, AppraisalDraft, Claim, EvidenceItem, Revision, Study, User
from claims_app.services.appraisal import appraisals, levels, overlaps, rounds
from claims_app.services.appraisal.agreement import agreement_of_claims
from claims_app.services.appraisal.appraisals import HandedIn
from claims_app.services.core.errors import Invalid, NotAllowed
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.records import claims, evidence
from claims_app.services.transfer.export import Export, ExportRequest
from claims_app.vocabulary import AppraisalStage, EvidenceLevel, LevelState, RecordType, Role, Via
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study

ADA, BOB, EVE = 1, 2, 3
SECRET = "What Ada thinks of the randomisation."
ADAS = {"risk_of_bias": "-1", "risk_of_bias_reason": SECRET}
BOBS = {"imprecision": "-1", "imprecision_reason": "Few donors."}


@pytest.fixture
def asked(database: Database) -> Database:
    """CLM-1 with evidence of a cohort; two independent appraisals are asked for."""
    with database.writing(BY_TEST) as session:
        for name in ("ada", "bob", "eve"):
            session.add(User(username=name, role="curator", password_hash="x"))
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, design="cohort"))
        rounds.open_round(session, claim, EVE)
    return database


def appraise(database: Database, who: int, values: dict[str, str]) -> Appraisal | HandedIn:
    """Appraise CLM-1 as `who`."""
    with database.writing(BY_TEST) as session:
        return appraisals.appraise(session, session.get_one(Claim, 1), values, appraiser_id=who)


def number_of(database: Database, model: type) -> int:
    """Return how many rows there are."""
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def everything_exported(database: Database) -> str:
    """Return all files as one text."""
    return "".join(
        chunk
        for name in ("claims", "studies", "evidence", "limitations", "appraisals")
        for chunk in Export(database, ExportRequest.read(name, {}), "").chunks()
    )


def test_the_first_is_kept_closed(asked: Database) -> None:
    assert isinstance(appraise(asked, ADA, ADAS), HandedIn)
    assert number_of(asked, Appraisal) == 0
    with asked.reading() as session:
        claim = session.get_one(Claim, 1)
        assert claim.level_state is LevelState.NOT_ASSESSED
        assert SECRET not in json.dumps([revision.changes for revision in session.scalars(select(Revision))])
        desk = levels.desk_of(session, claim, BOB)
        assert (desk.draft, desk.settling, desk.n_handed_in) == (None, None, 1)
        assert set(levels.begun(session, desk).values()) == {"0"}
    assert SECRET not in everything_exported(asked)


def test_with_the_second_both_are_there_and_the_claim_has_no_level_yet(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    appraise(asked, BOB, BOBS)
    with asked.reading() as session:
        found = session.scalars(select(Appraisal).order_by(Appraisal.id)).all()
        assert [(a.appraised_by_id, a.stage, a.level) for a in found] == [
            (ADA, AppraisalStage.INDEPENDENT, EvidenceLevel.VERY_LOW),
            (BOB, AppraisalStage.INDEPENDENT, EvidenceLevel.VERY_LOW),
        ]
        assert session.get_one(Claim, 1).level_state is LevelState.NOT_ASSESSED
    assert number_of(asked, AppraisalDraft) == 0


def test_the_history_names_each_of_the_two_for_their_own(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    appraise(asked, BOB, BOBS)
    with asked.reading() as session:
        made = select(Revision.actor_id).where(Revision.record_type == RecordType.APPRAISAL)
        assert session.scalars(made.order_by(Revision.record_id)).all() == [ADA, BOB]


def test_the_file_says_of_each_of_the_two_that_it_gives_no_level(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    appraise(asked, BOB, BOBS)
    appraise(asked, EVE, {**ADAS, "imprecision": "0"})
    rows = "".join(Export(asked, ExportRequest.read("appraisals", {}), "").chunks()).splitlines()[1:]
    assert ["does not set the level on its own" in row for row in rows] == [True, True, False]


def test_a_third_step_settles(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    appraise(asked, BOB, BOBS)
    with asked.reading() as session:
        desk = levels.desk_of(session, session.get_one(Claim, 1), EVE)
        begun = levels.begun(session, desk)
    assert begun["inconsistency"] == "0"
    assert not {"risk_of_bias", "risk_of_bias_reason", "imprecision"} & set(begun)
    settled = appraise(asked, EVE, {**ADAS, "imprecision": "0"})
    assert isinstance(settled, Appraisal)
    assert settled.stage is AppraisalStage.SETTLED
    with asked.reading() as session:
        assert session.get_one(Claim, 1).appraisal_id == settled.id
        assert rounds.open_round_of(session, 1) is None


def test_what_the_two_differ_on_is_not_settled_by_silence(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    appraise(asked, BOB, BOBS)
    with pytest.raises(Invalid) as refused:
        appraise(asked, EVE, ADAS)
    assert set(refused.value.errors) == {"imprecision"}
    assert number_of(asked, Appraisal) == 2


def test_nobody_is_both_appraisers(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    with pytest.raises(Invalid, match="waits for the other one"):
        appraise(asked, ADA, BOBS)
    assert number_of(asked, Appraisal) == 0


def test_what_would_be_refused_is_not_handed_in(asked: Database) -> None:
    with pytest.raises(Invalid):
        appraise(asked, ADA, {"risk_of_bias": "-1"})
    assert number_of(asked, AppraisalDraft) == 0


def test_both_judge_the_same_evidence(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    with asked.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), direction="null")
    appraise(asked, BOB, BOBS)
    with asked.reading() as session:
        handed_in = [draft.author_id for draft in rounds.handed_in(session, 1)]
        returned = appraisals.draft_of(session, 1, ADA)
        assert handed_in == [BOB]
        assert returned is not None
        assert returned.content == ADAS
    appraise(asked, ADA, ADAS)
    assert number_of(asked, Appraisal) == 2


def test_calling_it_off_gives_the_appraisals_back(asked: Database) -> None:
    appraise(asked, ADA, ADAS)
    with asked.writing(BY_TEST) as session:
        rounds.call_off(session, session.get_one(Claim, 1))
    with asked.reading() as session:
        draft = appraisals.draft_of(session, 1, ADA)
        assert draft is not None
        assert (draft.content, draft.handed_in_at) == (ADAS, None)
    assert isinstance(appraise(asked, ADA, ADAS), Appraisal)


def test_who_may_not_appraise_asks_for_no_round_keeps_no_draft_and_sets_no_studies_apart(
    database: Database,
) -> None:
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


def test_a_round_is_asked_for_once_at_a_time(asked: Database) -> None:
    with asked.writing(BY_TEST) as session, pytest.raises(Invalid, match="already"):
        rounds.open_round(session, session.get_one(Claim, 1), ADA)


def test_agreement_is_measured_over_the_claims_that_fit(session: WriteSession) -> None:
    for name in ("ada", "bob"):
        session.add(User(username=name, role="curator", password_hash="x"))
    for kind, second in (("association", ADAS), ("association", {}), ("treatment", ADAS)):
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


def test_a_draft_need_not_be_complete_and_is_its_authors_alone(asked: Database) -> None:
    with asked.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        appraisals.save_draft(session, claim, ADA, {"imprecision": "-2", "level": "nonsense"})
        appraisals.save_draft(session, claim, ADA, {"imprecision": "-1", "rationale": "Half a thought"})
    with asked.reading() as session:
        claim = session.get_one(Claim, 1)
        mine, others = (levels.begun(session, levels.desk_of(session, claim, who)) for who in (ADA, BOB))
    assert {name: value for name, value in mine.items() if value != "0"} == {
        "imprecision": "-1",
        "rationale": "Half a thought",
    }
    assert set(others.values()) == {"0"}


def test_deleting_a_claim_takes_its_drafts_and_its_open_round_along(asked: Database) -> None:
    with asked.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        appraisals.save_draft(session, claim, ADA, ADAS)
        evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)
        claims.delete_claim(session, claim, claim.version)
    assert number_of(asked, AppraisalDraft) == number_of(asked, Claim) == 0
