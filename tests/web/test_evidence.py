"""Evidence items and limitations in the browser: linking, warnings, numbers, quotes."""

from typing import Any

import pytest

from claims_app.models import EvidenceItem
from claims_app.services.core.record_states import state_at
from claims_app.vocabulary import RecordType
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser, errors


@pytest.fixture
def curator(browser: Browser) -> Browser:
    """A curator with a claim (CLM-1) and a study (STU-1)."""
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
        make_study(
            session,
            title="Passive transfer of pain",
            design="animal_experiment",
            year=2021,
            authors="Goebel, A",
        )
    return browser.log_in()


def filled(curator: Browser) -> Any:
    """Return the form for new evidence with the required fields filled in."""
    form = curator.form("/claims/CLM-1/evidence/new")
    form["study_id"], form["direction"], form["directness"] = "STU-1", "supports", "direct"
    form["summary"] = "Mice became hypersensitive."
    return form


def test_evidence_is_shown_on_the_claim_with_study_design_numbers_and_effect(
    curator: Browser,
) -> None:
    form = filled(curator)
    form["effect_measure"], form["effect_value"], form["p_value"] = "OR", "3.87", "<0.001"
    form["ci_low"], form["ci_high"], form["ci_level"] = "1.54", "10.13", "95"
    form["n_donors"], form["n_animals"] = "8", "48"
    page = form.submit(status=303).follow()
    for text in (
        "Goebel 2021",
        "Animal experiment",
        "Mice became",
        "OR 3.87 (95% CI 1.54 to 10.13), p <0.001",
        "48",
    ):
        assert text in page.text.replace("&lt;", "<")
    assert page.html.find(id="EVD-1") is not None


def test_the_study_shows_every_claim_that_it_is_evidence_for(curator: Browser) -> None:
    filled(curator).submit(status=303)
    page = curator.get("/studies/STU-1")
    assert "CLM-1" in page.text
    assert "Supports" in page.text


def test_evidence_has_an_address_of_its_own(curator: Browser) -> None:
    filled(curator).submit(status=303)
    assert curator.get("/evidence/EVD-1", status=302).location.endswith("/claims/CLM-1#EVD-1")


def test_linking_the_same_study_twice_shows_a_warning_first(curator: Browser) -> None:
    filled(curator).submit(status=303)
    form = filled(curator)
    form["summary"] = "A second finding."
    page = form.submit(status=422)
    assert "already linked to this claim" in page.text
    assert "EVD-1" in page.text
    with curator.database.reading() as session:
        assert session.get(EvidenceItem, 2) is None
    again = page.forms["record"]
    assert again["summary"].value == "A second finding."
    again["duplicate_is_meant"] = True
    assert "A second finding." in again.submit(status=303).follow().text


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"study_id": "STU-9"}, "study_id", "There is no such study"),
        ({"study_id": ""}, "study_id", "Enter a study."),
        ({"n_cases": "forty"}, "n_cases", "Enter a whole number in digits"),
        ({"effect_measure": "OR", "effect_value": "-1"}, "effect_value", "A ratio"),
        ({"p_value": "2"}, "p_value", "between 0 and 1"),
        ({"quote_prefix": "alone"}, "quote", "Enter the quote"),
    ],
)
def test_bad_numbers_are_errors_at_their_field(
    curator: Browser, values: dict[str, str], field: str, sentence: str
) -> None:
    form = filled(curator)
    for name, value in values.items():
        form[name] = value
    page = form.submit(status=422)
    assert sentence in errors(page)[field]
    name, value = next(iter(values.items()))
    assert page.forms["record"][name].value == value


def test_the_usual_level_of_an_interval_is_filled_in_and_counts_only_with_an_interval(
    curator: Browser,
) -> None:
    form = filled(curator)
    assert form["ci_level"].value == "95"
    form.submit(status=303)
    form = curator.form("/evidence/EVD-1/edit")
    form["effect_measure"], form["ci_low"], form["ci_high"] = "OR", "1.5", "10"
    assert "95% CI 1.5 to 10" in form.submit(status=303).follow().text
    with curator.database.reading() as session:
        first = state_at(session, RecordType.EVIDENCE, 1, 1)
    assert "ci_level" not in first


def test_a_refused_form_is_shown_from_its_errors_on_after_a_quote_was_copied(curator: Browser) -> None:
    form = curator.form("/claims/CLM-1/evidence/new?study=STU-1")
    page = form.submit("take", index=0, status=200)
    assert page.forms["record"].action == "/claims/CLM-1/evidence/new?study=STU-1"
    refused = page.forms["record"].submit(status=422)
    assert refused.html.select_one("#error-summary[autofocus]")


def test_the_groups_of_a_trial_are_named_and_shown_and_compared_with_the_estimate(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, title="A trial", design="randomised_trial", year=2022, authors="Krock, E")
    page = curator.get("/claims/CLM-1/evidence/new?study=STU-2")
    assert page.html.select_one("label[for=n_cases]").text == "Intervention group"
    assert page.html.select_one("label[for=events_controls]").text == "Control group: events"
    form = page.forms["record"]
    form["direction"], form["outcome"] = "supports", "pain halved after 12 weeks"
    form["n_cases"], form["events_cases"], form["n_controls"], form["events_controls"] = (
        "40",
        "12",
        "41",
        "20",
    )
    form["effect_measure"], form["effect_value"] = "RR", "1.63"
    text = " ".join(form.submit(status=303).follow().html.select_one("main").text.split())
    assert "40: 12 with the event" in text
    assert "pain halved after 12 weeks" in text
    assert "The groups may be the other way round." in text
    assert "40 intervention, 41 control" in text
    [row] = curator.get("/api/v1/evidence").json["items"]
    assert (row["events_controls"], row["outcome"]) == (20, "pain halved after 12 weeks")


def test_a_quote_is_checked_against_the_stored_text(
    curator: Browser,
) -> None:
    form = curator.form("/studies/STU-1/texts/new")
    form["label"], form["content"] = "abstract", "IgG from each of the patients produced hypersensitivity."
    form.submit(status=303)
    form = filled(curator)
    form["quote"] = "IgG from all of the patients"
    page = form.submit(status=422)
    assert "does not contain these exact words" in errors(page)["quote"]
    again = page.forms["record"]
    again["quote"] = "IgG from each of the patients"
    page = again.submit(status=303).follow()
    assert "produced hypersensitivity." in page.text
    assert "Verified" in page.text


def test_a_stored_text_is_never_shown(curator: Browser) -> None:
    form = curator.form("/studies/STU-1/texts/new")
    form["label"], form["content"] = "full text", "Words that belong to somebody else."
    page = form.submit(status=303).follow()
    assert "stored for checking" in page.text
    for address in ("/studies/STU-1", "/studies.csv", "/evidence.csv", "/claims.csv", "/limitations.csv"):
        assert "belong to somebody else" not in curator.get(address).text


def test_two_edits_of_the_same_evidence_show_both_versions(curator: Browser) -> None:
    filled(curator).submit(status=303)
    first, second = (curator.form("/evidence/EVD-1/edit") for _ in range(2))
    first["n_animals"] = "48"
    first.submit(status=303)
    second["direction"], second["n_animals"] = "contradicts", "50"
    page = second.submit(status=409)
    assert [cell.get_text() for cell in page.html.find("th", string="Animals").parent("td")] == ["48", "50"]
    assert page.forms["record"]["direction"].value == "contradicts"


@pytest.mark.parametrize("parent", ["claims/CLM-1", "evidence/EVD-1"])
def test_a_limitation_is_added_changed_and_deleted(curator: Browser, parent: str) -> None:
    filled(curator).submit(status=303)
    form = curator.form(f"/{parent}/limitations/new")
    form["kind"], form["text"], form["domain"] = "small_sample", "Eight donors.", "imprecision"
    assert "Eight donors." in form.submit(status=303).follow().text
    form = curator.form("/limitations/LIM-1/edit")
    form["text"] = "Only eight donors."
    assert "Only eight donors." in form.submit(status=303).follow().text
    form = curator.form("/limitations/LIM-1/delete")
    form["edit_summary"] = "Wrong number."
    assert "eight donors" not in form.submit(status=303).follow().text
    assert "Wrong number." in curator.get("/limitations/LIM-1/edit", status=410).text


def test_a_limitation_needs_its_kind_and_its_text(curator: Browser) -> None:
    page = curator.form("/claims/CLM-1/limitations/new").submit(status=422)
    assert set(errors(page)) == {"kind", "text"}


def test_evidence_of_a_retracted_study_stays_visible_but_is_not_counted(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session), make_study(session, standing="retracted"))
    page = curator.get("/claims/CLM-2")
    assert "Retracted" in page.text
    assert "No counted studies yet" in page.text
    assert "1 more item is shown but not counted." in " ".join(page.html.get_text().split())
