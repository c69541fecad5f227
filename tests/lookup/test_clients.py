"""The clients of the services, against local servers that use their formats and fail as services do."""

import datetime
import json
import threading
from collections.abc import Callable, Iterator

import pytest

from claims_app.lookup import pubmed
from claims_app.lookup.errors import Unavailable, Unexpected
from claims_app.services.intake.lookup import LookedUp, look_up, search
from tests.support.bibliography import CSL, Asked, Said, Services, esearch, recorded, serving

DOI = "10.1172/JCI144201"
PAPER = {
    "title": "Passive transfer of fibromyalgia symptoms from patients to mice",
    "doi": "10.1172/jci144201",
    "volume": "131",
}


@pytest.fixture
def services() -> Iterator[Services]:
    """Services that have one paper and one trial."""
    with serving() as services:
        services.say("/doi/10.1172/JCI144201".lower(), recorded("doi.json", CSL))
        services.say("/pubmed/efetch.fcgi", recorded("pubmed.xml", "text/xml"))
        services.say("/europe_pmc/search", recorded("europe_pmc.json"))
        services.say("/trials/studies/NCT05643794", recorded("trial.json"))
        yield services


def ask(services: Services, text: str) -> LookedUp:
    """Look up one identifier, and return what was found."""
    (found,) = look_up(services.lookup(), text).found
    return found


def has(found: LookedUp, **values: object) -> bool:
    """Return whether a reference with these values was found."""
    assert found.reference is not None, found.problem
    return {name: found.reference.values.get(name) for name in values} == values


def test_a_doi_is_looked_up_at_its_agency_and_completed_from_europe_pmc(services: Services) -> None:
    found = ask(services, DOI)
    assert has(found, **PAPER, pmid="34196305", pmcid="PMC8245181")
    assert found.reference is not None
    assert found.reference.abstract == "Results IgG from patients made mice hypersensitive."
    assert {asked.headers["Accept"] for asked in services.asked if asked.path.startswith("/doi/")} == {CSL}


def test_a_pubmed_number_is_looked_up_in_pubmed(services: Services) -> None:
    assert has(ask(services, "PMID 34196305"), **PAPER, pmid="34196305", pmcid="PMC8245181")


def test_a_pubmed_central_number_is_looked_up_in_europe_pmc(services: Services) -> None:
    found = ask(services, "PMC8245181")
    assert has(found, **PAPER, authors=["Goebel, A", "Krock, E", "FMS group"])


def test_an_arxiv_number_is_looked_up_as_its_doi(services: Services) -> None:
    services.say("/doi/10.48550/arxiv.2101.00001", recorded("datacite.json", CSL))
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    found = ask(services, "arXiv:2101.00001v3")
    assert has(found, title="A preprint on pain", publication_state="preprint")


@pytest.mark.parametrize(
    ("field", "changed"),
    [('"source":"MED"', '"source":"PPR"'), ('"Journal Article"', '"Preprint"')],
    ids=["source", "publication type"],
)
def test_a_preprint_of_europe_pmc_is_recognised(services: Services, field: str, changed: str) -> None:
    body = recorded("europe_pmc.json").body
    assert isinstance(body, bytes)
    assert body.count(field.encode()) == 1
    services.say("/europe_pmc/search", Said(body.replace(field.encode(), changed.encode())))
    assert has(ask(services, "PMC8245181"), publication_state="preprint")


def test_a_trial_is_looked_up_in_its_registry(services: Services) -> None:
    found = ask(services, "NCT05643794")
    assert has(
        found, registry_id="NCT05643794", publication_state="completed_unpublished", design="randomised_trial"
    )


def test_requests_name_the_program_and_its_contact(services: Services) -> None:
    ask(services, "34196305")
    asked = services.asked[0]
    assert "mailto:ada@example.org" in asked.headers["User-Agent"]
    assert (asked.query["tool"], asked.query["email"]) == ("claims-app", "ada@example.org")


def test_pubmed_gets_at_most_three_requests_a_second(services: Services) -> None:
    look_up(services.lookup(), "11111111 22222222 33333333")
    assert len([pause for pause in services.slept if pause > 0.2]) == 2


def test_an_unknown_doi_gives_a_message_and_keeps_its_identifier(services: Services) -> None:
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    found = ask(services, "10.1000/none")
    assert found.problem == "doi.org has no such record."
    assert found.known.values == {"doi": "10.1000/none"}


def test_an_empty_result_of_pubmed_gives_a_message(services: Services) -> None:
    services.say("/pubmed/efetch.fcgi", recorded("pubmed-none.xml", "text/xml"))
    assert ask(services, "99999999").problem == "PubMed has no record 99999999."


def test_a_service_that_limits_requests_is_tried_again_after_the_pause_it_asks_for(
    services: Services,
) -> None:
    services.say(
        "/pubmed/efetch.fcgi",
        Said("slow down", 429, "text/plain", {"Retry-After": "7"}),
        Said("", 503),
        recorded("pubmed.xml", "text/xml"),
    )
    assert has(ask(services, "34196305"), pmid="34196305")
    assert [pause for pause in services.slept if pause >= 1] == [7.0, 2.0]


@pytest.mark.parametrize("pause", ["3600", "Mon, 01 Jan 2990 00:00:00 GMT"])
def test_a_request_fails_if_the_service_asks_for_a_long_pause(services: Services, pause: str) -> None:
    services.say("/pubmed/efetch.fcgi", Said("", 429, headers={"Retry-After": pause}))
    found = ask(services, "34196305")
    assert found.problem == "Could not reach PubMed (status 429). Try again later."
    assert len(services.asked) == 1


@pytest.mark.parametrize(
    "response", [Said("{}", 503), Said("{", breaks_off=True)], ids=["down", "breaks off"]
)
def test_a_service_that_is_down_gives_a_message(services: Services, response: Said) -> None:
    services.say("/pubmed/efetch.fcgi", response)
    assert "Could not reach PubMed" in (ask(services, "34196305").problem or "")
    assert len(services.asked) == 4


def test_a_missing_server_gives_a_message(services: Services) -> None:
    lookup = services.lookup()
    with serving() as gone:
        away = gone.lookup()
    found = look_up(away, "34196305").found[0]
    assert "connection lost" in (found.problem or "")
    assert look_up(lookup, "34196305").found[0].problem is None


@pytest.mark.parametrize(
    "response",
    [
        Said("<html>busy</html>", content_type="text/html"),
        Said("not XML", content_type="text/xml"),
        Said(
            '<!DOCTYPE a [<!ENTITY b "c">]><PubmedArticleSet>&b;</PubmedArticleSet>', content_type="text/xml"
        ),
        Said("", 302, headers={"Location": "/pubmed/efetch.fcgi"}),
        Said("", 400),
    ],
    ids=["page", "text", "entities", "circle", "refused"],
)
def test_an_unexpected_response_gives_a_message(services: Services, response: Said) -> None:
    services.say("/pubmed/efetch.fcgi", response)
    found = ask(services, "34196305")
    assert found.reference is None
    assert found.problem is not None
    assert found.problem.endswith(".")


@pytest.mark.parametrize("body", ["[]", "{", '{"title": 5}', "null", '"text"'])
def test_unreadable_metadata_of_a_doi_gives_a_message_or_the_record_of_europe_pmc(
    services: Services, body: str
) -> None:
    services.say("/doi/", Said(body, content_type=CSL))
    services.say("/europe_pmc/search", recorded("europe_pmc-none.json"))
    found = ask(services, "10.1000/odd")
    assert (found.problem is None) is (found.reference is not None)


@pytest.mark.parametrize(
    "text",
    [
        "PMID 123456789",
        "999999999",
        "PMC123456789",
        "https://doi.org/10.0123/x",
        "arXiv:2413.01234",
        "arXiv:0703.0123",
        "arXiv:2403.0123",
        "NCT00000000",
        "NCT0564379",
        "EUCTR2014-001234-22",
    ],
)
def test_no_service_is_asked_about_what_it_cannot_know(services: Services, text: str) -> None:
    answers = look_up(services.lookup(), text)
    assert answers.strange or all(one.problem for one in answers.found)
    assert services.asked == []


def test_services_are_asked_side_by_side(services: Services) -> None:
    both = threading.Barrier(2, timeout=30)

    def after_the_other(said: Said) -> Callable[[Asked], Said]:
        def answer(_asked: Asked) -> Said:
            both.wait()
            return said

        return answer

    services.say("/doi/", after_the_other(recorded("doi.json", CSL)))
    services.say("/europe_pmc/search", after_the_other(recorded("europe_pmc.json")))
    found = look_up(services.lookup(), "10.1172/jci144201", 60).found[0]
    assert has(found, doi="10.1172/jci144201", pmid="34196305")


def test_a_service_that_takes_long_is_named_and_its_answer_is_there_later(services: Services) -> None:
    may_answer = threading.Event()

    def slow(_asked: Asked) -> Said:
        may_answer.wait(30)
        return recorded("pubmed.xml", "text/xml")

    services.say("/pubmed/efetch.fcgi", slow)
    lookup = services.lookup()
    first = look_up(lookup, "34196305", patience=0).found[0]
    assert (first.reference, first.problem) == (None, None)
    assert first.unanswered == "PubMed has not answered yet."
    may_answer.set()
    assert has(look_up(lookup, "34196305", patience=30).found[0], pmid="34196305")
    assert len(services.asked) == 1


def page_of(asked: Asked) -> Said:
    """Return a page of PubMed, in which each record has its own number."""
    start = int(asked.query["retstart"])
    text = recorded("pubmed.xml").body
    assert isinstance(text, bytes)
    record = text.decode().partition("<PubmedArticleSet>")[2].partition("</PubmedArticleSet>")[0]
    many = "".join(record.replace("34196305", str(start + n + 1)) for n in range(min(100, 250 - start)))
    return Said(f"<PubmedArticleSet>{many}</PubmedArticleSet>", content_type="text/xml")


def test_a_search_of_pubmed_reads_all_pages(services: Services) -> None:
    services.say("/pubmed/esearch.fcgi", esearch(250))
    services.say("/pubmed/efetch.fcgi", page_of)
    pages = list(
        search(services.lookup(), "pubmed", "fibromyalgia AND autoantibodies", datetime.date(2026, 8, 1))
    )
    assert [len(page) for page in pages] == [100, 100, 50]
    assert len({str(one.values["pmid"]) for page in pages for one in page}) == 250
    asked = services.asked[0].query
    assert (asked["datetype"], asked["mindate"], asked["usehistory"]) == ("edat", "2026/08/01", "y")


def test_a_search_with_more_results_than_pubmed_returns_does_not_pass_for_complete(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pubmed, "MOST", 100)
    services.say("/pubmed/esearch.fcgi", esearch(250))
    pages = search(services.lookup(), "pubmed", "pain", None)
    assert len(next(pages)) > 0
    with pytest.raises(Unexpected, match="100 of the 250 results"):
        next(pages)


def test_a_search_that_pubmed_rejects_gives_a_message(services: Services) -> None:
    services.say("/pubmed/esearch.fcgi", Said(json.dumps({"esearchresult": {"ERROR": "Invalid db name"}})))
    with pytest.raises(Unexpected, match="Invalid db name"):
        list(search(services.lookup(), "pubmed", "x", None))


def test_a_search_that_fails_half_way_has_returned_the_pages_before(services: Services) -> None:
    services.say("/pubmed/esearch.fcgi", esearch(250))
    services.say("/pubmed/efetch.fcgi", page_of, Said("", 503))
    pages = search(services.lookup(), "pubmed", "x", None)
    assert len(next(pages)) == 100
    with pytest.raises(Unavailable):
        next(pages)


def test_a_search_of_europe_pmc_ends_when_the_service_repeats_itself(services: Services) -> None:
    page = recorded("europe_pmc.json")
    services.say("/europe_pmc/search", page)
    pages = list(search(services.lookup(), "europe_pmc", "fibromyalgia", datetime.date(2026, 8, 1)))
    assert len(pages) == 2
    assert services.asked[0].query["query"] == "(fibromyalgia) AND (FIRST_IDATE:[2026-08-01 TO 3000-01-01])"
    assert services.asked[1].query["cursorMark"] == "AoIIQFMxMjE4MTE3"
