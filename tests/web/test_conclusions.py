"""What the evidence says is shown wherever its certainty is, and filters and sorts like it."""

import csv
import datetime
import io
import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

import claims_app
from claims_app.models import Claim
from claims_app.rules.appraisal.verdict import Verdict
from claims_app.vocabulary import Conclusion, EvidenceLevel
from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_appraisal, make_claim, make_evidence, make_study
from tests.support.browsing import Browser
from tests.support.life import set_clock

TEMPLATES = Path(claims_app.__file__).parent / "templates"


@pytest.fixture
def concluded(browser: Browser) -> Browser:
    """CLM-1 contradicted, CLM-2 supported, CLM-3 with no effect, and CLM-4 not assessed."""
    with browser.database.writing(BY_TEST) as session:
        for direction in ("contradicts", "supports", "null"):
            claim = make_claim(session)
            make_evidence(session, claim, make_study(session, design="cohort"), direction=direction)
            make_appraisal(session, claim)
        make_claim(session)
    return browser


def statements(browser: Browser, address: str) -> list[str]:
    """Return the identifiers of the claims in a list."""
    return [found.get_text(strip=True) for found in browser.get(address).html.select(".entry .identifier")]


@on_one_database
def test_a_conclusion_filters_and_sorts_page_file_and_api(concluded: Browser) -> None:
    wanted = "conclusion=contradicted&conclusion=no_effect"
    assert statements(concluded, f"/claims?{wanted}") == ["CLM-1", "CLM-3"]
    assert statements(concluded, "/claims?sort=conclusion") == ["CLM-2", "CLM-1", "CLM-3", "CLM-4"]
    rows = list(csv.DictReader(io.StringIO(concluded.get("/claims.csv?sort=conclusion").text)))
    assert [row["conclusion"] for row in rows] == ["supported", "contradicted", "no_effect", ""]
    sent = concluded.get(f"/api/v1/claims?{wanted}").json["items"]
    assert [(item["claim_id"], item["conclusion"]) for item in sent] == [
        ("CLM-1", "contradicted"),
        ("CLM-3", "no_effect"),
    ]
    appraisals = list(csv.DictReader(io.StringIO(concluded.get("/appraisals.csv?claim=CLM-1").text)))
    assert [row["conclusion"] for row in appraisals] == ["contradicted"]
    concluded.get("/claims?conclusion=true", status=400)


@on_one_database
def test_a_contradicted_claim_is_never_shown_with_its_level_alone(concluded: Browser) -> None:
    for address in (
        "/claims?conclusion=contradicted",
        "/claims/CLM-1",
        "/studies/STU-1",
        "/appraisals/APR-1",
    ):
        shown = concluded.get(address).html.select(".conclusion")
        texts = {re.sub(r"\s+", " ", found.get_text(" ", strip=True)) for found in shown}
        assert texts == {"May not be so: low certainty"}, address
    assert "1 contradicted" in re.sub(r"\s+", " ", concluded.get("/").html.select_one(".grid").get_text(" "))


@on_one_database
def test_the_past_has_the_conclusion_of_its_time(concluded: Browser) -> None:
    database = concluded.database
    with database.reading() as session:
        moment = session.get_one(Claim, 1).created_at
    set_clock(database, moment + datetime.timedelta(days=9))
    with database.writing(BY_TEST) as session:
        make_appraisal(
            session, session.get_one(Claim, 1), conclusion="mixed", conclusion_reason="Few people."
        )
    with database.reading(moment + datetime.timedelta(days=1)) as session:
        assert session.get_one(Claim, 1).conclusion is Conclusion.CONTRADICTED
    with database.reading() as session:
        assert session.get_one(Claim, 1).conclusion is Conclusion.MIXED


def test_a_derived_conclusion_is_marked() -> None:
    macros = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True).get_template(
        "_macros/badge.html"
    )
    derived = Verdict(Conclusion.MIXED, EvidenceLevel.LOW, is_derived=True)
    assert "derived, not yet judged" in str(macros.module.verdict(derived))  # type: ignore[attr-defined]
    judged = Verdict(Conclusion.MIXED, EvidenceLevel.LOW)
    assert "derived" not in str(macros.module.verdict(judged))  # type: ignore[attr-defined]


def test_no_template_shows_the_level_of_a_claim_without_its_conclusion() -> None:
    alone = re.compile(
        r"\blevel\((claim|item\.claim|view\.appraisal|appraisal|row\.claim)\.(evidence_)?level\b"
    )
    # The step of an override, above the result with its conclusion.
    steps = (TEMPLATES / "_macros/appraisal.html").read_text().count("level(appraisal.level)")
    found = [path.name for path in TEMPLATES.rglob("*.html") if alone.search(path.read_text())]
    assert (found, steps) == (["appraisal.html"], 1)
