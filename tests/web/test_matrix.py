"""The matrix as a page and as files, with the filters of the list of claims."""

import csv
import io
from xml.etree import ElementTree

import pytest

from tests.conftest import BY_TEST
from tests.factories import make_claim, make_evidence, make_study
from tests.support.browsing import Browser


@pytest.fixture
def filled(browser: Browser) -> Browser:
    with browser.database.writing(BY_TEST) as session:
        study = make_study(session, authors="Goebel, Andreas", year=2021)
        make_evidence(session, make_claim(session, statement="=1+1 is two", topics=["Pain"]), study)
        make_claim(session, statement="Nobody looked at this.")
    return browser


def test_the_table_has_heads_and_words_in_its_cells(filled: Browser) -> None:
    table = filled.get("/matrix").html.select_one(".matrix table")
    assert table.caption is not None
    assert [head["scope"] for head in table.thead.find_all("th")] == ["col", "col"]
    assert "Goebel" in table.thead.text
    assert [head["scope"] for head in table.tbody.find_all("th")] == ["row", "row"]
    assert [cell.get_text(strip=True) for cell in table.find_all("td")] == ["Supports", ""]


def test_files_have_the_filters_of_the_page(filled: Browser) -> None:
    page = filled.get("/matrix?topic=pain").html
    addresses = [link["href"] for link in page.select(".downloads a")]
    assert addresses == [f"/matrix.{extension}?topic=pain" for extension in ("csv", "svg", "png")]
    rows = list(csv.reader(io.StringIO(filled.get(addresses[0]).text, newline="")))
    assert rows == [
        ["claim_id", "statement", "evidence_level", "conclusion", "STU-1"],
        ["CLM-1", "'=1+1 is two", "not_assessed", "", "supports"],
    ]
    picture = ElementTree.fromstring(filled.get(addresses[1]).body)
    words = " ".join(picture.itertext())
    assert "CLM-1" in words
    assert "CLM-2" not in words
    assert "1 of 1 claims against 1 of 1 studies" in words
    assert filled.get(addresses[2]).body.startswith(b"\x89PNG")


def test_a_part_that_is_not_a_number_is_refused(filled: Browser) -> None:
    assert "“x” is not a part of the studies." in filled.get("/matrix?part=x", status=400).html.text
