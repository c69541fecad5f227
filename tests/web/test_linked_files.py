"""A claim as linked data, as a nanopublication and as HL7 FHIR: addresses, headers, the past."""

import datetime
import itertools
import json
import re

import pytest

from claims_app.formats.linked.terms import PUBLISHED, term_name
from claims_app.models import Claim, Study
from claims_app.services.records import claims, studies
from tests.conftest import BY_TEST
from tests.factories import (
    CLAIM,
    STUDY,
    make_appraisal,
    make_claim,
    make_evidence,
    make_limitation,
    make_study,
)
from tests.support.browsing import Browser

SITE = "http://127.0.0.1:8000"
DAY = datetime.timedelta(days=1)
BEGINNING = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
FILES = {"jsonld": "application/ld+json", "trig": "application/trig", "fhir.json": "application/fhir+json"}


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """CLM-1, which is appraised, with evidence from STU-1; each transaction is one day later than the last."""
    days = itertools.count()
    browser.database.clock = lambda: BEGINNING + next(days) * DAY
    with browser.database.writing(BY_TEST) as session:
        claim, study = make_claim(session), make_study(session, design="case_control")
        make_limitation(session, make_evidence(session, claim, study))
        make_appraisal(session, claim)
    return browser


def reword(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": "Reworded."})


def address_of_nanopublication(browser: Browser, query: str = "") -> str:
    """Return the address of the nanopublication of CLM-1, within the site."""
    [found] = re.findall(
        r"<([^>]*)>; rel=\"canonical\"", browser.get(f"/claims/CLM-1.trig{query}").headers["Link"]
    )
    return found.removeprefix(SITE)


@pytest.mark.parametrize(("extension", "media_type"), FILES.items())
def test_the_page_of_a_claim_leads_to_each_file(filled: Browser, extension: str, media_type: str) -> None:
    page, where = filled.get("/claims/CLM-1"), f"{SITE}/claims/CLM-1.{extension}"
    assert f'<{where}>; rel="alternate"; type="{media_type}"' in page.headers["Link"]
    assert page.html.find("link", rel="alternate", type=media_type)["href"] == where
    assert filled.get("/claims/CLM-1/cite").html.find("a", href=f"/claims/CLM-1.{extension}")
    assert filled.get(f"/claims/CLM-1.{extension}").content_type == media_type


@pytest.mark.parametrize(("extension", "media_type"), FILES.items())
def test_the_address_of_a_claim_leads_programs_to_the_file_that_they_accept(
    filled: Browser, extension: str, media_type: str
) -> None:
    filled.database.clock = lambda: BEGINNING + 100 * DAY
    tag = filled.get("/claims/CLM-1").headers["ETag"]
    filled.get("/claims/CLM-1", headers={"If-None-Match": tag}, status=304)
    asked = {"Accept": f"{media_type}, text/html;q=0.5", "If-None-Match": tag}
    answer = filled.get("/claims/CLM-1?as_of=2024-01-01T12:00:00Z", headers=asked, status=303)
    assert answer.location.endswith(f"/claims/CLM-1.{extension}?as_of=2024-01-01T12:00:00Z")
    assert answer.headers["Vary"].startswith("Accept")
    filled.get("/claims/CLM-1", headers=asked, status=303)


@pytest.mark.parametrize(
    "accepted", ["text/html,*/*;q=0.8", "*/*", "", "application/ld+json;q=0.1, text/html"]
)
def test_others_get_the_page(filled: Browser, accepted: str) -> None:
    assert filled.get("/claims/CLM-1", headers={"Accept": accepted}).content_type == "text/html"


def test_the_address_of_a_study_leads_programs_to_its_data(filled: Browser) -> None:
    answer = filled.get("/studies/STU-1", headers={"Accept": "application/ld+json"}, status=303)
    assert answer.location.endswith("/studies/STU-1.jsonld")


@pytest.mark.parametrize("extension", FILES)
def test_a_file_shows_the_past_and_is_sent_again_only_if_it_changed(filled: Browser, extension: str) -> None:
    now = filled.get(f"/claims/CLM-1.{extension}")
    again = {"If-None-Match": now.headers["ETag"]}
    filled.get(f"/claims/CLM-1.{extension}", headers=again, status=304)
    reword(filled)
    assert "eworded (" in filled.get(f"/claims/CLM-1.{extension}", headers=again).text
    assert "eworded (" not in filled.get(f"/claims/CLM-1.{extension}?as_of=2024-01-01T12:00:00Z").text


def test_each_state_of_a_claim_has_a_nanopublication_of_its_own_for_ever(filled: Browser) -> None:
    first = address_of_nanopublication(filled)
    published = filled.get(first).text
    reword(filled)
    second = address_of_nanopublication(filled)
    assert second != first
    assert filled.get(first).text == published
    assert address_of_nanopublication(filled, "?as_of=2024-01-01T12:00:00Z") == first
    assert "eworded (" in filled.get(second).text


def test_a_retraction_of_the_published_version_makes_another_nanopublication(filled: Browser) -> None:
    with filled.database.writing(BY_TEST) as session:
        published = make_study(session, title="As published")
        preprint = session.get_one(Study, 1)
        raw = {
            **STUDY,
            "title": preprint.title,
            "design": "case_control",
            "version_of_id": published.public_id,
        }
        studies.update_study(session, preprint, preprint.version, raw)
    before = address_of_nanopublication(filled)
    with filled.database.writing(BY_TEST) as session:
        found = session.get_one(Study, 2)
        studies.update_study(
            session, found, found.version, {**STUDY, "title": found.title, "standing": "retracted"}
        )
    after = address_of_nanopublication(filled)
    assert "its published version is retracted" in filled.get(after).text
    assert "its published version is retracted" not in filled.get(before).text


@pytest.mark.parametrize(
    "where",
    [
        "/np/CLM-1/2024-01-01T00:00:00Z/RA0000000000000000000000000000000000000000000",
        "/np/CLM-1/2999-01-01/RA0000000000000000000000000000000000000000000",
        "/np/CLM-1/whenever/RA",
        "/np/CLM-9/2024-01-01T00:00:00Z/RA0000000000000000000000000000000000000000000",
    ],
)
def test_an_unknown_nanopublication_is_not_found(filled: Browser, where: str) -> None:
    assert "nanopublication" in filled.get(where, status=404).text or "CLM-9" in where


def test_a_state_of_this_minute_has_no_address_that_could_become_wrong(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    answer = browser.get("/claims/CLM-1.trig")
    assert "Link" not in answer.headers
    assert f"<{SITE}/claims/CLM-1.trig> a np:Nanopublication" in answer.text


def test_a_claim_that_does_not_exist_has_no_files(browser: Browser) -> None:
    for extension in FILES:
        browser.get(f"/claims/CLM-1.{extension}", status=404)


def test_the_terms_have_addresses_on_a_page(browser: Browser) -> None:
    page = browser.get("/vocabulary").html
    for terms in PUBLISHED:
        for term in terms:
            assert page.find(id=term_name(term)).find("td").contents[0].strip() == term.label
    named = {
        one["@id"].removeprefix("claims:")
        for one in json.loads(browser.get("/vocabulary.jsonld").text)["@graph"]
    }
    assert {
        tag["id"] for tag in page.find("main")(id=True) if tag["id"] not in ("main", "properties")
    } >= named
