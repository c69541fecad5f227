"""Making appraisals, refusing them, and stale levels."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims_app.database import Database, WriteSession
from claims_app.models import Appraisal, Claim, EvidenceItem, Revision, Study, User, unit_of_work
from claims_app.services.appraisal import appraisals, levels
from claims_app.services.core.errors import EvidenceChanged, InUse, Invalid
from claims_app.services.core.filters import ClaimFilters
from claims_app.services.records import claims, evidence, studies
from claims_app.vocabulary import CertaintyDomain, Conclusion, EvidenceLevel, LevelState, RecordType
from tests.conftest import BY_TEST
from tests.factories import (
    ANSWERS,
    CLAIM,
    EVIDENCE,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)

NOT_ASSESSED = EvidenceLevel.NOT_ASSESSED


@pytest.fixture
def appraised(database: Database) -> Database:
    """CLM-1 with evidence of STU-1 (a case–control study) and its appraisal: low."""
    with database.writing(BY_TEST) as session:
        make_appraisal(session)
    return database


def state(database: Database, number: int = 1) -> tuple[str, str]:
    """Return the level of a claim and the state of that level."""
    with database.reading() as session:
        claim = session.get_one(Claim, number)
        return claim.evidence_level.value, claim.level_state.value


def refused(session: Session, claim: Claim, **values: object) -> dict[str, list[str]]:
    """Return the errors of an appraisal that is complete but for `values`, by field."""
    with pytest.raises(Invalid) as error:
        appraisals.appraise_by_program(session, claim, {**ANSWERS, **values})
    return error.value.errors


def claim_with(session: Session, **study: Any) -> Claim:
    """Return a claim supported by one study with these values."""
    claim = make_claim(session, kind=study.pop("kind", "association"))
    make_evidence(session, claim, make_study(session, **study))
    return claim


class TestMaking:
    def test_the_claim_has_the_level_of_its_newest_appraisal(self, session: WriteSession) -> None:
        claim = claim_with(session, design="case_control")
        make_appraisal(session, claim)
        assert claim.evidence_level is EvidenceLevel.LOW
        newest = make_appraisal(session, claim, risk_of_bias=-1, risk_of_bias_reason="Not blinded.")
        assert (claim.evidence_level, claim.appraisal_id) == (EvidenceLevel.VERY_LOW, newest.id)

    def test_kind_and_design_set_the_starting_level(self, session: WriteSession) -> None:
        trial = claim_with(session, kind="treatment", design="randomised_trial")
        cohort = claim_with(session, kind="treatment", design="cohort")
        assert make_appraisal(session, trial).level is EvidenceLevel.HIGH
        assert make_appraisal(session, cohort).level is EvidenceLevel.LOW

    def test_it_stores_the_evidence_with_its_versions(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        unit_of_work.finish(session)
        item = session.scalars(select(EvidenceItem)).one()
        evidence.update_evidence(
            session, item, item.version, {**EVIDENCE, "study_id": item.study_id, "n_cases": 12}
        )
        [row] = make_appraisal(session, claim).seen
        assert (row.evidence_id, row.evidence_version) == (item.id, 2)
        assert row.finding["n_cases"] == 12

    def test_it_stores_the_scheme_and_its_version(self, session: WriteSession) -> None:
        appraisal = make_appraisal(session)
        assert (appraisal.scheme.value, appraisal.scheme_version) == ("grade", "1")

    def test_the_claim_has_the_conclusion_of_its_newest_appraisal(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        make_appraisal(session, claim)
        assert str(claim.verdict) == "May be so: low certainty"
        make_appraisal(session, claim, conclusion="undecided", conclusion_reason="Pilot studies only.")
        assert claim.conclusion is Conclusion.UNDECIDED

    def test_it_stores_the_advice_and_the_proposal_that_the_answers_are_compared_with(
        self, session: WriteSession
    ) -> None:
        claim = claim_with(session, design="cohort")
        appraisal = make_appraisal(session, claim, conclusion="mixed", conclusion_reason="One cohort only.")
        assert appraisal.proposed_conclusion is Conclusion.SUPPORTED
        assert levels.AppraisalView(appraisal).departures == {
            CertaintyDomain.RISK_OF_BIAS: -1,
            CertaintyDomain.IMPRECISION: -1,
        }

    def test_it_leaves_one_revision(self, session: WriteSession) -> None:
        appraisal = make_appraisal(session)
        unit_of_work.finish(session)
        found = session.scalars(select(Revision).where(Revision.record_type == RecordType.APPRAISAL)).all()
        assert [revision.record_id for revision in found] == [appraisal.id]

    def test_it_does_not_change_the_version_of_the_claim(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        make_appraisal(session, claim)
        session.refresh(claim)
        assert claim.version == 1

    def test_an_override_is_stored_and_shown_with_its_reason(self, session: WriteSession) -> None:
        appraisal = make_appraisal(session, level="moderate", override_reason="Two guidelines agree.")
        assert appraisal.computed_level is EvidenceLevel.LOW
        assert (
            levels.AppraisalView(appraisal).override
            == "Computed low, set to moderate because: Two guidelines agree"
        )

    def test_the_stored_evidence_gives_the_same_level_after_later_changes(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            study = session.get_one(Study, 1)
            studies.update_study(
                session, study, study.version, {**STUDY, "title": study.title, "design": "randomised_trial"}
            )
            claim = session.get_one(Claim, 1)
            claims.update_claim(session, claim, claim.version, {**CLAIM, "kind": "treatment"})
        with appraised.reading() as session:
            appraisal = session.get_one(Appraisal, 1)
            assert appraisals.recomputed(appraisal) is appraisal.computed_level is EvidenceLevel.LOW
            assert appraisals.body_seen(appraisal).digest() == appraisal.evidence_digest


class TestRefusals:
    def test_a_claim_without_evidence_is_not_appraised(self, session: WriteSession) -> None:
        assert "No evidence is counted" in refused(session, make_claim(session))["evidence"][0]

    def test_evidence_of_a_retracted_study_does_not_count(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort", standing="retracted")
        assert "No evidence is counted" in refused(session, claim)["evidence"][0]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"inconsistency": -1, "inconsistency_reason": None}, "inconsistency_reason"),
            ({"conclusion": "contradicted", "conclusion_reason": " "}, "conclusion_reason"),
            ({"conclusion": "true"}, "conclusion"),
            ({"inconsistency": -1, "inconsistency_reason": " \u200b "}, "inconsistency_reason"),
            ({"level": "high"}, "override_reason"),
            ({"override_reason": "Because."}, "override_reason"),
            ({"level": "low", "override_reason": "Because."}, "override_reason"),
            ({"level": "not_assessed"}, "level"),
            ({"imprecision": -4, "imprecision_reason": "R"}, "imprecision"),
            ({"imprecision": "serious", "imprecision_reason": "R"}, "imprecision"),
            ({"risk_of_bias": -3, "risk_of_bias_reason": "R"}, "risk_of_bias"),
            ({"large_effect": -1, "large_effect_reason": "R"}, "large_effect"),
            (
                {"large_effect": 1, "large_effect_reason": "R", "imprecision": -1, "imprecision_reason": "R"},
                "rate_up_reason",
            ),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_a_choice_without_its_reason_or_outside_the_rules_is_refused(
        self, session: WriteSession, values: dict[str, object], field: str
    ) -> None:
        assert field in refused(session, claim_with(session, design="cohort"), **values)

    def test_an_appraisal_in_which_nobody_answered_is_refused(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        with pytest.raises(Invalid) as error:
            appraisals.appraise_by_program(session, claim, {})
        questions = [*CertaintyDomain, "conclusion"]
        assert error.value.errors == {question: ["Choose an answer."] for question in questions}

    @pytest.mark.parametrize("question", [*CertaintyDomain, "conclusion"])
    def test_every_question_needs_an_answer(self, session: WriteSession, question: str) -> None:
        claim = claim_with(session, design="cohort")
        assert refused(session, claim, **{question: ""}) == {question: ["Choose an answer."]}

    def test_an_answer_that_departs_from_the_advice_needs_a_reason(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        errors = refused(session, claim, risk_of_bias_reason="", imprecision_reason="")
        sentence = "The advice is −1 (serious). Enter a reason for not following it."
        assert errors == {"risk_of_bias_reason": [sentence], "imprecision_reason": [sentence]}

    def test_a_conclusion_other_than_the_proposed_one_needs_a_reason(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        make_evidence(session, claim, make_study(session), direction="contradicts")
        [sentence] = refused(session, claim, conclusion_reason="")["conclusion_reason"]
        assert sentence == "The proposed conclusion is “mixed”. Enter a reason for another one."

    def test_rating_up_is_no_question_for_randomised_evidence(self, session: WriteSession) -> None:
        claim = claim_with(session, kind="treatment", design="randomised_trial")
        up = {domain.value: None for domain in CertaintyDomain if domain.rates_up}
        appraisal = make_appraisal(session, claim, **up)
        assert [move for domain, move in appraisal.moves.items() if domain.rates_up] == [0, 0, 0]

    def test_randomised_evidence_is_not_rated_up(self, session: WriteSession) -> None:
        claim = claim_with(session, kind="treatment", design="randomised_trial")
        values = {"large_effect": 1, "large_effect_reason": "RR 4"}
        assert "Only non-randomised" in refused(session, claim, **values)["large_effect"][0]

    def test_animal_studies_used_for_people_must_be_rated_indirect(self, session: WriteSession) -> None:
        claim = claim_with(session, kind="treatment", design="animal_experiment", species=["mouse"])
        assert "indirectness" in refused(session, claim)
        made = make_appraisal(session, claim, indirectness=-2, indirectness_reason="Mice.")
        assert made.level is EvidenceLevel.LOW

    def test_evidence_changed_since_the_form_was_shown_is_reported(self, appraised: Database) -> None:
        with appraised.reading() as session:
            seen = appraisals.body_of(session, session.get_one(Claim, 1)).digest()
        with appraised.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), direction="contradicts")
        with appraised.writing(BY_TEST) as session:
            session.add(User(username="ada", role="curator", password_hash="x"))
            session.flush()
            claim = session.get_one(Claim, 1)
            with pytest.raises(EvidenceChanged) as changed:
                appraisals.appraise(session, claim, ANSWERS, appraiser_id=1, seen_digest=seen)
        assert changed.value.changes == ["EVD-2 (" + _title(appraised, 2) + ") is new."]

    def test_an_appraised_claim_cannot_be_deleted(self, session: WriteSession) -> None:
        claim = claim_with(session, design="cohort")
        make_appraisal(session, claim)
        item = session.scalars(select(EvidenceItem)).one()
        evidence.delete_evidence(session, item, item.version)
        with pytest.raises(InUse, match="APR-1"):
            claims.delete_claim(session, claim, claim.version)


def _title(database: Database, number: int) -> str:
    with database.reading() as session:
        return session.get_one(Study, number).citation


class TestStaleness:
    def change(self, database: Database, **values: object) -> None:
        """Change the evidence item of CLM-1."""
        with database.writing(BY_TEST) as session:
            item = session.get_one(EvidenceItem, 1)
            values = {**EVIDENCE, "study_id": item.study_id, **values}
            evidence.update_evidence(session, item, item.version, values)

    def change_study(self, database: Database, **values: object) -> None:
        """Change STU-1."""
        with database.writing(BY_TEST) as session:
            study = session.get_one(Study, 1)
            known = {**STUDY, "title": study.title, "design": "case_control"}
            studies.update_study(session, study, study.version, {**known, **values})

    def test_new_evidence_makes_it_stale_and_deleting_it_current_again(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), direction="null")
        assert state(appraised) == ("low", "stale")
        with appraised.writing(BY_TEST) as session:
            evidence.delete_evidence(session, session.get_one(EvidenceItem, 2), 1)
        assert state(appraised) == ("low", "current")

    @pytest.mark.parametrize(
        "values",
        [
            {"direction": "contradicts"},
            {"directness": "indirect"},
            {"risk_of_bias": "high"},
            {"n_cases": 7},
            {"effect_measure": "OR", "effect_value": 2.5},
            {"summary": "It is the other way round."},
        ],
    )
    def test_changed_evidence_makes_it_stale(self, appraised: Database, values: dict[str, object]) -> None:
        self.change(appraised, **values)
        assert state(appraised) == ("low", "stale")

    @pytest.mark.parametrize(
        "values",
        [{"design": "cohort"}, {"species": ["mouse"]}, {"group": "Lab"}, {"publication_state": "preprint"}],
    )
    def test_a_study_of_another_design_species_group_or_state_makes_it_stale(
        self, appraised: Database, values: dict[str, object]
    ) -> None:
        self.change_study(appraised, **values)
        assert state(appraised) == ("low", "stale")

    def test_a_typo_fixed_in_the_statement_does_not_make_it_stale(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            claim = session.get_one(Claim, 1)
            claims.update_claim(session, claim, 1, {**CLAIM, "statement": "Autoantibodies are raised."})
        assert state(appraised) == ("low", "current")

    def test_a_new_title_or_quote_does_not_make_it_stale(self, appraised: Database) -> None:
        self.change_study(appraised, title="Passive transfer", journal="JCI", year=2021)
        self.change(appraised, quote="exact words", locator="p. 4")
        assert state(appraised) == ("low", "current")

    def test_another_kind_of_claim_makes_it_stale(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            claims.update_claim(session, session.get_one(Claim, 1), 1, {**CLAIM, "kind": "treatment"})
        assert state(appraised) == ("low", "stale")

    def test_only_a_limitation_with_a_certainty_domain_makes_it_stale(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            make_limitation(session, session.get_one(Claim, 1), kind="early_stage", text="Early.")
        assert state(appraised) == ("low", "current")
        with appraised.writing(BY_TEST) as session:
            make_limitation(session, session.get_one(EvidenceItem, 1), domain="imprecision")
        assert state(appraised) == ("low", "stale")

    def test_it_is_current_after_a_change_is_reverted(self, appraised: Database) -> None:
        self.change(appraised, direction="inconclusive")
        self.change(appraised)
        assert state(appraised) == ("low", "current")

    def test_a_new_appraisal_makes_it_current(self, appraised: Database) -> None:
        self.change(appraised, direction="inconclusive")
        with appraised.writing(BY_TEST) as session:
            make_appraisal(session, session.get_one(Claim, 1))
        assert state(appraised) == ("low", "current")

    def test_later_changes_keep_the_date_on_which_it_became_stale(self, appraised: Database) -> None:
        self.change(appraised, direction="inconclusive")
        with appraised.reading() as session:
            first = session.get_one(Claim, 1).stale_since
        self.change(appraised, direction="contradicts")
        with appraised.reading() as session:
            assert session.get_one(Claim, 1).stale_since == first is not None

    def test_the_level_is_removed_with_the_last_evidence_and_comes_back(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)
        assert state(appraised) == ("not_assessed", "not_assessed")
        with appraised.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), session.get_one(Study, 1))
        assert state(appraised) == ("low", "stale")

    def test_a_stale_claim_matches_the_filter_for_needing_appraisal(self, appraised: Database) -> None:
        wanted = ClaimFilters.read({"needs": ["appraisal"]}).claims()
        with appraised.reading() as session:
            assert session.scalars(wanted).all() == []
        self.change(appraised, direction="inconclusive")
        with appraised.reading() as session:
            assert [claim.id for claim in session.scalars(wanted)] == [1]

    def test_the_changes_since_the_appraisal_are_listed(self, appraised: Database) -> None:
        self.change(appraised, direction="null", n_cases=12)
        with appraised.reading() as session:
            claim = session.get_one(Claim, 1)
            changed = levels.level_of_claim(session, claim, appraisals.body_of(session, claim)).changed
        assert [sentence.split(": ")[1] for sentence in changed] == [
            "direction changed from supports to null; n cases changed from nothing to 12."
        ]

    def test_the_session_that_changed_it_sees_the_stale_level(self, appraised: Database) -> None:
        with appraised.writing(BY_TEST) as session:
            claim = session.get_one(Claim, 1)
            make_evidence(session, claim)
        assert claim.level_state is LevelState.STALE
