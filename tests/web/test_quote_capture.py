"""Copying quotes and numbers from a stored text into the evidence form."""

from typing import Any

import pytest

from claims_app.models import EvidenceItem, Study
from claims_app.services.records import studies
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_study
from tests.support.browsing import Browser

ABSTRACT = (
    "This was a case-control study of <b>pain</b>. Sera of fibromyalgia patients (n = 30) and healthy controls "
    "(n = 29) were tested. Antibodies were raised (OR 3.87, 95% CI 1.54-10.13, p<0.001)."
)


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator with a claim (CLM-1), and a study (STU-1) whose abstract is stored."""
    with browser.database.writing(BY_TEST) as session:
        make_claim(session, statement="Antibodies are raised in fibromyalgia.")
        study = make_study(session, title="Antibodies")
        studies.attach_text(session, study, {"label": "abstract", "content": ABSTRACT})
    return browser.log_in()


def open_form(curator: Browser) -> Any:
    """Return the form for evidence of the study."""
    return curator.get("/claims/CLM-1/evidence/new?study=STU-1").forms["record"]


def test_a_sentence_becomes_the_quote_and_nothing_is_saved(curator: Browser) -> None:
    form = open_form(curator)
    form["summary"] = "typed before"
    page = form.submit("take", index=0, status=200)
    after = page.forms["record"]
    assert after["quote"].value == "This was a case-control study of <b>pain</b>."
    assert after["summary"].value == "typed before"
    assert "&lt;b&gt;pain&lt;/b&gt;" in page.text
    with curator.database.reading() as session:
        assert session.get(EvidenceItem, 1) is None
    after["direction"], after["directness"] = "supports", "direct"
    after.submit(status=303)
    with curator.database.reading() as session:
        assert session.get_one(EvidenceItem, 1).quote_check == "verified"


def test_suggestions_of_a_sentence_are_offered_and_copied_one_by_one(curator: Browser) -> None:
    page = curator.get("/claims/CLM-1/evidence/new?study=STU-1")
    sentences = page.html.select(".sentences li")
    assert [button.get_text(strip=True) for button in sentences[2].select("button")] == [
        "Use as quote",
        "Odds ratio 3.87 (95% CI 1.54 to 10.13)",
        "P value <0.001",
    ]
    assert [mark.get_text() for mark in sentences[1].select("mark")] == [
        "Sera of fibromyalgia patients (n = 30)",
        "healthy controls (n = 29)",
    ]
    form = page.forms["record"]
    assert (form["n_cases"].value, form["effect_value"].value) == ("", "")
    button = sentences[2].select("button")[1]
    index = [one["value"] for one in page.html.select("button[name=take]")].index(button["value"])
    after = form.submit("take", index=index, status=200).forms["record"]
    assert [
        after[name].value for name in ("effect_measure", "effect_value", "ci_low", "ci_high", "ci_level")
    ] == [*("OR", "3.87", "1.54", "10.13", "95")]
    assert after["p_value"].value == ""


def test_the_patients_of_a_trial_are_not_offered_as_one_of_its_groups(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        study = make_study(session, title="A trial", design="randomised_trial")
        studies.attach_text(session, study, {"label": "abstract", "content": ABSTRACT})
    page = curator.get("/claims/CLM-1/evidence/new?study=STU-2")
    offered = [button.get_text(strip=True) for button in page.html.select(".sentences button")]
    assert "P value <0.001" in offered
    assert not [label for label in offered if "group" in label]


def test_suggestions_about_the_study_link_to_its_form(curator: Browser) -> None:
    page = curator.get("/claims/CLM-1/evidence/new?study=STU-1")
    link = page.html.find("a", string="Study: Case–control study") or page.html.select_one(".sentences a")
    form = curator.get(link["href"]).forms["record"]
    assert form["design"].value == "case_control"
    with curator.database.reading() as session:
        assert session.get_one(Study, 1).design is None


def test_a_quote_is_checked_in_place(curator: Browser) -> None:
    form = open_form(curator)
    index = [field.value_if_submitted() for field in form.fields["take"]].index("check")
    form["quote"] = "Antibodies were raised"
    page = form.submit("take", index=index, status=200)
    assert "Verified." in page.text
    form = page.forms["record"]
    form["quote"] = "antibodies of these patients were raised (OR 3.87"
    page = form.submit("take", index=index, status=200)
    assert "Not found." in page.text
    assert "The nearest sentence is: “Antibodies were raised" in page.text


def test_a_long_text_shows_only_matching_sentences(curator: Browser) -> None:
    filler = "There is nothing of interest here at all. " * 400
    with curator.database.writing(BY_TEST) as session:
        study = make_study(session, title="Long")
        content = f"{filler}Antibodies were raised in fibromyalgia. {filler}Grip strength fell."
        studies.attach_text(session, study, {"label": "full text", "content": content})
    page = curator.get("/claims/CLM-1/evidence/new?study=STU-2")
    assert [item.p.get_text(strip=True) for item in page.html.select(".sentences li")] == [
        "Antibodies were raised in fibromyalgia."
    ]
    form = page.forms["record"]
    form["words"] = "grip"
    page = form.submit("take", index=0, status=200)
    assert [item.p.get_text(strip=True) for item in page.html.select(".sentences li")] == [
        "Grip strength fell."
    ]


def test_a_form_without_a_study_shows_no_text(curator: Browser) -> None:
    page = curator.get("/claims/CLM-1/evidence/new")
    assert page.html.select(".sentences") == []
    form = page.forms["record"]
    form["study_id"] = "STU-1"
    page = form.submit("take", index=0, status=200)
    assert len(page.html.select(".sentences li")) == 3


def test_only_fields_of_the_form_are_filled_in(curator: Browser) -> None:
    form = open_form(curator)
    fields = {**dict(form.submit_fields()), "take": "version=9&form_token=x&nothing=1&summary=ok"}
    after = curator.post("/claims/CLM-1/evidence/new?study=STU-1", fields, 200).forms["record"]
    assert after["summary"].value == "ok"
    assert after["form_token"].value != "x"


def test_readers_are_shown_no_stored_text(curator: Browser) -> None:
    curator.log_out()
    curator.get("/claims/CLM-1/evidence/new?study=STU-1", status=303)
