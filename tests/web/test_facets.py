"""The facets beside a list: counts, links that turn values on and off, chips, and the way out of an empty result."""

import datetime
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask, render_template
from webtest import TestResponse

from claims_app.database import Database
from claims_app.services.core.filters import CLAIM_ORDERS, ClaimFilters
from claims_app.services.core.paging import Page
from claims_app.services.core.query import PAGING
from claims_app.services.pages.selections import YEAR
from claims_app.web import listing
from claims_app.web.facets import CLAIM_FACETS, facets_of, topics_to_name
from tests.conftest import BY_TEST, application, copied
from tests.factories import make_appraisal, make_claim, make_evidence, make_study
from tests.support.browsing import Browser
from tests.support.databases import Templates
from tests.web.test_entries import varied_claims


@pytest.fixture(scope="module")
def shared(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Claims of two kinds, with evidence of two years, designs and directions, for tests that only read."""
    with (
        copied(templates, "sqlite", "schema") as url,
        application(url, tmp_path_factory.mktemp("facets")) as app,
    ):
        fill(app.extensions["claims_database"])
        yield Browser(app)


def fill(database: Database) -> None:
    """Add CLM-1 to CLM-4 and three studies."""
    with database.writing(BY_TEST) as session:
        mouse = make_study(session, design="animal_experiment", species=["mouse"], year=2021)
        trial = make_study(session, design="randomised_trial", species=["human"], year=2015)
        make_study(session, publication_state="preprint", year=2015)
        claims = [
            make_claim(session, statement=f"Claim {number}", kind=kind, topics=topics)
            for number, (kind, topics) in enumerate(
                [
                    ("mechanism", ["Pain"]),
                    ("mechanism", ["Pain", "Fatigue"]),
                    ("association", ["Fatigue"]),
                    ("association", ["Pain"]),
                ]
            )
        ]
        make_evidence(session, claims[0], mouse, direction="supports")
        make_evidence(session, claims[1], mouse, direction="supports")
        make_evidence(session, claims[1], trial, direction="contradicts")
        make_appraisal(session, claims[0])


def facet(page: TestResponse, label: str) -> dict[str, tuple[int, str]]:
    """Return the values of a facet with their counts and addresses."""
    for tag in page.html.select("details.facet"):
        if tag.summary.get_text(strip=True) == label:
            return {name(link): (count(link), link["href"]) for link in tag("a")}
    return {}


def name(link: Tag) -> str:
    """Return the label of the value that a link of a facet turns on or off."""
    words = link.get_text(" ", strip=True).removeprefix("Remove ")
    return words.rpartition(" ")[0]


def count(link: Tag) -> int:
    """Return the number beside the value."""
    assert link.b is not None
    return int(link.b.get_text().replace(",", ""))


def counts(page: TestResponse, label: str) -> dict[str, int]:
    """Return the values of a facet with their counts."""
    return {value: number for value, (number, _) in facet(page, label).items()}


def asked(address: str) -> list[tuple[str, str]]:
    """Return the query of an address, sorted."""
    return sorted(parse_qsl(urlsplit(address).query))


@pytest.mark.parametrize(
    ("query", "label", "expected"),
    [
        ("", "Kind", {"Association": 2, "Mechanism": 2}),
        ("", "Topic", {"Pain": 3, "Fatigue": 2}),
        ("", "State of the level", {"Current": 1, "Not assessed": 3}),
        ("", "Year of publication", {"2021": 2, "2015": 1}),
        ("topic=fatigue", "Kind", {"Association": 1, "Mechanism": 1}),
        ("kind=mechanism", "Kind", {"Association": 2, "Mechanism": 2}),
        ("kind=mechanism&kind=association", "Finding", {"Supports": 2, "Contradicts": 1}),
        ("design=animal_experiment", "Finding", {"Supports": 2}),
        ("design=animal_experiment", "Design", {"Randomised trial": 1, "Animal experiment": 2}),
        ("year_from=2020", "Year of publication", {"2021": 2, "2015": 1}),
        ("species=human", "Year of publication", {"2015": 1}),
        ("level=low", "Evidence level", {"High certainty": 1, "Low certainty": 0, "Not assessed": 3}),
    ],
)
def test_a_facet_counts_as_if_its_own_filter_were_off(
    shared: Browser, query: str, label: str, expected: dict[str, int]
) -> None:
    assert counts(shared.get(f"/claims?{query}"), label) == expected


def test_studies_have_facets(shared: Browser) -> None:
    page = shared.get("/studies?year_to=2015")
    assert counts(page, "Publication state") == {"Published": 1, "Preprint": 1}
    assert counts(page, "Design") == {"Randomised trial": 1}
    assert counts(page, "Year of publication") == {"2021": 1, "2015": 2}


def test_a_link_adds_its_value_keeps_the_rest_and_starts_from_the_first_page(shared: Browser) -> None:
    start = "/claims?kind=mechanism&q=claim&sort=newest&per_page=1"
    second = shared.get(shared.get(start).html.find("a", rel="next")["href"])
    _, address = facet(second, "Kind")["Association"]
    assert asked(address) == sorted([*asked(start), ("kind", "association")])
    assert shared.get(address).html.select_one(".result-count strong").get_text() == "4"


def test_a_link_of_an_active_value_removes_it_and_says_so(shared: Browser) -> None:
    page = shared.get("/claims?kind=mechanism&kind=association&topic=pain")
    (link,) = [link for link in page.html.select(".facet a[aria-current]") if name(link) == "Mechanism"]
    assert asked(link["href"]) == [("kind", "association"), ("topic", "pain")]
    assert link.get_text(" ", strip=True) == "Remove Mechanism 2"


def test_a_year_replaces_the_range_and_goes_with_it(shared: Browser) -> None:
    page = shared.get("/claims?year_from=2000&year_to=2020&kind=mechanism")
    _, address = facet(page, "Year of publication")["2021"]
    assert asked(address) == [("kind", "mechanism"), ("year_from", "2021"), ("year_to", "2021")]
    _, address = facet(shared.get(address), "Year of publication")["2021"]
    assert asked(address) == [("kind", "mechanism")]


def test_what_is_on_is_shown_as_chips_with_its_label(shared: Browser) -> None:
    page = shared.get("/claims?topic=pain&design=randomised_trial&year_from=2010&year_to=2020&q=claim")
    chips = {chip.span.get_text(strip=True): chip.a["href"] for chip in page.html.select(".chip")}
    everything = asked(page.request.url)
    assert {label: set(everything) - set(asked(address)) for label, address in chips.items()} == {
        "Search:claim": {("q", "claim")},
        "Topic:Pain": {("topic", "pain")},
        "Design:Randomised trial": {("design", "randomised_trial")},
        "Year of publication:2010 to 2020": {("year_from", "2010"), ("year_to", "2020")},
    }
    assert page.html.select_one(".chips__clear")["href"] == "/claims"


def test_a_search_keeps_the_facets_the_order_and_the_size_of_the_page(shared: Browser) -> None:
    page = shared.get(
        "/claims?kind=mechanism&kind=association&year_to=2022&per_page=100&sort=level&needs=appraisal"
    )
    form = page.forms["filters"]
    form["q"] = "claim"
    sent = sorted((name, value) for name, value in form.submit_fields() if value)
    assert sent == sorted([*asked(page.request.url), ("q", "claim")])


def test_an_empty_result_says_which_filter_to_remove_with_what_then_matches(shared: Browser) -> None:
    empty = shared.get("/claims?kind=mechanism&direction=null").html.select_one(".empty")
    advice = {link.get_text(): link for link in empty("a")}
    assert list(advice) == ["Without “Finding: Null”", "See all claims"]
    assert advice["Without “Finding: Null”"]["href"] == "/claims?kind=mechanism"
    assert "Without “Finding: Null”: 2 claims" in " ".join(empty.get_text().split())


def test_if_no_single_filter_is_to_blame_those_that_match_alone_are_offered(shared: Browser) -> None:
    empty = shared.get("/claims?kind=mechanism&direction=null&level=low").html.select_one(".empty")
    assert "Only “Kind: Mechanism”: 2 claims" in " ".join(empty.get_text().split())
    assert empty.a["href"] == "/claims?kind=mechanism"


def test_a_page_beyond_the_last_leads_to_the_first(shared: Browser) -> None:
    last = shared.get("/claims?per_page=3").html.find("a", rel="next")["href"]
    beyond = shared.get(last.replace("per_page=3", "per_page=200")).html
    assert beyond.select_one(".empty") is None
    after = last.partition("after=")[2]
    page = shared.get(f"/claims?topic=fatigue&after={after}").html
    assert page.select_one(".empty a")["href"] == "/claims?topic=fatigue"


def test_as_of_a_date_every_term_is_offered_without_counts(shared: Browser) -> None:
    shared.database.clock = lambda: datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
    page = shared.get("/claims?as_of=2029-01-01")
    (kinds,) = [
        tag for tag in page.html.select("details.facet") if tag.summary.get_text(strip=True) == "Kind"
    ]
    assert len(kinds("a")) == 8
    assert kinds.b is None
    assert kinds.a["href"] == "/claims?as_of=2029-01-01&kind=association"


def test_a_page_with_several_filters_is_not_for_crawlers(shared: Browser) -> None:
    """Otherwise a crawler would follow every combination of values."""
    one, two = "/claims?kind=mechanism", "/claims?kind=mechanism&level=low"
    assert shared.get(one).html.select_one("meta[name=robots]") is None
    assert shared.get(two).html.select_one("meta[name=robots]")["content"] == "noindex, nofollow"


EVERYTHING = {
    **{
        name: dict.fromkeys(ClaimFilters.vocabulary(name) or (), 123_456)
        for name in CLAIM_FACETS
        if name not in ("topic", YEAR)
    },
    "topic": {f"topic-{number:03}": 200_000 - number for number in range(200)},
    YEAR: dict.fromkeys(range(1950, 2027), 12_345),
}
"""Counts of a large database."""


def listed(app: Flask, address: str) -> str:
    """Return the page of a list with 50 entries and EVERYTHING beside them."""
    with app.test_request_context(address):
        filters = ClaimFilters.read(listing.query(), PAGING)
        names = {slug: slug.capitalize() for slug in topics_to_name(filters, EVERYTHING)}
        shown = listing.Listing(Page(varied_claims(), 50, "x" * 40, None), filters, "id", "id", 50, names)
        facets = facets_of(shown, CLAIM_FACETS, EVERYTHING)
        return render_template(
            "claims/index.html", listing=shown, facets=facets, orders=CLAIM_ORDERS, sizes=(50,), excerpts={}
        )


def test_a_long_facet_shows_the_top_values_and_what_is_on(app: Flask) -> None:
    page = BeautifulSoup(listed(app, "/claims?topic=topic-150&topic=topic-003"), "html.parser")
    (topics,) = [tag for tag in page.select("details.facet") if tag.summary.get_text(strip=True) == "Topic"]
    values = [name(link) for link in topics.find("ul")("a")]
    assert values == [
        "Topic-003",
        "Topic-150",
        "Topic-000",
        "Topic-001",
        "Topic-002",
        "Topic-004",
        "Topic-005",
        "Topic-006",
    ]
    assert topics.details.summary.get_text() == "17 more"
    assert topics.find("a", string="All 200 topics")["href"] == "/topics"


def test_a_page_with_every_facet_and_50_entries_is_small(app: Flask) -> None:
    page = listed(app, "/claims?level=low&kind=mechanism&topic=topic-001")
    assert len(page.encode()) <= 71_000
