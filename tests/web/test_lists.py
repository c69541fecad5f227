"""The lists: filters that can be shared, pages by cursor."""

from collections.abc import Iterator

import pytest

from claims_app.database import Database
from tests.conftest import BY_TEST, application, copied
from tests.factories import make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser
from tests.support.databases import Templates


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(
    templates: Templates, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """Seven claims with two topics, some with evidence, for tests that only read."""
    with (
        copied(templates, request.param, "schema") as url,
        application(url, tmp_path_factory.mktemp("lists")) as app,
    ):
        fill(app.extensions["claims_database"])
        yield Browser(app)


def fill(database: Database) -> None:
    """Add seven claims with two topics, some with evidence."""
    with database.writing(BY_TEST) as session:
        mouse = make_study(session, design="animal_experiment", species=["mouse"], year=2021)
        trial = make_study(session, design="randomised_trial", species=["human"], year=2015)
        for number in range(1, 8):
            claim = make_claim(
                session,
                statement=f"Claim number {number}",
                kind="mechanism" if number % 2 else "association",
                status="draft" if number > 5 else "active",
                topics=["Pain"] if number < 4 else ["Fatigue"],
                outcome="100% of_them" if number == 7 else None,
            )
            if number == 1:
                make_evidence(session, claim, mouse, direction="supports")
                make_limitation(session, claim)
            if number == 2:
                make_evidence(session, claim, trial, direction="contradicts")


def identifiers(browser: Browser, address: str, status: int = 200) -> list[str]:
    """Return the identifiers of the claims on a page, in their order."""
    return [
        tag.get_text(strip=True)
        for tag in browser.get(address, status=status).html.select(".entry .identifier")
    ]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3, 4, 5, 6, 7]),
        ("kind=association", [2, 4, 6]),
        ("kind=association&kind=mechanism", [1, 2, 3, 4, 5, 6, 7]),
        ("kind=mechanism&status=draft", [7]),
        ("topic=pain", [1, 2, 3]),
        ("topic=pain&kind=association", [2]),
        ("level=not_assessed", [1, 2, 3, 4, 5, 6, 7]),
        ("level=high", []),
        ("direction=supports", [1]),
        ("design=randomised_trial", [2]),
        ("species=mouse&year_from=2020", [1]),
        ("species=mouse&year_to=2020", []),
        ("direction=supports&design=randomised_trial", []),
        ("standing=current", [1, 2]),
        ("standing=retracted&standing=current&direction=supports", [1]),
        ("state=not_assessed", [1, 2, 3, 4, 5, 6, 7]),
        ("state=stale&state=current", []),
        ("needs=evidence", [3, 4, 5, 6, 7]),
        ("needs=appraisal", [1, 2]),
        ("needs=appraisal&needs=evidence", [1, 2, 3, 4, 5, 6, 7]),
        ("q=%22number+3%22", [3]),
        ("q=%22NUMBER+3%22", [3]),
        ("q=100%25+of_", [7]),
        ("q=_", []),
        ("kind=", [1, 2, 3, 4, 5, 6, 7]),
        ("sort=newest", [7, 6, 5, 4, 3, 2, 1]),
        ("sort=updated&kind=association", [6, 4, 2]),
        ("sort=level", [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_claims_are_filtered_and_sorted_by_the_address(
    shared: Browser, query: str, numbers: list[int]
) -> None:
    assert identifiers(shared, f"/claims?{query}") == [f"CLM-{number}" for number in numbers]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "level=hihg",
            "“hihg” is not a valid level. Choose from: high, moderate, low, very_low, not_assessed.",
        ),
        ("kind=hearsay", "Choose from: association, animal_transfer"),
        ("status=retracted", "Choose from: draft, active"),
        ("topic=nothing", "“nothing” is not a topic. Choose from: fatigue, pain."),
        ("colour=blue", "“colour” is not a filter of this list. Choose from: q, design"),
        ("sort=beauty", "Choose from: id, newest, updated, conclusion, level."),
        ("per_page=0", "Enter a number from 1 to 200."),
        ("per_page=201", "Enter a number from 1 to 200."),
        ("per_page=ten", "Enter a number from 1 to 200."),
        ("year_from=soon", "“soon” is not a year."),
        ("q=a&q=b", "takes only one value"),
        ("after=nonsense", "Go back to the first page"),
        ("after=WyJhIl0", "Go back to the first page"),
        ("after=WzFlOTk5XQ", "Go back to the first page"),
        ("before=W10", "Go back to the first page"),
        ("sort=newest&after=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwgMV0", "Go back to the first page"),
        ("sort=newest&after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwgMV0", "Go back to the first page"),
        ("per_page=000200999999999999", "Enter a number from 1 to 200."),
    ],
)
def test_an_unknown_filter_or_value_is_rejected_with_the_known_ones(
    shared: Browser, query: str, sentence: str
) -> None:
    page = shared.get(f"/claims?{query}", status=400)
    assert sentence in page.html.get_text(" ")


@pytest.mark.parametrize("sort", ["id", "newest", "updated", "level"])
def test_pages_show_every_claim_once_in_both_directions(shared: Browser, sort: str) -> None:
    everything = identifiers(shared, f"/claims?sort={sort}")
    page = shared.get(f"/claims?sort={sort}&per_page=3")
    pages = []
    while True:
        pages.append([tag.get_text(strip=True) for tag in page.html.select(".entry .identifier")])
        following = page.html.find("a", rel="next")
        if following is None:
            break
        page = shared.get(following["href"])
    assert [len(found) for found in pages] == [3, 3, 1]
    assert [name for found in pages for name in found] == everything
    back = shared.get(page.html.find("a", rel="prev")["href"])
    assert [tag.get_text(strip=True) for tag in back.html.select(".entry .identifier")] == pages[1]
    first = shared.get(back.html.find("a", rel="prev")["href"])
    assert first.html.find("a", rel="prev") is None


def test_studies_are_filtered_and_sorted(shared: Browser) -> None:
    assert identifiers(shared, "/studies?design=randomised_trial") == ["STU-2"]
    assert identifiers(shared, "/studies?species=mouse&standing=current") == ["STU-1"]
    assert identifiers(shared, "/studies?sort=year") == ["STU-1", "STU-2"]
    assert identifiers(shared, "/studies?year_to=2016") == ["STU-2"]
    assert "is not a filter of this list" in shared.get("/studies?level=high", status=400).text


def test_the_front_page_counts_claims_by_level_and_kind(shared: Browser) -> None:
    page = shared.get("/")
    row = page.html.find("a", string="Mechanism").find_parent("tr")
    assert row("td")[-1].get_text(strip=True) == "4"
    assert "5 claims" in page.html.get_text(" ")
