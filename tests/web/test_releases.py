"""The pages of releases, their files at addresses that never change, and the feed."""

import datetime
import hashlib
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask import Flask

from claims_app.formats.release.about import INCLUDED
from claims_app.models import Claim
from claims_app.services.records import claims
from tests.conftest import BY_TEST, application, copied
from tests.factories import CLAIM, make_claim, make_evidence
from tests.support.browsing import Browser
from tests.support.databases import Templates
from tests.support.releases import make_release

FILE = "/releases/2026.11/claims.csv"


@pytest.fixture(scope="module")
def shared_app(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application with two releases, which tests only read."""
    folder = tmp_path_factory.mktemp("releases")
    with copied(templates, "sqlite", "schema") as url, application(url, folder) as app:
        database = app.extensions["claims_database"]
        with database.writing(BY_TEST) as session:
            make_claim(session, statement="Pacing helps <all>.")
        make_release(database, folder, "2026.11", note="The first one", creators=["Doe, Jane"])
        with database.writing(BY_TEST) as session:
            claim = session.get_one(Claim, 1)
            claims.update_claim(session, claim, claim.version, {**CLAIM, "statement": "Pacing may help."})
            make_evidence(session, claim)
            make_claim(session, status="draft")
        make_release(database, folder, "2026.12", license="https://creativecommons.org/licenses/by/4.0/")
        yield app


@pytest.fixture
def shared(shared_app: Flask) -> Browser:
    """A reader of the application with two releases."""
    return Browser(shared_app)


def test_without_a_release_the_page_says_how_one_is_made(browser: Browser) -> None:
    assert "claims release create" in browser.get("/releases").text
    browser.get("/releases/latest", status=404)
    browser.get("/releases/compare", status=404)


def test_the_list_has_the_newest_first_with_what_changed(shared: Browser) -> None:
    page = shared.get("/releases")
    assert [strong.text for strong in page.html.select(".history strong")] == ["2026.12", "2026.11"]
    assert "The first one" in page
    assert INCLUDED in page
    assert page.click("Changes since").request.path == "/releases/2026.12/changes"


def test_the_page_of_a_release_says_what_it_holds_and_how_to_cite_it(shared: Browser) -> None:
    page = shared.get("/releases/2026.11")
    assert "1 claim, 0 studies and 0 evidence items" in " ".join(page.html.text.split())
    assert "Doe, J. (" in page
    assert "author = {Doe, Jane}" in page
    assert page.html.find("h1").text == "Release 2026.11"
    files = {link["href"] for link in page.html.select("table a")}
    assert {FILE, "/releases/2026.11/claims.parquet", "/releases/2026.11/claims-2026.11.zip"} <= files


def test_every_file_on_the_page_has_its_checksum_and_size(shared: Browser) -> None:
    page = shared.get("/releases/2026.11")
    rows = page.html.select("details tbody tr")
    assert len(rows) > 30
    for row in rows:
        name, size, digest = (cell.text.strip() for cell in row.select("td"))
        content = shared.get(f"/releases/2026.11/{name}").body
        assert (f"{len(content):,}", hashlib.sha256(content).hexdigest()) == (size, digest)


def test_linked_data_names_the_files(shared: Browser) -> None:
    page = shared.get("/releases/2026.12")
    [data] = json.loads(page.html.find("script", type="application/ld+json").text)["@graph"]
    assert (data["@type"], data["version"], data["license"]) == (
        "Dataset",
        "2026.12",
        "https://creativecommons.org/licenses/by/4.0/",
    )
    assert {"claims.csv", "claims-2026.12.zip"} <= {one["name"] for one in data["distribution"]}
    assert 'rel="cite-as"' in page.headers["Link"]


def test_a_file_never_changes_so_it_may_be_kept(shared: Browser) -> None:
    answer = shared.get(FILE)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["ETag"].strip('"') == hashlib.sha256(answer.body).hexdigest()
    again = shared.get(FILE, status=304, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.body == b""


def test_a_part_of_a_file_can_be_asked_for(shared: Browser) -> None:
    whole = shared.get(FILE)
    part = shared.get(FILE, status=206, headers={"Range": "bytes=10-19", "If-Range": whole.headers["ETag"]})
    assert part.body == whole.body[10:20]
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.body)}"


@pytest.mark.parametrize(
    "name", ["claims.parquet", "claims.sqlite", "claims.csv", "SHA256SUMS", "CITATION.cff"]
)
def test_other_sites_may_read_parts_of_a_file(shared: Browser, name: str) -> None:
    address = f"/releases/2026.11/{name}"
    part = shared.get(address, status=206, headers={"Range": "bytes=0-9"})
    assert part.headers["Access-Control-Allow-Origin"] == "*"
    assert {"Content-Range", "Accept-Ranges", "ETag"} <= set(
        part.headers["Access-Control-Expose-Headers"].split(", ")
    )
    asked = {"Origin": "https://example.org", "Access-Control-Request-Headers": "range"}
    allowed = shared.app.test_client().options(address, headers=asked).headers["Access-Control-Allow-Headers"]
    assert {"Range", "If-Range"} <= set(allowed.split(", "))


@pytest.mark.parametrize(
    "address",
    [
        "/releases/2027.1",
        "/releases/2026.11/secret_key",
        "/releases/2026.11/..%2F..%2Fsecret_key",
        "/releases/x/claims.csv",
    ],
)
def test_there_is_nothing_else(shared: Browser, address: str) -> None:
    shared.get(address, status=404)


def test_the_newest_release_has_an_address(shared: Browser) -> None:
    assert shared.get("/releases/latest", status=302).headers["Location"] == "/releases/2026.12"
    moved = shared.get("/releases/latest/claims.csv", status=302)
    assert moved.headers["Location"] == "/releases/2026.12/claims.csv"


def test_what_changed_as_a_page_and_as_json(shared: Browser) -> None:
    page = shared.get("/releases/2026.12/changes")
    assert [line.text for line in page.html.select("del, ins")] == ["Pacing helps <all>.", "Pacing may help."]
    found = shared.get("/releases/2026.12/changes.json").json
    assert (found["counts"]["claims_reworded"], found["counts"]["evidence_added"]) == (1, 1)
    assert shared.get("/releases/compare.json?from=2026.11&to=2026.12").json == found
    back = shared.get("/releases/compare?from=2026.12&to=2026.11")
    assert "Removed evidence items" in back
    assert shared.get("/releases/compare", status=302).headers["Location"] == "/releases/2026.12/changes"


def test_the_first_release_has_no_changes(shared: Browser) -> None:
    page = shared.get("/releases/2026.11/changes", status=404)
    assert "2026.11 is the first release" in page
    assert page.click("Release 2026.11").request.path == "/releases/2026.11"
    assert "is the first release" in shared.get("/releases/2026.11/changes.json", status=404).json["detail"]
    shared.get("/releases/compare?from=2026.11", status=400)


def test_a_new_claim_that_is_a_draft_is_marked(shared: Browser) -> None:
    new = shared.get("/releases/2026.12/changes").html.select_one("[aria-labelledby=claims_added] li")
    assert new.select_one(".badge").text == "Draft"


def test_a_comparison_backwards_leads_to_that_forwards(shared: Browser) -> None:
    page = shared.get("/releases/compare?from=2026.12&to=2026.11")
    assert "2026.12 is the newer of the two" in page
    forwards = page.click("Compare from")
    assert forwards.html.find("h1").text == "Changes from 2026.11 to 2026.12"
    assert "is the newer" not in forwards


def test_a_comparison_with_itself_says_so(shared: Browser) -> None:
    assert "2026.12 is compared with itself" in shared.get("/releases/compare?from=2026.12&to=2026.12")


def test_releases_of_one_day_are_compared_by_their_times(
    app: Flask, browser: Browser, tmp_path: Path
) -> None:
    for version, hour in (("1", 8), ("2", 9)):
        moment = datetime.datetime(2026, 11, 20, hour, 5, tzinfo=datetime.UTC)
        make_release(app.extensions["claims_database"], tmp_path, version, moment=moment)
    lead = " ".join(browser.get("/releases/2/changes").html.select_one(".lead").text.split())
    assert lead.startswith("Data of 20 November 2026, 08:05:00 UTC compared with 09:05:00 UTC:")


def test_the_feed_has_each_release(shared: Browser) -> None:
    answer = shared.get("/releases.atom")
    assert answer.content_type == "application/atom+xml"
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.parse(io.BytesIO(answer.body)).getroot()
    entries = feed.findall(f"{atom}entry")
    assert [entry.findtext(f"{atom}title") for entry in entries] == [
        "Claims: research claims and their evidence, 2026.12",
        "Claims: research claims and their evidence, 2026.11",
    ]
    [enclosure] = [link for link in entries[0].findall(f"{atom}link") if link.get("rel") == "enclosure"]
    assert enclosure.get("href", "").endswith("/releases/2026.12/claims-2026.12.zip")
    summary = entries[1].findtext(f"{atom}summary") or ""
    assert summary.startswith("The first one. 1 claim, 0 studies and 0 evidence items as of ")


def test_the_front_page_and_the_sitemap_lead_to_releases(shared: Browser) -> None:
    assert shared.get("/").click(r"Release\s+2026\.12").request.path == "/releases/2026.12"
    assert re.search(r"/releases/2026\.11<", shared.get("/sitemap-pages.xml").text)


def test_a_lost_file_is_said_to_be_lost(app: Flask, browser: Browser, tmp_path: Path) -> None:
    database = app.extensions["claims_database"]
    for version in ("1", "2"):
        make_release(database, tmp_path, version)
    for path in tmp_path.glob("releases/*/claims-1/claims.*"):
        path.unlink()
    assert "claims release build 1" in browser.get("/releases/1/claims.csv", status=503)
    for address in ("/releases/2/changes", "/releases/2/changes.json", "/releases/compare.json?from=1&to=2"):
        assert "claims release build 1" in browser.get(address, status=503)
    browser.get("/releases/1/README.md")


def test_a_damaged_file_is_said_to_be_lost(app: Flask, browser: Browser, tmp_path: Path) -> None:
    for version in ("1", "2"):
        make_release(app.extensions["claims_database"], tmp_path, version)
    damaged = tmp_path / "releases/2/claims-2/claims.sqlite"
    damaged.write_bytes(bytes(damaged.stat().st_size))
    for address in ("/releases/2/changes", "/releases/2/changes.json"):
        assert "claims release build 2" in browser.get(address, status=503)


def test_a_new_release_is_on_the_page_at_once(app: Flask, browser: Browser, tmp_path: Path) -> None:
    browser.get("/releases")
    database = app.extensions["claims_database"]
    database.clock = lambda: datetime.datetime(2026, 11, 28, tzinfo=datetime.UTC)
    make_release(database, tmp_path)
    assert "28 November 2026" in browser.get("/releases")
