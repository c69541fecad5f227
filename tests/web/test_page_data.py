"""What pages say of themselves to programs: address, preview, linked data, signposts, sitemap and robots.txt."""

import json
import re
from xml.etree import ElementTree

import pytest

from claims_app.services.pages import sitemap
from claims_app.web import application
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study
from tests.support.browsing import Browser

SITE = "http://127.0.0.1:8000"
HOSTILE = "Antibodies </script><script>alert(1)</script> are raised & so on."
SPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """CLM-1, which is appraised, with evidence from STU-1."""
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session, statement=HOSTILE, topics=["Pain"])
        study = make_study(
            session, doi="10.1002/(SICI)1<1::AID>3.0.CO;2-#", authors="Doe, Ann 0000-0002-1825-0097"
        )
        make_evidence(session, claim, study)
        make_appraisal(session, claim)
    return browser


def graph(browser: Browser, address: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(
        browser.get(address).html.find("script", type="application/ld+json").string
    )["@graph"]
    return found


def canonical(browser: Browser, address: str) -> str:
    return str(browser.get(address).html.find("link", rel="canonical")["href"]).removeprefix(SITE)


def links(browser: Browser, address: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', browser.get(address).headers["Link"]):
        found.setdefault(relation, []).append(target)
    return found


def test_pages_hold_linked_data_that_cannot_end_its_element(filled: Browser) -> None:
    claim, review = graph(filled, "/claims/CLM-1")
    assert (claim["@type"], claim["text"], claim["url"]) == ("Claim", HOSTILE, f"{SITE}/claims/CLM-1")
    assert review["@type"] == "ClaimReview"
    assert len(filled.get("/claims/CLM-1").html("script", src=False)) == 1
    assert graph(filled, "/studies/STU-1")[0]["@type"] == "ScholarlyArticle"
    assert graph(filled, "/")[0]["@type"] == "Dataset"


def test_linked_data_is_a_file_too(filled: Browser) -> None:
    answer = filled.get("/studies/STU-1.jsonld")
    assert answer.content_type == "application/ld+json"
    assert answer.json["@graph"] == graph(filled, "/studies/STU-1")
    for address in ("/claims/CLM-1", "/studies/STU-1"):
        assert f"{SITE}{address}.jsonld" in links(filled, address)["describedby"]


def test_signposts_name_the_identifier_the_type_and_the_files(filled: Browser) -> None:
    claim, study, home = (links(filled, where) for where in ("/claims/CLM-1", "/studies/STU-1", "/"))
    assert claim["cite-as"] == [f"{SITE}/claims/CLM-1"]
    assert claim["type"] == ["https://schema.org/AboutPage", "https://schema.org/Claim"]
    assert claim["item"] == [f"{SITE}/evidence.csv?claim=CLM-1"]
    assert study["cite-as"] == ["https://doi.org/10.1002/(sici)1%3C1::aid%3E3.0.co;2-#"]
    assert study["author"] == ["https://orcid.org/0000-0002-1825-0097"]
    assert f"{SITE}/claims.csv" in home["item"]
    assert "license" not in home


def test_a_license_is_named_if_the_operator_sets_one(filled: Browser) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    with filled.app.app_context():
        object.__setattr__(application.settings(), "license", licence)
    try:
        assert links(filled, "/claims/CLM-1")["license"] == [licence]
        assert graph(filled, "/")[0]["license"] == licence
    finally:
        with filled.app.app_context():
            object.__setattr__(application.settings(), "license", None)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/claims/CLM-1?from=CLM-9", "/claims/CLM-1"),
        (
            "/claims?status=active&kind=association&sort=newest&per_page=20",
            "/claims?kind=association&status=active",
        ),
        ("/claims?kind=mechanism&kind=association", "/claims?kind=association&kind=mechanism"),
        ("/studies", "/studies"),
    ],
)
def test_a_page_has_one_canonical_address(filled: Browser, address: str, expected: str) -> None:
    assert canonical(filled, address) == expected


def test_all_pages_of_a_list_have_the_address_of_the_list(filled: Browser) -> None:
    with filled.database.writing(BY_TEST) as session:
        make_claim(session)
    second = filled.get("/claims?per_page=1").html.find("a", rel="next")["href"]
    assert canonical(filled, second) == "/claims"


def test_previews_have_the_claim_and_what_the_evidence_says(filled: Browser) -> None:
    page = filled.get("/claims/CLM-1").html
    shown = {tag["property"]: tag["content"] for tag in page.select("meta[property^='og:']")}
    assert shown["og:title"] == HOSTILE
    assert shown["og:url"] == f"{SITE}/claims/CLM-1"
    assert "certainty" in shown["og:description"]


def test_the_sitemap_lists_accepted_records_in_parts(
    filled: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART", 2)
    with filled.database.writing(BY_TEST) as session:
        for _ in range(2):
            make_claim(session)
    parts = ElementTree.fromstring(filled.get("/sitemap.xml").text)
    addresses = [one.text or "" for one in parts.iterfind("s:sitemap/s:loc", SPACE)]
    assert [one.removeprefix(SITE) for one in addresses] == [
        *("/sitemap-pages.xml", "/sitemap-claims-1.xml", "/sitemap-claims-2.xml", "/sitemap-studies-1.xml"),
    ]
    listed = []
    for address in addresses:
        part = ElementTree.fromstring(filled.get(address.removeprefix(SITE)).text)
        listed.append([one.text for one in part.iterfind("s:url/s:loc", SPACE)])
    assert f"{SITE}/topics/pain" in listed[0]
    assert listed[1:] == [
        [f"{SITE}/claims/CLM-1", f"{SITE}/claims/CLM-2"],
        [f"{SITE}/claims/CLM-3"],
        [f"{SITE}/studies/STU-1"],
    ]
    filled.get("/sitemap-claims-3.xml", status=404)
    filled.get("/sitemap-claims-0.xml", status=404)


def test_a_part_is_sent_while_it_is_read(filled: Browser) -> None:
    with filled.database.reading() as session:
        addresses = sitemap.part(session, "claims", 1)
        assert next(addresses)[0] == "CLM-1"
    assert "Content-Length" not in filled.app.test_client().get("/sitemap-claims-1.xml").headers


def test_robots_txt_names_the_sitemap_and_leaves_out_the_past(filled: Browser) -> None:
    lines = filled.get("/robots.txt").text.splitlines()
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    assert "Disallow: /*as_of=" in lines
