"""What a form was opened for, such as a claim or a candidate, is not forgotten on the way through other forms."""

import pytest
from flask import Flask

from tests.conftest import BY_TEST
from tests.factories import make_claim, make_study
from tests.support.browsing import Browser


@pytest.fixture
def ada(app: Flask) -> Browser:
    """A curator; there are CLM-1 and STU-1."""
    browser = Browser(app)
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
        make_study(session)
    return browser.log_in()


@pytest.mark.parametrize("as_draft", [False, True])
def test_a_study_typed_by_hand_leads_to_the_evidence_for_its_claim(ada: Browser, as_draft: bool) -> None:
    page = ada.get("/studies/add?claim=CLM-1").click("Enter a study manually")
    assert "CLM-1" in page.html.select_one(".page-header").text
    form = page.forms["record"]
    form["title"] = "Sleep in fibromyalgia"
    if as_draft:
        form.submit("intent", value="draft", status=303)
        form = ada.get("/drafts").click("New study").forms["record"]
    evidence = form.submit(status=303).follow()
    assert evidence.request.path == "/claims/CLM-1/evidence/new"
    assert evidence.forms["record"]["study_id"].value == "STU-2"


def test_an_identifier_that_no_service_knows_keeps_the_claim(ada: Browser, services: object) -> None:
    form = ada.get("/studies/add?claim=CLM-1").forms["add"]
    form["identifiers"] = "10.1000/unknown"
    page = form.submit().click("Enter manually")
    assert page.forms["record"]["claim"].value == "CLM-1"
    assert page.forms["record"]["doi"].value == "10.1000/unknown"


def test_an_abstract_attached_for_a_quote_leads_back_to_the_evidence(ada: Browser) -> None:
    page = ada.get("/claims/CLM-1/evidence/new?study=STU-1").click("Attach its abstract")
    form = page.forms["record"]
    form["label"], form["content"] = "Abstract", "Sleep was worse."
    evidence = form.submit(status=303).follow()
    assert evidence.forms["record"]["study_id"].value == "STU-1"
    assert "Sleep was worse." in evidence.text


def test_a_draft_of_evidence_keeps_its_candidate(ada: Browser) -> None:
    form = ada.form("/claims/CLM-1/evidence/new?study=STU-1&candidate=7")
    page = form.submit("intent", value="draft", status=303).follow()
    assert page.forms["record"]["candidate"].value == "7"


def test_a_made_up_claim_leads_to_the_study(ada: Browser) -> None:
    form = ada.form("/studies/new?claim=//evil.example")
    form["title"] = "Sleep in fibromyalgia"
    assert form.submit(status=303).location == "/studies/STU-2"


def test_a_study_typed_by_hand_leads_back_to_its_candidate(ada: Browser) -> None:
    form = ada.form("/studies/new?candidate=7")
    form["title"] = "Sleep in fibromyalgia"
    assert form.submit(status=303).location == "/inbox/7"
