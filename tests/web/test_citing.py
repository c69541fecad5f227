"""The page that says how to cite a claim, and its files."""

import datetime
import itertools
import json

import pytest

from claims_app.models import Claim, Study
from claims_app.services.records import claims, evidence, studies
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import CLAIM, STUDY, make_claim, make_evidence, make_study
from tests.support.browsing import Browser

DAY = datetime.timedelta(days=1)
BEGINNING = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def timed(browser: Browser) -> Browser:
    """CLM-1 with evidence from STU-1; each transaction is one day later than the last."""
    days = itertools.count()
    browser.database.clock = lambda: BEGINNING + next(days) * DAY
    with browser.database.writing(BY_TEST) as session:
        make_evidence(session, make_claim(session), make_study(session))
    return browser


def address(browser: Browser) -> str:
    """Return the address in the citation of CLM-1, within the site."""
    [item] = json.loads(browser.get("/claims/CLM-1/cite.csl.json").text)
    return str(item["URL"]).removeprefix("http://localhost").removeprefix("http://127.0.0.1:8000")


def test_all_forms_cite_the_same_state(timed: Browser) -> None:
    page = timed.get("/claims/CLM-1/cite")
    where = "/claims/CLM-1?as_of=2024-01-01T00:00:00Z"
    assert page.html.select_one("#apa").parent.p.text.endswith(where)
    assert timed.get("/claims/CLM-1/cite.csl.json").text == page.html.select("code")[1].text
    bibtex = timed.get("/claims/CLM-1/cite.bib")
    assert bibtex.text == page.html.select("code")[0].text
    assert bibtex.content_disposition == 'attachment; filename="CLM-1-v1.bib"'
    assert timed.get("/claims/CLM-1").html.find("a", string="Cite this claim")


def test_the_address_shows_the_cited_state_for_ever(timed: Browser) -> None:
    cited = address(timed)
    with timed.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": "Reworded."})
    assert "Reworded." not in timed.get(cited).text
    assert "Reworded." in timed.get(address(timed)).text


@on_both_databases
def test_evidence_that_is_deleted_or_whose_study_changes_makes_another_state(timed: Browser) -> None:
    seen = [address(timed)]
    with timed.database.writing(BY_TEST) as session:
        study = session.get_one(Study, 1)
        studies.update_study(session, study, study.version, {**STUDY, "standing": "retracted"})
    seen.append(address(timed))
    with timed.database.writing(BY_TEST) as session:
        item = session.get_one(Claim, 1) and make_evidence(session, session.get_one(Claim, 1))
    seen.append(address(timed))
    with timed.database.writing(BY_TEST) as session:
        item = session.merge(item)
        evidence.delete_evidence(session, item, item.version)
    seen.append(address(timed))
    assert len(set(seen)) == 4
    assert [timed.get(one).text.count('id="EVD-') for one in seen] == [1, 1, 2, 1]


def test_the_past_is_cited_as_it_was(timed: Browser) -> None:
    before = address(timed)
    with timed.database.writing(BY_TEST) as session:
        claim = session.get_one(Claim, 1)
        claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": "Reworded."})
    past = timed.get("/claims/CLM-1/cite.csl.json?as_of=2024-01-01T12:00:00Z").json
    assert past[0]["URL"].endswith(before)
    assert past[0]["title"] == CLAIM["statement"]


def test_a_state_of_this_minute_has_no_permanent_address_yet(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        make_claim(session)
    assert "less than a minute ago" in browser.get("/claims/CLM-1/cite").text
    assert address(browser) == "/claims/CLM-1"
