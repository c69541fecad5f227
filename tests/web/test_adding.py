"""Adding studies by their identifiers, with services that answer on this machine."""

from collections.abc import Iterator

import pytest

from claims_app.models import Study
from tests.conftest import BY_TEST
from tests.factories import make_study
from tests.support.bibliography import CSL, Said, Services, recorded, serving
from tests.support.browsing import Browser


@pytest.fixture
def services(browser: Browser) -> Iterator[Services]:
    """The services that the pages ask."""
    with serving() as services:
        services.say("/doi/10.1172/jci144201", recorded("doi.json", CSL))
        services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
        services.say("/europe_pmc/search", recorded("europe_pmc.json"))
        before = browser.app.extensions["claims_lookup"]
        browser.app.extensions["claims_lookup"] = services.lookup()
        yield services
        browser.app.extensions["claims_lookup"] = before


@pytest.fixture
def curator(services: Services, browser: Browser) -> Browser:
    """A curator."""
    return browser.log_in()


def look_up(curator: Browser, text: str, status: int = 200):  # type: ignore[no-untyped-def]
    """Paste a text into the box."""
    form = curator.get("/studies/add").forms["add"]
    form["identifiers"] = text
    return form.submit(status=status)


def test_what_is_found_is_shown_and_added_with_its_abstract_when_one_says_so(curator: Browser) -> None:
    page = look_up(curator, "See https://doi.org/10.1172/JCI144201.")
    assert "Passive transfer of fibromyalgia symptoms" in page.text
    with curator.database.reading() as session:
        assert session.get(Study, 1) is None
    page = page.forms["add"].submit("add", status=303).follow()
    assert "STU-1 was added." in page.text
    with curator.database.reading() as session:
        study = session.get_one(Study, 1)
        assert (study.doi, study.pmid, study.year) == ("10.1172/jci144201", "34196305", 2021)
        assert [text.label for text in study.texts] == ["abstract"]


def test_what_is_here_already_is_told_and_not_offered(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        make_study(session, doi="10.1172/jci144201")
    page = look_up(curator, "10.1172/JCI144201")
    assert "Here already" in page.text
    assert page.html.select("button[name=add]") == []


def test_what_may_be_here_is_explained(curator: Browser) -> None:
    with curator.database.writing(BY_TEST) as session:
        title = "Passive transfer of fibromyalgia symptoms from patients to mice"
        make_study(session, title=title, authors="Goebel, A", year=2021)
    page = look_up(curator, "10.1172/JCI144201")
    assert "STU-1 Goebel 2021" in page.text


def test_while_a_service_is_down_what_was_pasted_stays_and_can_be_typed(
    curator: Browser, services: Services
) -> None:
    services.say("/pubmed/efetch.fcgi", Said("", 503))
    page = look_up(curator, "PMID 34196305")
    assert "PubMed cannot be reached just now" in page.text
    assert page.forms["add"]["identifiers"].value == "PMID 34196305"
    link = page.html.find("a", string="Type it by hand")
    assert curator.form(link["href"])["pmid"].value == "34196305"


def test_a_text_without_identifiers_is_a_sentence(curator: Browser) -> None:
    page = look_up(curator, "Goebel 2021", status=422)
    assert "no identifier" in page.html.select_one(".field__error").get_text()


def test_of_several_each_has_its_own_answer(curator: Browser) -> None:
    page = look_up(curator, "10.1172/JCI144201\n10.1000/none\nnothing here")
    assert [tag.get_text() for tag in page.html.select(".queue__item .identifier")][:2] == [
        "10.1172/jci144201",
        "10.1000/none",
    ]
    assert "“nothing here”" in page.text


def test_what_a_service_says_is_no_markup(curator: Browser, services: Services) -> None:
    hostile = '{"title": "<script>alert(1)</script> pain", "DOI": "10.1000/x", "type": "article-journal"}'
    services.say("/doi/10.1000/x", Said(hostile, content_type=CSL))
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    assert "<script>alert" not in look_up(curator, "10.1000/x").text


def test_readers_add_nothing(browser: Browser) -> None:
    browser.get("/studies/add", status=303)
