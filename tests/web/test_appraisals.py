"""Appraising in the browser: the form, drafts, rounds, and the level as shown to readers."""

import re

import pytest
from webtest import Form, TestResponse

from claims_app.models import Claim, EvidenceItem, Study
from claims_app.rules.appraisal.domains import DOMAINS
from claims_app.rules.appraisal.starting import STARTING_POINTS
from claims_app.services.records import evidence, studies
from claims_app.vocabulary import CertaintyDomain, Role
from tests.conftest import BY_TEST
from tests.factories import (
    ANSWERS,
    EVIDENCE,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)
from tests.support.browsing import Browser, errors


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """Ada, and CLM-1 with evidence of a case–control study."""
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        make_evidence(
            session,
            claim,
            make_study(session, design="case_control", authors="Goebel, A", year=2021),
            n_cases=12,
        )
        make_limitation(session, claim, domain="imprecision", text="The sample is <small>.")
    return browser.log_in()


def level(page: TestResponse, where: str = ".verdict") -> str:
    """Return the evidence level that a page shows in `where`."""
    return str(page.html.select_one(f"{where} .level__label").get_text(strip=True))


def words(page: TestResponse, where: str = "main") -> str:
    """Return the text of a part of a page, with single spaces."""
    return re.sub(r"\s+", " ", page.html.select_one(where).get_text(" ", strip=True))


def answered(page: TestResponse) -> Form:
    """Return the appraisal form of a page with an answer to each question that has none: no change, supported."""
    form = page.forms["appraisal"]
    for name, value in ANSWERS.items():
        if not form[name].value:
            form[name] = value
    return form


def desk(browser: Browser) -> TestResponse:
    """Open the appraisal form for CLM-1."""
    return browser.get("/claims/CLM-1/appraise")


class TestDesk:
    def test_it_shows_the_starting_level_and_its_reason(self, curator: Browser) -> None:
        text = words(desk(curator), "#appraisal")
        assert "Starting level" in text
        assert "Low certainty" in text
        assert "exposure was not assigned by the researchers" in text
        assert "GRADE guidelines 3" in text

    def test_the_domains_are_in_the_order_of_grade(self, curator: Browser) -> None:
        legends = [legend.get_text(strip=True) for legend in desk(curator).html.select(".domain > legend")]
        assert legends[1:-2] == [rule.domain.label for rule in DOMAINS]

    def test_advice_names_the_evidence_and_the_limitations_it_is_based_on(self, curator: Browser) -> None:
        text = words(desk(curator), "#domain-imprecision")
        assert "The sample is <small>." in text
        assert "At least 12 people" in text
        assert "Goebel 2021" in text

    def test_an_appraisal_gives_the_claim_its_level_with_every_reason(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["imprecision"], form["imprecision_reason"] = "-1", "Twelve people."
        form["rationale"] = "Too few to tell."
        page = form.submit(status=303).follow()
        assert level(page) == "very low certainty"
        assert "Twelve people." in page.text
        assert "Too few to tell." in page.text
        assert "APR-1" in words(page, ".verdict")

    def test_a_choice_without_a_reason_is_an_error_and_keeps_the_input(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["imprecision"], form["imprecision_reason"], form["rationale"] = "-2", "", "Half a thought"
        page = form.submit(status=422)
        assert "Enter a reason." in errors(page)["imprecision_reason"]
        assert page.forms["appraisal"]["imprecision"].value == "-2"
        assert page.forms["appraisal"]["rationale"].value == "Half a thought"

    def test_an_override_needs_a_reason_that_is_shown_with_the_level(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["level"] = "moderate"
        page = form.submit(status=422)
        assert "Enter a reason." in errors(page)["override_reason"]
        form = page.forms["appraisal"]
        form["override_reason"] = "Two guidelines agree."
        page = form.submit(status=303).follow()
        assert level(page) == "moderate certainty"
        assert "Computed low, set to moderate because: Two guidelines agree." in words(page, ".verdict")
        assert "set to moderate because" in curator.get("/appraisals/APR-1").text

    def test_the_level_so_far_is_shown_without_any_script(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["imprecision"], form["imprecision_reason"] = "-1", ""
        page = form.submit("intent", status=303).follow()
        assert level(page, "#result") == "very low certainty"
        assert "Imprecision changes the level. Enter a reason." in words(page, "#result")
        assert page.forms["appraisal"]["imprecision"].value == "-1"
        assert level(curator.get("/claims/CLM-1")) == "Not assessed"

    def test_a_script_gets_only_the_level(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["imprecision"] = "-1"
        fields = dict(form.submit_fields()) | {"intent": "draft"}
        answer = curator._web.post("/claims/CLM-1/appraise", fields, headers={"X-Part": "result"})
        assert "very low certainty" in answer.text
        assert "<html" not in answer.text

    def test_new_evidence_is_shown_before_an_appraisal_is_saved(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["rationale"] = "Kept."
        with curator.database.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), direction="contradicts")
        page = form.submit(status=409)
        assert "The evidence changed while you were appraising it" in page.text
        assert page.forms["appraisal"]["rationale"].value == "Kept."
        assert level(curator.get("/claims/CLM-1")) == "Not assessed"
        page = page.forms["appraisal"].submit(status=303).follow()
        assert level(page) == "low certainty"

    def test_sending_it_twice_makes_one_appraisal(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form.submit(status=303)
        form.submit(status=303)
        curator.get("/appraisals/APR-1")
        curator.get("/appraisals/APR-2", status=404)

    def test_nothing_is_preset(self, curator: Browser) -> None:
        assert desk(curator).html.select("#appraisal [checked]") == []

    def test_two_clicks_publish_nothing_and_each_open_question_is_named(self, curator: Browser) -> None:
        page = desk(curator).forms["appraisal"].submit(status=422)
        found = errors(page)
        assert {name for name, sentence in found.items() if "Choose an answer." in sentence} == {
            *CertaintyDomain,
            "conclusion",
        }
        summary = page.html.select_one("#error-summary")
        assert [link["href"] for link in summary("a")] == [f"#{domain}" for domain in CertaintyDomain] + [
            "#conclusion"
        ]
        assert level(curator.get("/claims/CLM-1")) == "Not assessed"

    def test_advice_is_not_overruled_without_a_word(self, curator: Browser) -> None:
        form = answered(desk(curator))
        form["risk_of_bias_reason"] = ""
        page = form.submit(status=422)
        assert "The advice is −1 (serious)." in errors(page)["risk_of_bias_reason"]
        page.forms["appraisal"]["risk_of_bias_reason"] = "The assays were blinded."
        steps = words(page.forms["appraisal"].submit(status=303).follow(), ".steps")
        assert "advice: −1 serious The assays were blinded." in steps

    def test_a_partly_answered_draft_has_no_level_yet(self, curator: Browser) -> None:
        form = desk(curator).forms["appraisal"]
        form["imprecision"] = "0"
        page = form.submit("intent", status=303).follow()
        result = words(page, "#result")
        assert "No level yet 8 questions left to answer." in result
        assert "Not answered: Risk of bias , Inconsistency" in result
        assert [checked["name"] for checked in page.html.select("#appraisal [checked]")] == ["imprecision"]

    def test_the_next_appraisal_shows_the_last_answers_and_takes_them_over_on_request(
        self, curator: Browser
    ) -> None:
        form = answered(desk(curator))
        form["imprecision"], form["imprecision_reason"] = "-1", "Twelve people."
        form["rationale"] = "Probably so."
        form.submit(status=303)
        page = desk(curator)
        assert page.html.select("#appraisal [checked]") == []
        assert "Last time: −1 serious, because: Twelve people." in words(page, "#domain-imprecision")
        assert page.forms["appraisal"]["rationale"].value == "Probably so."
        page.forms["appraisal"].submit(status=422)
        page = page.forms["take-over"].submit(status=303).follow()
        assert "Review each one before you save" in page.text
        assert page.forms["appraisal"]["imprecision"].value == "-1"
        assert page.forms["appraisal"]["imprecision_reason"].value == "Twelve people."
        assert page.forms["appraisal"]["conclusion"].value == "supported"
        page.forms["appraisal"].submit(status=303)

    def test_a_draft_is_kept_for_its_author_only_and_can_be_discarded(self, curator: Browser) -> None:
        form = desk(curator).forms["appraisal"]
        form["rationale"] = "Half a thought"
        form.submit("intent", status=303)
        assert "Half a thought" in desk(curator).text
        other = Browser(curator.app).log_in(name="bob")
        assert "Half a thought" not in desk(other).text
        throw = next(f for f in desk(curator).forms.values() if f.action.endswith("/draft/discard"))
        throw.submit(status=303)
        assert "Half a thought" not in desk(curator).text

    def test_without_counted_evidence_there_is_nothing_to_appraise(self, curator: Browser) -> None:
        with curator.database.writing(BY_TEST) as session:
            make_claim(session)
        page = curator.get("/claims/CLM-2/appraise")
        assert "no counted evidence to appraise" in page.text
        assert "appraisal" not in page.forms

    @pytest.mark.parametrize(
        "fields",
        [
            {"imprecision": "-9"},
            {"imprecision": "often", "imprecision_reason": "R"},
            {"imprecision": "-1", "imprecision_reason": "x" * 3000},
            {"level": "excellent"},
            {"risk_of_bias_tool": "dice"},
            {"imprecision": "-1", "imprecision_reason": "\1"},
        ],
    )
    def test_invalid_input_is_an_error_at_its_field(self, curator: Browser, fields: dict[str, str]) -> None:
        sent = dict(desk(curator).forms["appraisal"].submit_fields()) | fields
        page = curator.post("/claims/CLM-1/appraise", sent, status=422)
        assert set(errors(page)) & {"imprecision", "imprecision_reason", "level", "risk_of_bias_tool"}


class TestRounds:
    def ask(self, browser: Browser) -> None:
        """Request two independent appraisals of CLM-1."""
        next(f for f in desk(browser).forms.values() if f.action.endswith("/appraise/round")).submit(
            status=303
        )

    def test_independent_appraisals_are_hidden_until_both_are_submitted_and_then_reconciled(
        self, curator: Browser
    ) -> None:
        self.ask(curator)
        form = answered(desk(curator))
        form["imprecision"], form["imprecision_reason"] = "-1", "Ada’s secret."
        assert "You have submitted your appraisal" in form.submit(status=303).follow().text
        bob = Browser(curator.app).log_in(name="bob")
        for where in ("/", "/claims", "/claims/CLM-1", "/claims/CLM-1/appraise", "/claims/CLM-1/appraisals"):
            assert "Ada’s secret." not in bob.get(where).text, where
        assert "Ada’s secret." not in bob.get("/appraisals.csv").text
        assert "1 of 2 submitted" in words(desk(bob))
        page = answered(desk(bob)).submit(status=303).follow()
        assert "Both independent appraisals have been submitted" in page.text
        assert "Ada’s secret." in page.text
        assert level(curator.get("/claims/CLM-1")) == "Not assessed"
        form = page.forms["appraisal"]
        assert form["imprecision"].value is None
        form["imprecision"], form["imprecision_reason"] = "-1", "Twelve people."
        assert level(form.submit(status=303).follow()) == "very low certainty"
        compared = bob.get("/claims/CLM-1/appraisals?first=APR-1&second=APR-2")
        assert "differs" in words(compared)
        agreement = bob.get("/appraisals")
        assert "CLM-1" in agreement.text
        assert "not defined" in agreement.text
        # A phone is narrower than these tables.
        assert all("table-scroll" in table.parent["class"] for table in agreement.html("table"))

    def test_two_compared_appraisals_show_why_they_rated_up_despite_downgrades(
        self, curator: Browser
    ) -> None:
        with curator.database.writing(BY_TEST) as session:
            claim = session.get_one(Claim, 1)
            make_appraisal(session, claim)
            up = {"large_effect": 1, "large_effect_reason": "R", "imprecision": -1, "imprecision_reason": "R"}
            make_appraisal(session, claim, **up, rate_up_reason="The bias works against it.")
        page = words(curator.get("/claims/CLM-1/appraisals?first=APR-1&second=APR-2"), ".compare")
        assert "Rated up despite downgrades The bias works against it." in page

    def test_cancelling_a_round_goes_back_to_one_appraiser(self, curator: Browser) -> None:
        self.ask(curator)
        next(f for f in desk(curator).forms.values() if f.action.endswith("/call-off")).submit(status=303)
        assert level(answered(desk(curator)).submit(status=303).follow()) == "low certainty"


class TestReading:
    @pytest.fixture
    def appraised(self, curator: Browser) -> Browser:
        """CLM-1 appraised as very low."""
        with curator.database.writing(BY_TEST) as session:
            make_appraisal(
                session, session.get_one(Claim, 1), imprecision=-1, imprecision_reason="Twelve people."
            )
        return Browser(curator.app)

    def contradict(self, browser: Browser) -> None:
        """Add evidence against CLM-1."""
        with browser.database.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), direction="contradicts", summary="Against.")

    def test_a_reader_sees_the_level_in_words_and_why_it_is_not_higher(self, appraised: Browser) -> None:
        page = appraised.get("/claims/CLM-1")
        assert "it may be that autoantibodies are elevated" in words(page, ".verdict")
        assert "Twelve people." in words(page, ".steps")
        text = words(page, ".why-not")
        assert "Imprecision" in text
        assert "Starting level" in text

    @pytest.mark.parametrize("where", ["/claims", "/claims/CLM-1"])
    def test_evidence_changes_are_shown_with_the_timeline(self, appraised: Browser, where: str) -> None:
        told = "Starts at low; lowered for imprecision"
        assert told in words(appraised.get(where), "main")

    @pytest.mark.parametrize("where", ["/claims", "/claims/CLM-1", "/studies/STU-1"])
    def test_a_stale_level_says_so_wherever_it_is_shown(self, appraised: Browser, where: str) -> None:
        assert not appraised.get(where).html.select(".level__stale")
        self.contradict(appraised)
        assert appraised.get(where).html.select_one(".level__stale").get_text(strip=True) == "Stale"

    def test_changes_since_the_appraisal_are_shown(self, appraised: Browser) -> None:
        self.contradict(appraised)
        assert "is new." in words(appraised.get("/claims/CLM-1"), ".verdict__stale")

    def test_the_appraisal_shows_the_evidence_as_it_was_then(self, appraised: Browser) -> None:
        with appraised.database.writing(BY_TEST) as session:
            item = session.get_one(EvidenceItem, 1)
            evidence.update_evidence(session, item, 1, {**EVIDENCE, "study_id": item.study_id, "n_cases": 99})
        text = words(appraised.get("/appraisals/APR-1"), ".findings")
        assert "12 cases" in text
        assert "99" not in text

    def test_findings_are_summarised_with_the_study_level_and_its_question(self, appraised: Browser) -> None:
        row = words(appraised.get("/appraisals/APR-1"), ".findings tbody tr")
        assert "Case–control study" in row
        assert "12 cases" in row
        assert "OCEBM 2011 has no question of this kind" in row

    def test_evidence_of_a_retracted_study_is_struck_through_with_the_reason(
        self, appraised: Browser
    ) -> None:
        with appraised.database.writing(BY_TEST) as session:
            study = session.get_one(Study, 1)
            values = {**STUDY, "title": study.title, "design": "case_control", "standing": "retracted"}
            studies.update_study(session, study, 1, {**values, "standing_notice_doi": "10.1000/notice"})
        page = appraised.get("/claims/CLM-1")
        assert "Not counted: Retracted" in words(page, ".items__uncounted")
        assert 'href="https://doi.org/10.1000/notice"' in page.text

    def test_two_comparable_estimates_are_drawn(self, appraised: Browser) -> None:
        assert appraised.get("/claims/CLM-1").html.select_one(".forest") is None
        with appraised.database.writing(BY_TEST) as session:
            for value in (1.5, 2.5):
                values = {"effect_measure": "OR", "effect_value": value, "ci_low": 0.9, "ci_high": 4}
                make_evidence(session, session.get_one(Claim, 1), **values, ci_level=95)
        page = appraised.get("/claims/CLM-1")
        assert page.html.select_one(".forest svg") is not None
        assert "2.5 (0.9 to 4)" in words(page, ".forest")

    def test_a_preprint_and_its_paper_are_one_estimate(self, appraised: Browser) -> None:
        with appraised.database.writing(BY_TEST) as session:
            paper = make_study(session)
            for study in (paper, make_study(session, version_of_id=paper.id)):
                values = {"effect_measure": "OR", "effect_value": 2, "ci_low": 0.9, "ci_high": 4}
                make_evidence(session, session.get_one(Claim, 1), study, **values, ci_level=95)
        assert appraised.get("/claims/CLM-1").html.select_one(".forest") is None

    def test_the_level_over_time_is_drawn_and_described(self, appraised: Browser) -> None:
        self.contradict(appraised)
        with appraised.database.writing(BY_TEST) as session:
            make_appraisal(session, session.get_one(Claim, 1))
        page = appraised.get("/claims/CLM-1/appraisals")
        table = words(page, ".timeline table")
        assert "APR-1" in table
        assert "APR-2" in table
        assert page.html.select_one(".timeline svg") is not None

    def test_any_two_appraisals_are_compared(self, appraised: Browser) -> None:
        self.contradict(appraised)
        with appraised.database.writing(BY_TEST) as session:
            make_appraisal(session, session.get_one(Claim, 1))
        form = next(
            f for f in appraised.get("/claims/CLM-1/appraisals").forms.values() if "first" in f.fields
        )
        page = form.submit()
        assert "Twelve people." in words(page, ".compare")
        assert "is new." in words(page)

    @pytest.mark.parametrize(
        "pair", ["first=APR-1&second=APR-7", "first=APR-1&second=APR-2", "first=x&second=y"]
    )
    def test_appraisals_of_other_claims_are_not_compared(self, appraised: Browser, pair: str) -> None:
        with appraised.database.writing(BY_TEST) as session:
            make_appraisal(session)
        appraised.get(f"/claims/CLM-1/appraisals?{pair}", status=404)

    def test_counts_are_given_as_reports_studies_and_groups(self, appraised: Browser) -> None:
        with appraised.database.writing(BY_TEST) as session:
            paper = session.get_one(Study, 1)
            make_evidence(session, session.get_one(Claim, 1), make_study(session, version_of_id=paper.id))
        for where in ("/claims", "/claims/CLM-1"):
            assert "2 reports · 1 study · 1 independent group" in words(appraised.get(where)), where

    def test_without_evidence_the_last_appraisal_is_not_called_superseded(self, appraised: Browser) -> None:
        with appraised.database.writing(BY_TEST) as session:
            evidence.delete_evidence(session, session.get_one(EvidenceItem, 1), 1)
        assert level(appraised.get("/claims/CLM-1")) == "Not assessed"
        assert "it has no level" in words(appraised.get("/appraisals/APR-1"))
        for where in ("/claims/CLM-1", "/claims/CLM-1/appraisals"):
            assert "it has no level now" in words(appraised.get(where), ".timeline__summary")

    def test_two_findings_of_one_study_are_one_report_above_them_too(self, appraised: Browser) -> None:
        with appraised.database.writing(BY_TEST) as session:
            make_evidence(session, session.get_one(Claim, 1), session.get_one(Study, 1))
        text = words(appraised.get("/claims/CLM-1"))
        assert "1 report · 1 study · 1 independent group" in text
        assert "2 evidence items from 1 report of 1 study in 1 independent group." in text

    def test_the_method_shows_every_starting_point_and_domain_with_its_source(self, browser: Browser) -> None:
        text = words(browser.get("/method"))
        for point in STARTING_POINTS:
            assert point.reason in text
            assert point.source in text
        for rule in DOMAINS:
            assert rule.question in text

    def test_a_reader_is_not_offered_the_appraisal_form(self, appraised: Browser) -> None:
        appraised.log_in(Role.READER, "rita")
        assert "/appraise" not in appraised.get("/claims/CLM-1").text
