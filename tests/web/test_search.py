"""Searching on the pages of lists: marks, excerpts, and the way to what is named."""

from itertools import pairwise
from urllib.parse import urlencode

import pytest
from webtest import TestResponse

from claims_app.services.records import studies
from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """A claim with a limitation and a study with an abstract."""
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session, statement="Antibodies transfer <b>pain</b>.")
        study = make_study(
            session, title="Passive transfer", doi="10.1172/jci144201", pmid="34196305", pmcid="PMC8245181"
        )
        studies.keep_abstract(session, study, "Mice were sensitised & watched.")
        make_evidence(session, claim, study)
        make_limitation(session, claim, text="Only females were studied.")
    return browser


def test_what_matched_is_marked_and_the_rest_escaped(filled: Browser) -> None:
    page = filled.get("/claims?q=antibody+PAIN").html
    assert [mark.text for mark in page.select(".entry mark")] == ["Antibodies", "pain"]
    assert page.select_one(".entry h3").text == "Antibodies transfer <b>pain</b>."


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/claims?q=pain+female", "Limitation: Only females were studied."),
        ("/claims?q=mouse", "Study: Mice were sensitised & watched."),
        ("/studies?q=mouse", "Abstract: Mice were sensitised & watched."),
    ],
)
def test_an_entry_shows_where_else_words_matched(filled: Browser, address: str, place: str) -> None:
    excerpt = filled.get(address).html.select_one(".entry .excerpt")
    assert excerpt.text == place
    assert excerpt.mark


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        *(("CLM-1", "/claims/CLM-1"), ("stu-1", "/studies/STU-1"), ("EVD-1", "/claims/CLM-1#EVD-1")),
        *((typed, "/studies/STU-1") for typed in ("10.1172/JCI144201", "https://doi.org/10.1172/jci144201")),
        *((typed, "/studies/STU-1") for typed in ("doi:10.1172/jci144201", "PMID 34196305", "PMC8245181")),
    ],
)
@pytest.mark.parametrize("section", ["claims", "studies"])
def test_an_identifier_leads_to_its_record(filled: Browser, section: str, typed: str, address: str) -> None:
    assert address in filled.get(f"/{section}?q={typed}", status=303).location


def test_a_bare_number_leads_to_a_study_from_the_studies_only(filled: Browser) -> None:
    assert filled.get("/studies?q=34196305", status=303).location.endswith("/studies/STU-1")
    filled.get("/claims?q=34196305", status=200)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("CLM-9", "There is no record CLM-9."),
        ("10.1000/none", "There is no record 10.1000/none."),
        ("???", "“???” has no letters or digits to search for."),
    ],
)
def test_an_empty_result_says_why(filled: Browser, typed: str, said: str) -> None:
    assert said in filled.get(f"/claims?q={typed}").html.select_one(".empty").text


@pytest.mark.parametrize("typed", ["AND OR (", '"', "a^b:c NEAR(", "-", "* -*", "'; --", "pain -mouse", "\\"])
def test_signs_are_plain_text(filled: Browser, typed: str) -> None:
    for path in ("/claims", "/studies", "/claims.csv", "/api/v1/claims"):
        filled.get(f"{path}?{urlencode({'q': typed})}", status=200)


def test_files_and_the_api_find_what_the_page_finds(filled: Browser) -> None:
    assert "CLM-1" in filled.get("/claims.csv?q=mouse").text
    assert filled.get("/api/v1/claims?q=mouse").json["total"] == 1
    assert "STU-1" in filled.get("/studies.csv?q=mouse").text
    assert filled.get("/api/v1/claims?q=rat").json["total"] == 0


def _fill_for_order(browser: Browser) -> None:
    """Claims that match “skin pain” in each tier; of equal ones, the newest comes first."""
    with browser.database.writing(BY_TEST) as session:
        make_evidence(
            session, make_claim(session, statement="Skin burns."), make_study(session, title="Pain")
        )
        make_claim(session, statement="Skin burns.", outcome="Pain")
        make_claim(session, statement="Pain of the skin.")
        make_claim(session, statement="Skin pain is common.")
        make_claim(session, statement="Skin pain is rare.")
        make_study(session, title="Pain of the skin", year=2021)
        make_study(session, title="Skin pain", year=2001)
        make_study(session, title="Skin pain again", year=2002)


@pytest.mark.parametrize(
    ("address", "numbers"),
    [
        ("/claims?q=skin+pain", [5, 4, 3, 2, 1]),
        ("/claims?q=skin+pain&sort=id", [1, 2, 3, 4, 5]),
        ("/claims?sort=", [1, 2, 3, 4, 5]),
        ("/studies?q=skin+pain", [4, 3, 2]),
        ("/studies?q=skin+pain&sort=id", [2, 3, 4]),
    ],
)
@pytest.mark.parametrize("size", [2, 50])
def test_the_best_match_comes_first_on_pages_in_both_directions(
    browser: Browser, address: str, numbers: list[int], size: int
) -> None:
    _fill_for_order(browser)

    def names(page: TestResponse) -> list[str]:
        return [tag.text for tag in page.html.select(".entry .identifier")]

    pages = [browser.get(f"{address}&per_page={size}")]
    while following := pages[-1].html.select_one('a[rel="next"]'):
        pages.append(browser.get(following["href"]))
    found = [name for page in pages for name in names(page)]
    assert [int(name[4:]) for name in found] == numbers
    for before, page in reversed(list(pairwise(pages))):
        assert names(browser.get(page.html.select_one('a[rel="prev"]')["href"])) == names(before)


def test_the_form_of_a_list_leaves_the_order_to_the_words(browser: Browser) -> None:
    _fill_for_order(browser)
    form = browser.get("/claims").forms["filters"]
    form["q"] = "skin pain"
    assert form.submit().html.select_one(".entry .identifier").text == "CLM-5"
