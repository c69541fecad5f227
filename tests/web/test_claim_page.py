"""The page of a claim: what its first screen answers, and its evidence as a table with filters, orders and pages."""

import re
from types import SimpleNamespace

import pytest

from claims_app.models import Claim
from claims_app.services.pages import claim_evidence
from claims_app.vocabulary import EffectMeasure
from claims_app.web import chart_data
from claims_app.web.templating import effect
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_appraisal, make_claim, make_evidence, make_limitation, make_study
from tests.support.browsing import Browser

INTERVAL = {"effect_value": 24.0, "ci_low": 20.0, "ci_high": 28.0, "ci_level": 95.0}


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """An appraised claim with seven evidence items, one of them contradicting and one of a named group."""
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        for number in range(5):
            study = make_study(session, year=2015 + number, design="cohort", authors=f"Author {number}")
            make_evidence(session, claim, study, n_cases=10 + number)
        against = make_evidence(session, claim, make_study(session, year=2024), direction="contradicts")
        make_limitation(session, against, text="Nobody was blinded.")
        make_evidence(session, claim, make_study(session, year=2010, group="Liverpool & <others>"))
        make_appraisal(session, claim, risk_of_bias="-1")
    return browser


def words(browser: Browser, address: str, where: str = "main") -> str:
    """Return the text of a part of a page, with single spaces."""
    return re.sub(r"\s+", " ", browser.get(address).html.select_one(where).get_text(" ", strip=True))


def studies(browser: Browser, address: str) -> list[str]:
    """Return the years of the studies in the table."""
    return [cell.get_text(strip=True) for cell in browser.get(address).html.select(".items__year")]


@on_one_database
def test_the_first_screen_says_how_sure_why_how_new_and_what_would_change_it(filled: Browser) -> None:
    text = words(filled, "/claims/CLM-1", ".verdict")
    assert "The evidence is very uncertain" in text
    assert "Why this level? Starts at low; lowered for risk of bias. All reasons" in text
    assert "Newest study: 2024." in text
    assert "( APR-1 ); no new evidence since." in text
    assert "What would change it? A cohort or case–control study" in text
    with filled.database.writing(BY_TEST) as session:
        make_evidence(session, session.get_one(Claim, 1), make_study(session, year=2026))
    text = words(filled, "/claims/CLM-1", ".verdict")
    assert "Newest study: 2026." in text
    assert "1 change in the evidence since" in text
    assert "1 person" not in text


@on_one_database
def test_a_claim_without_evidence_says_what_is_missing(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    text = words(browser, "/claims/CLM-1", ".verdict")
    assert "No counted studies yet" in text
    assert "A first study that tests it." in text


@on_one_database
def test_links_filter_and_sort_the_evidence_and_keep_each_other(filled: Browser) -> None:
    assert studies(filled, "/claims/CLM-1") == ["2024", "2019", "2018", "2017", "2016", "2015", "2010"]
    page = filled.get("/claims/CLM-1").html
    cohorts = page.select(".slices a")[2]
    assert cohorts.get_text(" ", strip=True) == "Cohort study 5"
    assert studies(filled, cohorts["href"]) == ["2019", "2018", "2017", "2016", "2015"]
    page = filled.get(cohorts["href"]).html
    oldest = page.find("th", attrs={"aria-sort": "descending"}).a["href"]
    assert studies(filled, oldest) == ["2015", "2016", "2017", "2018", "2019"]
    off = filled.get(oldest).html.select_one(".slices [aria-current]")["href"]
    assert studies(filled, off) == ["2010", "2015", "2016", "2017", "2018", "2019", "2024"]
    group = filled.get("/claims/CLM-1").html.select_one(".items__group")
    assert studies(filled, group["href"]) == ["2010"]
    assert "No evidence matches these filters." in words(filled, "/claims/CLM-1?direction=null")
    filled.get("/claims/CLM-1?direction=sideways", status=400)


@on_one_database
def test_what_an_item_says_in_full_is_folded_below_its_row_under_its_own_address(filled: Browser) -> None:
    row = filled.get("/claims/CLM-1").html.find(id="EVD-6").find_parent("tbody")
    assert row.select_one("summary").get_text(" ", strip=True).endswith("1 limitation")
    assert "Nobody was blinded." in row.select_one("details .evidence").get_text()


@on_one_database
def test_evidence_that_takes_several_pages_is_cut_and_found_on_them(
    filled: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = len(filled.get("/claims/CLM-1").text)
    monkeypatch.setattr(claim_evidence, "ROWS", 2)
    page = filled.get("/claims/CLM-1?sort=oldest")
    assert len(page.text) < 0.8 * everything
    assert studies(filled, "/claims/CLM-1?sort=oldest") == ["2010", "2015"]
    following = page.html.find("a", rel="next")["href"]
    assert studies(filled, following) == ["2016", "2017"]
    assert "Rows 3 to 4 of 7" in words(filled, following)
    for record in ("EVD-7", "EVD-1"):
        found = filled.get(f"/evidence/{record}", status=302).location
        assert filled.get(found).html.find(id=record), found
    assert filled.get("/claims?q=EVD-7", status=303).location.endswith("/evidence/EVD-7")
    found = filled.get("/limitations/LIM-1", status=302).location
    assert filled.get(found).html.find(id="LIM-1")


@pytest.fixture
def compared(filled: Browser) -> Browser:
    """The same claim with two odds ratios, one of a trial."""
    with filled.database.writing(BY_TEST) as session:
        for number, design in enumerate(("cohort", "randomised_trial", "cohort")):
            study = make_study(session, design=design, authors="Ünal & <Sons>", year=2001 + number)
            numbers = {"effect_measure": "OR", "effect_value": 2 + number, "ci_low": 1.1, "ci_high": 9}
            make_evidence(session, session.get_one(Claim, 1), study, **numbers, ci_level=95)
    return filled


@on_one_database
def test_each_picture_is_a_file_that_the_page_leads_to(compared: Browser) -> None:
    page = compared.get("/claims/CLM-1?design=cohort").html
    pictures = [link["href"] for link in page.select(".pictures a")]
    assert [link.partition("?")[0].rpartition("/")[2] for link in pictures] == [
        *("balance.svg", "balance.png"),
        *("forest.svg", "forest.png"),
        *("level.svg", "level.png"),
    ]
    forest = next(link for link in pictures if "forest.svg" in link)
    for address in pictures:
        sent = compared.get(address)
        assert sent.headers["Content-Disposition"].startswith('inline; filename="CLM-1-')
        if ".svg" in address:
            assert "Autoantibodies are elevated" in sent.text
        else:
            assert sent.body.startswith(b"\x89PNG")
    drawn = compared.get(forest).text
    assert "Odds ratio: 2 estimates" in drawn
    assert "Ünal &amp; &lt;Sons&gt; 2003" in drawn
    assert "2002" not in drawn  # the trial


@on_one_database
def test_a_picture_that_cannot_be_drawn_is_not_found(filled: Browser) -> None:
    for address in ("forest.svg", "forest.png?measure=HR", "balance.gif"):
        filled.get(f"/claims/CLM-1/{address}", status=404)
    filled.get("/claims/CLM-1/forest.svg?measure=x", status=400)
    with filled.database.writing(BY_TEST) as session:
        make_claim(session)
    filled.get("/claims/CLM-2/level.svg", status=404)


@on_one_database
def test_of_many_estimates_the_largest_are_drawn_and_the_plot_says_so(
    compared: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chart_data, "MOST_DRAWN", 2)
    text = words(compared, "/claims/CLM-1", ".forest__summary")
    assert text.endswith("Drawn are the 2 with the most participants of 3.")


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"effect_measure": EffectMeasure.PERCENT, "effect_value": 75.7}, "75.7%"),
        ({"effect_measure": EffectMeasure.PERCENT, **INTERVAL}, "24% (95% CI 20 to 28)"),
        (
            {"effect_measure": EffectMeasure.OR, **INTERVAL, "p_value": "<0.01"},
            "OR 24 (95% CI 20 to 28), p <0.01",
        ),
        ({"effect_measure": EffectMeasure.OTHER, "effect_value": -3.0}, "estimate −3"),
        ({"p_value": "0.04"}, "p = 0.04"),
        ({}, ""),
    ],
)
def test_an_estimate_reads_as_a_paper_would_print_it(values: dict[str, object], text: str) -> None:
    fields = ("effect_measure", "effect_value", "ci_low", "ci_high", "ci_level", "p_value")
    assert effect(SimpleNamespace(**{**dict.fromkeys(fields), **values})) == text  # type: ignore[arg-type]
