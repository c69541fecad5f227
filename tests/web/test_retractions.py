"""Retraction notices in the browser."""

import pytest
from flask import Flask

from claims_app.models import Claim, Study
from claims_app.services.intake import retractions
from claims_app.vocabulary import Standing
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study
from tests.services.intake.test_retractions import PAPER, keep
from tests.support.browsing import Browser
from tests.support.retraction_watch import file_of, row


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator; CLM-1 is based on STU-1, whose notices were loaded before it was added."""
    with browser.database.writing(BY_TEST) as session:
        keep(session, file_of(row()))
        claim = make_claim(session)
        make_evidence(session, claim, make_study(session, doi=PAPER, design="cohort"))
        make_evidence(session, claim, make_study(session, design="cohort"))
        make_appraisal(session, claim)
    return browser.log_in()


def test_a_notice_is_shown_on_the_page_and_the_form_and_applied_by_a_button(curator: Browser) -> None:
    assert "There is a notice about this study" in curator.get("/studies/STU-1/edit").text
    page = curator.get("/studies/STU-1")
    form = next(form for form in page.forms.values() if "Change standing to" in form.text)
    page = form.submit(status=303).follow()
    assert "The standing was changed." in page.text
    assert "There is a notice about this study" not in page.text
    with curator.database.reading() as session:
        assert session.get_one(Study, 1).standing is Standing.RETRACTED
    assert "Nothing was changed" in form.submit(status=303).follow().text


def test_a_reader_is_offered_nothing(curator: Browser) -> None:
    curator.log_out()
    assert "There is a notice about this study" not in curator.get("/studies/STU-1").text
    assert "Retraction notices" not in curator.get("/").text


def test_the_front_page_names_the_claims_based_on_it(curator: Browser) -> None:
    assert "newly retracted" not in curator.get("/").text
    with curator.database.writing(BY_TEST) as session:
        retractions.apply(session)
    page = curator.get("/")
    (listed,) = [item for item in page.html.select("#needs + ul > li") if "newly retracted" in item.text]
    assert "CLM-1" in listed.text
    assert "Retracted" in listed.text
    assert listed.select_one("a[href='/studies/STU-1']")
    assert "Retraction notices: loaded on " in " ".join(page.html.text.split())
    with curator.database.writing(BY_TEST) as session:
        make_appraisal(session, session.get_one(Claim, 1))
    assert "newly retracted" not in curator.get("/").text


def test_the_front_page_says_that_notices_were_never_loaded(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    assert "Retraction notices: never loaded." in " ".join(browser.log_in().get("/").html.get_text().split())


def test_with_review_the_standing_is_proposed_by_the_button(reviewed_app: Flask) -> None:
    browser = Browser(reviewed_app)
    with browser.database.writing(BY_TEST) as session:
        keep(session, file_of(row()))
        make_study(session, doi=PAPER)
    page = browser.log_in().get("/studies/STU-1")
    page = (
        next(form for form in page.forms.values() if "Change standing to" in form.text)
        .submit(status=303)
        .follow()
    )
    assert "The change waits for review as PRO-1." in page.text
    assert "There is a notice about this study" not in page.text
    with browser.database.reading() as session:
        assert session.get_one(Study, 1).standing is Standing.CURRENT
