"""Page, API, file and command give the same records for any filter, in every format."""

import csv
import io
import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import openpyxl
import polars
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.utils import parse_header_links

from claims_app.cli.export import export
from claims_app.formats.tables import TABLE_FORMATS
from claims_app.services.transfer.export_formats import ALL_FORMATS
from claims_app.services.transfer.sources import SOURCES
from claims_app.vocabulary import ClaimKind, ClaimStatus, Conclusion, Direction, EvidenceLevel, StudyDesign
from tests.conftest import application, copied
from tests.support.browsing import Browser
from tests.support.databases import Templates

FILTERS = {
    "level": EvidenceLevel.values(),
    "conclusion": Conclusion.values(),
    "kind": ClaimKind.values(),
    "status": ClaimStatus.values(),
    "direction": Direction.values(),
    "design": StudyDesign.values(),
    "year_from": ("2005", "2020"),
    "q": ("pain", "antibod*", "fibromyalgia -mouse"),
}
WITH_PAGES = ("claims", "studies")


@pytest.fixture(scope="module")
def seeded(templates: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The example data, for tests that only read."""
    with (
        copied(templates, "sqlite", "seed") as url,
        application(url, tmp_path_factory.mktemp("same")) as app,
    ):
        yield Browser(app)


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, list[tuple[str, str]]]:
    """Return the name of a list, and parameters with at most two filters and an order."""
    name = draw(st.sampled_from(list(SOURCES)))
    known = sorted({*SOURCES[name].filters.names()} & {*FILTERS})
    chosen = draw(st.lists(st.sampled_from(known), max_size=2, unique=True))
    pairs = [(each, draw(st.sampled_from(FILTERS[each]))) for each in chosen]
    return name, [*pairs, ("sort", draw(st.sampled_from(sorted(SOURCES[name].orders))))]


def rows_of(form: str, data: bytes) -> list[dict[str, str]]:
    """Return the rows of a file as the cells of a raw CSV file."""
    if form in ("csv", "tsv"):
        delimiter = "," if form == "csv" else "\t"
        return list(csv.DictReader(io.StringIO(data.decode(), newline=""), delimiter=delimiter))
    if form == "jsonl":
        found = [json.loads(line) for line in data.decode().split("\n")[:-1]]
    elif form == "parquet":
        found = polars.read_parquet(io.BytesIO(data)).rows(named=True)
    else:
        header, *rows = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(values_only=True)
        found = [dict(zip(header, row, strict=True)) for row in rows]
    return [{key: cell(value) for key, value in row.items()} for row in found]


def cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "|".join(text.replace("\\", "\\\\").replace("|", "\\|") for text in value)
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)


def to_the_second(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return rows with dates and times to the second and without a zone: a workbook has no more of them."""
    times = ("_at", "_date")
    return [
        {
            key: re.sub("T00:00:00$", "", text[:19]) if key.endswith(times) else text
            for key, text in row.items()
        }
        for row in rows
    ]


@settings(max_examples=12)
@given(asked=requests(), form=st.sampled_from(list(TABLE_FORMATS)))
def test_page_api_file_and_command_have_the_same_records(
    seeded: Browser, asked: tuple[str, list[tuple[str, str]]], form: str
) -> None:
    name, pairs = asked
    query = urlencode(pairs)
    plain = rows_of("csv", seeded.get(f"/{name}.csv?{query}&profile=raw").body)
    key = next(iter(plain[0])) if plain else ""
    found = [row[key] for row in plain]
    options = [part for each, value in pairs for part in (f"--{each.replace('_', '-')}", value)]
    # The safe profile is of CSV and TSV only; the others have every text as it is.
    data = seeded.get(f"/{name}.{form}?{query}&profile=raw").body
    arguments = [name, "--format", form, "--profile", "raw", *options]
    assert seeded.app.test_cli_runner().invoke(export, arguments).stdout_bytes == data
    assert to_the_second(rows_of(form, data)) == to_the_second(plain)
    listed = seeded.get(f"/api/v1/{name}?{query}&per_page=200").json
    assert ([item[key] for item in listed["items"]], listed["total"]) == (found[:200], len(found))
    if name in WITH_PAGES:
        page = seeded.get(f"/{name}?{query}&per_page=200").html
        assert [mark.text for mark in page.select(".entry .identifier")] == found[:200]


def test_a_list_of_the_api_links_to_the_files_with_its_records(seeded: Browser) -> None:
    answer = seeded.get("/api/v1/studies?design=cohort&sort=year&per_page=1")
    links = parse_header_links(answer.headers["Link"])
    files = {link["type"]: link["url"] for link in links if link["rel"] == "alternate"}
    assert len(files) == len(ALL_FORMATS)
    assert files["application/vnd.apache.parquet"] == (
        "/studies.parquet?design=cohort&review=submitted&review=accepted&sort=year"
    )
    assert seeded.get(files["text/csv"]).headers["X-Row-Count"] == str(answer.json["total"])


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["claims", "--format", "parquet"], 1, 'pip install "claims-app[parquet]"'),
        (["claims", "--format", "xlsx"], 1, 'pip install "claims-app[xlsx]"'),
        (["claims", "--columns", "claim_id,colour"], 1, "“colour” is not a column of claims"),
        (["claims", "--format", "ris"], 2, "Only studies can be exported as RIS."),
        (["studies", "--format", "ris", "--columns", "title"], 2, "RIS has no columns to choose."),
        (["claims", "--format", "tsv", "--columns", "kind", "--level", "high"], 0, ""),
    ],
)
def test_the_command_says_what_it_cannot_write(
    seeded: Browser, monkeypatch: pytest.MonkeyPatch, arguments: list[str], status: int, sentence: str
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    done = seeded.app.test_cli_runner().invoke(export, arguments)
    assert (done.exit_code, sentence in done.stderr) == (status, True)
