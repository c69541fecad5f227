"""The pages of topics, and the front page that leads to them."""

from xml.etree import ElementTree

from claims_app.database import WriteSession
from claims_app.services.records import topics
from tests.conftest import BY_TEST
from tests.factories import make_appraisal, make_claim, make_evidence, make_study
from tests.support.browsing import Browser


def _fill(session: WriteSession) -> None:
    top = topics.create_topic(session, {"slug": "disease", "name": "Disease", "definition": "A disease."})
    topics.create_topic(session, {"slug": "pain", "name": "Pain", "parent_id": top.id})
    claim = make_claim(session, statement="Antibodies cause pain.", topics=["Pain"], kind="animal_transfer")
    make_evidence(session, claim, make_study(session, title="Mice", design="animal_experiment", year=2011))
    make_appraisal(session, claim)
    make_claim(session, statement="Pain causes antibodies.", topics=["Pain"])


def test_a_topic_shows_its_claims_by_level_its_gaps_and_its_newest_studies(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        _fill(session)
    page = browser.get("/topics/disease").html
    assert page.h1.text == "Disease"
    assert [heading.text.split()[0] for heading in page.select(".by-level")] == ["High", "Not"]
    assert [gap.get_text(strip=True) for gap in page.select(".gaps li")] == [
        "1 of 2 claims without linked studies.",
        "1 of 2 claims not assessed yet.",
        "No human evidence: no study is in people.",
        "One group only: the evidence comes from a single independent group.",
        "No study since 2011.",
    ]
    assert page.find("a", string="1 of 2 claims without linked studies.")["href"] == (
        "/claims?topic=disease&needs=evidence"
    )
    assert page.find("a", string="Pain")["href"] == "/topics/pain"
    assert page.find("a", string="Mice") is not None
    trail = browser.get("/topics/pain").html.find("nav", attrs={"aria-label": "Broader topics"})
    assert [link["href"] for link in trail.find_all("a")] == ["/topics", "/topics/disease"]


def test_there_is_no_page_of_an_unknown_topic(browser: Browser) -> None:
    assert "There is no topic “nothing”." in browser.get("/topics/nothing", status=404).html.text


def test_the_front_page_leads_into_the_subject(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        _fill(session)
    page = browser.get("/").html
    assert [heading.get_text(strip=True) for heading in page.find_all("h2")] == [
        "What is known aboutdisease",
        "What changed in what is known",
        "Evidence map",
        "Needs a curator",
    ]
    assert page.find("a", string="Antibodies cause pain.")["href"] == "/claims/CLM-1"
    table = page.select_one(".years table")
    assert [cell.get_text(strip=True) for cell in table.select("tbody tr")[0].find_all(["th", "td"])] == [
        "2011",
        "1",
        "0",
        "0",
        "0",
    ]


def test_a_curator_moves_a_topic_below_another_one(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        _fill(session)
        make_claim(session, topics=["Sleep"])
    browser.log_in()
    form = browser.get("/topics/sleep").click("Edit").forms["record"]
    assert [label for _, _, label in form["parent_id"].options] == ["None", "Disease", "— Pain"]
    form["parent_id"] = "TOP-1"
    page = form.submit(status=303).follow()
    trail = page.html.find("nav", attrs={"aria-label": "Broader topics"})
    assert [link.text for link in trail.find_all("a")] == ["Topics", "Disease"]
    form = browser.get("/topics/disease/edit").forms["record"]
    form["parent_id"].force_value("TOP-2")
    assert "A topic cannot be broader than itself." in form.submit(status=422).html.text


def test_the_chart_by_year_is_a_picture_of_the_filtered_claims(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        _fill(session)
    address = browser.get("/topics/pain").html.select_one(".years .download")["href"]
    assert address == "/evidence-by-year.svg?topic=pain"
    words = " ".join(ElementTree.fromstring(browser.get(address).body).itertext())
    assert "Evidence by year and finding: Topic: Pain" in words
    assert "2011" in words
    assert browser.get(address.replace(".svg", ".png")).body.startswith(b"\x89PNG")
    browser.get("/evidence-by-year.svg?kind=treatment", status=404)
