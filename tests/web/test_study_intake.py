"""Adding studies by identifier, with local stand-ins for the services."""

import threading

import pytest
from sqlalchemy import select

from claims_app.models import Attempt, Study
from claims_app.rules.throttling import LIMITS, Limit
from claims_app.services.intake import lookup
from claims_app.vocabulary import AttemptKind
from claims_app.web import lookup as study_lookup
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_study
from tests.services.intake.test_retractions import keep
from tests.support.bibliography import CSL, Asked, Said, Services, recorded
from tests.support.browsing import Browser
from tests.support.retraction_watch import file_of, row


@pytest.fixture
def curator(services: Services, browser: Browser) -> Browser:
    """A curator."""
    return browser.log_in()


def look_up(curator: Browser, text: str, status: int = 200):  # type: ignore[no-untyped-def]
    """Paste a text into the form."""
    form = curator.get("/studies/add").forms["add"]
    form["identifiers"] = text
    return form.submit(status=status)


def press(page, does: str, status: int = 303):  # type: ignore[no-untyped-def]
    """Press the button with this action."""
    form = page.forms["add"]
    buttons = [button._value for button in form.fields["do"]]
    return form.submit("do", index=buttons.index(does), status=status)


def test_results_are_shown_and_added_with_their_abstract_on_request(curator: Browser) -> None:
    page = look_up(curator, "See https://doi.org/10.1172/JCI144201.")
    assert "Passive transfer of fibromyalgia symptoms" in page.text
    with curator.database.reading() as session:
        assert session.get(Study, 1) is None
    page = press(page, "study 10.1172/jci144201").follow()
    assert "STU-1 added." in page.text
    with curator.database.reading() as session:
        study = session.get_one(Study, 1)
        assert (study.doi, study.pmid, study.year) == ("10.1172/jci144201", "34196305", 2021)
        assert [text.label for text in study.texts] == ["abstract"]


def test_known_studies_are_reported_and_not_offered(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, doi="10.1172/jci144201")
    page = look_up(curator, "10.1172/JCI144201")
    assert "Already in the database" in page.text
    assert page.html.select("button[name=do]") == []


def test_a_possible_duplicate_is_explained(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        title = "Passive transfer of fibromyalgia symptoms from patients to mice"
        make_study(session, title=title, authors="Goebel, A", year=2021)
    page = look_up(curator, "10.1172/JCI144201")
    assert "STU-1 Goebel 2021" in " ".join(page.html.get_text().split())


def test_if_a_service_is_down_the_input_stays_and_can_be_entered_manually(
    curator: Browser, services: Services
) -> None:
    services.say("/pubmed/efetch.fcgi", Said("", 503))
    page = look_up(curator, "PMID 34196305")
    assert "Could not reach PubMed" in page.text
    assert page.forms["add"]["identifiers"].value == "PMID 34196305"
    link = page.html.find("a", string="Enter manually")
    assert curator.form(link["href"])["pmid"].value == "34196305"


def test_a_service_that_has_not_answered_is_named_and_can_be_checked_again(
    curator: Browser, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer = threading.Event()

    def slow(_asked: Asked) -> Said:
        may_answer.wait(30)
        return recorded("pubmed.xml", "text/xml")

    services.say("/pubmed/efetch.fcgi", slow)
    monkeypatch.setattr(lookup, "PATIENCE", 0)
    page = look_up(curator, "PMID 34196305")
    assert "PubMed has not answered yet." in page.text
    may_answer.set()
    monkeypatch.setattr(lookup, "PATIENCE", 30)
    assert "Passive transfer of fibromyalgia symptoms" in page.forms["add"].submit().text


def test_a_text_without_identifiers_is_explained(curator: Browser) -> None:
    page = look_up(curator, "Goebel 2021", status=422)
    assert "No supported identifier" in page.html.select_one(".field__error").get_text()
    with curator.database.reading() as session:
        assert session.scalars(select(Attempt)).all() == []  # nothing was asked


def test_no_connection_is_held_while_services_are_asked(
    curator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_claim(session)
    asked, pool = study_lookup.look_up, curator.database.engine.pool
    held: list[int] = []

    def note(service: lookup.Lookup, text: str) -> lookup.Answers:
        held.append(pool.checkedout())  # type: ignore[attr-defined]
        return asked(service, text)

    monkeypatch.setattr(study_lookup, "look_up", note)
    form = curator.get("/studies/add?claim=CLM-1").forms["add"]
    form["identifiers"] = "10.1172/JCI144201"
    press(form.submit(), "study CLM-1 10.1172/jci144201")
    assert held == [0, 0]


def test_each_of_several_identifiers_has_its_own_result(curator: Browser) -> None:
    page = look_up(curator, "10.1172/JCI144201\n10.1000/none\nnothing here")
    assert [tag.get_text() for tag in page.html.select(".queue__item .identifier")][:2] == [
        "10.1172/jci144201",
        "10.1000/none",
    ]
    assert "“nothing here”" in page.text


def test_all_new_studies_are_added_at_once_and_the_rest_stays_in_the_list(
    curator: Browser, services: Services
) -> None:
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    services.say("/doi/10.1000/x", Said('{"title": "Another paper", "DOI": "10.1000/x"}', content_type=CSL))
    page = press(look_up(curator, "10.1172/JCI144201 10.1000/x 10.1000/none"), "study", 200)
    assert "STU-1, STU-2 added." in page.text
    assert page.text.count("Already in the database") == 2
    assert page.forms["add"]["identifiers"].value == "10.1172/JCI144201 10.1000/x 10.1000/none"


def test_a_study_added_for_a_claim_continues_to_its_evidence(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_claim(session)
    link = curator.get("/claims/CLM-1").html.find("a", string="Add a study")["href"]
    form = curator.get(link).forms["add"]
    form["identifiers"] = "10.1172/JCI144201"
    answer = press(form.submit(), "study CLM-1 10.1172/jci144201")
    assert answer.location.endswith("/claims/CLM-1/evidence/new?study=STU-1")
    assert answer.follow().forms["record"]["study_id"].value == "STU-1"


@on_both_databases
def test_likely_claims_are_suggested_with_the_shared_words(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_claim(session, statement="Passive transfer of antibodies makes mice feel more pain.")
    page = look_up(curator, "10.1172/JCI144201")
    assert "It may be evidence for" in page.text
    answer = press(page, "study CLM-1 10.1172/jci144201")
    assert answer.location.endswith("/claims/CLM-1/evidence/new?study=STU-1")


def test_a_retraction_is_shown_before_a_study_is_added(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        keep(session, file_of(row(original_doi="10.1172/jci144201")))
    page = look_up(curator, "10.1172/JCI144201")
    assert "Retraction of 2026-03-09" in page.html.select_one(".field__error").get_text()


def test_a_button_for_a_removed_identifier_does_nothing(curator: Browser) -> None:
    page = look_up(curator, "10.1172/JCI144201")
    page.forms["add"]["identifiers"] = "10.1000/none"
    page = press(page, "study 10.1172/jci144201", 422)
    assert "not among the results" in page.text


def test_too_many_lookups_have_to_wait_and_keep_the_input(
    curator: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(LIMITS, AttemptKind.LOOKUP, (Limit(subject=True, source=False, free=1),))
    look_up(curator, "10.1172/JCI144201")
    page = look_up(curator, "10.1172/JCI144201", 429)
    assert "Too many attempts" in page.html.select_one(".field__error").get_text()
    assert page.forms["add"]["identifiers"].value == "10.1172/JCI144201"


def test_answers_of_services_are_escaped(curator: Browser, services: Services) -> None:
    hostile = '{"title": "<script>alert(1)</script> pain", "DOI": "10.1000/x", "type": "article-journal"}'
    services.say("/doi/10.1000/x", Said(hostile, content_type=CSL))
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    assert "<script>alert" not in look_up(curator, "10.1000/x").text


def test_readers_add_nothing(browser: Browser) -> None:
    browser.get("/studies/add", status=303)
