"""One word for each thing counted: evidence items, reports, studies and independent groups, always with its unit."""

import csv
import io
import re

import pytest

from tests.conftest import BY_TEST, on_one_database
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser


@pytest.fixture
def counted(browser: Browser) -> Browser:
    """CLM-1 with 6 counted evidence items of 5 reports, 4 studies and 3 independent groups, and one not counted."""
    with browser.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        paper = make_study(session, group="Liverpool")
        preprint = make_study(session, version_of_id=paper.id)
        for study in (paper, paper, preprint, make_study(session, group="Liverpool"), make_study(session)):
            make_evidence(session, claim, study)
        make_evidence(session, claim, make_study(session), direction="contradicts")
        make_evidence(session, claim, make_study(session, standing="retracted"))
    return browser


def words(browser: Browser, address: str, where: str) -> str:
    """Return the text of a part of a page, with single spaces."""
    return re.sub(r"\s+", " ", browser.get(address).html.select_one(where).get_text(" ", strip=True))


@on_one_database
def test_page_list_file_and_api_count_the_same_with_the_unit_of_each(counted: Browser) -> None:
    balance = "Independent groups: 2 supporting · 1 contradicting · 0 null · 0 inconclusive"
    amount = "5 reports · 4 studies · 3 independent groups"
    for address, where in (("/claims/CLM-1", ".verdict"), ("/claims", ".entry")):
        text = words(counted, address, where)
        assert balance in text, address
        assert amount in text, address
    page = words(counted, "/claims/CLM-1", "main")
    assert "Evidence 6 evidence items" in page
    assert "6 evidence items from 5 reports of 4 studies in 3 independent groups." in page
    assert "1 more item is shown but not counted." in page
    # The filters count what they show, whether it is counted or not.
    assert "Finding Supports 6 Contradicts 1 Null 0 Inconclusive 0" in page
    [row] = csv.DictReader(io.StringIO(counted.get("/claims.csv").text))
    sent = counted.get("/api/v1/claims/CLM-1").json
    expected = {"n_supporting": 5, "n_contradicting": 1, "n_null": 0, "n_inconclusive": 0}
    expected |= {"n_studies": 4, "n_independent_groups": 3}
    assert {name: int(row[name]) for name in expected} == expected
    assert {name: sent[name] for name in expected} == expected
