"""Studies as citations: exports for reference managers with the filters of the page, and their re-import."""

import datetime
import re

import pytest

from claims_app.formats.references import read
from claims_app.models import Study
from claims_app.rules.reference import Reference
from claims_app.services.transfer import citations, list_export
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_study
from tests.support.browsing import Browser

FILES = {
    "ris": ("RIS", "application/x-research-info-systems"),
    "bib": ("BibTeX", "application/x-bibtex"),
    "csl.json": ("CSL-JSON", "application/vnd.citationstyles.csl+json"),
}


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """Two studies, one of them with all fields."""
    with browser.database.writing(BY_TEST) as session:
        make_study(
            session,
            title="Passive transfer: {IgG} & 50% of “pain”",
            authors="Goebel, A\nKrock, E\nKidney and Liver Group",
            year=2021,
            journal="J Clin Invest",
            volume="131",
            issue="13",
            pages="1-9",
            doi="10.1172/jci144201",
            pmid="34196305",
            pmcid="PMC8245181",
            registry_id="NCT05643794",
            design="case_control",
            species=["human", "mouse"],
            group="Liverpool; London",
            standing="retracted",
            standing_date="2024-02-29",
            publication_state="preprint",
            url="https://example.org/a_b",
        )
        make_study(session, title="=SUM(A1)", authors="", year=1999, publication_state="abstract_only")
    return browser


def records(browser: Browser, address: str) -> list[dict[str, object]]:
    """Return the fields of the studies in a file, read back."""
    found = read(browser.get(address).body).records
    assert all(isinstance(record, Reference) for record in found)
    return [dict(record.values) for record in found if isinstance(record, Reference)]


@pytest.mark.parametrize("extension", FILES)
def test_file_contains_what_the_database_holds(filled: Browser, extension: str) -> None:
    full = next(found for found in records(filled, f"/studies.{extension}") if "pmid" in found)
    assert full == {
        "title": "Passive transfer: {IgG} & 50% of “pain”",
        "authors": ["Goebel, A", "Krock, E", "Kidney and Liver Group"],
        "year": "2021",
        "journal": "J Clin Invest",
        "volume": "131",
        "issue": "13",
        "pages": "1-9",
        "doi": "10.1172/jci144201",
        "pmid": "34196305",
        "pmcid": "PMC8245181",
        "registry_id": "NCT05643794",
        "design": "case_control",
        "species": ["human", "mouse"],
        "group": "Liverpool; London",
        "standing": "retracted",
        "standing_date": "2024-02-29",
        "publication_state": "preprint",
        "url": "https://example.org/a_b",
    }


def test_text_is_not_escaped_for_spreadsheets(filled: Browser) -> None:
    for extension in FILES:
        assert "=SUM(A1)" in {found["title"] for found in records(filled, f"/studies.{extension}")}


def test_file_has_its_type_length_and_date(filled: Browser) -> None:
    for extension, (form, media_type) in FILES.items():
        answer = filled.get(f"/studies.{extension}")
        assert read(answer.body).format == form
        assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"
        assert answer.headers["X-Row-Count"] == "2"
        name = rf'attachment; filename="studies-\d{{4}}-\d\d-\d\d\.{re.escape(extension)}"'
        assert re.fullmatch(name, answer.headers["Content-Disposition"])


@on_both_databases
@pytest.mark.parametrize("extension", FILES)
def test_file_has_the_filters_and_order_of_its_page(filled: Browser, extension: str) -> None:
    assert len(records(filled, f"/studies.{extension}?standing=retracted")) == 1
    years = [found["year"] for found in records(filled, f"/studies.{extension}?sort=year")]
    assert years in (["1999", "2021"], ["2021", "1999"])
    csv_years = [line.split(",") for line in filled.get("/studies.csv?sort=year").text.splitlines()[1:]]
    assert [year in row for year, row in zip(years, csv_years, strict=True)] == [True, True]
    filled.get(f"/studies.{extension}?nothing=1", status=400)
    filled.get(f"/studies.{extension}?profile=raw", status=400)


def test_each_file_has_its_own_etag_and_is_not_sent_twice(filled: Browser) -> None:
    addresses = [f"/studies.{extension}" for extension in ("csv", *FILES)]
    tags = {address: filled.get(address).headers["ETag"] for address in addresses}
    assert len(set(tags.values())) == 4
    for address, tag in tags.items():
        assert filled.get(address, status=304, headers={"If-None-Match": tag}).body == b""
    with filled.database.writing(BY_TEST) as session:
        make_study(session)
    assert all(filled.get(address).headers["ETag"] != tag for address, tag in tags.items())


@pytest.mark.parametrize("extension", FILES)
def test_file_of_the_past_is_as_it_was(browser: Browser, extension: str) -> None:
    database = browser.database
    now = database.clock()
    with database.writing(BY_TEST) as session:
        number = make_study(session, title="The old title", year=2020, group="Old").id
    before = browser.get(f"/studies.{extension}").body
    moment = database.clock()
    database.clock = lambda: now + datetime.timedelta(days=1)
    with database.writing(BY_TEST) as session:
        session.get_one(Study, number).title = "The new title"
    database.clock = lambda: now + datetime.timedelta(days=2)
    then = browser.get(f"/studies.{extension}?as_of={moment:%Y-%m-%dT%H:%M:%S.%fZ}")
    assert then.body == before != browser.get(f"/studies.{extension}").body
    assert f"studies-{moment:%Y-%m-%d}.{extension}" in then.headers["Content-Disposition"]


def test_file_longer_than_a_chunk_is_complete(filled: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = {extension: filled.get(f"/studies.{extension}").body for extension in FILES}
    monkeypatch.setattr(list_export, "CHUNK", 1)
    monkeypatch.setattr(citations, "CHUNK_CHARACTERS", 1)
    assert {extension: filled.get(f"/studies.{extension}").body for extension in FILES} == whole


def test_without_studies_the_file_is_empty(browser: Browser) -> None:
    texts = {extension: browser.get(f"/studies.{extension}").text for extension in FILES}
    assert texts == {"ris": "", "bib": "", "csl.json": "[]\n"}


def test_page_offers_what_it_shows_in_each_form(filled: Browser) -> None:
    page = filled.get("/studies?standing=retracted")
    offered = {link.text: link["href"] for link in page.html.select("a.download")}
    assert offered == {
        "CSV": "/studies.csv?standing=retracted",
        "Excel": "/studies.xlsx?standing=retracted",
        "RIS": "/studies.ris?standing=retracted",
        "BibTeX": "/studies.bib?standing=retracted",
        "CSL-JSON": "/studies.csl.json?standing=retracted",
    }


def test_key_of_a_study_is_its_identifier(filled: Browser) -> None:
    for extension in FILES:
        text = filled.get(f"/studies.{extension}").text
        assert sorted(set(re.findall(r"STU-\d+", text))) == ["STU-1", "STU-2"]
