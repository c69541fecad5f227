"""Picking a study or a claim in a form by what one knows of it."""

import pytest

from claims_app.models import EvidenceItem
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_study
from tests.support.browsing import Browser, errors


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator with two studies of Goebel and a claim."""
    with browser.database.writing(BY_TEST) as session:
        make_study(
            session, title="Passive transfer of pain", year=2021, authors="Goebel, A", doi="10.1172/jci144201"
        )
        make_study(session, title="Immune globulin in pain", year=2010, authors="Goebel, A", pmid="20124231")
        make_claim(session, statement="Antibodies are raised in fibromyalgia.")
    return browser.log_in()


def sent(curator: Browser, study: str, status: int) -> object:
    """Send the form for evidence of what `study` names."""
    form = curator.form("/claims/CLM-1/evidence/new")
    form["study_id"], form["direction"], form["summary"] = study, "supports", "Typed before."
    return form.submit(status=status)


@pytest.mark.parametrize(
    "typed",
    ["stu-1", "Goebel 2021", "passive TRANSFER", "10.1172/JCI144201", "https://doi.org/10.1172/jci144201"],
)
def test_what_names_one_study_is_taken(curator: Browser, typed: str) -> None:
    sent(curator, typed, 303)
    with curator.database.reading() as session:
        assert session.get_one(EvidenceItem, 1).study_id == 1


def test_several_matches_are_offered_and_nothing_typed_is_lost(curator: Browser) -> None:
    page = sent(curator, "goebel", 422)
    assert "Several studies match" in errors(page)["study_id"]
    form = page.forms["record"]
    assert (form["study_id"].value, form["summary"].value) == ("goebel", "Typed before.")
    assert [one["value"] for one in page.html.select("input[name=study_id-choice]")] == ["STU-1", "STU-2"]
    form["study_id-choice"] = "STU-2"
    form.submit(status=303)
    with curator.database.reading() as session:
        assert session.get_one(EvidenceItem, 1).study_id == 2


def test_other_words_replace_the_choice_that_was_offered_for_the_first_ones(curator: Browser) -> None:
    form = sent(curator, "goebel", 422).forms["record"]
    form["study_id-choice"], form["study_id"] = "STU-2", "transfer"
    form.submit(status=303)
    with curator.database.reading() as session:
        assert session.get_one(EvidenceItem, 1).study_id == 1


def test_words_that_match_nothing_are_an_error_at_the_field(curator: Browser) -> None:
    assert "No study matches" in errors(sent(curator, "Krock 1999", 422))["study_id"]


def test_the_form_names_the_study_that_it_has(curator: Browser) -> None:
    page = curator.get("/claims/CLM-1/evidence/new?study=STU-2")
    assert page.html.select_one("#study_id-picked").text == "Goebel 2010: Immune globulin in pain"


def test_a_claim_is_picked_by_its_words(curator: Browser) -> None:
    form = curator.form("/watches/new")
    form["query"], form["claim_id"] = "fibromyalgia AND IgG", "antibodies raised"
    assert "CLM-1" in form.submit(status=303).follow().text


def test_the_script_gets_the_matches_while_one_types(curator: Browser) -> None:
    assert curator.get("/choices/studies?q=immune").json == [
        {"id": "STU-2", "label": "Goebel 2010: Immune globulin in pain"}
    ]
    assert curator.get("/choices/claims?q=").json == []
