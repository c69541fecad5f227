"""Files in every format over HTTP: headers, compression, parts, and files that break off half-way."""

import gzip
import http.client
import itertools
import subprocess
from collections.abc import Iterator
from typing import Any

import pandas
import pytest
import requests
from flask import Flask, request

from claims_app.formats.tables import TABLE_FORMATS
from claims_app.services.core import errors
from claims_app.services.jobs.queue import enqueue
from claims_app.services.transfer.sources import SOURCES, Source
from claims_app.web import reader_pages
from claims_app.web.export import sending
from tests.conftest import BY_TEST, on_both_databases
from tests.factories import make_claim, make_evidence, make_limitation
from tests.support.browsing import Browser
from tests.support.serving import served

BINARY = ("parquet", "xlsx")


@pytest.fixture
def filled(browser: Browser) -> Browser:
    """Three claims, each with evidence and a limitation."""
    fill(browser)
    return browser


def fill(browser: Browser) -> None:
    with browser.database.writing(BY_TEST) as session:
        for _ in range(3):
            claim = make_claim(session)
            make_evidence(session, claim)
            make_limitation(session, claim)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The address of a real server with three claims."""
    fill(Browser(app))
    with served(app) as where:
        yield where


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lose the database after many rows have been read."""
    parts = Source.parts

    def broken(self: Source, *arguments: Any) -> Iterator[Any]:
        [part] = parts(self, *arguments)
        yield from itertools.repeat(part, 300)
        raise RuntimeError("the disk went away")

    monkeypatch.setattr(Source, "parts", broken)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("form", TABLE_FORMATS)
def test_every_list_is_sent_in_every_format(filled: Browser, name: str, form: str) -> None:
    answer = filled.get(f"/{name}.{form}")
    assert answer.content_type.split(";")[0] == TABLE_FORMATS[form].media_type
    assert answer.headers["X-Row-Count"] == ("0" if name == "appraisals" else "3")
    assert f'filename="{name}-20' in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Disposition"].endswith(f'.{form}"')
    assert answer.body or (form, name) == ("jsonl", "appraisals")
    assert (
        filled.get(f"/{name}.{form}", status=304, headers={"If-None-Match": answer.headers["ETag"]}).body
        == b""
    )


@pytest.mark.parametrize("form", [*TABLE_FORMATS, "ris"])
def test_a_head_request_counts_and_reads_no_row(
    filled: Browser, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = filled.app.test_client()
    whole = client.get(f"/studies.{form}")
    monkeypatch.setattr(Source, "values", None)
    head = client.head(f"/studies.{form}")
    assert head.data == b""
    for header in ("X-Row-Count", "ETag", "Content-Type", "Content-Disposition", "Vary"):
        assert head.headers.get(header) == whole.headers.get(header), header


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("form", ["csv", "tsv", "jsonl", "ris", "bib", "csl.json"])
def test_a_text_is_compressed_for_clients_that_read_gzip(filled: Browser, form: str, signed_in: bool) -> None:
    client, packing = filled.app.test_client(), {"Accept-Encoding": "gzip, br"}
    if signed_in:
        # With a cookie the validator is that of the file; without, it is that of a page for everybody.
        client.set_cookie("claims_session", "none")
    plain = client.get(f"/studies.{form}")
    packed = client.get(f"/studies.{form}", headers=packing)
    assert gzip.decompress(packed.data) == plain.data
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    unchanged = packing | {"If-None-Match": packed.headers["ETag"]}
    assert client.get(f"/studies.{form}", headers=unchanged).status_code == 304


@pytest.mark.parametrize("form", BINARY)
def test_what_is_compressed_already_is_sent_as_it_is(filled: Browser, form: str) -> None:
    assert (
        "Content-Encoding" not in filled.get(f"/claims.{form}", headers={"Accept-Encoding": "gzip"}).headers
    )


@pytest.mark.parametrize("packing", [{"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip"}])
@pytest.mark.parametrize("form", [*TABLE_FORMATS, "ris"])
@pytest.mark.usefixtures("failing")
def test_a_client_notices_that_a_file_broke_off(address: str, form: str, packing: dict[str, str]) -> None:
    try:
        answer = requests.get(
            f"{address}/studies.{form}", headers={**packing, "Connection": "close"}, timeout=10
        )
    except requests.RequestException:
        return
    # Nothing had been sent yet.
    assert answer.status_code == 500


@pytest.mark.usefixtures("failing")
def test_pandas_and_curl_notice_that_a_file_broke_off(address: str) -> None:
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        pandas.read_csv(f"{address}/claims.csv")
    done = subprocess.run(
        ["curl", "--silent", "--fail", f"{address}/claims.csv"], capture_output=True, check=False, timeout=10
    )
    assert done.returncode == 18  # "Partial file"


def test_a_whole_file_is_sent_to_pandas(address: str) -> None:
    read = pandas.read_parquet(f"{address}/claims.parquet")
    assert list(read["claim_id"]) == ["CLM-1", "CLM-2", "CLM-3"]
    assert read["kind"].dtype == "category"
    sheets = pandas.read_excel(f"{address}/claims.xlsx", sheet_name=None)
    assert list(sheets) == ["claims", "About"]


def test_parts_follow_by_their_links(filled: Browser) -> None:
    whole = filled.get("/claims.csv?sort=newest").body
    address, body = "/claims.csv?sort=newest&limit=2", b""
    counts = []
    while address:
        answer = filled.get(address)
        counts.append((answer.headers["X-Row-Count"], answer.headers["X-Total-Count"]))
        body += answer.body
        links = requests.utils.parse_header_links(answer.headers["Link"])
        address = next((link["url"] for link in links if link["rel"] == "next"), "")
    assert body == whole
    assert counts == [("2", "3"), ("1", "3")]


def test_a_part_of_data_that_has_changed_is_refused(filled: Browser) -> None:
    links = requests.utils.parse_header_links(filled.get("/claims.jsonl?limit=1").headers["Link"])
    with filled.database.writing(BY_TEST) as session:
        make_claim(session)
    refused = filled.get(links[-1]["url"], status=409)
    assert refused.text == f"{errors.DataChanged()}\n"


def test_a_cursor_of_a_page_without_a_limit_is_ignored(filled: Browser) -> None:
    assert filled.get("/claims.csv?per_page=1&after=WzFd").headers["X-Row-Count"] == "3"


def test_a_format_without_its_package_says_how_to_install_it(
    filled: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    refused = filled.get("/claims.xlsx", status=501).text
    assert 'pip install "claims-app[xlsx]"' in refused
    filled.get("/claims.csv")


def test_a_text_that_is_too_long_for_excel_is_refused_with_its_column(filled: Browser) -> None:
    with filled.database.writing(BY_TEST) as session:
        claim = make_claim(session)
        for number in range(33):
            make_limitation(session, claim, text=f"{number:02}" + "x" * 998)
    refused = filled.get("/claims.xlsx", status=400).text
    assert "column limitations (row 4) has more than 32,767 characters" in refused
    filled.get("/claims.xlsx?columns=claim_id,statement")


@pytest.mark.parametrize(
    "address",
    [
        *(f"/claims.{form}?kind=foo" for form in TABLE_FORMATS),
        *(f"/studies.{form}?kind=foo" for form in ("ris", "bib", "csl.json")),
        "/claims.csv?as_of=yesterday",
        "/claims.csv-metadata.json?kind=foo",
        "/claims/CLM-9/cite.bib",
    ],
)
def test_an_error_of_a_file_is_a_sentence_for_a_script(filled: Browser, address: str) -> None:
    client = filled.app.test_client()
    plain = client.get(address, headers={"Accept": "*/*"})
    assert plain.status_code in (400, 404)
    assert plain.content_type == "text/plain; charset=utf-8"
    assert "Accept" in plain.headers["Vary"].split(", ")
    assert plain.text.endswith(".\n")
    assert "<" not in plain.text
    assert "Content-Disposition" not in plain.headers
    assert client.get(address, headers={"Accept": "text/csv"}).text == plain.text


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/json", "application/problem+json"),
        ("application/problem+json, */*;q=0.1", "application/problem+json"),
    ],
)
def test_an_error_of_a_file_is_a_page_or_json_if_asked_for(
    filled: Browser, accept: str, media_type: str
) -> None:
    answer = filled.app.test_client().get("/claims.csv?kind=foo", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (400, media_type)
    assert "foo” is not" in (answer.json["detail"] if answer.is_json else answer.text)
    assert "Accept" in answer.headers["Vary"].split(", ")


def test_a_workbook_in_the_making_lets_other_pages_be_made(
    filled: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A turn is given back before the first row is read (`reader_pages.MADE_AT_ONCE`)."""
    parts = Source.parts
    has_turn: list[bool] = []

    def noting(self: Source, *arguments: Any) -> Iterator[Any]:
        has_turn.append(reader_pages._END_TURN in request.environ)
        return parts(self, *arguments)

    monkeypatch.setattr(Source, "parts", noting)
    filled.get("/claims.xlsx")
    assert has_turn == [False]


def test_few_workbooks_are_made_at_once(filled: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = Source.parts
    client = filled.app.test_client()
    others: list[tuple[int, str | None]] = []

    def nested(self: Source, *arguments: Any) -> Iterator[Any]:
        if len(others) < sending.MADE_AT_ONCE:
            other = client.get("/claims.xlsx")
            others.append((other.status_code, other.headers.get("Retry-After")))
        return parts(self, *arguments)

    monkeypatch.setattr(Source, "parts", nested)
    filled.get("/claims.xlsx")
    assert others == [(503, "30"), (200, None)]
    filled.get("/claims.xlsx")
    filled.get("/claims.xlsx", status=200)


def test_a_description_has_the_chosen_columns(filled: Browser) -> None:
    described = filled.get("/claims.tsv-metadata.json?columns=statement,kind").json
    schema = described["tableSchema"]
    assert [column["name"] for column in schema["columns"]] == ["statement", "kind"]
    assert "primaryKey" not in schema
    assert described["dialect"]["delimiter"] == "\t"
    assert described["url"] == "/claims.tsv?columns=statement,kind"


@on_both_databases
def test_a_file_that_a_reader_has_is_not_sent_again_after_a_job_was_queued(filled: Browser) -> None:
    tag = filled.get("/claims.csv").headers["ETag"]
    with filled.database.writing(BY_TEST) as session:
        enqueue(session, "test", 1)
    assert filled.get("/claims.csv", status=304, headers={"If-None-Match": tag}).body == b""
    with filled.database.writing(BY_TEST) as session:
        make_claim(session)
    filled.get("/claims.csv", headers={"If-None-Match": tag})
